"""Hypothesis drives every emulated method with calls that make sense, almost do, and do not."""

from __future__ import annotations

import copy
import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from b24flow.sandbox.registry import METHODS
from b24flow.sandbox.seed import demo_organisation
from b24flow.sandbox.server import SandboxServer
from tests.sandbox import families
from tests.sandbox.chaos import BadAnswerError, changed, check, odd, places, watch
from tests.sandbox.conftest import AppCaller, Box
from tests.sandbox.facts.load import EMULATED, EXAMPLES, FACTS, Prepared
from tests.sandbox.families import FAMILIES, Family

V2 = [name for name in EMULATED if not name.endswith(" v3")]
PREPARED = sorted(EXAMPLES.keys() & set(EMULATED))
SILENT = [name for name in V2 if METHODS[name.lower()].reads]
CALLERS = ("hook", "app", "staff")
HOW = ("drop", "odd", "odd", "id", "id", "list", "map", "text")


class Anything(RuleBasedStateMachine):
    """Calls of all methods in any order by three callers; `watch` looks at every answer."""

    box: Box  # one for all runs: a client costs more than a call

    @initialize()
    def begin(self) -> None:
        self.box.control("reset", {"seed": demo_organisation()})
        self.seen = watch(self.box)
        self.app = self.box.install_app()
        self.staff = self.app.as_user(9)

    def caller(self, who: str) -> Box | AppCaller:
        callers: dict[str, Box | AppCaller] = {"hook": self.box, "app": self.app, "staff": self.staff}
        return callers[who]

    def prepared(self, method: str) -> Prepared | None:
        """Prepare an example in the middle of everything else; it may be refused there."""
        try:
            return Prepared(self.box, EXAMPLES[method], self.app)
        except (AssertionError, LookupError, TypeError, ValueError):
            return None

    def send(self, who: str, method: str, params: dict[str, Any]) -> httpx.Response:
        caller, (name, *version) = self.caller(who), method.split(" ")
        return caller.v3(name, params) if version else caller.raw(name, params)

    @rule(method=st.sampled_from(PREPARED))
    def a_good_call(self, method: str) -> None:
        prepared = self.prepared(method)
        if prepared is not None:
            prepared.call(prepared.params)

    @rule(
        method=st.sampled_from(PREPARED),
        who=st.sampled_from(CALLERS),
        changes=st.lists(st.tuples(st.integers(0, 99), st.sampled_from(HOW), odd), min_size=1, max_size=2),
    )
    def a_call_with_something_wrong(self, method: str, who: str, changes: list[tuple[int, str, Any]]) -> None:
        prepared = self.prepared(method)
        if prepared is None:
            return
        params = prepared.params
        for number, how, value in changes:
            paths = places(params)
            if paths:
                given = self.known_id(number) if how == "id" else value
                params = changed(params, paths[number % len(paths)], how, given)
        self.send(who, method, params)

    @rule(
        method=st.sampled_from(EMULATED),
        who=st.sampled_from(CALLERS),
        values=st.lists(odd, max_size=6),
        ids=st.lists(st.integers(0, 99), max_size=3),
    )
    def a_call_of_odd_values(self, method: str, who: str, values: list[Any], ids: list[int]) -> None:
        names = FACTS[method]["params"]
        params: dict[str, Any] = {}
        for name, value in zip(names, [*map(self.known_id, ids), *values], strict=False):
            outer, _, inner = name.partition(".")
            if inner and isinstance(params.get(outer, {}), dict):
                params.setdefault(outer, {})[inner] = value
            else:
                params[outer] = value
        self.send(who, method, params)

    @rule(
        who=st.sampled_from(CALLERS),
        names=st.lists(st.sampled_from(V2), max_size=4),
        query=st.sampled_from(
            ["", "id=$result[c0]", "ID=$result[c0][id]&fields[a][]=$result[c1]", "a[b", "start=-1"]
        ),
        halt=st.booleans(),
    )
    def a_batch(self, who: str, names: list[str], query: str, halt: bool) -> None:
        commands = {f"c{place}": f"{name}?{query}" for place, name in enumerate(names)}
        self.caller(who).raw("batch", {"halt": int(halt), "cmd": commands})

    @rule(
        method=st.sampled_from(V2),
        pairs=st.lists(st.tuples(st.text(max_size=12), st.text(max_size=6)), max_size=6),
    )
    def a_form(self, method: str, pairs: list[tuple[str, str]]) -> None:
        self.box.http.post(self.box.webhook_url + method, data=dict(pairs))

    def known_id(self, number: int) -> Any:
        return self.seen[number % len(self.seen)] if self.seen else number


class Numbered(RuleBasedStateMachine):
    """What `add` returned is there until it is deleted; no number is given twice; totals agree.

    Between the steps somebody asks methods that only read with odd values: they change nothing.
    """

    box: Box

    @initialize()
    def begin(self) -> None:
        self.box.control("reset", {"seed": demo_organisation()})
        watch(self.box)
        families.begin(self.box)
        self.callers: list[Any] = [self.box, self.box.install_app()]
        self.base = {one.name: one.count(self.box) for one in FAMILIES}
        self.live: dict[str, set[int]] = {one.name: set() for one in FAMILIES}
        self.gone: dict[str, set[int]] = {one.name: set() for one in FAMILIES}
        self.added = 0
        self.kept: list[tuple[str, int, dict[str, set[int]], dict[str, set[int]]]] = []

    @rule(one=st.sampled_from(FAMILIES), who=st.integers(0, 1), times=st.integers(1, 3))
    def add(self, one: Family, who: int, times: int) -> None:
        for _ in range(times):
            self.added += 1
            made = one.add(self.callers[who], self.added)
            assert made not in self.live[one.name] | self.gone[one.name], f"{one.name} {made} was given twice"
            self.live[one.name].add(made)
            assert one.shows(self.callers[1 - who], made)

    @rule(one=st.sampled_from(FAMILIES), who=st.integers(0, 1), number=st.integers(0, 9))
    def drop(self, one: Family, who: int, number: int) -> None:
        live = sorted(self.live[one.name])
        if live:
            lost = live[number % len(live)]
            one.drop(self.callers[who], lost)
            self.live[one.name].remove(lost)
            self.gone[one.name].add(lost)

    @rule(one=st.sampled_from(FAMILIES))
    def look(self, one: Family) -> None:
        for number in self.live[one.name]:
            assert one.shows(self.box, number), f"{one.name} {number} is lost"
        for number in self.gone[one.name]:
            assert not one.shows(self.box, number), f"{one.name} {number} was deleted"

    @rule()
    def count(self) -> None:
        found = {one.name: one.count(self.box) for one in FAMILIES}
        assert found == {name: self.base[name] + len(self.live[name]) for name in self.base}

    @rule(method=st.sampled_from(SILENT), values=st.lists(odd, max_size=5))
    def ask_something_odd(self, method: str, values: list[Any]) -> None:
        self.box.raw(method, dict(zip(FACTS[method]["params"], values, strict=False)))

    @rule()
    def keep(self) -> None:
        number = self.box.control("snapshot")["id"]
        self.kept.append((number, self.added, copy.deepcopy(self.live), copy.deepcopy(self.gone)))

    @rule(which=st.integers(0, 3))
    def restore(self, which: int) -> None:
        if self.kept:
            number, _, live, gone = self.kept[which % len(self.kept)]
            self.box.control("restore", {"id": number})
            self.live, self.gone = copy.deepcopy(live), copy.deepcopy(gone)


def drive(server: SandboxServer, machine: type[RuleBasedStateMachine], examples: int, steps: int) -> None:
    box = Box(server)
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=quiet,
        print_blob=False,
    )
    try:
        run_state_machine_as_test(type(machine.__name__, (machine,), {"box": box}), settings=chosen)
    finally:
        box.http.close()


def test_any_sequence_of_calls_is_answered_by_the_documented_envelope(server: SandboxServer) -> None:
    drive(server, Anything, 60, 40)


@pytest.mark.slow
def test_any_long_sequence_of_calls_is_answered_by_the_documented_envelope(server: SandboxServer) -> None:
    drive(server, Anything, 600, 60)


def test_numbers_stay_what_they_were(server: SandboxServer) -> None:
    drive(server, Numbered, 15, 30)


@pytest.mark.slow
def test_numbers_stay_what_they_were_for_long(server: SandboxServer) -> None:
    drive(server, Numbered, 300, 60)


BODIES = {
    "not JSON": b'{"fields":',
    "text": b"hello",
    "nothing": b"",
    "not UTF-8": b'{"a":"\xff\xfe"}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "with a mark": b'\xef\xbb\xbf{"a":1}',
    "NaN": b'{"start":NaN,"filter":{"id":Infinity}}',
    "half a pair": b'{"FILTER":{"NAME":"\\ud800"}}',
    "raw half a pair": b'{"FILTER":{"NAME":"\xed\xa0\x80"}}',
    "a pair": b'{"FILTER":{"NAME":"\\ud83d\\ude00"}}',
    "control characters": b'{"FILTER":{"NAME":"a\x01b"}}',
    "escaped control characters": b'{"FILTER":{"NAME":"a\\u0000b"}}',
    "deep lists": b'{"filter":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "deep maps": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "rather deep": b'{"a":' * 90 + b"1" + b"}" * 90,
    "a huge number": b'{"start":' + b"9" * 10_000 + b',"ID":1e999,"FILTER":{"ID":' + b"9" * 30 + b"}}",
    "the same key twice": b'{"FILTER":{"ID":1},"FILTER":{"ID":2}}',
    "a list": b'[1,2,{"a":[]}]',
    "a number": b"17",
    "null": b"null",
    "very many keys": json.dumps({f"k{n}": n for n in range(50_000)}).encode(),
    "empty keys": b'{"":{"":{"":1}}}',
}
KINDS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
         "multipart/form-data", "text/plain", "application/xml", "")  # fmt: skip
CALLED = (
    "user.get",
    "crm.item.list",
    "batch",
    "tasks.task.add",
    "no.such.method",
    "%00",
    "a%2fb",
    "../profile",
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", BODIES)
def test_a_body_of_any_kind_is_answered(box: Box, body: str, kind: str) -> None:
    for method in ("user.get", "crm.item.add", "tasks.task.add", "batch"):
        for address in (box.webhook_url, box.webhook_url.replace("/rest/", "/rest/api/")):
            answer = box.http.post(address + method, content=BODIES[body], headers={"Content-Type": kind})
            check(answer, v3="/rest/api/" in address)


FORMS = {
    "10 000 levels": "a" + "[x]" * 10_000 + "=1",
    "50 000 fields": "&".join(f"a[{n}]=1" for n in range(50_000)),
    "50 000 fields without indexes": "&".join("a[]=1" for _ in range(50_000)),
    "unclosed brackets": "a[b=1&[=2&]=3&a]b[=4&a[][][]=5&=6&&&",
    "a value and a map": "FILTER=1&FILTER[ID]=2&FILTER=3",
    "bytes": "%FF%FE=%00&FILTER[NAME]=%ED%A0%80&a=%zz",
    "dots and blanks": "a.b=1& c d=2&FILTER[a.b]=3",
    "huge indexes": "a[99999999999999999999]=1&a[]=2&a[-1]=3&a[9223372036854775807]=1&a[]=2",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_of_any_form_is_answered(box: Box, form: str) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for method in ("user.get", "crm.item.list", "batch"):
        check(box.http.post(box.webhook_url + method, content=FORMS[form].encode(), headers=kind))


PATHS = (
    "1/wrong/profile", "²/code/profile", "٣/x/profile", "9" * 5000 + "/x/profile", "profile",
    "no.such.method", "1/", "-1/x/y", "1/%00/profile", "1/é/profile", "api/profile", "api/1/x/no.such",
    "1/x/y/z/w",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_any_address_is_answered(box: Box, path: str) -> None:
    answer = box.http.post(f"{box.server.url}/rest/{path}", json={})
    assert 400 <= answer.status_code < 500
    assert {"error"} <= answer.json().keys()


@pytest.mark.parametrize("token", ["", "x", "é", "\ud83d\ude00", "a" * 9000, "0", None, 17, ["x"], {"a": 1}])
def test_any_token_is_answered(box: Box, token: Any) -> None:
    for params in ({"auth": token}, {"access_token": token}):
        answer = box.http.post(
            "/rest/profile", content=json.dumps(params), headers={"Content-Type": "application/json"}
        )
        assert (answer.status_code, bool(check(answer)["error"])) == (401, True)


def test_a_bad_answer_is_seen(box: Box) -> None:
    watch(box)
    box.control("faults", {"method": "profile", "action": "status", "status": 500, "body": "html"})
    with pytest.raises(BadAnswerError):
        box.raw("profile")
