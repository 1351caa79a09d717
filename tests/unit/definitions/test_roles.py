from __future__ import annotations

from pathlib import Path

import pytest

from b24flow.definitions.roles import load_roles
from b24flow.errors import DefinitionError

KNOWN = {"clerk", "chair"}


def test_people_are_read_in_their_order(tmp_path: Path) -> None:
    file = tmp_path / "roles.yaml"
    file.write_text("clerk:\n  - b@x.example\n  - 7\nchair: a@x.example\n", "utf-8")
    assert load_roles(file, KNOWN) == {"clerk": ("b@x.example", "7"), "chair": ("a@x.example",)}


def test_everything_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "roles.yaml"
    file.write_text("clerk:\n  - Иванов\n  - 7\n  - 7\nboss: 1\nchair: true\n", "utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_roles(file, KNOWN)
    assert [(one.line, one.path) for one in caught.value.findings] == [
        (2, "clerk"), (4, "clerk"), (5, "boss"), (6, "chair")]


def test_an_empty_role_is_allowed(tmp_path: Path) -> None:
    file = tmp_path / "roles.yaml"
    file.write_text("clerk:\nchair: []\n", "utf-8")
    assert load_roles(file, KNOWN) == {"clerk": (), "chair": ()}


@pytest.mark.parametrize("text", ["", "- a", "clerk: [", "\x00"])
def test_a_broken_file_is_a_finding(tmp_path: Path, text: str) -> None:
    file = tmp_path / "roles.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(DefinitionError):
        load_roles(file, KNOWN)


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="не читается"):
        load_roles(tmp_path / "absent.yaml", KNOWN)
