"""Diff: desired objects against what is known, as steps to send now and look-ups that must come first.

Pure. An object whose last write has no answer is never written again before it was looked for; a deleted
object is never made again silently. Order inside a document: files whose folder is known go before the
batch (tasks attach them), files of a new folder after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from b24flow.core.picture import Card, FilePicture, Picture, TaskPicture
from b24flow.core.projection import Known, LookUp, Plan, Step
from b24flow.ids import derived_id
from b24flow.portal import calls, desired
from b24flow.portal.desired import BOT_COMMAND, Wanted
from b24flow.portal.methods import Call
from b24flow.portal.portal_map import PortalMap, ProcessMap

TASK_SELECT = ("ID", "TITLE", "STATUS", "RESPONSIBLE_ID", "CREATED_BY", "DEADLINE", "UF_CRM_TASK")
MARK_LEFT, MARK_RIGHT = "⟦", "⟧"


class _Planner:
    """One planning run; collects steps and look-ups for one document."""

    def __init__(
        self, picture: Picture, known: Mapping[str, Known], portal: PortalMap, install: str,
        zone: ZoneInfo,
    ) -> None:
        self.picture = picture
        self.known = known
        self.portal = portal
        self.process: ProcessMap = desired.process_of(portal, picture)
        self.install = install
        self.zone = zone
        self.steps: list[Step] = []
        self.uploads: list[Step] = []
        self.lookups: list[LookUp] = []
        self.lost: list[str] = []
        self.more = False

    def run(self) -> Plan:
        self._folder()
        self._item()
        for one in self.picture.files:
            self._file(one)
        if self.uploads and not self.lookups:
            # Tasks of this very plan attach these files: the batch follows in the next round.
            self.more = True
            return Plan(steps=tuple(self.uploads), more=True, lost=tuple(self.lost))
        for task in self.picture.tasks:
            self._task(task)
        for card in self.picture.cards:
            self._card(card)
        if self.lookups:
            return Plan(lookups=tuple(self.lookups), more=True, lost=tuple(self.lost))
        return Plan(steps=tuple(self.steps), more=self.more, lost=tuple(self.lost))

    def _present(self, wanted: Wanted, search: tuple[Call, ...]) -> Known | None:
        """Return the object when it is surely there; ask for a look-up when that is not known."""
        known = self.known.get(wanted.key)
        if known is None:
            return None
        if known.lost:
            self.lost.append(wanted.key)
            return known
        if not known.settled:
            self.lookups.append(LookUp(key=wanted.key, kind=wanted.kind, calls=search,
                                       wanted=wanted.fields, portal_id=known.portal_id))
            return known
        return known if known.portal_id is not None else None

    def _folder(self) -> None:
        if not self.picture.folder:
            return
        wanted = desired.folder(self.picture)
        name = str(wanted.fields["name"])
        search = (calls.folder_children(self.process.folder_id, name=name),)
        if self._present(wanted, search) is None:
            self.steps.append(Step(
                key=wanted.key, kind=wanted.kind, portal_id=None, wanted=wanted.fields,
                calls=(calls.folder_add(self.process.folder_id, name),),
            ))

    def _item(self) -> None:
        wanted = desired.item(self.picture, self.process)
        xml_id = desired.item_key(self.install, self.picture.uuid)
        etid = self.process.entity_type_id
        search = (calls.crm_item_find(etid, xml_id, select=["id", *wanted.fields]),)
        known = self._present(wanted, search)
        if known is None:
            fields = {name: value for name, value in wanted.fields.items() if value != ""}
            call = calls.crm_item_add(etid, xml_id=xml_id, fields=fields)
            self.steps.append(Step(key=wanted.key, kind=wanted.kind, portal_id=None,
                                   wanted=wanted.fields, calls=(call,)))
        elif known.settled and known.portal_id is not None and not known.lost:
            changed = changes(wanted.fields, known.fields)
            if changed:
                call = calls.crm_item_update(etid, int(known.portal_id), changed)
                self.steps.append(Step(key=wanted.key, kind=wanted.kind,
                                       portal_id=known.portal_id, wanted=wanted.fields,
                                       calls=(call,)))

    def _file(self, one: FilePicture) -> None:
        key = f"file:{one.key}"
        name = desired.file_name(one.name, one.sha256)
        folder = self.known.get("folder")
        folder_id = folder.portal_id if folder is not None and folder.settled else None
        wanted = Wanted(key=key, kind="file", fields={"name": name, "size": one.size})
        search = () if folder_id is None else (
            calls.folder_children(int(folder_id), name=name),
        )
        if folder_id is None:
            self.more = True
        elif self._present(wanted, search) is None:
            known = self.known.get(key)
            refused = known is not None and known.fields.get("refused")
            # A file the portal refused once is tried again beside the rest, which does not wait for it.
            (self.steps if refused else self.uploads).append(Step(
                key=key, kind="file", portal_id=None, wanted=wanted.fields, calls=(),
                upload=one.sha256, folder=folder_id))

    def _task(self, one: TaskPicture) -> None:
        wanted = desired.task(one, self.zone)
        xml_id = desired.task_key(self.install, one.key)
        known = self._present(wanted, (calls.task_find(xml_id, select=TASK_SELECT[1:]),))
        if known is None:
            self._new_task(one, wanted, xml_id)
        elif known.settled and known.portal_id is not None and not known.lost:
            made = task_changes(wanted.fields, known)
            if made:
                self.steps.append(Step(key=wanted.key, kind="task", portal_id=known.portal_id,
                                       wanted=wanted.fields, calls=made))

    def _new_task(self, one: TaskPicture, wanted: Wanted, xml_id: str) -> None:
        item = self.known.get("item")
        files = [self.known.get(f"file:{key}") for key in one.files]
        ready = [file.portal_id for file in files if file is not None and file.settled]
        if item is None or not item.settled or item.portal_id is None or len(ready) < len(files):
            self.more = True
            return
        fields = calls.TaskFields(
            title=wanted.fields["title"], xml_id=xml_id, responsible=one.executor,
            description=desired.task_description(one, self.picture.url), creator=one.setter,
            deadline=_moment(wanted.fields["deadline"]), may_move_deadline=False,
            result_required=True,
            bindings=[calls.crm_binding(self.process.entity_type_id, int(item.portal_id))],
            files=[int(file) for file in ready if file is not None] or None,
        )
        # A task that is over already is completed in the next round, when its id is known.
        self.more = self.more or not one.open
        self.steps.append(Step(key=wanted.key, kind="task", portal_id=None,
                               wanted={**wanted.fields, "open": True},
                               calls=(calls.task_add(fields),)))

    def _card(self, one: Card) -> None:
        wanted = desired.card(one)
        known = self.known.get(wanted.key)
        text, keyboard = str(wanted.fields["text"]), _keyboard(wanted)
        bot, token = self.portal.bot_id, self.portal.bot_token
        if known is None or known.portal_id is None:
            # The portal itself recognises a repeat by the template id (tasks note §2.5).
            call = calls.message_send(
                bot, token, str(one.recipient), text=text, keyboard=keyboard,
                template_id=derived_id(self.install, self.picture.uuid, wanted.key),
            )
        elif known.lost or (known.settled and not changes(wanted.fields, known.fields)):
            return
        else:
            call = calls.message_update(bot, token, int(known.portal_id), text=text,
                                        keyboard=keyboard)
        portal_id = known.portal_id if known is not None else None
        self.steps.append(Step(key=wanted.key, kind="card", portal_id=portal_id,
                               wanted=wanted.fields, calls=(call,)))


def plan(
    picture: Picture, known: Mapping[str, Known], portal: PortalMap, install: str, zone: ZoneInfo
) -> Plan:
    """Return what must be sent or looked up so that the portal shows `picture`."""
    return _Planner(picture, known, portal, install, zone).run()


def changes(wanted: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the wanted fields whose known value differs."""
    return {name: value for name, value in wanted.items() if known.get(name, "") != value}


def task_changes(wanted: Mapping[str, Any], known: Known) -> tuple[Call, ...]:
    """Return the calls that bring an existing task to its wanted state, in a legal order."""
    differing = changes(wanted, known.fields)
    was_open = bool(known.fields.get("open", True))
    task_id = int(known.portal_id or 0)
    made: list[Call] = []
    if wanted["open"] and not was_open:
        made.append(calls.task_renew(task_id))
    fields = calls.TaskFields(
        title=differing.get("title"), responsible=differing.get("responsible"),
        creator=differing.get("creator"), deadline=_moment(differing.get("deadline", "")),
    )
    if fields.wire():
        made.append(calls.task_update(task_id, fields))
    if was_open and not wanted["open"]:
        made.append(calls.task_complete(task_id))
    return tuple(made)


def message_step(key: str, card: Card, portal: PortalMap) -> Step:
    """Return the step that sends a one-shot message under its deduplication key."""
    wanted = desired.card(card)
    call = calls.message_send(
        portal.bot_id, portal.bot_token, str(card.recipient), text=str(wanted.fields["text"]),
        keyboard=_keyboard(wanted), template_id=derived_id("message", key),
    )
    return Step(key=key, kind="card", portal_id=None, wanted=wanted.fields, calls=(call,))


def comment_step(
    key: str, item_id: str, process: ProcessMap, text: str
) -> tuple[Step, LookUp]:
    """Return the step that adds a timeline comment with a marker, and the look-up of the marker."""
    mark = f"{MARK_LEFT}{derived_id('comment', key)[:13]}{MARK_RIGHT}"
    etid = process.entity_type_id
    wanted = {"mark": mark}
    add = calls.comment_add(etid, int(item_id), f"{text}\n{mark}")
    listing = calls.comment_list(etid, int(item_id))
    return (
        Step(key=key, kind="comment", portal_id=None, wanted=wanted, calls=(add,)),
        LookUp(key=key, kind="comment", calls=(listing,), wanted=wanted),
    )


def _keyboard(wanted: Wanted) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for button in wanted.fields["buttons"]:
        if made:
            made.append(calls.new_line())
        if button["command"]:
            made.append(calls.command_button(button["label"], BOT_COMMAND, button["command"],
                                             colour=button["style"]))
        else:
            made.append(calls.link_button(button["label"], button["link"]))
    return made


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None
