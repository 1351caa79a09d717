"""«Отправить письмо» (R23): an e-mail beside the route, and what a person decides when its fate is unknown.

The letter is written here; who carries it and what came of it is `services.post`, whose word comes back as
an event of the system.
"""

from __future__ import annotations

from b24flow.core import events_steps as ev
from b24flow.core.document import FileRef
from b24flow.core.events import Event
from b24flow.core.forms import text_of, texts_of
from b24flow.core.parts import Attached, Letter
from b24flow.core.steps import current_files
from b24flow.core.verbs import Case
from b24flow.errors import InvalidForm

MEGABYTE = 1 << 20
MAX_FILES_SIZE = 15 * MEGABYTE
"""All files of a letter together, bytes: in the letter they grow by a third, and 20 to 25 MB is what most
mail servers take."""


def write(case: Case) -> tuple[Event, ...]:
    """«Отправить письмо»: the letter is written down, the post takes it from here."""
    written = ev.LetterWritten(
        id=case.id("letter"), to=texts_of(case.values, "recipients"), subject=text_of(case.values, "subject"),
        text=text_of(case.values, "text"), files=_attached(case),
    )
    return (written,)


def confirm(case: Case) -> tuple[Event, ...]:
    """«Считать отправленным»: a person found out, or takes the risk."""
    return (ev.LetterConfirmed(id=_letter(case).id, comment=text_of(case.values, "comment")),)


def repeat(case: Case) -> tuple[Event, ...]:
    """«Отправить ещё раз»: the same letter to everybody who has not surely got it."""
    return (ev.LetterRepeated(id=_letter(case).id, comment=text_of(case.values, "comment")),)


def _letter(case: Case) -> Letter:
    assert isinstance(case.node, Letter), "the action is about one letter"
    return case.node


def _attached(case: Case) -> tuple[Attached, ...]:
    present = {one.id: one for one in current_files(case.document)}
    chosen = texts_of(case.values, "attachments")
    if any(one not in present for one in chosen):
        text = "выбранного файла уже нет среди действующих, у него новая версия. Выберите файлы заново"
        raise InvalidForm({"attachments": f"«Приложить файлы»: {text}"})
    files = tuple(present[one] for one in chosen)
    size = sum(one.size for one in files)
    if size > MAX_FILES_SIZE:
        text = f"вместе {_megabytes(size)} МБ, а в письмо помещается {MAX_FILES_SIZE // MEGABYTE} МБ"
        raise InvalidForm({"attachments": f"«Приложить файлы»: {text}. Выберите меньше файлов"})
    return tuple(_of(one) for one in files)


def _of(one: FileRef) -> Attached:
    return Attached(id=one.id, name=one.name, sha256=one.sha256, size=one.size, mime=one.mime)


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f}".replace(".", ",")
