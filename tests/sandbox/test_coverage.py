"""The honesty table agrees with what the sandbox answers."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from b24flow.cli.sandbox import app
from b24flow.sandbox.coverage import table, totals
from b24flow.sandbox.registry import METHODS
from tests.sandbox.conftest import Box


def test_what_is_said_to_be_missing_is_missing_and_the_rest_is_there(box: Box) -> None:
    rows = [row for row in table() if row["api"] == "v2"]
    for row in rows:
        code = box.raw(row["method"]).json().get("error")
        known = METHODS.get(row["method"].lower())
        unknown = code == "ERROR_METHOD_NOT_FOUND" or (
            code == "WRONG_AUTH_TYPE" and (known is None or not known.app_only)
        )
        assert unknown == (row["status"] == "missing"), row["method"]


def test_every_row_names_a_page_and_every_partial_one_says_why() -> None:
    rows = table()
    assert len({(row["method"].lower(), row["api"]) for row in rows}) == len(rows)
    for row in rows:
        assert row["doc"].endswith(".md")
        assert bool(row["comment"]) == (row["status"] == "partial")
    assert sum(totals(rows).values()) == len(rows)


def test_the_command_prints_the_table_and_its_totals() -> None:
    printed = CliRunner().invoke(app, ["coverage", "--json"])
    assert printed.exit_code == 0
    found = json.loads(printed.stdout)
    assert found["totals"] == totals(table())
    assert len(found["methods"]) == len(table())
    shown = CliRunner().invoke(app, ["coverage"])
    assert "crm.item.add" in shown.output
    assert "Методов" in shown.output
