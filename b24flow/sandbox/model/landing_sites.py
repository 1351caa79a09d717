"""Sites of the portal, their folders and who may do what with them.

Facts: api-reference/landing/{types,site/**,rights/**}.md. A knowledge base is a site of the type
`KNOWLEDGE` and is seen only by calls of that internal scope. Without rights of its own a site is
open to every employee; an administrator may everything always.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from b24flow.sandbox.model.entities import Employee
from b24flow.sandbox.model.landing_rows import LandingFolder, LandingSite
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import RestError

OPERATIONS = ("denied", "read", "edit", "sett", "public", "delete")
COMMON = ("PAGE", "STORE", "SMN")
SPECIAL = ("KNOWLEDGE", "GROUP", "MAINPAGE")
_LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "e",
            "e",
            "zh",
            "z",
            "i",
            "y",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "kh",
            "ts",
            "ch",
            "sh",
            "shch",
            "_",
            "y",
            "_",
            "e",
            "yu",
            "ya",
        ],
        strict=True,
    )
)


def refuse(code: str, text: str) -> RestError:
    """Build a refusal of the sites module."""
    return RestError(code, text)


def denied(text: str = "Access denied") -> RestError:
    """Build the refusal of somebody without the right."""
    return refuse("ACCESS_DENIED", text)


def kinds_of(scope: str) -> tuple[str, ...]:
    """Return the site types a call of an internal scope works with."""
    return (scope,) if scope in SPECIAL else COMMON


def code_from(title: str, spare: str) -> str:
    """Write a title in Latin letters for an address; `spare` serves when nothing is left."""
    latin = "".join(_LATIN.get(letter, letter) for letter in title.lower()).replace("_", "")
    return re.sub(r"[^a-z0-9]+", "-", latin).strip("-") or spare


def word(portal: Portal, purpose: str, length: int) -> str:
    """Return letters and digits that look random and come again after a restored snapshot."""
    number = portal.state.next_id("landing_word")
    return hashlib.sha256(f"{purpose} {number}".encode()).hexdigest()[:length]


def codes_of(portal: Portal, user: Employee) -> set[str]:
    """Return the access codes a user answers to: his own, his departments', his groups'."""
    codes = {f"U{user.id}", "AU", "UA"}
    for number in user.departments:
        department = portal.state.departments.get(number)
        codes.add(f"D{number}")
        while department is not None and f"DR{department.id}" not in codes:
            codes.add(f"DR{department.id}")
            department = portal.state.departments.get(department.parent or 0)
    groups = portal.state.groups.values()
    return codes | {f"SG{group.id}" for group in groups if user.id in group.members}


def rights_of(portal: Portal, user: Employee, site: LandingSite) -> list[str]:
    """Return a user's operations on a site; `denied` stays visible beside what was granted."""
    rules = portal.state.landing_rights.get(site.id, {})
    if user.admin or not rules:
        return list(OPERATIONS[1:])
    mine = codes_of(portal, user)
    granted = {one for code, operations in rules.items() if code in mine for one in operations}
    return [one for one in OPERATIONS if one in granted]


def may(portal: Portal, user: Employee, site: LandingSite, operation: str) -> bool:
    """Say whether a user may do an operation with a site."""
    rights = rights_of(portal, user, site)
    return operation in rights and "denied" not in rights


def set_rights(portal: Portal, site_id: int, rules: dict[str, list[str]]) -> None:
    """Replace the rights of a site; reading is granted with anything else, a denial stands alone."""
    kept: dict[str, list[str]] = {}
    for code, asked in rules.items():
        known = [one for one in OPERATIONS if one in asked]
        kept[code] = ["denied"] if "denied" in known else list(dict.fromkeys(["read", *known]))
    portal.state.landing_rights[site_id] = kept


def seen_sites(portal: Portal, user: Employee, scope: str) -> list[LandingSite]:
    """Return the sites of a scope that a user may read, the deleted ones too."""
    kinds = kinds_of(scope)
    rows = portal.state.landing_sites.values()
    return [row for row in rows if row.kind in kinds and may(portal, user, row, "read")]


def site_for(
    portal: Portal, user: Employee, scope: str, site_id: int, operation: str, text: str
) -> LandingSite:
    """Return a site of a scope with which the user may do an operation, or refuse with a text."""
    site = portal.state.landing_sites.get(site_id)
    if site is None or site.kind not in kinds_of(scope) or not may(portal, user, site, operation):
        raise denied(text)
    return site


def site_code(portal: Portal, kind: str, code: str, title: str, own: int = 0) -> str:
    """Return the code a site gets: written from the title if empty, numbered if taken."""
    if "/" in code.strip("/"):
        raise refuse("SLASH_IS_NOT_ALLOWED", "Slash is not allowed in the site address.")
    wanted = code.strip("/").strip()[:253] or code_from(title, "site")
    wanted = f"site{wanted}" if wanted.isdigit() else wanted
    rows = portal.state.landing_sites.values()
    taken = {row.code for row in rows if row.kind == kind and row.id != own}
    free, number = wanted, 2
    while free in taken:
        free, number = f"{wanted}{number}", number + 1
    return free


def add_site(portal: Portal, user: Employee, kind: str, title: str, code: str) -> LandingSite:
    """Create a site; it is not published."""
    now = portal.clock.now()
    code = site_code(portal, kind, code, title)
    site = LandingSite(
        id=portal.state.next_id("landing_site"),
        kind=kind,
        title=title,
        code=code,
        created=now,
        modified=now,
        created_by=user.id,
        modified_by=user.id,
    )
    portal.state.landing_sites[site.id] = site
    return site


def touch(portal: Portal, row: LandingSite | LandingFolder, user: Employee) -> None:
    """Note who changed a row and when."""
    row.modified, row.modified_by = portal.clock.now(), user.id


def delete_site(portal: Portal, site: LandingSite) -> None:
    """Delete an empty site with its folders, rights and bindings."""
    state = portal.state
    if any(page.site_id == site.id for page in state.landing_pages.values()):
        raise refuse("SITE_IS_NOT_EMPTY", "The site contains pages.")
    for folder in [row for row in state.landing_folders.values() if row.site_id == site.id]:
        del state.landing_folders[folder.id]
    for binding in [row for row in state.landing_bindings.values() if row.site_id == site.id]:
        del state.landing_bindings[binding.id]
    state.landing_rights.pop(site.id, None)
    del state.landing_sites[site.id]


def folder_for(portal: Portal, user: Employee, scope: str, folder_id: int, operation: str) -> LandingFolder:
    """Return a folder of a site with which the user may do an operation, or refuse."""
    folder = portal.state.landing_folders.get(folder_id)
    text = "Folder not found or access to it is denied."
    if folder is None:
        raise denied(text)
    site_for(portal, user, scope, folder.site_id, operation, text)
    return folder


def check_folder(portal: Portal, site_id: int, parent: int | None, code: str, own: int = 0) -> None:
    """Refuse a folder's code with a slash and one that its neighbour has."""
    if "/" in code:
        raise refuse("SLASH_IS_NOT_ALLOWED", "Slash is not allowed in the folder address.")
    for row in portal.state.landing_folders.values():
        place = (row.site_id, row.parent_id, row.code)
        if place == (site_id, parent, code) and row.id != own and not row.deleted:
            raise refuse("FOLDER_IS_NOT_UNIQUE", "A folder with this name already exists.")


def add_folder(
    portal: Portal, user: Employee, site: LandingSite, title: str, code: str, parent: int | None
) -> LandingFolder:
    """Create a folder; its code is unique among its neighbours."""
    code = code.strip() or code_from(title, "") or word(portal, "folder", 12)
    check_folder(portal, site.id, parent, code)
    now = portal.clock.now()
    folder = LandingFolder(
        id=portal.state.next_id("landing_folder"),
        site_id=site.id,
        parent_id=parent,
        title=title,
        code=code,
        created=now,
        modified=now,
        created_by=user.id,
        modified_by=user.id,
    )
    portal.state.landing_folders[folder.id] = folder
    return folder


def chain(portal: Portal, folder_id: int | None) -> list[LandingFolder]:
    """Return a folder and the folders it lies in, the innermost first."""
    found: list[LandingFolder] = []
    folder = portal.state.landing_folders.get(folder_id or 0)
    while folder is not None and folder not in found:
        found.append(folder)
        folder = portal.state.landing_folders.get(folder.parent_id or 0)
    return found


def inside(portal: Portal, folder: LandingFolder) -> Iterator[LandingFolder]:
    """Give a folder and all that lie in it at any depth."""
    for row in portal.state.landing_folders.values():
        if folder in chain(portal, row.id):
            yield row
