"""`config/declension.yaml` and `config/organisation.yaml`: words that an organisation sets right by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from b24flow.core.problems import did_you_mean
from b24flow.core.rendition import CASES, Overrides
from b24flow.definitions.nodes import Findings, Items, Keys, Node, Scalar, read_nodes
from b24flow.errors import DefinitionError, Finding

INDECLINABLE = "indeclinable"
_MAX_CHARS = 1_000_000
_GENDERS = ("male", "female")
_SECTIONS = ("forms", "posts", "genders")
_ORGANISATION = ("name", "short", "place")


def load_overrides(path: Path) -> Overrides:
    """Read the corrections of declension; raises DefinitionError with all findings."""
    findings = Findings(str(path))
    root = _read(path, findings)
    sections: dict[str, dict[str, Any]] = {name: {} for name in _SECTIONS}
    for key, node in root.pairs if root is not None else ():
        name = str(key.value)
        if name not in sections:
            findings.add(key.line, name, f"неизвестный ключ «{name}»{did_you_mean(name, _SECTIONS)}")
            continue
        for word, value in node.pairs if isinstance(node, Keys) else ():
            text = " ".join(str(word.value).split()).casefold()
            place = f"{name}.{word.value}"
            sections[name][text] = (
                _gender(place, value, findings) if name == "genders" else _forms(place, value, findings))
    if findings.found:
        raise DefinitionError(findings.sorted())
    return Overrides(forms=sections["forms"], posts=sections["posts"], genders=sections["genders"])


def _forms(place: str, node: Node, findings: Findings) -> Mapping[str, str]:
    if isinstance(node, Scalar) and node.value == INDECLINABLE:
        return {}
    found: dict[str, str] = {}
    if not isinstance(node, Keys):
        findings.add(node.line, place, f"нужны формы по падежам или слово {INDECLINABLE}")
        return found
    for key, value in node.pairs:
        case, text = str(key.value), value.value if isinstance(value, Scalar) else None
        if case not in CASES:
            findings.add(key.line, place, f"неизвестный падеж «{case}»; есть: {', '.join(CASES)}")
        elif not isinstance(text, str) or not text.strip():
            findings.add(key.line, f"{place}.{case}", "нужно слово")
        else:
            found[case] = text
    return found


def _gender(place: str, node: Node, findings: Findings) -> str:
    value = node.value if isinstance(node, Scalar) else ""
    if value not in _GENDERS:
        findings.add(node.line, place, f"нужно одно из слов: {', '.join(_GENDERS)}")
    return str(value)


def load_organisation(path: Path) -> Mapping[str, Any]:
    """Read what templates write about the organisation; raises DefinitionError with all findings."""
    findings = Findings(str(path))
    root = _read(path, findings)
    values: dict[str, Any] = {**dict.fromkeys(_ORGANISATION, ""), "address": []}
    for key, node in root.pairs if root is not None else ():
        name = str(key.value)
        if name == "address":
            lines = node.values if isinstance(node, Items) else (node,)
            texts = (one.value for one in lines if isinstance(one, Scalar))
            values[name] = [str(one) for one in texts if one is not None]
        elif name not in values:
            findings.add(key.line, name, f"неизвестный ключ «{name}»{did_you_mean(name, values)}")
        elif isinstance(node, Scalar):
            values[name] = "" if node.value is None else str(node.value)
        else:
            findings.add(node.line, name, "нужно одно значение")
    if root is not None and not values["name"]:
        findings.add(1, "name", "не указано наименование организации")
    if findings.found:
        raise DefinitionError(findings.sorted())
    return values


def _read(path: Path, findings: Findings) -> Keys | None:
    try:
        text = path.read_text("utf-8")[:_MAX_CHARS]
    except (OSError, ValueError):
        raise DefinitionError([Finding(str(path), 1, "файл", "файл не читается")]) from None
    return read_nodes(text.removeprefix("\ufeff"), findings)
