"""Points of a member: what can be spent, what waits, what is held or owed, what matures and what expires when."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from regulars.api import point_schemas as schemas
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import Asked, answer, read
from regulars.core.calendar import business_date
from regulars.ledger import statements
from regulars.ledger.rules import Currency
from regulars.loyalty.actions.commands import UnknownCustomer
from regulars.loyalty.coupons.rules import last_day
from regulars.loyalty.membership import number_of
from regulars.loyalty.risk import queries as risk

router = ScopedRouter(tags=["Points"])
MOST: Final = 24
"""So many days on which points mature or expire are told, the soonest."""


@router.post("/of", auth=Scope(schemas.SCOPE), operation_id="points_of_member", openapi_extra=schemas.OF)
def of(request: HttpRequest) -> HttpResponse:
    """The points of a member now, by date and not by job; nothing is changed."""
    asked = read(request)
    customer_id = asked.customer()
    if customer_id is None:
        raise UnknownCustomer("Nobody is known by these ids and contacts.")
    return answer(_told(customer_id, asked))


def _told(customer_id: int, asked: Asked) -> dict[str, Any]:
    zone = asked.situation.zone
    held = statements.balances_by_currency([customer_id], at=asked.at)[customer_id]
    balance, code_of = held[int(Currency.POINTS)], asked.situation.policies.code_of
    maturing = statements.maturing(customer_id, at=asked.at, most=MOST)
    expiring = statements.expiring(customer_id, at=asked.at, most=MOST)
    return {
        "number": number_of(customer_id),
        "frozen": bool(risk.frozen([customer_id])),
        "points": {
            "spendable": balance.spendable,
            "pending": balance.pending,
            "held": balance.held,
            "owed": balance.owed,
            "total": balance.total,
        },
        "balances": {code_of(number): one.spendable for number, one in held.items()},
        "maturing": [{"on": business_date(at, zone), "points": points} for at, points in maturing],
        "expiring": [{"last_day": last_day(at, zone), "points": points} for at, points in expiring],
    }
