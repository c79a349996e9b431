"""What finance reads: what the programme owes, and how it does."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse

from regulars.api import report_schemas as schemas
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import Asked, answer, read
from regulars.api.taking import day, one_of
from regulars.ledger.rules import Movement
from regulars.loyalty.health import queries as health_queries
from regulars.loyalty.health.rules import SUGGESTIONS, Health, HealthMonth, findings
from regulars.loyalty.liability import queries
from regulars.loyalty.liability.rules import RevenueMonth, Statement, VintageLine, vintage_lines

router = ScopedRouter(tags=["Reports"])


@router.post("/liability", auth=Scope(schemas.SCOPE), operation_id="read_liability", openapi_extra=schemas.LIABILITY)
def liability(request: HttpRequest) -> HttpResponse:
    """What the programme owes at the end of a day, out of the ledger itself; without a day, now."""
    asked = read(request)
    wanted, by = day(asked, "day"), one_of(asked, "by", ("happened", "booked"))
    found = queries.statement(
        zone=asked.situation.zone, at=asked.at, day=wanted, by="booked" if by == "booked" else "happened"
    )
    return answer(_liability(found, by or "happened", asked))


@router.post("/health", auth=Scope(schemas.SCOPE), operation_id="read_health", openapi_extra=schemas.HEALTH)
def health(request: HttpRequest) -> HttpResponse:
    """How the programme did in the twelve months up to a day: who took part, what was earned and used, what it cost."""
    asked = read(request)
    last, told = day(asked, "day"), asked.situation
    until = last + timedelta(days=1) if last else None
    found = health_queries.health(policies=told.policies, zone=told.zone, at=asked.at, until=until)
    return answer(_health(found, asked))


def _liability(found: Statement, by: str, asked: Asked) -> dict[str, Any]:
    breakage, worth = found.breakage, found.worth
    ends = sorted((found.low.liability, found.high.liability))
    return {
        "day": found.day,
        "by": by,
        "currency": asked.situation.currency,
        "points": {
            "outstanding": found.outstanding,
            "due": found.due,
            "owed": -found.owed,
            "closing": found.closing,
            "agrees": found.agrees,
        },
        "breakage": {
            "points": breakage.points,
            "low": breakage.low,
            "high": breakage.high,
            "vintages": breakage.vintages,
        },
        "worth": {"points": worth.points, "money": asked.money(worth.minor), "is_chosen": worth.is_chosen},
        "liability": {
            "money": asked.money(found.deferral.liability),
            "low": asked.money(ends[0]),
            "high": asked.money(ends[1]),
            "used_in_the_end": round(float(found.deferral.share), 6),
        },
        "movement": [_movement(one) for one in found.movements],
        "vintages": [_vintage(one) for one in vintage_lines(found)],
        "revenue": [_revenue(one, asked) for one in found.deferral.months],
    }


def _movement(one: Movement) -> dict[str, Any]:
    names = ("opening", "earned", "taken_over", "used", "expired", "revoked", "closing")
    return {"month": f"{one.month:%Y-%m}", **{name: getattr(one, name) for name in names}}


def _vintage(one: VintageLine) -> dict[str, Any]:
    names = ("issued", "used", "expired", "revoked", "held", "left", "unused")
    last = f"{one.last_month:%Y-%m}" if one.last_month else None
    return {"month": f"{one.month:%Y-%m}", "last_month": last, **{name: getattr(one, name) for name in names}}


def _revenue(one: RevenueMonth, asked: Asked) -> dict[str, Any]:
    money = ("sales", "alone", "deferred", "brought", "recognised", "liability")
    return {
        "month": f"{one.month:%Y-%m}",
        "earned": one.earned,
        "used": one.used,
        **{name: asked.money(getattr(one, name)) for name in money},
    }


def _health(found: Health, asked: Asked) -> dict[str, Any]:
    shares = ("participation", "activity", "use", "burn", "cost")
    tiers = asked.situation.policies.versions[-1][1].tiers
    costs = {name: asked.money(getattr(found.costs, name)) for name in ("points", "coupons", "benefits", "total")}
    return {
        "since": found.since,
        "last_day": found.until - timedelta(days=1),
        "currency": asked.situation.currency,
        "members": found.members,
        "joined": found.joined,
        "buyers": found.buyers,
        "users": found.users,
        "shares": {name: _share(getattr(found, name)) for name in shares},
        "points": {
            "earned": found.earned,
            "used": found.burnt,
            "expired": found.lapsed,
            "unspent": found.unspent,
        },
        "sales": {"members": asked.money(found.members_sales), "all": asked.money(found.sales)},
        "costs": costs,
        "liability": asked.money(_owed(asked)),
        "tiers": [
            {"code": tier.code, "members": count} for tier, count in zip(tiers, found.tiers, strict=False)
        ],
        "months": [_month(one, asked) for one in found.months],
        "suggestions": [{"about": one.value, "said": SUGGESTIONS[one]._asdict()} for one in findings(found)],
    }  # fmt: skip


def _owed(asked: Asked) -> int:
    return queries.statement(zone=asked.situation.zone, at=asked.at).deferral.liability


def _month(one: HealthMonth, asked: Asked) -> dict[str, Any]:
    return {
        "month": f"{one.month:%Y-%m}",
        **{name: getattr(one, name) for name in ("earned", "used", "expired", "buyers", "users")},
        "sales": {"members": asked.money(one.members_sales), "all": asked.money(one.sales)},
    }


def _share(share: float | None) -> float | None:
    return None if share is None else round(share, 6)
