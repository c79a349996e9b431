"""Key moments 关键节点: after which order, tier change or refund people leave."""

from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from regulars.insight.compute.cards import Text
from regulars.insight.compute.rates import wilson
from regulars.insight.compute.tables import Tables, purchases

VISITS = 10
FEWEST = 20
"""Moments seen less often are told, but never called key."""

WORDS = {
    "visit": Text(
        "第 {nth} 次购买之后，{share} 的人在 {horizon_days} 天内没有再来。",
        "After purchase {nth}, {share} did not come back within {horizon_days} days.",
    ),
    "refund": Text(
        "退款之后，{share} 的人在 {horizon_days} 天内没有再来。",
        "After a refund, {share} did not come back within {horizon_days} days.",
    ),
    "tier_down": Text(
        "降级之后，{share} 的人在 {horizon_days} 天内没有再来。",
        "After dropping a tier, {share} did not come back within {horizon_days} days.",
    ),
    "tier_up": Text(
        "升级之后，{share} 的人在 {horizon_days} 天内没有再来。",
        "After rising a tier, {share} did not come back within {horizon_days} days.",
    ),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """What follows a kind of event.

    Attributes:
        kind: 'visit', 'refund', 'tier_down' or 'tier_up'.
        nth: Which visit, up to `VISITS`; 0 for the other kinds.
        count: How often it happened, with a whole horizon to watch since then.
        left: How often no visit followed within the horizon.
        low, high: The share's 95 % interval (Wilson).
        usual: The share after any visit.
        key: Whether even the low end is above the usual.
    """

    kind: str
    nth: int
    count: int
    left: int
    share: float
    low: float
    high: float
    usual: float
    key: bool

    def said(self, horizon_days: int) -> Text:
        """A sentence in both languages."""
        numbers = {"nth": self.nth, "share": f"{self.share:.0%}", "horizon_days": horizon_days}
        return Text(*(language.format(**numbers) for language in WORDS[self.kind]))


def moments(told: Tables, day: date, horizon: int) -> list[Moment]:
    """Visits by number, refunds and tier changes before this day that were watched for a whole horizon."""
    known = told.as_of(day)
    bought = purchases(known).select("customer_id", "day").distinct()
    watched = day - timedelta(days=horizon)
    after_visits = _after_visits(bought, watched, horizon)
    usual = _share(sum(left for _, left, _ in after_visits), sum(count for _, _, count in after_visits))
    found = [_moment("visit", nth, left, count, usual) for nth, left, count in after_visits if nth <= VISITS]
    if found:
        found += [
            _moment(kind, 0, left, count, usual)
            for kind, left, count in _after(_events(known), bought, watched, horizon)
        ]
    return found


def _moment(kind: str, nth: int, left: int, count: int, usual: float) -> Moment:
    low, high = wilson(left, count) if count else (0.0, 1.0)
    share = _share(left, count)
    return Moment(kind, nth, count, left, share, low, high, usual, key=count >= FEWEST and low > usual)


def _share(left: int, count: int) -> float:
    return left / count if count else 0.0


def _after_visits(bought: ir.Table, watched: date, horizon: int) -> list[tuple[int, int, int]]:
    """(which visit, left, count), by visit."""
    mine = ibis.window(group_by=bought.customer_id, order_by=bought.day)
    numbered = bought.mutate(
        nth=(ibis.row_number().over(mine) + 1).cast("int64"), following=bought.day.lead().over(mine)
    )  # fmt: skip
    seen = numbered.filter(numbered.day <= watched)
    waited = seen.following.delta(seen.day, unit="day")
    marked = seen.mutate(left=(waited.isnull() | (waited > horizon)).cast("int64"))
    rows = marked.group_by("nth").aggregate(left=marked.left.sum(), count=marked.count()).order_by("nth").to_pyarrow()
    return [(row["nth"], row["left"], row["count"]) for row in rows.to_pylist()]


def _events(known: Tables) -> ir.Table:
    """kind, customer_id and day of refunds and tier changes, one of a kind a day."""
    back = known.returns.filter(~known.returns.cancelled.fill_null(False)).inner_join(known.identities, "identity_id")
    refunds = back.select("customer_id", "day", kind=ibis.literal("refund"))
    tiers = known.tiers
    mine = ibis.window(group_by=tiers.customer_id, order_by=tiers.from_date)
    moved = tiers.mutate(before=tiers.tier.lag().over(mine))
    changed = moved.filter(moved.before != moved.tier)
    changes = changed.select(
        "customer_id", day=changed.from_date, kind=ibis.ifelse(changed.before > changed.tier, "tier_down", "tier_up")
    )
    return refunds.union(changes).distinct()


def _after(events: ir.Table, bought: ir.Table, watched: date, horizon: int) -> list[tuple[str, int, int]]:
    """(kind, left, count) over events with a whole horizon behind them. A purchase on the day itself is no return."""
    seen = events.filter(events.day <= watched)
    visits = bought.select(visitor=bought.customer_id, came=bought.day)
    pairs = seen.left_join(visits, seen.customer_id == visits.visitor)
    waited = pairs.came.delta(pairs.day, unit="day")
    in_time = ((waited > 0) & (waited <= horizon)).fill_null(False).cast("int64")
    event = pairs.mutate(back=in_time).group_by("kind", "customer_id", "day").aggregate(back=lambda t: t.back.max())
    rows = event.group_by("kind").aggregate(count=event.count(), back=event.back.sum()).order_by("kind").to_pyarrow()
    return [(row["kind"], int(row["count"] - row["back"]), int(row["count"])) for row in rows.to_pylist()]
