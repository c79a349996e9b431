"""Value as of a day: what it may depend on, which model serves, and that nothing breaks it."""

from collections.abc import Iterable
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow
import pytest

from regulars.insight.compute.cards import Card
from regulars.insight.compute.clv import value
from regulars.insight.compute.clv.dropout import Parameters
from tests.insight.compute.clv.process import CDNOW, FIRST_DAY, Purchases, on, simulate

DAY = on(546)
COUNT = 3_000


@pytest.fixture(scope="module")
def shop() -> Purchases:
    return simulate(CDNOW, customers=COUNT, days=546 + 365, newcomers_until=500, seed=11)


@pytest.fixture(scope="module")
def told(shop: Purchases) -> tuple[pyarrow.Table, list[Card]]:
    return value(shop.table(), DAY)


def serving(cards: Iterable[Card]) -> list[str]:
    return [card.model for card in cards if card.verdict.serves]


def test_a_row_for_everybody_who_bought(shop: Purchases, told: tuple[pyarrow.Table, list[Card]]) -> None:
    rows, cards = told
    assert rows.column("customer_id").to_pylist() == np.unique(shop.customer[shop.day < 546]).tolist()
    assert serving(cards)[0] in ("bg_nbd", "mbg_nbd")
    assert serving(cards)[1:] == ["gamma_gamma"]
    low, some, high = (rows.column(f"value{end}_minor").to_numpy() for end in ("_low", "", "_high"))
    assert (low <= high).all()
    assert (some > 0).any()
    assert sane(rows)


def test_nine_in_ten_end_within_their_ranges(shop: Purchases, told: tuple[pyarrow.Table, list[Card]]) -> None:
    rows, _ = told
    who = rows.column("customer_id").to_numpy()
    later = shop.days_with_purchase(COUNT, 546, 546 + 365)[who]
    inside = (later >= rows.column("expected_orders_low").to_numpy()) & (
        later <= rows.column("expected_orders_high").to_numpy()
    )
    assert 0.87 <= inside.mean() <= 0.93
    assert rows.column("expected_orders").to_numpy().sum() == pytest.approx(later.sum(), rel=0.1)


def test_the_future_changes_nothing(shop: Purchases, told: tuple[pyarrow.Table, list[Card]]) -> None:
    chance = np.random.default_rng(1)
    after = shop.day >= 546
    shuffled = Purchases(
        np.where(after, chance.permutation(shop.customer), shop.customer),
        np.where(after, 546 + chance.integers(0, 900, len(after)), shop.day),
        np.where(after, 99, shop.minor),
    )
    rows, cards = value(shuffled.table(), DAY)
    assert rows.equals(told[0])
    assert cards == told[1]


def test_two_imports_of_the_same_orders_tell_the_same(shop: Purchases, told: tuple[pyarrow.Table, list[Card]]) -> None:
    chance = np.random.default_rng(2)
    order, renamed = chance.permutation(len(shop.day)), chance.permutation(COUNT)
    other = Purchases(renamed[shop.customer][order], shop.day[order], shop.minor[order])
    rows, cards = value(other.table(), DAY)
    assert cards == told[1]
    before = told[0].column("customer_id").to_numpy()
    found = rows.take(np.argsort(np.argsort(renamed[before])))
    assert found.drop(["customer_id"]).equals(told[0].drop(["customer_id"]))


def test_a_longer_horizon_is_worth_more_and_a_rate_makes_it_less() -> None:
    shop = simulate(CDNOW, customers=800, days=546, newcomers_until=500, seed=11).table()

    def total(horizon: int, rate: float) -> int:
        rows, _ = value(shop, DAY, horizon_days=horizon, yearly_discount=rate, held_back_days=91)
        return int(rows.column("value_minor").to_numpy().sum())

    quarter, year, plain = total(91, 0.1), total(365, 0.1), total(365, 0.0)
    assert quarter < year < plain < 1.1 * year


def test_a_shop_where_many_come_once_takes_the_other_model() -> None:
    shop = simulate(
        Parameters(0.8, 6, 0.5, 0.7), customers=4_000, days=546, newcomers_until=300, first_chance=1, seed=5
    )
    rows, cards = value(shop.table(), DAY)
    assert serving(cards)[0] == "mbg_nbd"
    assert rows.column("p_alive").to_numpy().min() < 0.1


def test_cards_show_the_baseline_beside_the_model(told: tuple[pyarrow.Table, list[Card]]) -> None:
    _, cards = told
    assert [card.model for card in cards] == ["bg_nbd", "mbg_nbd", "own_rate", "gamma_gamma", "own_average"]
    for card in cards[:2]:
        assert card.unit == "week"
        assert (card.first_day, card.last_day) == (FIRST_DAY, DAY)
        assert set(card.parameters) == {"r", "alpha", "a", "b"}
        assert card.log_likelihood is not None
        assert card.backtest["baseline_predicted_orders"] == cards[2].backtest["predicted_orders"]
        assert card.tracking[-1][0] == 78
    assert abs(cards[3].backtest["frequency_money_correlation"]) < 0.1


def at(days: int) -> date:
    return FIRST_DAY + timedelta(days=days)


def table(rows: list[tuple[int, int, int]]) -> ir.Table:
    schema = ibis.schema({"customer_id": "int64", "day": "date", "net": "int64"}).to_pyarrow()
    told = [(who, at(day), minor) for who, day, minor in rows]
    columns = {name: [row[place] for row in told] for place, name in enumerate(schema.names)}
    return ibis.memtable(pyarrow.table(columns, schema=schema))


def sane(rows: pyarrow.Table) -> bool:
    numbers = np.column_stack([rows.column(name).to_numpy() for name in rows.column_names if name != "p_alive"])
    alive = rows.column("p_alive").drop_null().to_numpy()
    return bool(np.isfinite(numbers).all() and (numbers >= 0).all() and ((alive >= 0) & (alive <= 1)).all())


CAME = [(who, n) for who in range(300) for n in range(1 + who % 5)]
DEGENERATE: dict[str, tuple[list[tuple[int, int, int]], str | None]] = {
    "no orders": ([], "no_orders"),
    "a single order": ([(1, 5, 100)], "no_repeats"),
    "opened yesterday": ([(who, 364, 100) for who in range(200)], "no_repeats"),
    "one order each": ([(who, who % 360, 100 + who) for who in range(600)], "no_repeats"),
    "three customers": ([(who, 30 * n, 100) for who in range(3) for n in range(10)], "too_few_customers"),
    "two who came back": ([(who % 300, who, 100) for who in range(302)], "too_few_repeaters"),
    "a short past": ([(who, 320 + 4 * n + who % 9, 100) for who, n in CAME], "too_short"),
    "everybody alike": ([(who, 30 * n, 100) for who in range(300) for n in range(12)], "alike"),
    "every day": ([(who, n, 100) for who in range(110) for n in range(360)], "alike"),
    "two days only": ([(who, 100 * (n > 0), 100) for who, n in CAME], None),
    "for free": ([(who, 30 * n + who % 30, 0) for who, n in CAME], None),
    "all given back and more": ([(who, 30 * n + who % 30, -50) for who, n in CAME], None),
    "wild amounts": ([(who, 30 * n + who % 30, 10 ** (who % 14)) for who, n in CAME], None),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_data_end_in_plain_words(name: str) -> None:
    rows, code = DEGENERATE[name]
    found, cards = value(table(rows), at(365))
    assert found.num_rows == len({who for who, _, _ in rows})
    assert sane(found)
    assert serving(cards) == (["own_rate", "own_average"] if rows else [])
    if code:
        assert [card.verdict.code for card in cards[:2]] == [code, code]
    if rows:
        assert found.column("p_alive").null_count == found.num_rows
    for card in cards:
        for language in ("zh-hans", "en"):
            said = card.verdict.words.said(language, **card.verdict.numbers)
            assert said
            assert "{" not in said
        assert np.isfinite([*card.parameters.values(), *card.backtest.values()]).all()


def test_nobody_leaves() -> None:
    """Regular customers of very different pace, none of whom ever stays away."""
    chance = np.random.default_rng(3)
    rows = []
    for who in range(400):
        now, pace = float(chance.random() * 60), chance.gamma(1.0, 1 / 30) + 0.002
        while now < 365:
            rows.append((who, int(now), 100))
            now += chance.exponential(1 / pace)
    _, cards = value(table(rows), at(365))
    assert serving(cards) == ["own_rate", "own_average"]
    assert "nobody_leaves" in {card.verdict.code for card in cards[:2]}
