"""What a template may ask for: one declared tree of names with Russian descriptions, per subject.

A template of the subject `document` shows one document, of `registry` a list of them. Values are plain
JSON, because every rendering is kept with the data it used: dates are ISO days (filters make words of
them), moments are written out, people are groups of names. `core.rendition_values` fills the tree,
`template check` compares a template with it, the documentation prints it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DRAFT, PRINT, COPY, STAMP = "draft", "print", "copy", "stamp"
PARTS = (DRAFT, PRINT, COPY, STAMP)
"""What becomes of a rendering: a new edition of the draft, a download, or a copy of the signed edition made
again from the same version of its template and the same data, with the number and the signature's mark. A
stamp needs no template: it is a copy of the registered PDF itself with the stamp and the QR code."""

DOCUMENT, REGISTRY = "document", "registry"
REGISTER_TEMPLATES = ("registration_journal", "control_list")
"""Templates that show a list of documents; every other one shows a document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name that a template may use: `kind` is text, day, moment, flag, person, group, list or card."""

    code: str
    text: str
    kind: str = "text"
    of: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Declension corrected by hand: forms by word, whole posts, and the gender of people by full name.

    `forms` and `posts` map a nominative to its forms by case; an empty mapping means «never changes».
    """

    forms: Mapping[str, Mapping[str, str]]
    posts: Mapping[str, Mapping[str, str]]
    genders: Mapping[str, str]


CASES = ("genitive", "dative", "accusative", "instrumental", "prepositional")

PERSON = (
    Name(code="last", text="фамилия"), Name(code="first", text="имя"), Name(code="middle", text="отчество"),
    Name(code="post", text="должность"), Name(code="department", text="подразделение"),
)


def _person(code: str, text: str) -> Name:
    return Name(code=code, text=text, kind="person", of=PERSON)


def _list(code: str, text: str, *of: Name) -> Name:
    return Name(code=code, text=text, kind="list", of=of)


def _text(code: str, text: str) -> Name:
    return Name(code=code, text=text)


def _day(code: str, text: str) -> Name:
    return Name(code=code, text=text, kind="day")


def _moment(code: str, text: str) -> Name:
    return Name(code=code, text=text, kind="moment")


COMMON = (
    Name(code="organisation", text="организация из config/organisation.yaml", kind="group", of=(
        _text("name", "полное наименование"), _text("short", "краткое наименование"),
        _text("place", "место составления документа"), _list("address", "строки справочных данных"),
    )),
    _day("today", "день, в который документ сформирован"),
    _moment("printed_at", "когда сформирован, с часами и минутами"),
)

_VISA = (
    _text("number", "номер строки"), _text("who", "роль, если она свободна"),
    _person("person", "согласующий"), _person("behalf", "за кого (замещение)"),
    _text("state", "решение словами"), _text("remark", "замечания"), _text("edition", "редакция проекта"),
    _moment("asked_at", "когда получено"), _moment("at", "когда решено"),
)
_SIGNATURE = (
    _person("person", "кто подписал"), _person("behalf", "за кого подписал"),
    _person("recorded", "кто записал подпись, поставленную на бумаге"),
    _moment("at", "когда подписано"),
    _text("method", "вид подписи словами"), _text("sha256", "хэш подписанной редакции"),
    Name(code="electronic", text="подписано в системе, а не на бумаге", kind="flag"),
)
_POINT = (
    _text("number", "номер пункта"), _text("text", "текст пункта"), _person("executor", "исполнитель"),
    _day("term", "срок"), _day("changed_term", "изменённый срок"), _text("state", "состояние словами"),
    _text("report", "отчёт исполнителя"), _day("done_on", "когда исполнен"),
    _day("released_on", "когда снят с контроля"),
)
_ASSIGNMENT = (
    _text("level", "номер в дереве поручений"), _person("author", "автор резолюции"),
    _person("executor", "исполнитель"), _text("part", "ответственный или соисполнитель"),
    _text("text", "текст резолюции"), _day("term", "срок"), _day("changed_term", "изменённый срок"),
    _text("state", "состояние словами"), _text("report", "результат"), _day("done_on", "когда исполнено"),
)

DOCUMENT_NAMES = (
    *COMMON,
    _text("process", "название процесса"), _text("kind", "вид документа"), _text("title", "заголовок"),
    _text("number", "регистрационный номер, пусто у проекта"), _day("date", "дата регистрации"),
    _text("state", "состояние документа"), _text("status", "пометка: утратил силу, действует с изменениями"),
    _text("text", "текст, введённый при формировании"),
    _text("link", "адрес страницы документа, для QR-кода"),
    Name(code="card", text="поля карточки по их кодам: card.basis", kind="card"),
    _list("card_rows", "карточка построчно", _text("label", "название поля"), _text("value", "значение"),
          _text("note", "пометка об исправлении")),
    _person("initiator", "кто подготовил документ"), _person("signer", "подписант"),
    _person("controller", "контролёр"),
    _list("recipients", "внутренние адресаты (люди)", *PERSON),
    _list("addressees", "адресаты, по одному в строке"),
    Name(code="signature", text="последняя подпись, пусто до подписания", kind="group", of=_SIGNATURE),
    _list("rounds", "круги согласования", _text("number", "номер круга"), _text("outcome", "чем кончился"),
          _text("note", "ответ на замечания"), _moment("opened_at", "начат"), _day("term", "срок"),
          _list("visas", "визы", *_VISA)),
    _list("readers", "лист ознакомления", _text("number", "номер строки"),
          _person("person", "кто знакомится"),
          _person("behalf", "кто отметился за него"), _text("state", "отметка словами"),
          _text("edition", "какая редакция прочитана"),
          _moment("at", "когда"),
          _text("reason", "причина отказа"), _day("term", "срок")),
    Name(code="meeting", text="последнее рассмотрение, пусто без него", kind="group", of=(
        _text("body", "орган"), _text("session", "номер заседания"), _text("item", "номер вопроса"),
        _day("day", "дата"), Name(code="poll", text="заочный опрос", kind="flag"),
        _text("elected", "избрано"), _text("present", "присутствовало"), _text("votes_for", "за"),
        _text("votes_against", "против"), _text("abstained", "воздержались"), _text("outcome", "решение"),
        _text("note", "пояснение"),
    )),
    _list("points", "пункты", *_POINT),
    _list("assignments", "резолюции и поручения, сверху вниз", *_ASSIGNMENT),
    _list("term_changes", "изменения сроков", _person("executor", "чей срок"), _day("before", "было"),
          _day("after", "стало"), _person("by", "кто решил"), _text("reason", "причина"),
          _moment("at", "когда")),
    _day("term", "срок исполнения"), _day("changed_term", "изменённый срок исполнения"),
    _text("control", "контроль словами"), _text("result", "результат исполнения"),
    _list("annexes", "приложенные файлы", _text("number", "номер"), _text("name", "имя файла")),
    _list("links", "связанные документы", _text("kind", "вид связи"), _text("text", "номер или заголовок")),
    _list("deliveries", "отправка", _text("addressee", "адресат"), _text("state", "состояние"),
          _text("method", "способ"), _day("sent_on", "дата"), _text("tracking", "номер отправления")),
)

REGISTRY_NAMES = (
    *COMMON,
    _text("process", "название журнала"), _day("since", "с какого дня"), _day("until", "по какой день"),
    _list("rows", "документы по порядку", _text("place", "номер строки"),
          _text("number", "регистрационный номер"), _day("date", "дата регистрации"),
          _text("correspondent", "корреспондент или адресат"), _text("title", "заголовок"),
          _text("kind", "вид документа"), _text("state", "состояние"), _text("holders", "у кого документ"),
          _text("executors", "исполнители"), _day("term", "срок"), _day("changed_term", "изменённый срок"),
          Name(code="overdue", text="просрочен", kind="flag"),
          _text("foreign", "номер и дата корреспондента"),
          _text("annulled", "пометка об аннулировании")),
)

NAMES: Mapping[str, tuple[Name, ...]] = {DOCUMENT: DOCUMENT_NAMES, REGISTRY: REGISTRY_NAMES}
"""Every name by the subject of the template."""


def subject_of(template: str) -> str:
    """Return what a template shows: one document, or a list of them."""
    return REGISTRY if template in REGISTER_TEMPLATES else DOCUMENT


NEEDS: Mapping[str, str] = {
    "number": "присвоен номер", "rounds": "было согласование", "readers": "есть лист ознакомления",
    "points": "есть пункты", "meeting": "вопрос рассматривался", "execution": "есть поручения",
    "signature": "подписан",
}
"""What a print form may wait for before it is offered."""
