"""Customer lifetime value as of a day: orders to be expected, what they are worth today, and how sure that is."""

from datetime import date, timedelta

import ibis.expr.types as ir
import numpy as np
import pyarrow

from regulars.insight.compute.cards import Card
from regulars.insight.compute.clv import cards, orders, spending
from regulars.insight.compute.clv.dropout import DropoutModel, Parameters
from regulars.insight.compute.clv.histories import Floats, Histories, Ints
from regulars.insight.compute.clv.outlook import outlook
from regulars.insight.compute.clv.own_rate import OWN_RATE, own_rate
from regulars.insight.compute.clv.summary import Summary, holdout_days, repeats_by_day, summaries, unit_of, window
from regulars.insight.compute.clv.tracking import Point, tracking

HORIZON_DAYS = 365
YEARLY_DISCOUNT = 0.10
LARGEST_MINOR = 1e15
SCHEMA = pyarrow.schema(
    [
        ("customer_id", pyarrow.int64()),
        ("expected_orders", pyarrow.float64()),
        ("expected_orders_low", pyarrow.int64()),
        ("expected_orders_high", pyarrow.int64()),
        ("p_alive", pyarrow.float64()),  # null where a rule serves that does not judge who has left
        ("average_order_minor", pyarrow.int64()),
        ("value_minor", pyarrow.int64()),
        ("value_low_minor", pyarrow.int64()),
        ("value_high_minor", pyarrow.int64()),
    ]
)


def value(
    bought: ir.Table,
    day: date,
    *,
    horizon_days: int = HORIZON_DAYS,
    yearly_discount: float = YEARLY_DISCOUNT,
    held_back_days: int | None = None,
) -> tuple[pyarrow.Table, list[Card]]:
    """One row for each customer who bought before the day, in order of customer_id, and the models' cards.

    Args:
        bought: Purchases as `tables.purchases` tells them; what is on the day or later is not looked at.
        day: As of this day, exclusive.
        horizon_days: How far ahead orders and value are told.
        yearly_discount: An order a year away is worth 1/(1 + this) of one today.
        held_back_days: The newest days that the models are tried on; by default a third of the window, whole weeks, at
            most the horizon.
    """
    first, window_days = window(bought, day)
    if first is None:
        return SCHEMA.empty_table(), cards.without_orders(day)
    held_back = holdout_days(window_days, horizon_days) if held_back_days is None else held_back_days
    whole, cut = summaries(bought, day, held_back)
    histories, row = Histories.of(whole.repeats, whole.last_days, whole.age_days, unit_days=unit_of(whole))
    found, rule = orders.choose(histories, cut, window_days, held_back)
    money = spending.learn(whole, cut, held_back)
    model, told = serving(found, histories)
    table = told_of(
        whole, histories, row, model, told, money, horizon_days=horizon_days, yearly_discount=yearly_discount
    )
    tracks = _tracks(bought, day, first, cut, histories.unit_days, held_back, found, rule)
    terms = {"horizon_days": float(horizon_days), "yearly_discount": yearly_discount}
    return table, cards.of_all(histories, found, rule, money, tracks, first=first, day=day, terms=terms)


def serving(found: list[orders.Candidate], histories: Histories) -> tuple[DropoutModel, Parameters]:
    """The model that serves with its parameters, or the rule with its own."""
    for one in found:
        if one.verdict.serves and one.fit:
            return one.model, Parameters(*one.fit.parameters)
    return OWN_RATE, own_rate(histories)


def told_of(
    whole: Summary,
    histories: Histories,
    row: Ints,
    model: DropoutModel,
    told: Parameters,
    money: spending.Money,
    *,
    horizon_days: int = HORIZON_DAYS,
    yearly_discount: float = YEARLY_DISCOUNT,
) -> pyarrow.Table:
    """The rows of all customers from their summary: computed once for each history, then for each customer's money."""
    ahead = outlook(
        model, told, histories,
        horizon_days=horizon_days, yearly_discount=yearly_discount, spending=money.spending,
    )  # fmt: skip
    average = spending.averages(money, whole)
    later = np.divide(ahead.discounted, ahead.expected, out=np.ones(len(ahead.expected)), where=ahead.expected > 0)
    if ahead.spent_low is not None and ahead.spent_high is not None and money.spending:
        base = money.spending.v + np.maximum(whole.total_minor, 0)
        low, high = (ahead.spent_low * later)[row] * base, (ahead.spent_high * later)[row] * base
    else:
        low, high = (ahead.low * later)[row] * average, (ahead.high * later)[row] * average
    alive = pyarrow.array(np.round(ahead.alive, 6)[row])
    if model is OWN_RATE:
        alive = pyarrow.nulls(len(row), pyarrow.float64())
    columns = [
        whole.customer_id, np.round(ahead.expected, 6)[row], ahead.low[row], ahead.high[row], alive,
        _whole(average), _whole(ahead.discounted[row] * average), _whole(low), _whole(high),
    ]  # fmt: skip
    return pyarrow.table(columns, schema=SCHEMA)


def _whole(amount: Floats) -> Ints:
    """Whole minor units; rounded to millionths first, so that the last bit of a float decides nothing."""
    return np.rint(np.round(np.minimum(amount, LARGEST_MINOR), 6)).astype(np.int64)


def _tracks(
    bought: ir.Table, day: date, first: date, cut: Summary, unit_days: int, held_back: int,
    found: list[orders.Candidate], rule: orders.Trial | None,
) -> dict[str, tuple[Point, ...]]:  # fmt: skip
    """The tracking plot of every model that was tried."""
    trials = [one for one in [rule, *(candidate.trial for candidate in found)] if one]
    if not trials:
        return {}
    before, _ = Histories.of(cut.repeats, cut.last_days, cut.age_days, unit_days=unit_days)
    came_on, came = repeats_by_day(bought, day, day - timedelta(days=held_back))
    since = came_on - (first - date(1970, 1, 1)).days
    return {one.model.name: tracking(one.model, one.parameters, before, held_back, since, came) for one in trials}
