"""The methods about REST itself, for a webhook and for an application."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import Box


def test_an_application_learns_about_itself_and_a_webhook_about_its_scopes(box: Box) -> None:
    app = box.install_app(scopes=["crm"])
    shown = app.ok("app.info")
    assert shown == {
        "ID": app.app["id"],
        "CODE": app.app["client_id"],
        "VERSION": 1,
        "STATUS": "L",
        "INSTALLED": True,
        "PAYMENT_EXPIRED": "N",
        "DAYS": None,
        "LANGUAGE_ID": "ru",
        "LICENSE": "ru_selfhosted",
    }
    assert box.ok("app.info") == {"SCOPE": box.ok("scope"), "LICENSE": "ru_selfhosted"}


def test_methods_are_listed_by_scope(box: Box) -> None:
    app = box.install_app(scopes=["user"])
    own = app.ok("methods")
    assert {"user.get", "profile"} <= set(own)
    assert "disk.storage.getlist" not in own
    assert "disk.storage.getlist" in app.ok("methods", {"full": True})
    disk = app.ok("methods", {"scope": "disk"})
    assert "disk.storage.getlist" in disk
    assert "profile" not in disk
    common = app.ok("methods", {"scope": ""})
    assert "profile" in common
    assert "user.get" not in common
    assert app.ok("scope") == ["user"]
    assert {"crm", "placement", "user"} <= set(app.ok("scope", {"full": True}))


@pytest.mark.parametrize(
    ("name", "existing", "available"),
    [
        ("user.get", True, True),
        ("disk.storage.getlist", True, False),
        ("no.such", False, False),
        ("", False, False),
    ],
)
def test_a_method_is_looked_up(box: Box, name: str, existing: bool, available: bool) -> None:
    app = box.install_app(scopes=["user"])
    answer = app.ok("method.get", {"name": name})
    assert answer == {"isExisting": existing, "isAvailable": available}
    assert app.ok("method.get") == {"isExisting": False, "isAvailable": False}


def test_a_feature_is_answered_by_the_licence(box: Box) -> None:
    assert box.ok("feature.get", {"code": "rest_offline_extended"}) == {"value": "ru_selfhosted"}
    assert box.refused("feature.get") == (400, "CODE_EMPTY")


def test_rights_are_those_of_the_user(box: Box) -> None:
    admin, person = box.install_app(), box.install_app(who=6)
    assert (admin.ok("user.admin"), person.ok("user.admin")) == (True, False)
    assert admin.ok("user.access", {"ACCESS": ["U999"]}) is True
    assert person.ok("user.access", {"ACCESS": ["U999", "G1"]}) is False
    for code in ("U6", "AU", "G2"):
        assert person.ok("user.access", {"ACCESS": ["U999", code]}) is True
    assert person.ok("profile")["ADMIN"] is False


def test_access_codes_are_named(box: Box) -> None:
    names = box.ok("access.name", {"ACCESS": ["G2", "AU", "U6", "U999", "X1"]})
    assert set(names) == {"G2", "AU", "U6"}
    assert names["AU"]["provider_id"] == "other"
    assert names["U6"]["name"] == "Елена Осокина"
    assert box.ok("access.name") is False
    assert box.ok("access.name", {"ACCESS": "AU"}) is False


def test_an_application_keeps_options_and_each_user_his_own(box: Box) -> None:
    admin = box.install_app()
    person = admin.as_user(6)
    assert admin.ok("app.option.get") == []
    assert admin.ok("app.option.set", {"options": {"a": "1", "b": {"c": [2]}}}) is True
    assert admin.ok("app.option.set", {"a": "3"}) is True
    assert person.ok("app.option.get") == {"a": "3", "b": {"c": [2]}}
    assert person.ok("app.option.get", {"option": "a"}) == "3"
    assert person.ok("app.option.get", {"option": "x"}) is None
    assert person.refused("app.option.set", {"options": {"a": "0"}}) == (403, "ACCESS_DENIED")
    assert admin.ok("user.option.set", {"options": {"theme": "dark"}}) is True
    assert person.ok("user.option.get") == []
    assert admin.ok("user.option.get", {"option": "theme"}) == "dark"
    assert box.install_app().ok("app.option.get") == []


def test_options_need_an_application_and_something_to_keep(box: Box) -> None:
    app = box.install_app()
    answer = app.raw("app.option.set")
    assert answer.json() == {
        "error": "ERROR_ARGUMENT",
        "error_description": "Argument 'options' is null or empty",
        "argument": "options",
    }
    assert app.refused("user.option.set", {"options": []}) == (400, "100")
    for name in ("app.option.get", "app.option.set", "user.option.get", "user.option.set"):
        assert box.refused(name, {"options": {"a": 1}}) == (403, "ACCESS_DENIED")


@pytest.mark.parametrize(
    ("halt", "stops"), [("N", True), ("0", False), ("", False), (True, True), (0, False)]
)
def test_a_batch_takes_halt_as_php_takes_a_condition(box: Box, halt: object, stops: bool) -> None:
    answer = box.ok("batch", {"HALT": halt, "CMD": {"a": "no.such", "b": "server.time"}})
    assert ("b" in answer["result"]) is not stops


def test_commands_that_are_no_text_count_and_are_not_executed(box: Box) -> None:
    commands = [{"method": "server.time"}] * 49 + ["server.time", {"method": "server.time"}, "server.time"]
    answer = box.batch(dict(enumerate(commands)))
    assert list(answer["result"]) == ["49"]
    errors = {key: row["error"] for key, row in answer["result_error"].items()}
    assert errors == dict.fromkeys(("50", "51"), "ERROR_BATCH_LENGTH_EXCEEDED")
