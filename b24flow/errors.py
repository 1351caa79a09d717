"""The one tree of errors; every class says in its docstring what is certain when it is raised.

    B24FlowError
    ├── Refused                 a person's request was not accepted; nothing changed
    │   ├── NotAllowed          this person may not do it
    │   ├── AlreadyDone         it was done before or is not its turn, the text says what was done last
    │   ├── InvalidForm         field by field, what is wrong
    │   └── NotFound            no such document, file, person
    ├── DefinitionError         a process file is wrong: all findings at once
    ├── SettingsError           configuration is wrong: all findings at once
    ├── StoreError
    │   ├── Conflict            somebody else changed the row first; load again and repeat
    │   └── CommitUnknown       the connection went during COMMIT; look whether it happened
    └── PortalError
        ├── PortalUnavailable   surely not executed: may be sent again
        ├── PortalBlocked       surely not executed, and nothing will be until a person acts
        ├── PortalRejected      surely refused: never repeated, becomes an incident
        └── OutcomeUnknown      sent, no answer: look up by key, then decide

`text` is Russian and is shown to people as it is; `code` is stable, for programs and the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class B24FlowError(Exception):
    """Something went wrong and the caller can tell a person what."""

    code = "b24flow"

    def __init__(self, text: str, *, hint: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.hint = hint


class Refused(B24FlowError):
    """A request of a person was not accepted; nothing changed."""

    code = "refused"


class NotAllowed(Refused):
    """This person may not do that."""

    code = "refused.not_allowed"


class AlreadyDone(Refused):
    """The action was done before, or its step is not the present one; the text says what was done last."""

    code = "refused.already_done"


class InvalidForm(Refused):
    """The form has errors; `fields` maps a field's code to what is wrong with it, in Russian."""

    code = "refused.invalid_form"

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("Исправьте поля формы: " + "; ".join(fields.values()))
        self.fields = dict(fields)


class LooksRepeated(InvalidForm):
    """The form describes what is registered already; `documents` maps their uuids to their numbers."""

    def __init__(self, fields: Mapping[str, str], documents: Mapping[str, str]) -> None:
        super().__init__(fields)
        self.documents = dict(documents)


class NotFound(Refused):
    """There is no such document, file or person."""

    code = "refused.not_found"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong in a file: where (`file`, `line`, dotted `path`) and what."""

    file: str
    line: int
    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path}: {self.text}"


class DefinitionError(B24FlowError):
    """A process definition is wrong; `findings` holds everything that was found."""

    code = "definition"

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = tuple(findings)


class SettingsError(B24FlowError):
    """The configuration is wrong; the text names every variable and file at once."""

    code = "settings"


class StoreError(B24FlowError):
    """The database refused or contradicts itself."""

    code = "store"


class Conflict(StoreError):
    """Another writer changed the same document first; load it again and repeat."""

    code = "store.conflict"


class CommitUnknown(StoreError):
    """The connection was lost during COMMIT: look up by the command's id before any repeat."""

    code = "store.commit_unknown"


class PortalError(B24FlowError):
    """A call to the portal did not give a result."""

    code = "portal"

    def __init__(self, text: str, *, method: str = "", error: str = "", hint: str = "") -> None:
        super().__init__(text, hint=hint)
        self.method = method
        self.error = error


class PortalUnavailable(PortalError):
    """Surely not executed; the same call may be sent again later."""

    code = "portal.unavailable"


class PortalBlocked(PortalError):
    """Surely not executed: credentials or rights are refused, a person must act first."""

    code = "portal.blocked"


class PortalRejected(PortalError):
    """Surely refused by the portal; never repeated, becomes an incident."""

    code = "portal.rejected"


class OutcomeUnknown(PortalError):
    """Sent, but no readable answer came: it may have been executed; look up by key before a repeat."""

    code = "portal.outcome_unknown"
