"""Two editions of a document's file side by side (R17); the caller gives the reader of their text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from b24flow.core.document import FileRef
from b24flow.core.textdiff import DiffRow, side_by_side
from b24flow.errors import NotFound
from b24flow.services.office import Office

TextReader = Callable[[bytes, str], tuple[str, ...]]
"""Returns the lines of a file by its content and name; raises Refused with a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What changed from one edition to another; `rows` without a change mean equal texts."""

    one: FileRef
    two: FileRef
    rows: tuple[DiffRow, ...]

    @property
    def same(self) -> bool:
        """Tell whether the texts are equal."""
        return not any(row.changed for row in self.rows)


def default_pair(files: tuple[FileRef, ...]) -> tuple[FileRef, FileRef] | None:
    """Return the edition before the newest one and the newest one, of the file that changed last."""
    for two in reversed(files):
        one = previous(files, two)
        if one is not None:
            return one, two
    return None


def previous(files: Iterable[FileRef], edition: FileRef) -> FileRef | None:
    """Return the edition that this one came after: of the same draft, or of the file with the same name."""
    older = [one for one in files if one.added_at <= edition.added_at and one.id != edition.id]
    same = [one for one in older if one.name.casefold() == edition.name.casefold()
            or (one.part == edition.part == "draft")]
    return same[-1] if same else None


def compare(
    office: Office, files: tuple[FileRef, ...], one: str, two: str, read: TextReader
) -> Comparison:
    """Compare two editions by their ids; raises NotFound, and Refused for what cannot be read."""
    first, second = _edition(files, one), _edition(files, two)
    texts = [read(office.content.path(each.sha256).read_bytes(), each.name) for each in (first, second)]
    return Comparison(one=first, two=second, rows=side_by_side(texts[0], texts[1]))


def _edition(files: tuple[FileRef, ...], file_id: str) -> FileRef:
    found = next((one for one in files if one.id == file_id), None)
    if found is None:
        raise NotFound("Такого файла в документе нет.")
    return found
