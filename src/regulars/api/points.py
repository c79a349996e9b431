"""Points of a member: what there is and until when, every entry with its reasons, granting and deducting by hand."""

from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from regulars.api import point_schemas as schemas
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import Asked, answer, read, short
from regulars.api.entries import told_entries
from regulars.api.once import once_of
from regulars.core.calendar import business_date
from regulars.facts.rules import MalformedFact
from regulars.flows.adjust_points import adjust_points
from regulars.ledger import statements
from regulars.ledger.rules import Currency
from regulars.loyalty.actions.commands import UnknownCustomer
from regulars.loyalty.badges.telling import BadgeShown, badges_of
from regulars.loyalty.coupons.rules import last_day
from regulars.loyalty.currencies import UnknownCurrency
from regulars.loyalty.membership import number_of
from regulars.loyalty.risk import queries as risk
from regulars.loyalty.risk.actions import Adjusted
from regulars.loyalty.risk.rules import MOST_BY_HAND, Adjustment
from regulars.loyalty.rules import POINTS
from regulars.staff import queries as business

router = ScopedRouter(tags=["Points"])
MOST: Final = 24
"""So many days on which points mature or expire are told, the soonest."""
PAGE: Final = 50
LONGEST_MARK: Final = 60


@router.post("/of", auth=Scope(schemas.SCOPE), operation_id="points_of_member", openapi_extra=schemas.OF)
def of(request: HttpRequest) -> HttpResponse:
    """The points of a member now, by date and not by job; nothing is changed."""
    asked = read(request)
    return answer(_told(_who(asked), asked))


@router.post(
    "/statement", auth=Scope(schemas.SCOPE), operation_id="statement_of_member", openapi_extra=schemas.STATEMENT
)
def statement(request: HttpRequest) -> HttpResponse:
    """Every entry of a member, the newest first, fifty at a time: what it did, and why, in both languages."""
    asked = read(request)
    customer_id, before = _who(asked), _mark(short(asked.members, "before", LONGEST_MARK))
    found = statements.statement(customer_id, most=PAGE + 1, before=before)
    page = found[:PAGE]
    last = page[-1] if len(found) > PAGE else None
    return answer(
        {
            "number": number_of(customer_id),
            "entries": told_entries(page, asked),
            "next_before": f"{last.at.isoformat()}~{last.id}" if last else None,
        }
    )


@router.post("/grant", auth=Scope(schemas.ADJUST), operation_id="grant_points", openapi_extra=schemas.GRANT)
def grant(request: HttpRequest) -> HttpResponse:
    """Grant points, or so many of a currency of the programme's own, by hand and with a reason."""
    return _adjusted(request, "grant")


@router.post("/deduct", auth=Scope(schemas.ADJUST), operation_id="deduct_points", openapi_extra=schemas.DEDUCT)
def deduct(request: HttpRequest) -> HttpResponse:
    """Deduct them: what can be spent and no more, the soonest to expire first."""
    return _adjusted(request, "deduct")


def _adjusted(request: HttpRequest, kind: str) -> HttpResponse:
    asked = read(request)
    key, reason, proposing = (
        f"points:{once_of(request, asked).key}",
        _reason(asked),
        asked.members.get("propose", False),
    )
    if not isinstance(proposing, bool):
        raise MalformedFact("propose must be true or false.", field="propose")
    wanted = Adjustment(kind, _who(asked), _amount(asked), reason, key, asked.actor, _currency(asked))
    done = adjust_points(
        wanted=wanted, by=asked.caller.actor, policies=asked.situation.policies, at=asked.at,
        alone_up_to=business.business().second_person_points, proposing=proposing,
    )  # fmt: skip
    return answer(_done(wanted, done, asked))


def _done(wanted: Adjustment, done: Adjusted, asked: Asked) -> dict[str, Any]:
    zone, receipt, proposal = asked.situation.zone, done.receipt, done.proposal
    return {
        "number": number_of(wanted.customer_id),
        "currency": asked.situation.policies.code_of(wanted.currency),
        "status": "done" if receipt else "proposed",
        "command_id": receipt.command_id if receipt else None,
        "change": wanted.amount if wanted.kind == "grant" else -wanted.amount,
        "at": (receipt.at if receipt else proposal.proposed_at if proposal else asked.at).astimezone(zone),
        "spendable": receipt.spendable if receipt else None,
        "proposal": {"proposal_id": proposal.id, "state": proposal.state} if proposal else None,
    }


def _who(asked: Asked) -> int:
    customer_id = asked.customer()
    if customer_id is None:
        raise UnknownCustomer("Nobody is known by these ids and contacts.")
    return customer_id


def _mark(told: str) -> tuple[datetime, int] | None:
    """Where a page goes on, as the page before said it."""
    if not told:
        return None
    at, _, entry_id = told.partition("~")
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not entry_id.isdecimal() or not entry_id.isascii():
        raise MalformedFact("before must be next_before of the page before.", field="before")
    if int(entry_id) >= 2**63:
        raise MalformedFact("before must be next_before of the page before.", field="before")
    return found, int(entry_id)


def _amount(asked: Asked) -> int:
    found = asked.members.get("amount")
    if type(found) is not int or not 0 < found <= MOST_BY_HAND:
        raise MalformedFact(f"amount must be a whole number from 1 to {MOST_BY_HAND}.", field="amount")
    return found


def _currency(asked: Asked) -> int:
    code = short(asked.members, "currency", 60) or POINTS
    try:
        return asked.situation.policies.currency(code).number
    except UnknownCurrency as error:
        raise MalformedFact(str(error), field="currency") from error


def _reason(asked: Asked) -> str:
    """Why, in a line: whoever looks at the books later has nothing else to go by."""
    reason = " ".join(short(asked.members, "reason", schemas.LONGEST_REASON).split())
    if not reason:
        raise MalformedFact("reason is missing: say in a few words why.", field="reason")
    return reason


def _badge(one: BadgeShown, asked: Asked) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name._asdict(),
        "says": one.says._asdict(),
        "icon": one.icon,
        "since": one.at.astimezone(asked.situation.zone),
        "fact_id": one.fact_id,
        "why": one.why._asdict(),
    }


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
        "badges": [_badge(one, asked) for one in badges_of(customer_id, asked.situation.policies, zone)],
        "maturing": [{"on": business_date(at, zone), "points": points} for at, points in maturing],
        "expiring": [{"last_day": last_day(at, zone), "points": points} for at, points in expiring],
    }
