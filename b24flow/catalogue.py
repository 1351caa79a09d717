"""Which definition a document runs under: the present ones, and the archive for those begun earlier."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from b24flow.core.check import check
from b24flow.core.definition import ProcessDefinition
from b24flow.definitions.loader import parse_archived
from b24flow.errors import DefinitionError, StoreError
from b24flow.log import get_logger
from b24flow.store import definitions as archive
from b24flow.store.engine import Database

log = get_logger(__name__)
_TOLD = 5
"""Problems of an archived definition told in the log."""


class Catalogue:
    """The present definitions, and every one that a document ever began with, from the archive."""

    def __init__(self, database: Database, present: Mapping[str, ProcessDefinition]) -> None:
        self._database = database
        self._present = present
        self._known = {one.digest: one for one in present.values()}

    def processes(self) -> Mapping[str, ProcessDefinition]:
        """Return the present definitions by process code."""
        return self._present

    def get(self, digest: str) -> ProcessDefinition:
        """Return the definition a document began with; raises StoreError when it is lost."""
        found = self._known.get(digest)
        if found is None:
            found = self._known[digest] = self._from_archive(digest)
        return found

    def _from_archive(self, digest: str) -> ProcessDefinition:
        # A unit of work is usually open in this thread and units do not nest; archived definitions
        # never change, so it makes no difference that another thread reads them.
        with ThreadPoolExecutor(1) as aside:
            kept = aside.submit(self._kept, digest).result()
        if kept is None:
            raise StoreError(f"В архиве нет описания процесса, версия {digest[:12]}")
        try:
            found = parse_archived(kept.source, f"архив:{kept.process}:{digest[:12]}")
        except DefinitionError as error:
            raise StoreError(f"Описание процесса из архива не читается: {error.text}") from error
        problems = check(found)
        if problems:
            log.warning("archived_definition_refused_today", process=kept.process, digest=digest[:12],
                        problems=[f"{one.path}: {one.text}" for one in problems[:_TOLD]])
        return found

    def _kept(self, digest: str) -> archive.ArchivedDefinition | None:
        with self._database.reading() as unit:
            return archive.get(unit, digest)
