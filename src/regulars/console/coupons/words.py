"""Coupons as staff read them: codes masked unless they write campaigns, and why a use does not count any more."""

from django.utils.translation import gettext as _

from regulars.console.access import StaffRequest
from regulars.facts.orders import Gone
from regulars.loyalty.coupons.codes import GROUP, shown
from regulars.loyalty.coupons.rules import UNDONE_BY_IMPORT


def code_for(request: StaffRequest, code: str) -> str:
    """A code whole for those who write campaigns, else with its last group alone: ••••-••••-7KQ2."""
    whole = shown(code)
    if "campaigns.edit" in request.capabilities:
        return whole
    return f"{'•' * GROUP}-{'•' * GROUP}-{whole[-GROUP:]}"


def undone_said(undone_by: str) -> str:
    """Why a use was given back: the order came to nothing, its import was undone, or somebody took it back."""
    told = {
        Gone.CANCELLED: _("order cancelled"), Gone.REFUNDED: _("order refunded"),
        UNDONE_BY_IMPORT: _("import undone"),
    }  # fmt: skip
    return told.get(undone_by) or _("undone")
