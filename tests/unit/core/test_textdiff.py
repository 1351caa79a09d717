"""Two texts side by side: nothing is lost, what changed is marked inside the line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from b24flow.core.textdiff import DiffRow, Spans, side_by_side

LINES = st.lists(st.sampled_from(["Прошу согласовать", "Прошу согласовать проект", "Срок — 1 мая", "а", "б"]),
                 max_size=12)


def text(spans: Spans | None) -> str | None:
    return None if spans is None else "".join(piece for piece, _ in spans)


@given(LINES, LINES)
def test_each_side_reads_as_its_own_text(left: list[str], right: list[str]) -> None:
    rows = side_by_side(left, right)
    for wanted, side in ((left, "left"), (right, "right")):
        at = 0
        for row in rows:
            if row.folded:
                at += row.folded
            elif (shown := text(getattr(row, side))) is not None:
                assert shown == wanted[at]
                at += 1
        assert at == len(wanted)
    assert any(row.changed for row in rows) == (left != right)


def test_a_changed_word_is_marked_and_the_rest_is_not() -> None:
    (row,) = side_by_side(["Срок исполнения — 1 мая."], ["Срок исполнения — 15 мая."])
    assert row == DiffRow(
        left=(("Срок исполнения — ", False), ("1", True), (" мая.", False)),
        right=(("Срок исполнения — ", False), ("15", True), (" мая.", False)), changed=True,
    )


def test_lines_with_nothing_in_common_are_one_out_and_one_in() -> None:
    rows = side_by_side(["О дежурстве в праздники"], ["Xyz 123"])
    assert [(row.left is None, row.right is None) for row in rows] == [(False, True), (True, False)]


def test_long_equal_stretches_are_folded_around_a_change() -> None:
    same = [f"строка {number}" for number in range(100)]
    rows = side_by_side([*same, "конец", *same], [*same, "Другое совсем", *same])
    assert [row.folded for row in rows if row.folded] == [98, 98]
    assert len(rows) == 2 + 2 + 2 + 2


def test_thousands_of_lines_take_no_time() -> None:
    many = [f"пункт {number % 700}" for number in range(4000)]
    assert any(row.changed for row in side_by_side(many, [*many[100:], "новое"]))
