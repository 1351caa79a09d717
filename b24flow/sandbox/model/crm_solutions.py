"""Digital workplaces: sections of the left menu that smart processes move into.

Facts: api-reference/crm/automated-solution/*.md, user-defined-object-types/crm-type-add.md. A
workplace has two numbers: its own and the one of the section, which smart processes show.
"""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.model.crm_rows import AutomatedSolution
from b24flow.sandbox.model.entities import SpaType
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import Json, RestError, as_int


def add_solution(portal: Portal, title: str) -> AutomatedSolution:
    """Create a workplace."""
    state = portal.state
    row = AutomatedSolution(
        id=state.next_id("automated-solution"), title=title, section_id=state.next_id("custom-section", 21)
    )
    state.automated_solutions[row.id] = row
    return row


def types_of(portal: Portal, row: AutomatedSolution) -> list[int]:
    """Return the ids of the smart processes of a workplace."""
    return [spa.id for spa in portal.state.types.values() if spa.solution_id == row.id]


def set_types(portal: Portal, row: AutomatedSolution, type_ids: list[int]) -> None:
    """Give a workplace exactly these smart processes; they leave wherever they were."""
    for spa in portal.state.types.values():
        if spa.id in type_ids:
            spa.solution_id = row.id
        elif spa.solution_id == row.id:
            spa.solution_id = 0


def section_of(portal: Portal, spa: SpaType) -> int | None:
    """Return the number of the section a smart process stands in, None inside the CRM."""
    row = portal.state.automated_solutions.get(spa.solution_id)
    return row.section_id if row else None


def sections(portal: Portal, spa: SpaType) -> list[dict[str, Any]]:
    """Return all workplaces as a smart process shows them."""
    return [
        {"id": row.section_id, "title": row.title, "isSelected": row.id == spa.solution_id}
        for row in portal.state.automated_solutions.values()
    ]


def read_section(portal: Portal, spa: SpaType, fields: dict[str, Json]) -> int:
    """Read the deprecated way of moving a smart process; returns the id of its workplace."""
    wanted = as_int(fields.get("customSectionId"))
    outside = fields.get("isExternal")
    if outside in ("true", True, "Y") and not wanted:
        raise RestError("0", "Выберите рабочее место, в котором будет смарт-процесс")
    if outside in ("false", False, "N"):
        return 0
    if not wanted:
        return spa.solution_id
    rows = portal.state.automated_solutions.values()
    found = next((row for row in rows if row.section_id == wanted), None)
    return found.id if found else spa.solution_id
