"""What goes together at the checkout, in sentences; as far as it is otherwise than usual."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, ngettext

from regulars.loyalty.checkout.terms import USUAL, CheckoutTerms


def sentences(terms: Mapping[str, Any]) -> list[str]:
    """What of the checkout's terms a version has changed."""
    told = CheckoutTerms.read(terms.get("checkout", {}))
    found = []
    if told.coupons == 0:
        found.append(gettext("No coupon is taken at the checkout."))
    elif told.coupons != USUAL.coupons:
        text = ngettext("One order may use %(n)d coupon.", "One order may use %(n)d coupons.", told.coupons)
        found.append(text % {"n": told.coupons})
    if not told.with_benefits:
        found.append(gettext("Coupons and benefits never go together on the price of the goods."))
    if told.points_percent == 0:
        found.append(gettext("Points pay nothing at the checkout."))
    elif told.points_percent != USUAL.points_percent:
        text = gettext("Points pay at most %(n)d%% of what is left after coupons and benefits.")
        found.append(text % {"n": told.points_percent})
    if told.offline_days == 0:
        found.append(gettext("What a till did while it was offline is not taken later."))
    elif (told.offline_days, told.offline_debt) != (USUAL.offline_days, USUAL.offline_debt):
        text = ngettext(
            "A till that was offline tells within %(n)d day what it did; a member may then owe %(points)s points.",
            "A till that was offline tells within %(n)d days what it did; a member may then owe %(points)s points.",
            told.offline_days,
        )
        found.append(text % {"n": told.offline_days, "points": f"{told.offline_debt:,}"})
    return found
