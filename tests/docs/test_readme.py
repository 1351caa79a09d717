from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer.main

from b24flow import errors
from b24flow.cli.app import app
from b24flow.definitions.loader import load_process
from b24flow.errors import B24FlowError
from b24flow.portal.methods import METHODS
from b24flow.settings import PREFIX, SECRETS, Settings
from b24flow.web import identity, received

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [README, *((ROOT / name).read_text("utf-8") for name in ("CONTRIBUTING.md", "deploy/RUNBOOK.md"))]


def commands() -> set[str]:
    def walk(command: click.Command, path: tuple[str, ...]) -> Iterator[str]:
        children = getattr(command, "commands", {})
        if not children:
            yield " ".join(path)
        for name, child in children.items():
            yield from walk(child, (*path, name))

    return set(walk(typer.main.get_command(app), ("b24flow",)))


def code(text: str) -> str:
    """What a page shows as code: shell blocks without their comments, and spans between backticks."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    rest = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return "\n".join([re.sub(r"#.*", "", blocks), *re.findall(r"`([^`\n]+)`", rest)])


def mentioned(text: str) -> set[str]:
    """The commands a page names: b24flow and the one or two words after it."""
    return set(re.findall(r"\bb24flow(?: [a-z]+){1,2}\b(?![./(])", code(text)))


def table(heading: str) -> dict[str, list[str]]:
    """Rows of the first table below a heading, by what stands in the first column."""
    part = README.partition(f"### {heading}\n")[2].partition("\n#")[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| `")]
    return {re.findall("`([^`]+)`", row[0])[0]: row for row in rows}


@pytest.mark.parametrize("page", PAGES, ids=["readme", "contributing", "runbook"])
def test_every_command_that_a_page_names_exists(page: str) -> None:
    known = commands()
    wrong = {one for one in mentioned(page) if not {one, " ".join(one.split()[:2])} & known}
    assert wrong == set()


def test_every_command_is_in_the_readme() -> None:
    assert commands() - mentioned(README) == set()


def test_the_settings_table_is_the_settings() -> None:
    rows = table("Settings")
    assert set(rows) == {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    starred = {name for name, row in rows.items() if "*" in row[0]}
    assert starred == {f"{PREFIX}{name.upper()}" for name in SECRETS}
    for name, one in Settings.model_fields.items():
        if one.default not in (None, "", True, False):
            assert rows[f"{PREFIX}{name.upper()}"][1] == f"`{one.default}`"


def test_every_error_code_is_listed() -> None:
    classes = [B24FlowError, identity.NotSignedIn, received.BadBody]
    tree = [one for one in vars(errors).values() if isinstance(one, type)]
    classes += [one for one in tree if issubclass(one, B24FlowError)]
    codes = {one.code for one in classes} - {B24FlowError.code}
    assert set(table("Errors")) == codes


def test_the_rights_of_the_webhook_are_those_of_the_methods() -> None:
    asked = re.findall(r"with the rights `([a-z ]+)`", README)
    assert [set(one.split()) for one in asked] == [{one.scope for one in METHODS.values()}]


def test_the_excerpt_of_the_process_is_in_the_shipped_file() -> None:
    excerpt = README.partition("```yaml\n")[2].partition("```")[0]
    shipped = [line.strip() for line in (ROOT / "processes/incoming.yaml").read_text("utf-8").splitlines()]
    lines = [line.strip() for line in excerpt.splitlines() if line.strip() and not line.startswith("#")]
    assert [line for line in lines if line not in shipped] == []
    definition = load_process(ROOT / "processes/incoming.yaml")
    action = definition.action("request_extension")
    assert action is not None
    assert f"label: {action.label}" in excerpt


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([A-Za-z][\w./-]*)\)", README)
    assert links
    assert [one for one in links if not (ROOT / one).exists()] == []


def test_targets_of_make_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = {one for page in PAGES for one in re.findall(r"\bmake ([a-z]+)\b", code(page))}
    assert {"demo", "test", "check", "bench", "setup"} <= named
    assert [one for one in named if not re.search(rf"^{one}:", makefile, re.MULTILINE)] == []


def test_locks_are_pinned_by_hash_and_name_no_index() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = (ROOT / name).read_text("utf-8").splitlines()
        pinned = [line for line in lines if re.match(r"[a-z0-9]", line)]
        assert pinned
        assert [line for line in pinned if not re.fullmatch(r"[a-z0-9][\w.-]*==[\w.+]+ \\", line)] == []
        assert [line for line in lines if "://" in line or line.startswith("--")] == []
