"""The system fields of every CRM entity: name, type, title, flags, and what switches a field on.

Facts: api-reference/crm/universal/object-fields.md, crm-item-fields.md, crm-item-add.md. Flags:
`r` read-only, `m` multiple, `q` marked as required, `x` switched off on every box (always null),
`c` computed from the multifields, `d` deprecated, `h` absent from lists of particular fields. The
type `crm_status:SOURCE` names the directory of its values.
"""

from __future__ import annotations

Row = tuple[str, str, str, str, str]


def _rows(text: str) -> tuple[Row, ...]:
    rows = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, kind, flags, feature, title = (part.strip() for part in line.split("|"))
        rows.append((name, kind, title, flags, feature))
    return tuple(rows)


_UTM = """
utmSource | string | | | UTM Source
utmMedium | string | | | UTM Medium
utmCampaign | string | | | UTM Campaign
utmContent | string | | | UTM Content
utmTerm | string | | | UTM Term
"""
_BEGINNING = """
id | integer | r | | ID
createdTime | datetime | r | | Дата создания
dateCreateShort | datetime | rx | | Дата создания (кратко)
updatedTime | datetime | r | | Дата изменения
dateModifyShort | datetime | rx | | Дата изменения (кратко)
createdBy | user | r | | Кем создан
updatedBy | user | r | | Кем изменён
assignedById | user | | | Ответственный
opened | boolean | q | | Доступен для всех
"""
_LINKS = """
companyId | crm_company | | | Компания
contactId | crm_contact | d | | Контакт
"""
_ACTIVITY = """
lastActivityBy | user | r | | Кем совершена активность
lastActivityTime | datetime | r | | Последняя активность
"""
_ORIGIN = """
originatorId | string | | | Внешний источник
originId | string | | | Идентификатор во внешнем источнике
"""
_SOURCE = """
sourceId | crm_status:SOURCE | | | Источник
sourceDescription | text | | | Дополнительно об источнике
"""
_HAS = """
hasPhone | boolean | rc | | Задан телефон
hasEmail | boolean | rc | | Задан e-mail
hasImol | boolean | rc | | Задана открытая линия
"""
_PERSON = """
name | string | | | Имя
lastName | string | | | Фамилия
secondName | string | | | Отчество
shortName | string | rx | | Фамилия и имя (кратко)
post | string | | | Должность
address | text | rxd | | Адрес
birthdate | date | | | Дата рождения
honorific | crm_status:HONORIFIC | | | Обращение
"""
_ALIASES = """
phoneMobile | string | rc | | Мобильный телефон
phoneWork | string | rc | | Рабочий телефон
phoneMailing | string | rc | | Телефон для рассылок
emailHome | string | rc | | Частный e-mail
emailWork | string | rc | | Рабочий e-mail
emailMailing | string | rc | | E-mail для рассылок
imol | string | rc | | Открытая линия
email | string | rc | | E-mail
phone | string | rc | | Телефон
"""
_FM = "fm | crm_multifield | mh | | Множественные поля"
_OBSERVERS = "observers | user | m | | Наблюдатели"
_CONTACTS = "contactIds | crm_contact | m | | Контакты"

SPA_FIELDS = _rows(
    """
id | integer | r | | ID
title | string | | | Название
xmlId | string | | | Внешний код
createdTime | datetime | r | | Дата создания
updatedTime | datetime | r | | Дата изменения
createdBy | user | r | | Кем создан
updatedBy | user | r | | Кем изменён
assignedById | user | | | Ответственный
opened | boolean | q | | Доступен для всех
webformId | integer | | | Создано CRM-формой
begindate | date | | isBeginCloseDatesEnabled | Дата начала
closedate | date | | isBeginCloseDatesEnabled | Предполагаемая дата закрытия
companyId | crm_company | | isClientEnabled | Компания
contactId | crm_contact | d | isClientEnabled | Контакт
contactIds | crm_contact | m | isClientEnabled | Контакты
observers | user | m | isObserversEnabled | Наблюдатели
categoryId | crm_category | | | Воронка
movedTime | datetime | r | isStagesEnabled | Дата изменения стадии
movedBy | user | r | isStagesEnabled | Кем изменена стадия
stageId | crm_status | | isStagesEnabled | Стадия
previousStageId | crm_status | r | isStagesEnabled | Предыдущая стадия
sourceId | crm_status:SOURCE | | isSourceEnabled | Источник
sourceDescription | text | | isSourceEnabled | Дополнительно об источнике
currencyId | crm_currency | | isLinkWithProductsEnabled | Валюта
isManualOpportunity | boolean | | isLinkWithProductsEnabled | Режим расчёта суммы
opportunity | double | | isLinkWithProductsEnabled | Сумма
taxValue | double | | isLinkWithProductsEnabled | Сумма налога
opportunityAccount | double | rxd | isLinkWithProductsEnabled | Сумма в валюте учёта
taxValueAccount | double | rxd | isLinkWithProductsEnabled | Налог в валюте учёта
accountCurrencyId | crm_currency | rx | isLinkWithProductsEnabled | Валюта учёта
mycompanyId | crm_company | | isMycompanyEnabled | Реквизиты вашей компании
"""
    + _ACTIVITY
    + _UTM
)
LEAD_FIELDS = _rows(
    _BEGINNING
    + _LINKS
    + """
stageId | crm_status:STATUS | | | Стадия
isConvert | boolean | rx | | Сконвертирован
statusDescription | text | | | Дополнительно о стадии
stageSemanticId | string | r | | Группа стадии
productId | string | rxd | | Товар
opportunity | double | | | Сумма
currencyId | crm_currency | | | Валюта
title | string | | | Название
companyTitle | string | | | Название компании
comments | text | | | Комментарий
webformId | integer | | | Создано CRM-формой
dateClosed | datetime | r | | Дата завершения
login | string | rxd | | Логин
isReturnCustomer | boolean | r | | Повторный лид
searchContent | text | r | | Для поиска
isManualOpportunity | boolean | | | Режим расчёта суммы
movedBy | user | r | | Кем изменена стадия
movedTime | datetime | r | | Дата изменения стадии
skype | string | rx | | Skype
icq | string | rx | | ICQ
"""
    + _SOURCE
    + _PERSON
    + _ORIGIN
    + _HAS
    + _ACTIVITY
    + _ALIASES
    + "\n".join((_FM, _OBSERVERS, _CONTACTS))
    + _UTM
)
DEAL_FIELDS = _rows(
    _BEGINNING
    + "leadId | crm_lead | | | Лид"
    + _LINKS
    + """
quoteId | crm_quote | | | Предложение
title | string | | | Название
productId | string | rxd | | Товар
categoryId | crm_category | | | Направление
stageId | crm_status | | | Стадия
stageSemanticId | string | r | | Группа стадии
isNew | boolean | r | | Новая сделка
isRecurring | boolean | | | Регулярная сделка
isReturnCustomer | boolean | r | | Повторная сделка
isRepeatedApproach | boolean | r | | Повторное обращение
closed | boolean | r | | Закрыта
typeId | crm_status:DEAL_TYPE | | | Тип
opportunity | double | | | Сумма
isManualOpportunity | boolean | | | Режим расчёта суммы
taxValue | double | | | Сумма налога
currencyId | crm_currency | | | Валюта
probability | integer | | | Вероятность, %
comments | text | | | Комментарий
begindate | date | | | Дата начала
begindateShort | datetime | rx | | Дата начала (кратко)
closedate | date | | | Предполагаемая дата закрытия
closedateShort | datetime | rx | | Дата закрытия (кратко)
eventDate | datetime | r | | Дата события
eventDateShort | datetime | rx | | Дата события (кратко)
eventId | crm_status | r | | Тип события
eventDescription | text | r | | Описание события
locationId | location | | | Местоположение
webformId | integer | | | Создано CRM-формой
additionalInfo | string | | | Дополнительно
searchContent | text | r | | Для поиска
orderStage | string | r | | Оплата сделки
movedBy | user | r | | Кем изменена стадия
movedTime | datetime | r | | Дата изменения стадии
isWork | boolean | rx | | В работе
isWon | boolean | rx | | Успешна
isLose | boolean | rx | | Провалена
receivedAmount | string | rx | | Получено
lostAmount | string | rx | | Упущено
hasProducts | boolean | rx | | Есть товары
"""
    + _SOURCE
    + _ORIGIN
    + _ACTIVITY
    + "\n".join((_OBSERVERS, _CONTACTS))
    + _UTM
)
CONTACT_FIELDS = _rows(
    _BEGINNING
    + "companyId | crm_company | | | Компания"
    + _SOURCE
    + _PERSON
    + """
photo | file | | | Фотография
comments | text | | | Комментарий
leadId | crm_lead | | | Лид
export | boolean | | | Участвует в экспорте
typeId | crm_status:CONTACT_TYPE | | | Тип контакта
webformId | integer | | | Создано CRM-формой
originVersion | string | | | Версия оригинала
searchContent | text | r | | Для поиска
categoryId | crm_category | | | Категория
login | string | rxd | | Логин
"""
    + _ORIGIN
    + _HAS
    + _ACTIVITY
    + _ALIASES
    + "companyIds | crm_company | m | | Компании\n"
    + "\n".join((_FM, _OBSERVERS))
    + _UTM
)
COMPANY_FIELDS = _rows(
    _BEGINNING
    + """
title | string | | | Название компании
logo | file | | | Логотип
address | text | rxd | | Адрес
addressLegal | text | rd | | Юридический адрес
bankingDetails | string | | | Банковские реквизиты
comments | text | | | Комментарий
typeId | crm_status:COMPANY_TYPE | | | Тип компании
industry | crm_status:INDUSTRY | | | Сфера деятельности
revenue | double | | | Годовой оборот
currencyId | crm_currency | | | Валюта
employees | crm_status:EMPLOYEES | | | Количество сотрудников
leadId | crm_lead | | | Лид
webformId | integer | | | Создано CRM-формой
originVersion | string | | | Версия оригинала
isMyCompany | boolean | | | Моя компания
searchContent | text | r | | Для поиска
categoryId | crm_category | | | Категория
ufLogo | file | | | Логотип для документов
ufStamp | file | | | Печать
ufDirectorSign | file | | | Подпись директора
ufAccountantSign | file | | | Подпись главного бухгалтера
"""
    + _ORIGIN
    + _HAS
    + _ACTIVITY
    + _ALIASES
    + "\n".join((_FM, _OBSERVERS, _CONTACTS))
    + _UTM
)
SYSTEM_FIELDS = {1: LEAD_FIELDS, 2: DEAL_FIELDS, 3: CONTACT_FIELDS, 4: COMPANY_FIELDS}
