"""What became of everybody whom a campaign, or the standing control group, decided about, summed up by arm."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
from django.db import connection

from regulars.core import bulk
from regulars.core.conditions import EVERYBODY
from regulars.core.conditions.fields import Field
from regulars.customers.queries import canonicals, members, others
from regulars.decisions import queries as decisions
from regulars.decisions.rules import Outcome
from regulars.experiments.assignment import standing_arms
from regulars.experiments.queries import ExperimentView
from regulars.experiments.sums import Sums
from regulars.experiments.uplift import Costs
from regulars.facts.orders import buyers
from regulars.facts.spending import Period, spending
from regulars.insight.compute.audience import audience
from regulars.insight.compute.listing import Chosen
from regulars.insight.compute.pictures import Picture
from regulars.loyalty.coupons import queries as coupons
from regulars.outreach.campaigns.queries import campaign
from regulars.outreach.campaigns.rules import about, coupon_prefix

PORTION = 20_000


@dataclass(frozen=True, slots=True)
class Measured:
    """The sums of both arms; `used_coupon` and `reached`: held-out customers whom the campaign came to all the same."""

    sums: Sums
    costs: Costs = field(default_factory=Costs)
    used_coupon: int = 0
    reached: int = 0


def of_campaign(experiment: ExperimentView, *, at: datetime) -> Measured:
    """Everybody chosen or held out, as they were drawn (intention to treat), up to a moment or the window's end."""
    window, before = periods(experiment, at=at)
    sums, moved = Sums(), dict[int, dict[int, bool]]()
    for held_out, ids in _drawn(experiment.about_id):
        groups = canonicals(ids)
        same = [who for who in ids if groups[who] == who]
        for who in set(ids) - set(same):
            moved.setdefault(groups[who], {})[who] = held_out
        sums += _sums(same, np.full(len(same), held_out), window, before)
    late, flags = _merged_since(experiment.about_id, moved)
    sums += _sums(late, np.array(flags, dtype=bool), window, before)
    return Measured(sums, costs(experiment.about_id, until=window.until), *_contaminated(experiment, window))


def of_standing(experiment: ExperimentView, *, picture: Picture, fields: Mapping[str, Field], at: datetime) -> Measured:
    """The standing control group and everybody else, over the last stretch; who changed sides counts in neither.

    Args:
        picture: Tells who there is and how they are drawn.
    """
    window, before = periods(experiment, at=at)
    found = audience(picture, Chosen(EVERYBODY, fields))
    whos = found["who"].fill_null("").to_pylist()
    held_out, partly = standing_arms(whos, salt=experiment.salt, shares_percent=experiment.shares_percent)
    ids = found["customer_id"].to_numpy()
    sums = Sums()
    for start in range(0, len(ids), PORTION):
        part = slice(start, start + PORTION)
        kept = ~partly[part]
        some, flags = ids[part][kept], held_out[part][kept]
        groups = canonicals(some.tolist())
        same = np.array([groups.get(who) == who for who in some.tolist()], dtype=bool)
        sums += _sums(some[same].tolist(), flags[same], window, before)
    return Measured(sums)


def periods(experiment: ExperimentView, *, at: datetime) -> tuple[Period, Period]:
    """The window that is measured at a moment, and a time of the window's full length before anybody was treated.

    A standing group is looked at for its latest stretch of `window_days`.
    """
    length = timedelta(days=experiment.window_days)
    before = Period(experiment.started_at - length, experiment.started_at)
    if experiment.ends_at is not None:
        return Period(experiment.started_at, min(at, experiment.ends_at)), before
    return Period(max(experiment.started_at, at - length), at), before


def past_of(customers: Sequence[int], *, days: int, at: datetime) -> tuple[float, float, float]:
    """Mean and standard deviation of net revenue per customer in the last days, and the share of them who bought."""
    period = Period(at - timedelta(days=days), at)
    nothing = Period(period.since, period.since)
    orders, net, _, _ = _columns(customers, period, nothing)
    if not len(customers):
        return 0.0, 0.0, 0.0
    return float(net.mean()), float(net.std()), float((orders > 0).mean())


SENDING_COST = """
SELECT coalesce(sum(d.cost_minor), 0) FROM outreach_delivery d
WHERE d.campaign_id = %s AND d.state IN ('sent', 'unknown') AND d.sending_at < %s
"""
REACHED = """
SELECT d.customer_id FROM outreach_delivery d WHERE d.campaign_id = %s AND d.customer_id = ANY(%b::bigint[])
AND d.state IN ('sending', 'shown', 'sent', 'unknown') AND d.admitted_at < %s
"""


def costs(campaign_id: int, *, until: datetime) -> Costs:
    """What the campaign cost before a moment, minor units: gifts and messages at their cost; discounts are told.

    A message whose end nobody knows may have left, so it counts; the sum is rounded half up to a whole unit.
    """
    used = coupons.tally_of_prefix(coupon_prefix(campaign_id), until=until)
    spent: Decimal = bulk.run(connection, SENDING_COST, [campaign_id, until])[0][0]
    sending = int(spent.to_integral_value(ROUND_HALF_UP))
    return Costs(used.gift_cost_minor, sending, used.discount_minor)


def _contaminated(experiment: ExperimentView, window: Period) -> tuple[int, int]:
    """Held-out customers who used the campaign's offer in the window, and those who got its message after a merge."""
    campaign_id = experiment.about_id
    offer_id = campaign(campaign_id).plan.offer_id
    used = _held_out_among(campaign_id, _users(offer_id, window)) if offer_id is not None else 0
    return used, _reached(campaign_id, window.until)


def _users(offer_id: int, window: Period) -> set[int]:
    """Who used the offer. Somebody else's coupon counts too: a code that a friend handed on is why a control is none
    any more.
    """
    uses = coupons.used_by(offer_id, since=window.since, until=window.until)
    unnamed = [one.order for one in uses if one.customer_id is None and one.order is not None]
    return {one.customer_id for one in uses if one.customer_id is not None} | set(buyers(unnamed).values())


def _held_out_among(campaign_id: int, customers: set[int]) -> int:
    """How many were held out of these customers and everybody who is one person with them by now."""
    groups = members(set(canonicals(customers).values()))
    drawn = decisions.found(about(campaign_id), sorted(groups))
    return sum(one.outcome is Outcome.HELD_OUT for one in drawn.values())


def _reached(campaign_id: int, until: datetime) -> int:
    found = set[int]()
    for ids in decisions.chunks(about(campaign_id), Outcome.HELD_OUT, size=PORTION):
        if pairs := others(ids):
            asked = bulk.Column("bigint", sorted({other for _, other in pairs}))
            got = {row[0] for row in bulk.run(connection, REACHED, [campaign_id, asked, until])}
            found |= {held for held, other in pairs if other in got}
    return len(found)


def _drawn(campaign_id: int) -> Iterator[tuple[bool, list[int]]]:
    """Portions of customers of one arm each: whether they were held out, and their ids."""
    for outcome in (Outcome.CHOSEN, Outcome.HELD_OUT):
        for ids in decisions.chunks(about(campaign_id), outcome, size=PORTION):
            yield outcome is Outcome.HELD_OUT, ids


def _merged_since(campaign_id: int, moved: Mapping[int, Mapping[int, bool]]) -> tuple[list[int], list[bool]]:
    """Customers who were merged into another since, each group once, in the arm of who was decided about first.

    A group whose present head was itself chosen or held out has been counted with that one.
    """
    known = decisions.found(about(campaign_id), list(moved))
    drawn = {who for who, one in known.items() if one.outcome is not Outcome.SUPPRESSED}
    late = sorted(moved.keys() - drawn)
    return late, [moved[head][min(moved[head])] for head in late]


def _sums(ids: Sequence[int], held_out: Any, window: Period, before: Period) -> Sums:
    orders, net, orders_before, net_before = _columns(ids, window, before)
    return Sums.of(
        held_out=held_out, orders=orders, revenue_minor=net, orders_before=orders_before,
        revenue_before_minor=net_before,
    )  # fmt: skip


def _columns(ids: Sequence[int], window: Period, before: Period) -> Any:
    """Orders and net revenue in the window and before it, a value for each of these customers, in their order."""
    columns = np.zeros((4, len(ids)), dtype=np.int64)
    rows = spending(ids, window=window, before=before) if len(ids) else []
    if rows:
        told = np.array([(one[0], one.orders, one.net, one.orders_before, one.net_before) for one in rows])
        order = np.argsort(ids)
        columns[:, order[np.searchsorted(np.asarray(ids)[order], told[:, 0])]] = told[:, 1:].T
    return columns
