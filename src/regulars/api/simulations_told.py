"""What the simulator found, as the API tells it: points whole, money in major units, shares between 0 and 1."""

from collections.abc import Sequence
from typing import Any

from regulars.api.asked import Asked
from regulars.customers import noted
from regulars.loyalty.simulation.queries import Run
from regulars.loyalty.simulation.rules import WHOLE, Behaviour, Result, Rung, Side

POINTS = (
    "earned", "granted", "clawed_back", "issued", "redeemed", "expired", "deducted", "taken_over", "outstanding",
    "debt", "capped", "unused",
)  # fmt: skip
"""Figures of a side in points; `unused` is null where nobody can tell."""


def run(one: Run, asked: Asked) -> dict[str, Any]:
    """Where a simulation stands."""
    zone, question = asked.situation.zone, one.question
    return {
        "simulation_id": one.id,
        "state": one.state.value,
        "members": {"done": one.done, "whole": one.whole},
        "since": question.since,
        "thousand_points_cost": asked.money(question.thousand_cost),
        "change_percent": question.change_percent,
        "asked_at": one.asked_at.astimezone(zone),
        "asked_by": one.asked_by or None,
        "finished_at": one.finished_at.astimezone(zone) if one.finished_at else None,
        "failure": one.failure or None,
    }


def result(one: Run, asked: Asked) -> dict[str, Any] | None:
    """What it found; None before it is done."""
    found = one.result
    if found is None:
        return None
    return {
        "since": found.since,
        "until": found.until,
        "members": found.members,
        "orders": found.orders,
        "revenue": asked.money(found.revenue),
        "gaining": found.gaining,
        "losing": found.losing,
        "same": found.same,
        "rising": found.moved.up,
        "falling": found.moved.down,
        "today": _side(found.today, asked),
        "draft": _side(found.draft, asked),
        "histogram": [{"from": bar.low, "to": bar.high, "members": bar.members} for bar in found.histogram],
        "tiers": _tiers(found),
        "behaviour": _behaviour(found.behaviour, asked),
        "budgets": [
            {
                "rule": one.code,
                "counts": "times" if one.times else "amount",
                "most": one.most,
                "used": one.used,
                "ended": one.ended,
            }
            for one in found.budgets
        ],
        "guessed": found.guessed,
    }


def lines(found: Sequence[tuple[Any, ...]], asked: Asked) -> list[dict[str, Any]]:
    """What it means for each of these members, by number and by the ids that the asking source has for them."""
    ids = noted.external_ids({line[0] for line in found}, [asked.source])
    return [
        {
            "customer": {"number": number, "ids": ids.get(customer_id, {}).get(asked.source, [])},
            "points": {"today": today, "draft": draft, "difference": difference},
            "tier": {"today": tier_today, "draft": tier_draft},
        }
        for customer_id, number, today, draft, difference, tier_today, tier_draft in found
    ]


def _side(side: Side, asked: Asked) -> dict[str, Any]:
    return {
        "points": {name: getattr(side, name) for name in POINTS},
        "breakage": side.breakage / WHOLE,
        "cost": asked.money(side.cost),
        "share_of_revenue": _share(side.share),
        "liability": asked.money(side.liability),
        "rules": [{"rule": one.code, "given": one.given, "cut": one.cut} for one in side.rules],
        "currencies": [
            {"code": one.code, "issued": one.issued, "redeemed": one.redeemed, "expired": one.expired}
            for one in side.others
        ],
        "badges": [{"code": one.code, "members": one.members} for one in side.badges],
    }


def _tiers(found: Result) -> dict[str, Any]:
    return {
        "today": [_rung(one) for one in found.rungs_today],
        "draft": [_rung(one) for one in found.rungs_draft],
        "members": [list(row) for row in found.tiers],
    }


def _rung(one: Rung) -> dict[str, Any]:
    return {"code": one.code, "name": {language: one.names.get(language, "") for language in ("zh", "en")}}


def _behaviour(told: Behaviour, asked: Asked) -> dict[str, Any]:
    def end(cost: int, revenue: int, share: int | None) -> dict[str, Any]:
        return {"cost": asked.money(cost), "revenue": asked.money(revenue), "share_of_revenue": _share(share)}

    return {
        "percent": told.percent,
        "less": end(told.low_cost, told.low_revenue, told.low_share),
        "more": end(told.high_cost, told.high_revenue, told.high_share),
    }


def _share(basis_points: int | None) -> float | None:
    return None if basis_points is None else basis_points / WHOLE
