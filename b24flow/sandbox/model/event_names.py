"""The catalogue of events: what an application may subscribe to, by the scope that allows it.

Facts: api-reference/events/events.md and the pages of the events themselves. The box names many
events of things this portal does not have (deals, invoices, products); they can be subscribed to,
as on a box, and never happen here.
"""

from __future__ import annotations

from b24flow.sandbox.model.portal import Portal

BASIC = ""
_ADD_UPDATE_DELETE = ("ADD", "UPDATE", "DELETE")
_USER_FIELD = ("USERFIELDADD", "USERFIELDUPDATE", "USERFIELDDELETE", "USERFIELDSETENUMVALUES")
_RECURRING = ("RECURRINGADD", "RECURRINGUPDATE", "RECURRINGDELETE", "RECURRINGEXPOSE")
TYPED = tuple(f"ONCRMDYNAMICITEM{act}" for act in _ADD_UPDATE_DELETE)


def _names(*stems: str, acts: tuple[str, ...] = _ADD_UPDATE_DELETE) -> list[str]:
    return [f"ON{stem}{act}" for stem in stems for act in acts]


_SCOPES: dict[str, list[str]] = {
    BASIC: ["ONAPPUNINSTALL", "ONAPPINSTALL", "ONAPPUPDATE", "ONAPPPAYMENT", "ONAPPTEST",
            "ONAPPMETHODCONFIRM", "ONOFFLINEEVENT"],
    "user": ["ONUSERADD"],
    "crm": [
        *_names("CRMINVOICE", acts=(*_ADD_UPDATE_DELETE, "SETSTATUS")),
        *_names("CRMLEAD"), *_names("CRMLEAD", acts=_USER_FIELD),
        *_names("CRMDEAL", acts=(*_ADD_UPDATE_DELETE, "MOVETOCATEGORY")),
        *_names("CRMDEAL", acts=_USER_FIELD),
        *_names("CRMCOMPANY"), *_names("CRMCOMPANY", acts=_USER_FIELD),
        *_names("CRMCONTACT"), *_names("CRMCONTACT", acts=_USER_FIELD),
        *_names("CRMQUOTE"), *_names("CRMQUOTE", acts=_USER_FIELD),
        *_names("CRMINVOICE", acts=_USER_FIELD),
        *_names("CRMCURRENCY", "CRMPRODUCT", "CRMPRODUCTPROPERTY", "CRMPRODUCTSECTION", "CRMACTIVITY",
                "CRMREQUISITE"),
        *_names("CRMREQUISITE", acts=_USER_FIELD),
        *_names("CRMBANKDETAIL"), "ONCRMADDRESSREGISTER", "ONCRMADDRESSUNREGISTER", *_names("CRMMEASURE"),
        *_names("CRMDEAL", "CRMINVOICE", acts=_RECURRING),
        *_names("CRMTIMELINECOMMENT", "CRMDYNAMICITEM", "CRMTYPE"), *_names("CRMTYPE", acts=_USER_FIELD),
        *_names("CRMDOCUMENTGENERATORDOCUMENT"), "ONCRMTIMELINEITEMACTION",
    ],
    "task": _names("TASK", "TASKCOMMENT"),
    "calendar": _names("CALENDARENTRY", "CALENDARSECTION"),
    "log": _names("LIVEFEEDPOST"),
    "sonet_group": _names("SONETGROUP", "SONETGROUPSUBJECT"),
    "imopenlines": [*_names("OPENLINEMESSAGE"), "ONSESSIONSTART", "ONSESSIONFINISH"],
    "imconnector": [
        *_names("IMCONNECTORMESSAGE"), "ONIMCONNECTORDIALOGSTART", "ONIMCONNECTORDIALOGFINISH",
        "ONIMCONNECTORLINEDELETE", "ONIMCONNECTORSTATUSDELETE",
    ],
    "imbot": [*_names("IMBOTMESSAGE"), "ONIMBOTJOINCHAT", "ONIMBOTDELETE", "ONIMCOMMANDADD"],
    "booking": _names("BOOKING", "BOOKINGRESOURCE", "BOOKINGRESOURCETYPE", "BOOKINGWAITLISTITEM"),
    "catalog": [
        f"CATALOG.{what}.ON.{act}"
        for what in ("PRODUCT", "PRICE", "PRICE.TYPE", "MEASURE", "ROUNDING")
        for act in _ADD_UPDATE_DELETE
    ],
    "sale": [
        *_names("ORDER", "PAYMENT", "PROPERTYVALUE", "SHIPMENT", acts=("ENTITYSAVED", "DELETED")),
        "ONSALEBEFOREORDERDELETE", "ONSALEORDERSAVED",
    ],
    "sign.b2e": ["ONSIGNB2EDOCUMENTSTATUSCHANGED", "ONSIGNB2EMEMBERSTATUSCHANGED",
                 "ONSIGNHCMLINKB2EDOCUMENTSIGNED"],
    "telephony": [*_names("VOXIMPLANTCALL", acts=("INIT", "START", "END")), "ONEXTERNALCALLSTART",
                  "ONEXTERNALCALLBACKSTART"],
}  # fmt: skip


def known_scopes() -> tuple[str, ...]:
    """Return the scopes that have events, without the basic ones."""
    return tuple(scope for scope in _SCOPES if scope)


def names_of(portal: Portal, scopes: tuple[str, ...]) -> list[str]:
    """Return the events of these scopes; of CRM also those of every smart process there is."""
    found = []
    for scope in scopes:
        found += _SCOPES.get(scope, [])
        if scope == "crm":
            types = sorted(row.entity_type_id for row in portal.state.types.values())
            found += [typed(name, one) for one in types for name in TYPED]
    return found


def typed(name: str, entity_type_id: int) -> str:
    """Return the event of one smart process that goes with the event of all."""
    return f"{name}_{entity_type_id}"
