"""The honesty table agrees with what the sandbox answers."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from b24flow.cli.sandbox import app
from b24flow.sandbox import coverage
from b24flow.sandbox.coverage import FAMILIES, LIMITS, by_family, table, totals
from b24flow.sandbox.registry import METHODS
from b24flow.sandbox.registry import coverage as emulated
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


def test_every_method_belongs_to_one_family_with_a_name() -> None:
    rows = table()
    families = by_family(rows)
    assert set(families) == set(FAMILIES)
    for status, number in totals(rows).items():
        assert sum(counts[status] for counts in families.values()) == number
    basic = [row["method"] for row in rows if row["family"] == "basic"]
    assert {"batch", "profile", "app.info"} <= set(basic)
    assert [name for name in basic if name.count(".") > 1 and not name.startswith("app.option")] == [
        "rest.scope.list"
    ]


def test_the_command_prints_the_limits_first_then_families_then_totals() -> None:
    shown = CliRunner().invoke(app, ["coverage"])
    assert shown.exit_code == 0
    places = [shown.output.rindex(text) for text in (LIMITS[0], "(crm): готов", "crm.item.add", "Методов ")]
    assert places == sorted(places)
    assert all(limit in shown.output for limit in LIMITS)


def test_the_table_is_given_as_data_and_by_family() -> None:
    printed = CliRunner().invoke(app, ["coverage", "--json"])
    found = json.loads(printed.stdout)
    assert found["totals"] == totals(table())
    assert len(found["methods"]) == len(table())
    assert found["limits"] == list(LIMITS)
    one = json.loads(CliRunner().invoke(app, ["coverage", "--json", "--family", "disk"]).stdout)
    assert list(one["families"]) == ["disk"]
    assert {row["method"].partition(".")[0] for row in one["methods"]} == {"disk"}
    wrong = CliRunner().invoke(app, ["coverage", "--family", "диск"])
    assert wrong.exit_code == 2
    assert "openlines" in wrong.output


def test_missing_methods_are_listed_once_by_name_and_are_not_emulated() -> None:
    lines = Path(coverage.__file__).with_name("missing.txt").read_text(encoding="utf-8").splitlines()
    names = [line.split()[0] for line in lines]
    assert lines == sorted(set(lines))
    assert {(name.lower(), doc) for name, doc in map(str.split, lines)}.isdisjoint(
        {(row["method"].lower(), row["doc"]) for row in emulated()}
    )
    assert len(names) == len(set(names))
