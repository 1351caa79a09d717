"""Everything the operator decides, read once from `B24FLOW_*` variables, with all mistakes told at once.

Secrets may come from a file instead (`B24FLOW_WEBHOOK_URL_FILE`). A variable with our prefix that nobody
knows is an error: pydantic-settings passes over it, and a misspelt limit is found only when it is missed.
Business configuration (processes, calendar, roles) is YAML; here are only the places of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from b24flow.errors import SettingsError
from b24flow.ids import new_secret
from b24flow.mail.server import sender_of, server_of

PREFIX = "B24FLOW_"
SECRETS = ("webhook_url", "database_url", "secret", "bot_token", "smtp_url")
"""Settings that may be given as `<NAME>_FILE`, the path of a file that holds the value."""

FOREIGN = frozenset({"B24FLOW_FAILPOINT"})
"""Variables of ours that are no settings: `b24flow.failpoints`."""

_EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, not listened on
_BOT_TOKEN_LIMIT = 40  # imbot.v2/bots/bot-register.md
_SECRET_BYTES = 24
_SECRET_FILE_LIMIT = 4096


def share() -> Path:
    """Return the folder with `processes` and `config`: inside an installed package, or the checkout."""
    package = Path(__file__).resolve().parent
    packed = package / "_share"
    return packed if packed.is_dir() else package.parent


class Settings(BaseSettings):
    """The settings of one process; built by `load`, never changed."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, env_ignore_empty=True, hide_input_in_errors=True,
    )

    webhook_url: SecretStr | None = Field(
        None, description="Адрес входящего вебхука технического администратора портала")
    database_url: SecretStr | None = Field(
        None, description="База: sqlite:////путь/файл.db или postgresql+psycopg://…")
    data_dir: Path = Field(Path("data"), description="Папка данных: база, файлы, ключи")
    base_url: str = Field("", description="Адрес наших страниц, каким его видят сотрудники")
    host: str = Field("127.0.0.1", description="На каком адресе слушать")
    port: int = Field(8080, ge=1, le=65535, description="На каком порту слушать")
    time_zone: str = Field("Europe/Moscow", description="Часовой пояс организации")
    install: str = Field("main", description="Имя установки: различает наши объекты в портале")
    secret: SecretStr | None = Field(
        None, description="Ключ подписи ссылок; без него хранится в папке данных")
    bot_token: SecretStr | None = Field(
        None, description="Ключ бота; без него хранится в папке данных")
    smtp_url: SecretStr | None = Field(
        None, description="Почтовый сервер: starttls://логин:пароль@smtp.example.org:587")
    mail_from: str = Field("", description="Адрес организации, от которого уходят письма")
    processes_dir: Path | None = Field(None, description="Папка с файлами процессов")
    calendar_dir: Path | None = Field(None, description="Папка производственного календаря")
    templates_dir: Path | None = Field(None, description="Папка шаблонов документов")
    roles_file: Path | None = Field(None, description="Кто в какой роли")
    poll_seconds: float = Field(5.0, ge=0.1, le=3600, description="Как часто спрашивать портал, с")
    settle_seconds: float = Field(
        180.0, ge=0, le=3600, description="Сколько запрос без ответа может ещё выполняться, с")
    log_json: bool | None = Field(None, description="Журнал в JSON; без него — если не терминал")

    @field_validator("webhook_url")
    @classmethod
    def _webhook(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            from b24flow.portal.client import webhook_base  # noqa: PLC0415 - httpx is slow to import

            webhook_base(value.get_secret_value())
        return value

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            server_of(value.get_secret_value())
        return value

    @field_validator("mail_from")
    @classmethod
    def _from(cls, value: str) -> str:
        if value:
            sender_of(value)
        return value

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.query):
            raise ValueError("адрес должен иметь вид https://docs.example.org")
        return value.rstrip("/")

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("такого часового пояса нет; пример: Europe/Moscow") from None
        return value

    @field_validator("install")
    @classmethod
    def _install(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,19}", value):
            raise ValueError("до 20 латинских строчных букв, цифр и дефисов")
        return value

    @field_validator("bot_token")
    @classmethod
    def _token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not 16 <= len(value.get_secret_value()) <= _BOT_TOKEN_LIMIT:
            raise ValueError(f"длина ключа — от 16 до {_BOT_TOKEN_LIMIT} знаков")
        return value

    @field_validator("secret")
    @classmethod
    def _long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < _SECRET_BYTES:
            raise ValueError(f"ключ короче {_SECRET_BYTES} знаков легко подобрать")
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the organisation."""
        return ZoneInfo(self.time_zone)

    @property
    def public_url(self) -> str:
        """The address of our pages without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.base_url or f"http://{host}:{self.port}"

    @property
    def database_address(self) -> str:
        """The URL of the database; it may hold a password."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.data_dir / 'b24flow.db').absolute()}"

    @property
    def processes_path(self) -> Path:
        """The folder of process files."""
        return self.processes_dir or share() / "processes"

    @property
    def calendar_path(self) -> Path:
        """The folder of the production calendar."""
        return self.calendar_dir or share() / "config" / "calendar"

    @property
    def roles_path(self) -> Path:
        """The file of roles: the given one, that of the data folder, or the shipped example."""
        own = self.data_dir / "roles.yaml"
        return self.roles_file or (own if own.exists() else share() / "config" / "roles.yaml")

    @property
    def own_templates(self) -> Path:
        """The folder whose templates win over the shipped ones."""
        return self.templates_dir or self.data_dir / "templates"

    def wording_path(self, name: str) -> Path:
        """Return a file of words for documents: that of the data folder, or the shipped one."""
        own = self.data_dir / name
        return own if own.exists() else share() / "config" / name

    def webhook(self) -> str:
        """Return the webhook's address; raises SettingsError when it is not set."""
        if self.webhook_url is None:
            raise SettingsError(
                "Не задан адрес вебхука портала: B24FLOW_WEBHOOK_URL",
                hint="Пример: export B24FLOW_WEBHOOK_URL=https://portal.example/rest/1/код/",
            )
        return self.webhook_url.get_secret_value()

    def signing_key(self) -> str:
        """Return the key of tickets; made and kept in the data folder when it is not set."""
        return self._kept("secret", self.secret)

    def bot_key(self) -> str:
        """Return the key of the bot; made and kept in the data folder when it is not set."""
        return self._kept("bot_token", self.bot_token)

    def secrets(self) -> list[str]:
        """Return the exact texts that no log line may contain."""
        given = [one.get_secret_value() for one in (self.secret, self.bot_token) if one is not None]
        if self.webhook_url is not None:
            given.append(self.webhook_url.get_secret_value().rstrip("/").rpartition("/")[2])
        urls = [self.database_address, *([self.smtp_url.get_secret_value()] if self.smtp_url else [])]
        for password in (urlsplit(one).password for one in urls):
            given += {password, unquote(password)} if password else ()
        return given

    def _kept(self, name: str, given: SecretStr | None) -> str:
        if given is not None:
            return given.get_secret_value()
        place = self.data_dir / name
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            if not place.exists():
                _write_once(place, new_secret(_SECRET_BYTES))
            found = place.read_text("utf-8").strip()
        except OSError as error:
            raise SettingsError(
                f"Ключ не читается и не создаётся: {place} ({error.strerror})") from None
        if len(found) < _SECRET_BYTES:
            raise SettingsError(f"Файл ключа повреждён: {place}")
        return found


def load() -> Settings:
    """Return the settings of the environment; raises SettingsError with everything that is wrong."""
    problems = _unknown(os.environ)
    values, unread = _from_files(os.environ)
    problems += unread
    try:
        settings = Settings(**values)
        if settings.host in _EVERYWHERE and not settings.base_url:
            problems.append("B24FLOW_BASE_URL: нужен адрес для ссылок, раз слушаем на всех адресах")
        if settings.smtp_url is not None and not settings.mail_from:
            problems.append("B24FLOW_MAIL_FROM: нужен адрес отправителя, раз задан почтовый сервер")
        if settings.mail_from and settings.smtp_url is None:
            problems.append("B24FLOW_SMTP_URL: нужен почтовый сервер, раз задан адрес отправителя")
    except ValidationError as error:
        problems += [_words(one) for one in error.errors()]
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _unknown(environment: Mapping[str, str]) -> list[str]:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    known |= {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS}
    found = []
    for name in sorted(environment):
        if name.upper().startswith(PREFIX) and name.upper() not in known | FOREIGN:
            close = get_close_matches(name.upper(), known, n=1)
            found.append(f"{name}: такой настройки нет" + (f"; возможно, {close[0]}" if close else ""))
    return found


def _from_files(environment: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name in SECRETS:
        variable = f"{PREFIX}{name.upper()}"
        path = environment.get(f"{variable}_FILE", "")
        if not path:
            continue
        if environment.get(variable):
            problems.append(f"{variable}_FILE: задана и сама {variable}; оставьте одну")
            continue
        try:
            with Path(path).open(encoding="utf-8") as file:
                values[name] = file.read(_SECRET_FILE_LIMIT).strip()
        except (OSError, ValueError):
            problems.append(f"{variable}_FILE: файл не читается: {path}")
            continue
        if not values[name]:
            problems.append(f"{variable}_FILE: файл пуст: {path}")
    return values, problems


def _words(error: Any) -> str:
    """Say in Russian what pydantic found, without the value: it may be a secret."""
    name = f"{PREFIX}{str(error['loc'][0]).upper()}"
    limits = error.get("ctx", {})
    texts = {
        "int_parsing": "нужно целое число", "float_parsing": "нужно число",
        "bool_parsing": "нужно true или false",
        "greater_than_equal": f"не меньше {limits.get('ge')}",
        "less_than_equal": f"не больше {limits.get('le')}",
    }
    if error["type"] == "value_error":
        return f"{name}: {limits['error']}"
    return f"{name}: {texts.get(error['type'], 'неверное значение')}"


def _write_once(place: Path, text: str) -> None:
    """Create a file for the service alone; of two processes at once the first one's text stays."""
    draft = place.with_name(f"{place.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    try:
        os.link(draft, place)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
