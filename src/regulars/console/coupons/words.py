"""Codes of coupons as staff see them: masked, unless they write campaigns."""

from regulars.console.access import StaffRequest
from regulars.loyalty.coupons.codes import GROUP, shown


def code_for(request: StaffRequest, code: str) -> str:
    """A code whole for those who write campaigns, else with its last group alone: ••••-••••-7KQ2."""
    whole = shown(code)
    if "campaigns.edit" in request.capabilities:
        return whole
    return f"{'•' * GROUP}-{'•' * GROUP}-{whole[-GROUP:]}"
