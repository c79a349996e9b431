"""All that is kept about a member, to read and to take along."""

from collections.abc import Mapping
from typing import Final

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.flows.export_member import export_member
from regulars.portal.access import Visit, member_reads
from regulars.portal.shown import shown

LABELS: Final[Mapping[str, Promise]] = {
    "profile": _("Who you are"),
    "membership": _("Your membership"),
    "consents": _("What you allowed and took back"),
    "unreachable_addresses": _("Addresses that take no messages"),
    "devices": _("Where you are signed in"),
    "card_scans": _("Scans of your card"),
    "orders_and_events": _("Orders and events"),
    "balances": _("Balances"),
    "entries": _("Entries of your statement"),
    "corrections_by_hand_and_redemptions": _("Redemptions and corrections by hand"),
    "tiers": _("Your tiers"),
    "given_tiers": _("Tiers that were given"),
    "coupons": _("Coupons"),
    "rewards": _("Rewards"),
    "benefits_used": _("Benefits used"),
    "messages": _("Messages"),
    "segments": _("Groups that you were counted in"),
    "tags": _("Tags"),
}
"""What the sections are called, by their names in the file."""


@member_reads
def data(visit: Visit) -> HttpResponse:
    """What is kept, in one page."""
    told = export_member(customer_id=visit.customer_id, at=visit.now)
    sections = [(LABELS.get(one.name, one.name), one.rows) for one in told.sections]
    return shown(visit, "data", {"sections": sections}, tab="me")


@member_reads
def data_file(visit: Visit) -> HttpResponse:
    """The same as a file for programs."""
    told = export_member(customer_id=visit.customer_id, at=visit.now)
    response = HttpResponse(told.as_json(), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="my-data-{visit.today().isoformat()}.json"'
    return response
