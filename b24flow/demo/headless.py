"""The demonstration without people: every scenario, every invariant, one report."""

from __future__ import annotations

from collections.abc import Callable

from b24flow.demo.checks import check_all
from b24flow.demo.office import staff
from b24flow.demo.pages import PageError
from b24flow.demo.play import Play
from b24flow.demo.report import Report, report_of
from b24flow.demo.scenarios import play_all
from b24flow.demo.stage import Stage
from b24flow.errors import B24FlowError


def run(stage: Stage, say: Callable[[str], None]) -> Report:
    """Play everything on a stage and return what was found; a scenario that breaks off is reported."""
    play, failed = Play(stage, staff(stage)), ""
    try:
        try:
            play_all(play, say)
            check_all(play)
        except PageError as error:
            failed = f"{play.scenario}: {error}"
        except B24FlowError as error:
            failed = f"{play.scenario}: {error.text}"
        return report_of(play, failed)
    finally:
        for one in play.people.values():
            one.close()
