"""Shared parts of processes: written once in `processes/shared/<name>.yaml`, named by `uses` (domain C11).

A fragment has the sections of a process. Its fields, roles and assignment states are added to the
process; its actions too, at the end or where the process names them with an empty value; a step only
where the process names it. What the process says itself wins, key by key; so does an earlier fragment
over a later one.

A definition is archived with its fragments, so `join` writes them behind the text of the process under
a marker line, and `split` takes them apart again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from b24flow.definitions.nodes import Findings, Items, Keys, Node, Scalar, read_nodes

FOLDER = "shared"
MERGED = ("roles", "branch_states", "fields", "actions", "documents")
PLACED = ("states",)
_MARKER = re.compile(r"^#=== fragment: ([a-z][a-z0-9_]{0,39}) ===\n", re.MULTILINE)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KEYS = frozenset({"fragment", *MERGED, *PLACED})


def join(text: str, fragments: Mapping[str, str]) -> str:
    """Return one text that holds a process and the fragments it uses."""
    parts = [text if text.endswith("\n") else text + "\n"] if fragments else [text]
    for name, body in fragments.items():
        parts.append(f"#=== fragment: {name} ===\n{body if body.endswith(chr(10)) else body + chr(10)}")
    return "".join(parts)


def split(text: str) -> tuple[str, dict[str, str]]:
    """Return the text of the process and its fragments by name."""
    pieces = _MARKER.split(text)
    return pieces[0], dict(zip(pieces[1::2], pieces[2::2], strict=True))


def used(root: Keys, findings: Findings) -> tuple[str, ...]:
    """Return the names under `uses`; anything else there is a finding."""
    node = root.get("uses")
    if node is None:
        return ()
    values: Sequence[Node] = node.values if isinstance(node, Items) else (node,)
    names = []
    for one in values:
        name = one.value if isinstance(one, Scalar) else None
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            findings.add(one.line, "uses", "нужно имя общей части: строчные латинские буквы, цифры и «_»")
        elif name not in names:
            names.append(name)
    return tuple(names)


def path_of(process: Path, name: str) -> Path:
    """Return the file of a fragment beside a process file."""
    return process.parent / FOLDER / f"{name}.yaml"


def read_fragment(name: str, text: str, findings: Findings) -> Keys | None:
    """Return the tree of a fragment; its findings carry its own file and lines."""
    root = read_nodes(text, findings, file=f"{FOLDER}/{name}.yaml")
    if root is None:
        return None
    for key, _ in root.pairs:
        if key.value not in _KEYS:
            findings.add(key.line, str(key.value), f"в общей части не бывает ключа «{key.value}»")
    said = root.get("fragment")
    if not isinstance(said, Scalar) or said.value != name:
        findings.add(root.line, "fragment", f"здесь должно быть «fragment: {name}»")
    return root


def merged(root: Keys, fragments: Sequence[Keys]) -> Keys:
    """Return a process with its fragments put in; the process's own words win."""
    pairs = [(key, value) for key, value in root.pairs if key.value != "uses"]
    names = {str(key.value) for key, _ in pairs}
    missing = [
        (key, Keys((), value.line)) for one in fragments for key, value in one.pairs
        if key.value in MERGED and isinstance(value, Keys) and str(key.value) not in names
    ]
    pairs += list({str(key.value): (key, value) for key, value in missing}.values())
    done = []
    for key, value in pairs:
        shared = [found for one in fragments if isinstance(found := one.get(str(key.value)), Keys)]
        whole: Node = value
        if isinstance(value, Keys) and key.value in (*MERGED, *PLACED):
            whole = _section(value, shared, complete=key.value in MERGED)
        done.append((key, whole))
    return Keys(tuple(done), root.line)


def _section(own: Keys, shared: Sequence[Keys], *, complete: bool) -> Keys:
    known: dict[str, tuple[Scalar, Node]] = {}
    for part in shared:
        for key, value in part.pairs:
            name = str(key.value)
            first = known.get(name)
            known[name] = (key, value) if first is None else (first[0], _entry(first[1], (key, value)))
    pairs = [(key, _entry(value, known.get(str(key.value)))) for key, value in own.pairs]
    if complete:
        named = set(own.names())
        pairs += [pair for name, pair in known.items() if name not in named]
    return Keys(tuple(pairs), own.line)


def _entry(own: Node, shared: tuple[Scalar, Node] | None) -> Node:
    """An empty entry is the fragment's; a mapping overrides it key by key."""
    if shared is None:
        return own
    if isinstance(own, Scalar) and own.value is None:
        return shared[1]
    if isinstance(own, Keys) and isinstance(shared[1], Keys):
        named = set(own.names())
        rest = tuple((key, value) for key, value in shared[1].pairs if str(key.value) not in named)
        return Keys((*own.pairs, *rest), own.line)
    return own
