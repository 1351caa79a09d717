"""«Сформировать по шаблону»: the filled template becomes a new edition of the draft.

The document itself is made before the decision, outside the transaction (`services.render`); here it only
gets its place. Editions are counted here, so two people who fill a template at once get two of them.
"""

from __future__ import annotations

from b24flow.core.document import FileRef
from b24flow.core.events import Event, FilesAdded
from b24flow.core.forms import text_of
from b24flow.core.rendition import DRAFT
from b24flow.core.steps import DRAFT_PART
from b24flow.core.tree import state_of
from b24flow.core.verbs import Case, stored
from b24flow.errors import InvalidForm, Refused


def render(case: Case) -> tuple[Event, ...]:
    """Keep the form and the rendering, its template's version and the data it used (R12)."""
    chosen = case.definition.rendered(text_of(case.values, "template"))
    if chosen is None or chosen.part != DRAFT:
        raise InvalidForm({"template": "«Шаблон»: выберите значение из списка"})
    if chosen.states and state_of(case.document) not in chosen.states:
        raise InvalidForm({"template": f"«Шаблон»: «{chosen.label}» на этом шаге не формируют"})
    made = case.context.rendition
    if made is None:
        raise Refused("Сначала сохраните проект, затем сформируйте его по шаблону.")
    before = sum(1 for one in case.document.files if one.part == DRAFT_PART)
    file = FileRef(
        id=case.id("rendition"), name=made.name, sha256=made.sha256, size=made.size, mime=made.mime,
        part=DRAFT_PART, added_by=case.command.actor, added_at=case.context.now,
        edition=before + 1, template=made.template, template_version=made.version,
    )
    return (*stored(case), FilesAdded(files=(file,), data=made.data))

