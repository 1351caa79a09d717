"""Static checks of a process definition: what can be wrong in it before any document exists.

A wrong definition must fail when it is read, not when a letter is already on somebody's table.
The checks are pure, so the loader, `process check` and the tests ask the same functions.
"""

from __future__ import annotations

from b24flow.core.check_flow import Lead, flow, leads
from b24flow.core.check_names import REGISTRY_SOURCES, REGISTRY_TYPES, references
from b24flow.core.definition import ProcessDefinition
from b24flow.core.problems import Problem, did_you_mean


def check(definition: ProcessDefinition) -> tuple[Problem, ...]:
    """Return everything that is wrong with a definition; an empty answer means it can be run."""
    return references(definition) + flow(definition)


__all__ = ["REGISTRY_SOURCES", "REGISTRY_TYPES", "Lead", "Problem", "check", "did_you_mean", "flow", "leads",
           "references"]
