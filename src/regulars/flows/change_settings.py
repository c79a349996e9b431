"""Change who the business is, or what its programme promises; versions of the programme follow zone and currency."""

from datetime import datetime
from typing import Any

from regulars.core.errors import DomainError
from regulars.core.money import minor_digits
from regulars.flows.transactions import again_if_contended
from regulars.loyalty import actions as loyalty
from regulars.loyalty import programme_view
from regulars.loyalty.rules import rescaled
from regulars.staff import actions as staff
from regulars.staff import queries
from regulars.staff.rules import Actor


class CurrencyFixed(DomainError):
    """Amounts are kept in the currency already."""

    code = "currency_fixed"


def change_business(*, by: Actor, key: str, at: datetime, **changes: Any) -> bool:
    """Change the business; a new zone or currency needs a new version of the programme. True if there is one.

    Args:
        key: Who does it, as the programme's history keeps it.
    Raises:
        CurrencyFixed: Orders or points are kept in the currency already.
    """

    def once() -> bool:
        before = queries.business()
        after = staff.change_business(by=by, at=at, **changes)
        version = programme_view.current()
        if after.currency != before.currency and not programme_view.is_unused():
            raise CurrencyFixed("The currency stays as it is once orders have been recorded.")
        if version is None or (before.time_zone, before.currency) == (after.time_zone, after.currency):
            return False
        terms = rescaled(version.terms, minor_digits(after.currency) - minor_digits(before.currency))
        loyalty.change(terms=terms, after=version.id, time_zone=after.time_zone, actor=key, at=at)
        return True

    return again_if_contended(once)
