"""`config/roles.yaml` → who is in which organisational role, with everything that is wrong told at once.

People are named by the e-mail or the id of their portal account, in the order in which the product asks
them. Whether such people work here is not known to a file: `b24flow people list` shows it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from b24flow.definitions.nodes import Findings, Items, Node, Scalar, read_nodes
from b24flow.errors import DefinitionError, Finding

_MAX_CHARS = 100_000


def load_roles(path: Path, known: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Read the file; raises DefinitionError with all findings, never anything else.

    `known` are the roles that the processes ask for; a role without people is allowed.
    """
    try:
        text = path.read_text("utf-8")[:_MAX_CHARS]
    except (OSError, ValueError):
        raise DefinitionError([Finding(str(path), 1, "файл", "файл ролей не читается")]) from None
    findings = Findings(str(path))
    root = read_nodes(text.removeprefix("\ufeff"), findings)
    roles: dict[str, tuple[str, ...]] = {}
    for key, node in root.pairs if root is not None else ():
        code = str(key.value)
        if code not in known:
            findings.add(key.line, code, f"такой роли нет; есть: {', '.join(sorted(known))}")
        roles[code] = _people(code, node, findings)
    if findings.found:
        raise DefinitionError(findings.sorted())
    return roles


def _people(code: str, node: Node, findings: Findings) -> tuple[str, ...]:
    nodes = node.values if isinstance(node, Items) else (node,)
    found: list[str] = []
    for one in nodes:
        value = one.value if isinstance(one, Scalar) else ""
        if value is None:
            continue
        name = str(value).strip()
        if isinstance(value, bool) or not (name.isdigit() or "@" in name):
            findings.add(one.line, code, "нужен адрес почты сотрудника или номер его учётной записи")
        elif name in found:
            findings.add(one.line, code, f"{name} указан дважды")
        else:
            found.append(name)
    return tuple(found)
