"""From the tally to the answer, and the answer as JSON and back. Pure.

Each side is judged by its own replay, over the whole history. Cost of points issued = issued × (1 − breakage) × cost of
a point, where 1 − breakage = (used + outstanding − what of it will never be used) ÷ all ever given and not taken back;
liability = (outstanding − what of it will never be used) × cost of a point.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from regulars.ledger.rules import Account, Purpose
from regulars.loyalty.rules import Policy
from regulars.loyalty.simulation.rules import (
    WHOLE,
    BadgeMembers,
    Bar,
    Behaviour,
    BudgetUse,
    Change,
    OtherPoints,
    Question,
    Result,
    RulePoints,
    Rung,
    Side,
)
from regulars.loyalty.simulation.tally import EDGES, Sums, Tally, largest
from regulars.loyalty.simulation.vintages import never_used

ISSUED, REDEEMED, BREAKAGE, REVOKED = Account.ISSUED, Account.REDEEMED, Account.BREAKAGE, Account.REVOKED


def result(
    tally: Tally, question: Question, *, today: Policy, draft: Policy, until: date, budgets: Sequence[BudgetUse] = ()
) -> Result:
    """The answer to a question.

    Args:
        today, draft: The versions that hold on the day `until`.
    """
    one = _side(tally.today, question.thousand_cost, tally.revenue, until)
    other = _side(tally.draft, question.thousand_cost, tally.revenue, until)
    gaining = sum(members for bar, members in tally.bars.items() if bar > 0)
    losing = sum(members for bar, members in tally.bars.items() if bar < 0)
    height, width = len(today.tiers), len(draft.tiers)
    return Result(
        since=question.since,
        until=until,
        members=tally.members,
        orders=tally.orders,
        revenue=tally.revenue,
        today=one,
        draft=other,
        gaining=gaining,
        losing=losing,
        same=tally.members - gaining - losing,
        histogram=tuple(_bar(place, tally.bars[place]) for place in range(-len(EDGES), len(EDGES) + 1)),
        most_gaining=tuple(largest(tally.gaining, lambda change: change.difference)),
        most_losing=tuple(largest(tally.losing, lambda change: -change.difference)),
        rungs_today=_rungs(today),
        rungs_draft=_rungs(draft),
        tiers=tuple(tuple(tally.tiers[i, j] for j in range(width)) for i in range(height)),
        behaviour=_behaviour(tally, question, other),
        thousand_cost=question.thousand_cost,
        guessed=tally.guessed,
        budgets=tuple(budgets),
    )


def cost_of(points: int, *, breakage: int, thousand_cost: int) -> int:
    """What so many points cost, less those that will expire; minor units, rounded half up.

    Args:
        breakage: In basis points.
        thousand_cost: Of a thousand points, in minor units.
    """
    return (2 * points * (WHOLE - breakage) * thousand_cost + WHOLE * 1000) // (2 * WHOLE * 1000)


def share_of(part: int, whole: int) -> int | None:
    """Basis points, rounded half up; None of nothing."""
    return (2 * part * WHOLE + whole) // (2 * whole) if whole > 0 else None


def to_json(found: Result) -> dict[str, Any]:
    """The answer as it is kept; dates as ISO text."""
    told = asdict(found)
    told["since"] = found.since.isoformat() if found.since else None
    told["until"] = found.until.isoformat()
    told["budgets"] = [{**asdict(one), "ended": one.ended.isoformat() if one.ended else None} for one in found.budgets]
    return told


def from_json(told: Mapping[str, Any]) -> Result:
    """The answer that `to_json` told."""
    sides = {
        name: Side(
            **{
                **told[name],
                "rules": tuple(RulePoints(**rule) for rule in told[name]["rules"]),
                "others": tuple(OtherPoints(**other) for other in told[name].get("others", ())),
                "badges": tuple(BadgeMembers(**badge) for badge in told[name].get("badges", ())),
            }
        )
        for name in ("today", "draft")
    }
    return Result(
        **{
            **told,
            **sides,
            "since": date.fromisoformat(told["since"]) if told["since"] else None,
            "until": date.fromisoformat(told["until"]),
            "histogram": tuple(Bar(**bar) for bar in told["histogram"]),
            "most_gaining": tuple(Change(**change) for change in told["most_gaining"]),
            "most_losing": tuple(Change(**change) for change in told["most_losing"]),
            "rungs_today": tuple(Rung(**rung) for rung in told["rungs_today"]),
            "rungs_draft": tuple(Rung(**rung) for rung in told["rungs_draft"]),
            "tiers": tuple(tuple(row) for row in told["tiers"]),
            "behaviour": Behaviour(**told["behaviour"]),
            "budgets": tuple(_budget(one) for one in told.get("budgets", ())),
        }
    )


def _budget(told: Mapping[str, Any]) -> BudgetUse:
    return BudgetUse(**{**told, "ended": date.fromisoformat(told["ended"]) if told["ended"] else None})


def _side(sums: Sums, thousand_cost: int, revenue: int, until: date) -> Side:
    earned, granted = -sums.into(ISSUED, Purpose.EARN), -sums.into(ISSUED, Purpose.GRANT)
    clawed_back = sums.into(REVOKED, Purpose.CLAWBACK)
    contained = sums.into(REVOKED, Purpose.TAKE_OVER)
    issued = earned + granted - clawed_back
    outstanding = sum(sums.holds(account) for account in (Account.PENDING, Account.AVAILABLE, Account.HELD))
    unused = never_used(sums.flows, until)
    ever = -sums.holds(ISSUED) - sums.holds(REVOKED)
    spent = sums.holds(REDEEMED) + outstanding + sums.holds(Account.DEBT) - (unused or 0)
    breakage = min(WHOLE, max(0, share_of(ever - spent, ever) or 0))
    cost = cost_of(issued, breakage=breakage, thousand_cost=thousand_cost)
    given = sum(sums.given.values())
    rules = [RulePoints(code, sums.given[code], sums.cut[code]) for code in sorted({*sums.given, *sums.cut})]
    return Side(
        earned=earned,
        granted=granted,
        clawed_back=clawed_back,
        issued=issued,
        redeemed=sums.into(REDEEMED),
        expired=sums.into(BREAKAGE),
        deducted=sums.into(REVOKED) - clawed_back - contained,
        taken_over=-sums.into(ISSUED, Purpose.TAKE_OVER) - contained,
        outstanding=outstanding,
        debt=-sums.holds(Account.DEBT),
        breakage=breakage,
        cost=cost,
        unused=unused,
        liability=cost_of(outstanding - (unused or 0), breakage=0, thousand_cost=thousand_cost),
        share=share_of(cost, revenue),
        capped=sums.capped,
        rules=(RulePoints("", earned - given + sums.capped), *rules),
        others=tuple(_other(sums, code) for code in sorted(sums.others)),
        badges=tuple(BadgeMembers(code, members) for code, members in sorted(sums.badges.items())),
    )


def _other(sums: Sums, code: str) -> OtherPoints:
    given = -sums.into(ISSUED, Purpose.EARN, of=code) - sums.into(ISSUED, Purpose.GRANT, of=code)
    issued = given - sums.into(REVOKED, Purpose.CLAWBACK, of=code)
    return OtherPoints(code, issued, sums.into(REDEEMED, of=code), sums.into(BREAKAGE, of=code))


def _bar(place: int, members: int) -> Bar:
    if not place:
        return Bar(0, 0, members)
    near = EDGES[abs(place) - 1]
    far = EDGES[abs(place)] - 1 if abs(place) < len(EDGES) else None
    if place > 0:
        return Bar(near, far, members)
    return Bar(-far if far is not None else None, -near, members)


def _rungs(policy: Policy) -> tuple[Rung, ...]:
    return tuple(Rung(tier.code, dict(tier.names)) for tier in policy.tiers)


def _behaviour(tally: Tally, question: Question, draft: Side) -> Behaviour:
    percent = question.change_percent
    moves = {}
    for sign in (-1, 1):
        revenue = tally.revenue + sign * tally.gainers_revenue * percent // 100
        issued = draft.issued + sign * tally.gainers_points * percent // 100
        cost = cost_of(issued, breakage=draft.breakage, thousand_cost=question.thousand_cost)
        moves[sign] = (cost, revenue, share_of(cost, revenue))
    (low_cost, low_revenue, low_share), (high_cost, high_revenue, high_share) = moves[-1], moves[1]
    return Behaviour(
        percent=percent,
        revenue=tally.gainers_revenue,
        points=tally.gainers_points,
        low_cost=low_cost,
        high_cost=high_cost,
        low_revenue=low_revenue,
        high_revenue=high_revenue,
        low_share=low_share,
        high_share=high_share,
    )
