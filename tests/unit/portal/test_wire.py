"""Commands of a batch, read back by the rules of PHP."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24flow.portal.methods import Call
from b24flow.portal.wire import Reference, batch_params, chunk, encode, travels_alone


def task(fields: object) -> Call:
    return Call("tasks.task.add", {"fields": fields})


def php_of(value: object) -> object:
    """What PHP has after parsing: strings, and maps with string keys."""
    if isinstance(value, dict):
        return {str(key): php_of(item) for key, item in value.items()}
    if isinstance(value, list):
        return {str(index): php_of(item) for index, item in enumerate(value)}
    return "" if value is None else str(value)


_KEYS = st.text(
    st.characters(exclude_characters="[]\x00", exclude_categories=["Cs"]), min_size=1, max_size=8
).filter(lambda key: not key[0].isspace() and not key.isdigit())
_VALUES = st.recursive(
    st.none() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3) | st.dictionaries(_KEYS, inner, min_size=1, max_size=3)
    ),
    max_leaves=10,
)


@given(fields=st.dictionaries(_KEYS, _VALUES, min_size=1, max_size=4))
def test_php_reads_back_what_was_meant(parse_str, fields):
    method, _, query = encode(task(fields)).partition("?")
    assert method == "tasks.task.add"
    assert parse_str(query) == {"fields": php_of(fields)}


def test_the_notation_is_that_of_the_documentation():
    call = task({"TITLE": "Иванов & сын = 1+1", "ACCOMPLICES": [5, 7], "STAGE": None})
    assert encode(call) == (
        "tasks.task.add?fields[TITLE]=%D0%98%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2%20%26%20"
        "%D1%81%D1%8B%D0%BD%20%3D%201%2B1&fields[ACCOMPLICES][0]=5&fields[ACCOMPLICES][1]=7"
        "&fields[STAGE]="
    )
    assert encode(Call("profile", {})) == "profile"


@pytest.mark.parametrize("value", [True, False, b"x", object(), {1, 2}, float("nan")])
def test_a_value_without_a_form_is_refused_and_travels_alone(value: object):
    with pytest.raises(TypeError):
        encode(task({"X": value}))
    assert travels_alone(task({"X": value}))


@pytest.mark.parametrize(
    "fields",
    [
        {"X": []},
        {"X": {}},
        {"a[b": 1},
        {"a]b": 1},
        {" a": 1},
        {"": 1},
        {"a\x00": 1},
        {True: 1},
        {"X": "\ud800"},
        {"X": list(range(1001))},
    ],
)
def test_what_php_would_bend_is_refused_and_travels_alone(fields: object):
    with pytest.raises(ValueError, match=r"PHP|empty array|surrogates"):
        encode(task(fields))
    assert travels_alone(task(fields))


def test_depth_has_a_limit():
    deep: object = 1
    for _ in range(70):
        deep = [deep]
    assert travels_alone(task({"X": deep}))


def test_a_thousand_variables_are_carried():
    assert not travels_alone(task({"X": list(range(1000))}))


@pytest.mark.parametrize("word", ["result", "total", "next", "time", "error", "RESULT", "Error"])
def test_text_the_portal_would_substitute_travels_alone(word: str):
    text = f"Письмо ${word}[task][id]"
    assert travels_alone(task({"TITLE": text}))
    assert travels_alone(task({"X": [{"deep": text}]}))
    assert travels_alone(Call("tasks.task.list", {"filter": {f"${word}[x": 1}}))
    assert not travels_alone(task({"TITLE": f"сумма {word}, $5 [{word}]"}))


def test_our_own_reference_travels_in_a_batch():
    reference = Reference.to("c0", "item", "id")
    assert reference == "$result[c0][item][id]"
    assert not travels_alone(task({"UF": [reference]}))
    assert "%24result%5Bc0%5D" in encode(task({"UF": [reference]}))


@pytest.mark.parametrize("text", ["x $result[a]", "$result", "$result[a] ", "$error[a]", "$result[а]"])
def test_a_reference_is_nothing_but_a_reference(text: str):
    with pytest.raises(ValueError, match="nothing else"):
        Reference(text)


def test_files_and_batches_travel_alone():
    assert travels_alone(Call("disk.folder.uploadFile", {"id": 1}))
    assert travels_alone(Call("batch", {"cmd": {}}))


def test_a_batch_is_put_together():
    calls = {"a": task({"TITLE": "x"}), "b": Call("profile", {})}
    assert batch_params(calls, halt=True) == {
        "halt": 1,
        "cmd": {"a": "tasks.task.add?fields[TITLE]=x", "b": "profile"},
    }


@pytest.mark.parametrize(
    "calls",
    [
        {},
        {"0": Call("profile", {})},
        {"1a": Call("profile", {})},
        {"": Call("profile", {})},
        {"a]b": Call("profile", {})},
        {f"k{i}": Call("profile", {}) for i in range(51)},
        {"a": task({"TITLE": "$result[x]"})},
    ],
)
def test_a_batch_that_would_go_wrong_is_refused(calls):
    with pytest.raises(ValueError, match=r"a batch carries|a key of a batch|cannot travel"):
        batch_params(calls, halt=False)


@given(kinds=st.lists(st.booleans(), max_size=60), size=st.integers(1, 50))
def test_groups_keep_the_order_and_set_apart_what_travels_alone(kinds, size):
    calls = {f"k{i}": task({"TITLE": "$next[x]" if alone else "x"}) for i, alone in enumerate(kinds)}
    groups = list(chunk(calls, size))
    assert [key for group in groups for key in group] == list(calls)
    for group in groups:
        assert 1 <= len(group) <= size
        assert len(group) == 1 or not any(travels_alone(call) for call in group.values())


@pytest.mark.parametrize("size", [0, 51])
def test_a_group_has_a_sane_size(size: int):
    with pytest.raises(ValueError, match="a group holds"):
        list(chunk({}, size))
