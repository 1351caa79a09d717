"""Read the facts out of a checkout of the official documentation.

Run by hand when the documentation or the list of methods changes:

    python -m tests.sandbox.facts.extract <documentation>

where `<documentation>` is a checkout or a bare repository of `bitrix24/b24restdocs` (its English
pages). It writes `<area>.json` beside itself: per method its page, its parameters and which of them
carry the mark of a required one, the shapes of the success examples and the codes of its tables of
errors. Nothing else of a page is kept: no sentence and no example value.

A shape is a type name (`string`, `number`, `bool`, `null`, several with `|`), an object of shapes
(`name?` is a key that not every row of an example has), a list with the shape of its rows, or
`{"|": [...]}` for alternatives. Keys that an example's own data made (`ufCrm6_1734`, `"17"`) are
`*`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from b24flow.sandbox.coverage import table

HERE = Path(__file__).parent
GENERAL = (
    "_includes/system-errors.md",
    "_includes/error-info-v3.md",
    "error-codes.md",
    "api-reference/rest-v3.md",
    "settings/how-to-call-rest-api/batch.md",
    "settings/cloud-and-on-premise/on-premise/custom-auth-provider.md",
    "settings/oauth/error-codes.md",
    "settings/oauth/index.md",
    "limits.md",
)
ENTITIES = {
    "chat-bots": ("api-reference/chat-bots/chat-bots-v2/entities.md",),
    "crm": ("api-reference/crm/universal/object-fields.md",),
    "tasks": ("api-reference/tasks/fields.md",),
}
"""Pages that describe the objects of an area once for all its methods."""

Shape = Any

_ROW = re.compile(r"^\|\|(.*?)\|\|[ \t]*$", re.M | re.S)
_TABLE = re.compile(r"^#\|[ \t]*$(.*?)^[ \t]*\|#", re.M | re.S)
_NAME = re.compile(r"^\s*\*\*\s*(?:\[)?`?([\w.\[\]-]+?)`?(?:\]\([^)]*\))?\s*(\\?\*)?\s*\*\*(\s*\\?\*)?")
_FENCE = re.compile(r"^[ \t]*```json[^\n]*\n(.*?)^[ \t]*```", re.M | re.S)
_LANGUAGES = frozenset(
    [
        "br",
        "de",
        "en",
        "fr",
        "hi",
        "it",
        "ja",
        "kz",
        "la",
        "ms",
        "pl",
        "ru",
        "sc",
        "tc",
        "th",
        "tr",
        "ua",
        "vn",
    ]
)
_MADE = re.compile(
    r"\d+|chat\d+|(?:uf|UF)_?(?:Crm|CRM|Usr|USR|Auto|AUTO|Task|TASK)_?\w*\d\w*|parentId\d+|PARENT_ID_\d+"
)
_NO_CODE = {"", "—", "-", "Empty value", "Empty string", "`-`", "`—`"}
_TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/|\.\.\.+|…', re.S)


def read_page(root: Path, page: str) -> str:
    """Return a page of the documentation."""
    if (root / page).is_file():
        return (root / page).read_text(encoding="utf-8")
    command = ["git", f"--git-dir={root}", "show", f"HEAD:{page}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def sections(text: str, level: str = "##") -> Iterator[tuple[str, str]]:
    """Split a page by its headings of a level: (heading, body)."""
    parts = re.split(rf"^{level} (.*)$", text.replace("\r", "").replace("^*^", "*"), flags=re.M)
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        yield re.sub(r"\{#.*?\}", "", title).strip(), body


def section(text: str, *starts: str) -> str:
    """Return the body of the first section whose heading begins so."""
    for title, body in sections(text):
        if title.lower().startswith(tuple(start.lower() for start in starts)):
            return body
    return ""


def rows_of(text: str) -> Iterator[list[list[str]]]:
    """Return the tables of a text, each as rows of cells."""
    for found in _TABLE.finditer(text):
        yield [[cell.strip() for cell in re.split(r"(?<!\|)\|(?!\|)", row)] for row in _ROW.findall(found[1])]


def names_of(cells: list[list[str]]) -> Iterator[tuple[str, bool]]:
    """Return the names of a table's rows and whether they carry the mark."""
    for row in cells:
        found = _NAME.match(row[0])
        if found and found[1] not in {"Name", "Code", "Field", "Status"}:
            wildcard = found[1].endswith("_")  # `UF_*` names a kind of fields
            yield found[1].strip("."), bool(found[2] or found[3]) and not wildcard


def parameters(text: str) -> tuple[list[str], list[str]]:
    """Return the documented parameters and the required ones; `a.b` is a key inside `a`."""
    body = section(text, "Method Parameters", "Parameters")
    head = re.split(r"^###", body, flags=re.M)[0]
    known: dict[str, bool] = {}
    for cells in list(rows_of(head))[:1]:
        known |= dict(names_of(cells))
    for title, part in sections(body, "###"):
        outer = re.fullmatch(r"Parameter `?(\w+)`?|`?(\w+)`? [Pp]arameter", title)
        tables = list(rows_of(part))
        if outer and len(tables) == 1 and (name := outer[1] or outer[2]) in known:
            known |= {f"{name}.{key}": must for key, must in names_of(tables[0])}
    return sorted(known), sorted(name for name, must in known.items() if must)


def loads(text: str) -> Any:
    """Read an example that may hold remarks, gaps (`...`) and stray commas."""

    def keep(found: re.Match[str]) -> str:
        token = found[0]
        if token.startswith('"'):
            return re.sub(r'\\(?!["\\/bfnrtu])', "", token)
        return "" if token.startswith("/") else '"…"'

    clean = _TOKEN.sub(keep, text)
    clean = re.sub(r'([{,]\s*)"…"\s*(?=[,}])', r'\1"…": null', clean)
    clean = re.sub(r",(\s*[}\]])", r"\1", clean)
    return json.loads(clean)


def shape(value: Any) -> Shape:
    """Return the shape of a JSON value."""
    if isinstance(value, dict):
        made: dict[str, Shape] = {}
        for key, child in value.items():
            name = "*" if _MADE.fullmatch(key) or value.keys() <= _LANGUAGES else key
            made[name] = join(made[name], shape(child)) if name in made else shape(child)
        return dict(sorted(made.items()))
    if isinstance(value, list):
        rows = [shape(item) for item in value if item != "…"]
        joined = rows[:1]
        for row in rows[1:]:
            joined = [join(joined[0], row)]
        return joined
    if isinstance(value, bool):
        return "bool"
    return {str: "string", int: "number", float: "number", type(None): "null"}[type(value)]


def join(one: Shape, other: Shape) -> Shape:
    """Return the shape that holds both."""
    if one == other:
        return one
    if isinstance(one, str) and isinstance(other, str):
        return "|".join(sorted({*one.split("|"), *other.split("|")}))
    if isinstance(one, list) and isinstance(other, list):
        return [join(one[0], other[0])] if one and other else one or other
    if isinstance(one, dict) and isinstance(other, dict) and "|" not in one and "|" not in other:
        return _join_objects(one, other)
    kinds = [*_alternatives(one)]
    for kind in _alternatives(other):
        if kind not in kinds:
            kinds.append(kind)
    return {"|": sorted(kinds, key=json.dumps)}


def _alternatives(one: Shape) -> list[Shape]:
    return list(one["|"]) if isinstance(one, dict) and "|" in one else [one]


def _join_objects(one: dict[str, Shape], other: dict[str, Shape]) -> dict[str, Shape]:
    left = {key.rstrip("?"): (key, child) for key, child in one.items()}
    right = {key.rstrip("?"): (key, child) for key, child in other.items()}
    made = {}
    for name in sorted({*left, *right}):
        pair = [side[name] for side in (left, right) if name in side]
        always = len(pair) == 2 and all(not key.endswith("?") for key, _ in pair)
        child = pair[0][1] if len(pair) == 1 else join(pair[0][1], pair[1][1])
        made[name if always or name == "*" else f"{name}?"] = child
    return made


def answers(text: str) -> list[Shape]:
    """Return the shapes of the success examples, without `time`."""
    found = []
    for block in _FENCE.findall(section(text, "Response")):
        if '"result"' not in block:
            continue
        value = loads(block)
        for place in (value, value["result"]):  # some pages close a brace too late
            if isinstance(place, dict) and {"start", "finish"} <= as_keys(place.get("time")):
                del place["time"]
        made = shape(value)
        if made not in found:
            found.append(made)
    return found


def as_keys(value: Any) -> set[str]:
    """Return the keys of an object, nothing for another value."""
    return set(value) if isinstance(value, dict) else set()


def described(text: str) -> list[str]:
    """Return the last parts of all names in the tables of the response."""
    bodies = [body for title, body in sections(text) if re.match("(Respon|Return)", title, re.I)]
    names = {name for cells in rows_of("\n".join(bodies)) for name, _ in names_of(cells)}
    return sorted({re.split(r"[.\[\]]+", name.rstrip("[]"))[-1] for name in names} - {"time", ""})


def codes(text: str) -> list[str]:
    """Return the codes of the tables and examples of errors; "" is an error said to have none."""
    found = set(re.findall(r"BITRIX_REST_V3_EXCEPTION_\w+", text))
    found |= {value for block in _FENCE.findall(text) for value in re.findall(r'"error": *"(\w*)"', block)}
    for cells in rows_of(text):
        heads = [re.sub(r"[*`\s].*", "", cell.strip("*` \n")) for cell in cells[0]] if cells else []
        if "Code" in heads:
            place = heads.index("Code")
            for row in cells[1:]:
                found |= _codes_in(row[place]) if len(row) > place else set()
    return sorted(found)


def _codes_in(cell: str) -> set[str]:
    ticked = re.findall(r"`([\w.]+)`", cell)
    if ticked:
        return set(ticked)
    if re.fullmatch(r"[A-Z0-9_]+", cell):
        return {cell}
    return {""} if cell in _NO_CODE else set()


def _readable(block: str) -> list[Shape]:
    """Return the shape of an example, none of one with a quote too many in a text."""
    try:
        return [shape(loads(block))]
    except json.JSONDecodeError:
        return []


def fact_of(page: str, text: str) -> dict[str, Any]:
    """Return what a page says."""
    known, must = parameters(text)
    errors = section(text, "Error")
    refusals = [made for block in _FENCE.findall(errors) if '"error"' in block for made in _readable(block)]
    return {
        "page": page,
        "params": known,
        "required": must,
        "success": answers(text),
        "described": described(text),
        "codes": codes(errors),
        "refusal": refusals[0] if refusals else None,
    }


def area_of(page: str) -> str:
    """Return the name of the file a page's fact goes to."""
    parts = page.split("/")
    return parts[1] if parts[0] == "api-reference" and len(parts) > 2 else "general"


def extract(read: Callable[[str], str]) -> dict[str, dict[str, Any]]:
    """Return the facts of every method of the honesty table, by area."""
    areas: dict[str, dict[str, Any]] = {}
    for row in table():
        name = row["method"] if row["api"] == "v2" else f"{row['method']} {row['api']}"
        areas.setdefault(area_of(row["doc"]), {})[name] = fact_of(row["doc"], read(row["doc"]))
    for area, pages in ENTITIES.items():
        bodies = [name for page in pages for cells in rows_of(read(page)) for name, _ in names_of(cells)]
        areas[area][f"* {area}"] = {"pages": pages, "described": sorted(set(bodies)), "codes": []}
    areas.setdefault("general", {})["*"] = {"pages": GENERAL, "codes": codes("\n".join(map(read, GENERAL)))}
    return areas


def main(root: Path) -> None:
    """Write the data files."""
    for area, facts in extract(lambda page: read_page(root, page)).items():
        rows = ",\n".join(f"{json.dumps(key)}: {json.dumps(facts[key])}" for key in sorted(facts))
        (HERE / f"{area}.json").write_text("{\n" + rows + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
