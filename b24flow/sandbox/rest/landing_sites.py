"""Sites and knowledge bases (api-reference/landing/site/**, rights/extended-model/**)."""

from __future__ import annotations

from b24flow.sandbox.model import landing_pages as pages
from b24flow.sandbox.model import landing_sites as model
from b24flow.sandbox.model.landing_rows import LandingSite
from b24flow.sandbox.model.landing_sites import denied, refuse
from b24flow.sandbox.registry import Call
from b24flow.sandbox.rest.landing_base import (
    Args,
    landing,
    moment,
    required,
    scope_of,
    select_rows,
    text_or_none,
)
from b24flow.sandbox.wire import Json, Params, as_int, as_list, as_map, yes_no

NO_PREVIEW = "/bitrix/images/landing/nopreview.jpg"
_RIGHTS = "сайт без своих прав открыт каждому сотруднику; ролевой модели прав нет"
_DOMAIN = "без доменов"
_NUMBERS = {"LANDING_ID_INDEX": "index_id", "LANDING_ID_404": "page_404", "LANDING_ID_503": "page_503"}
_COMPUTED = {"DOMAIN_NAME", "PUBLIC_URL", "PREVIEW_PICTURE", "PHONE"}
_FIELDS = frozenset(
    ["ID", "CODE", "DOMAIN_ID", "TYPE", "ACTIVE", "DELETED", "TITLE", "DESCRIPTION", "XML_ID", "LANG",
     "TPL_ID", *_NUMBERS, "CREATED_BY_ID", "MODIFIED_BY_ID", "DATE_CREATE", "DATE_MODIFY"]
)  # fmt: skip


def show_site(site: LandingSite) -> Params:
    """Return a site as `landing.site.getList` does: strings and nulls, the code between slashes."""
    return {
        "ID": str(site.id),
        "CODE": f"/{site.code}/",
        "DOMAIN_ID": "0",
        "TYPE": site.kind,
        "ACTIVE": yes_no(site.active),
        "DELETED": yes_no(site.deleted),
        "TITLE": site.title,
        "DESCRIPTION": site.description,
        "XML_ID": site.xml_id,
        "LANG": None,
        "TPL_ID": None,
        **{name: text_or_none(getattr(site, place)) for name, place in _NUMBERS.items()},
        "CREATED_BY_ID": str(site.created_by),
        "MODIFIED_BY_ID": str(site.modified_by),
        "DATE_CREATE": moment(site.created),
        "DATE_MODIFY": moment(site.modified),
    }


def site_url(call: Call, site: LandingSite) -> str:
    """Return the full address of a site."""
    return call.base_url + pages.site_path(site)


def own_site(call: Call, site_id: int, operation: str, text: str = "Access denied") -> LandingSite:
    """Return a site of the call's scope with which the caller may do an operation."""
    return model.site_for(call.portal, call.user, scope_of(call), site_id, operation, text)


@landing("landing.site.add", doc="site/landing-site-add.md", sign="fields:array*", partial=_DOMAIN)
def add(call: Call, args: Args) -> Json:
    """Create a site of the scope's type."""
    fields = as_map(args["fields"])
    kind = str(fields.get("TYPE") or "PAGE")
    if kind not in model.kinds_of(scope_of(call)):
        raise denied("Access to create a site is denied.")
    required(fields, "TITLE")
    if "CODE" not in fields:
        raise refuse("BX_EMPTY_REQUIRED", 'Required field "CODE" is not filled')
    site = model.add_site(call.portal, call.user, kind, str(fields["TITLE"]), str(fields["CODE"] or ""))
    _put(site, fields)
    return site.id


def _put(site: LandingSite, fields: Params) -> None:
    for name, attribute in (("DESCRIPTION", "description"), ("XML_ID", "xml_id")):
        if name in fields:
            setattr(site, attribute, str(fields[name] or "")[:255] or None)
    site.additional |= as_map(fields.get("ADDITIONAL_FIELDS"))


@landing("landing.site.update", doc="site/landing-site-update.md", sign="id:int* fields:array*",
         partial=_DOMAIN)  # fmt: skip
def update(call: Call, args: Args) -> Json:
    """Change a site."""
    site, fields = own_site(call, args["id"], "sett"), as_map(args["fields"])
    if "TYPE" in fields and str(fields["TYPE"]) not in model.kinds_of(scope_of(call)):
        raise denied()
    title = str(fields.get("TITLE") or site.title)
    if "CODE" in fields:
        site.code = model.site_code(call.portal, site.kind, str(fields["CODE"] or ""), title, site.id)
    site.title, site.kind = title, str(fields.get("TYPE") or site.kind)
    for name, attribute in _NUMBERS.items():
        if name in fields:
            setattr(site, attribute, as_int(fields[name]) or None)
    _put(site, fields)
    model.touch(call.portal, site, call.user)
    return True


@landing("landing.site.getList", doc="site/landing-site-get-list.md", sign="params:array", reads=True,
         partial="без доменов, изображений предпросмотра и группировки")  # fmt: skip
def get_list(call: Call, args: Args) -> Json:
    """List the sites of the scope that the caller may read."""
    params = as_map(args.get("params"))
    conditions = as_map(params.get("filter"))
    if "STORE" in (conditions.get("TYPE"), conditions.get("=TYPE")):
        conditions = {key: one for key, one in conditions.items() if key.lstrip("=") != "TYPE"}
        conditions["=TYPE"] = ["STORE", "SMN"]
    conditions = _allowed_types(conditions, model.kinds_of(scope_of(call)))
    if not {"DELETED", "=DELETED"} & set(conditions):
        conditions = conditions | {"=DELETED": "N"}
    rows = [
        show_site(site) | _computed(call, site, params)
        for site in model.seen_sites(call.portal, call.user, scope_of(call))
    ]
    return select_rows(params | {"filter": conditions}, rows, _FIELDS, ("ID", "TYPE"))


def _allowed_types(conditions: Params, kinds: tuple[str, ...]) -> Params:
    """Exact filtering by type works for allowed types only; anything else means all that are allowed."""

    def read(value: Json) -> Json:
        asked = as_list(value) if isinstance(value, dict | list) else [value]
        return asked if all(one in kinds for one in asked) else list(kinds)

    return {key: read(one) if key.lstrip("=") == "TYPE" else one for key, one in conditions.items()}


def _computed(call: Call, site: LandingSite, params: Params) -> Params:
    asked = _COMPUTED & {str(one) for one in as_list(params.get("select"))}
    values = {
        "DOMAIN_NAME": call.base_url.partition("://")[2],
        "PUBLIC_URL": site_url(call, site),
        "PREVIEW_PICTURE": "",
        "PHONE": None,
    }
    return {name: values[name] for name in values if name in asked}


@landing("landing.site.getPublicUrl", doc="site/landing-site-get-public-url.md", sign="id:any*", reads=True)
def get_public_url(call: Call, args: Args) -> Json:
    """Return the address of a site, or of several by their ids."""
    seen = {site.id: site for site in model.seen_sites(call.portal, call.user, scope_of(call))}
    if isinstance(args["id"], dict | list):
        ids = [as_int(one) for one in as_list(args["id"])]
        return {str(one): site_url(call, seen[one]) for one in ids if one in seen}
    site = seen.get(as_int(args["id"]))
    return site_url(call, site) if site else ""


@landing("landing.site.getPreview", doc="site/landing-site-get-preview.md", sign="id:int*", reads=True,
         partial="изображения предпросмотра не строятся")  # fmt: skip
def get_preview(call: Call, args: Args) -> Json:
    """Return the picture shown where a site has none."""
    own_site(call, args["id"], "read")
    return NO_PREVIEW


@landing("landing.site.getadditionalfields", doc="site/landing-site-get-additional-fields.md",
         sign="id:int*", reads=True)  # fmt: skip
def get_additional_fields(call: Call, args: Args) -> Json:
    """Return the additional fields of a site that are not empty."""
    site = own_site(call, args["id"], "read")
    return {name: value for name, value in site.additional.items() if value not in (None, "", [])}


@landing("landing.site.publication", doc="site/landing-site-publication.md", sign="id:int*")
def publication(call: Call, args: Args) -> Json:
    """Publish a site with its pages that are switched on."""
    site = own_site(call, args["id"], "public", "Publishing the site is not allowed.")
    pages.publish_site(call.portal, call.user, site)
    return site.id


@landing("landing.site.unpublic", doc="site/landing-site-unpublic.md", sign="id:int*")
def unpublic(call: Call, args: Args) -> Json:
    """Hide a site with its pages."""
    site = own_site(call, args["id"], "public", "Publishing access for the site is denied.")
    pages.hide_site(call.portal, site)
    return site.id


@landing("landing.site.delete", doc="site/landing-site-delete.md", sign="id:int*")
def delete(call: Call, args: Args) -> Json:
    """Delete an empty site for good."""
    site = own_site(call, args["id"], "delete", "Access to delete the site is denied.")
    model.delete_site(call.portal, site)
    return True


@landing("landing.site.markDelete", doc="site/landing-site-mark-delete.md", sign="id:int* mark:bool",
         partial="корзина не очищается через 30 дней")  # fmt: skip
def mark_delete(call: Call, args: Args) -> Json:
    """Move a site to the trash, or back with `mark` off."""
    return _mark(call, args["id"], deleted=args.get("mark", True))


@landing("landing.site.markUnDelete", doc="site/landing-site-mark-undelete.md", sign="id:int*")
def mark_undelete(call: Call, args: Args) -> Json:
    """Take a site out of the trash; it stays unpublished."""
    return _mark(call, args["id"], deleted=False)


def _mark(call: Call, site_id: int, *, deleted: bool) -> Json:
    site = own_site(call, site_id, "delete", "Access to delete the site is denied.")
    site.deleted, site.active = deleted, False
    return site.id


@landing("landing.site.getRights", doc="rights/extended-model/landing-site-get-rights.md", sign="id:int*",
         reads=True, partial=_RIGHTS)  # fmt: skip
def get_rights(call: Call, args: Args) -> Json:
    """Return the caller's operations on a site, nothing for an unknown one."""
    site = call.state.landing_sites.get(args["id"])
    return model.rights_of(call.portal, call.user, site) if site else []


@landing("landing.site.setRights", doc="rights/extended-model/landing-site-set-rights.md",
         sign="id:int* rights:array", partial=_RIGHTS)  # fmt: skip
def set_rights(call: Call, args: Args) -> Json:
    """Replace the rights of a site, as an administrator; none given clears them."""
    if not call.user.admin:
        raise refuse("IS_NOT_ADMIN", "Administrator rights are required.")
    site = call.state.landing_sites.get(args["id"])
    if args["id"] != 0 and (site is None or site.deleted):
        return False
    rights = as_map(args.get("rights"))
    rules = {str(code): [str(one) for one in as_list(names)] for code, names in rights.items()}
    model.set_rights(call.portal, args["id"], rules)
    return True
