"""What use cases need from the outside, as protocols; each has two implementations today or a test's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from b24flow.core.definition import ProcessDefinition


class Definitions(Protocol):
    """The catalogue of process definitions: present ones by code, every one ever used by digest."""

    def processes(self) -> Mapping[str, ProcessDefinition]:
        """Return the present definitions by process code."""
        ...

    def get(self, digest: str) -> ProcessDefinition:
        """Return the definition a document began with; raises StoreError when it is lost."""
        ...
