from __future__ import annotations

import os
import stat
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from b24flow.errors import SettingsError
from b24flow.settings import SECRETS, Settings, load, share

HOOK = "https://portal.example/rest/1/qwertyuiop123456/"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [one for one in os.environ if one.upper().startswith("B24FLOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_the_webhook_alone_is_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("B24FLOW_WEBHOOK_URL", HOOK)
    settings = load()
    assert settings.webhook() == HOOK
    assert settings.database_address == f"sqlite:///{tmp_path / 'data' / 'b24flow.db'}"
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.zone == ZoneInfo("Europe/Moscow")
    assert (settings.processes_path / "incoming.yaml").is_file()
    assert list(settings.calendar_path.glob("*.yaml"))
    assert settings.roles_path.is_file()


def test_everything_wrong_is_told_at_once_and_no_secret_is_repeated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wrong = {
        "B24FLOW_PROT": "1", "B24FLOW_WEBHOOK_URL": "https://portal.example/rest/marker-secret",
        "B24FLOW_PORT": "70000", "B24FLOW_POLL_SECONDS": "often", "B24FLOW_TIME_ZONE": "Mars/Olympus",
        "B24FLOW_SECRET": "marker-short", "B24FLOW_INSTALL": "Наша", "B24FLOW_BASE_URL": "ftp://x",
        "B24FLOW_LOG_JSON": "perhaps", "B24FLOW_BOT_TOKEN_FILE": str(tmp_path / "absent"),
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load()
    for name in wrong:
        assert f"{name}:" in caught.value.text
    assert "возможно, B24FLOW_PORT" in caught.value.text
    assert "marker" not in caught.value.text
    assert caught.value.text.count("\n") == len(wrong) - 1


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_come_from_files_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    values = {"webhook_url": HOOK, "database_url": "postgresql+psycopg://u:pass@h/d",
              "smtp_url": "starttls://office:pass@smtp.docs.example:587"}
    value = values.get(name, "x" * 30)
    (tmp_path / "kept").write_text(f"{value}\n", "utf-8")
    monkeypatch.setenv(f"B24FLOW_{name.upper()}_FILE", str(tmp_path / "kept"))
    if name == "smtp_url":
        monkeypatch.setenv("B24FLOW_MAIL_FROM", "office@docs.example")
    settings = load()
    assert getattr(settings, name).get_secret_value() == value
    assert value not in repr(settings)
    monkeypatch.setenv(f"B24FLOW_{name.upper()}", value)
    with pytest.raises(SettingsError, match="оставьте одну"):
        load()


def test_an_empty_variable_is_an_absent_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("B24FLOW_WEBHOOK_URL", "")
    monkeypatch.setenv("B24FLOW_PORT", "")
    assert load().port == 8080
    with pytest.raises(SettingsError, match="B24FLOW_WEBHOOK_URL"):
        load().webhook()


def test_links_need_an_address_that_people_can_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("B24FLOW_HOST", "0.0.0.0")  # noqa: S104
    with pytest.raises(SettingsError, match="B24FLOW_BASE_URL"):
        load()
    monkeypatch.setenv("B24FLOW_BASE_URL", "https://docs.example.org/")
    assert load().public_url == "https://docs.example.org"
    monkeypatch.setenv("B24FLOW_BASE_URL", "")
    monkeypatch.setenv("B24FLOW_HOST", "::1")
    assert load().public_url == "http://[::1]:8080"


def test_the_failpoint_of_tests_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("B24FLOW_FAILPOINT", "outbox.after_send@1")
    load()


def test_keys_are_made_once_and_are_ours_alone(tmp_path: Path) -> None:
    key, token = load().signing_key(), load().bot_key()
    assert (load().signing_key(), load().bot_key()) == (key, token)
    assert key != token
    assert len(token) <= 40
    for name in ("secret", "bot_token"):
        assert stat.S_IMODE((tmp_path / "data" / name).stat().st_mode) == 0o600
    assert sorted(one.name for one in (tmp_path / "data").iterdir()) == ["bot_token", "secret"]


def test_a_given_key_is_not_written_down(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("B24FLOW_SECRET", "k" * 24)
    assert load().signing_key() == "k" * 24
    assert not (tmp_path / "data").exists()


def test_a_damaged_key_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret").write_text("", "utf-8")
    with pytest.raises(SettingsError, match="повреждён"):
        load().signing_key()


def test_the_roles_of_the_data_folder_win(tmp_path: Path) -> None:
    assert load().roles_path == share() / "config" / "roles.yaml"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "roles.yaml").write_text("{}", "utf-8")
    assert load().roles_path == Path("data/roles.yaml")


def test_what_must_not_be_logged_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("B24FLOW_WEBHOOK_URL", HOOK)
    monkeypatch.setenv("B24FLOW_DATABASE_URL", "postgresql+psycopg://u:pass-word@h/d")
    assert set(load().secrets()) == {"qwertyuiop123456", "pass-word"}


def test_the_example_names_every_setting() -> None:
    text = (share() / "config" / "b24flow.example.env").read_text("utf-8")
    for name in Settings.model_fields:
        assert f"\nB24FLOW_{name.upper()}=" in text
    for name in SECRETS:
        assert f"B24FLOW_{name.upper()}_FILE" in text
