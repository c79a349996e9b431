"""What holds for all features: no look ahead, no trace of an import's order, and nothing breaks on odd shops."""

import math
import random
from datetime import date, timedelta
from typing import Any

import ibis
import pytest

from regulars.insight.compute import contribution, lifecycle, loyalty_index, rfm
from regulars.insight.compute.features import FEATURES, build
from regulars.insight.compute.tables import Tables, in_memory
from tests.insight.compute.features.shops import (
    ONLINE_RETAIL,
    TODAY,
    Rows,
    by_customer,
    made_up,
    online_retail,
    order,
    people,
    renumbered,
)  # fmt: skip

NEVER_NULL = [
    "tenure_days", "orders", "orders_365", "spent_minor", "spent_365_minor", "purchase_days", "purchase_days_365",
    "purchase_days_90", "purchase_days_90_before", "orders_90", "orders_90_before", "spent_90_minor",
    "spent_90_before_minor", "categories", "returned_minor", "returned_orders", "discount_minor", "points_earned",
    "points_redeemed", "points_expired",
]  # fmt: skip
NULL_ONLY_WITHOUT_ORDERS = [
    "recency_days", "last_purchase_day", "first_purchase_day", "buying_days", "average_order_minor",
    "largest_order_minor", "usual_gap_days", "usual_gap_basis", "usual_spread_days", "silence_ratio", "silence_score",
    "online_share", "main_channel", "discounted_orders_share",
]  # fmt: skip


def features_of(told: Tables, today: date = TODAY) -> Any:
    return ibis.memtable(build(told, today).to_pyarrow())


def everything(features: Any) -> dict[int, dict[str, Any]]:
    """All features, labels and scores by customer."""
    found = by_customer(features)
    for part in (rfm.scores, contribution.classes, loyalty_index.index, lifecycle.stage_of):
        for customer, row in by_customer(part(features)).items():
            found[customer].update(row)
    return found


ROWS = made_up(1)


@pytest.fixture(scope="module")
def found() -> dict[int, dict[str, Any]]:
    return everything(features_of(in_memory(ROWS)))


def test_what_happens_later_changes_nothing(found: dict[int, dict[str, Any]]) -> None:
    assert everything(features_of(in_memory(_with_another_future(ROWS)))) == found


def test_the_past_does_count(found: dict[int, dict[str, Any]]) -> None:
    """The control: the comparison above can fail."""
    past = _with_another_future(ROWS, since=TODAY - timedelta(days=60))
    changed = by_customer(build(in_memory(past), TODAY, ["recency", "frequency", "money", "rhythm"]))
    for name in ("recency_days", "orders", "spent_minor", "silence_score"):
        assert any(row[name] != found[who][name] for who, row in changed.items() if who in found), name


def _with_another_future(rows: Rows, since: date = TODAY) -> Rows:
    """The same until `since`; after that, facts are shuffled between customers, altered, dropped and added."""
    chance = random.Random(5)
    told = {name: list(table) for name, table in rows.items()}
    for name in ("orders", "lines", "returns", "points"):
        past = [row for row in rows[name] if row["day"] < since]
        later = [dict(row) for row in rows[name] if row["day"] >= since]
        who = "customer_id" if name == "points" else "identity_id"
        owners = chance.sample([row[who] for row in later], len(later))
        for row, owner in zip(later, owners, strict=True):
            row.update({who: owner, "day": since + timedelta(days=chance.randrange(100))})
            row.update({key: 12345 for key in ("paid", "amount", "earned") if key in row})
            row.update({"cancelled": True} if "cancelled" in row else {})
        told[name] = past + later[: len(later) // 2] + later[: len(later) // 4]
    told["customers"].append({"customer_id": 999, "who": "later", "joined_on": since})
    return told


def test_another_import_of_the_same_facts_gives_the_same(found: dict[int, dict[str, Any]]) -> None:
    again = renumbered(ROWS, 3)
    assert again != ROWS
    assert _by_name(again, everything(features_of(in_memory(again)))) == _by_name(ROWS, found)


def _by_name(rows: Rows, found: dict[int, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Results by the name that is equal over imports, without the numbers that are not."""
    names = {row["customer_id"]: row["who"] for row in rows["customers"]}
    own = {"customer_id", *(name for name, one in FEATURES.items() if one.unit == "id")}
    return {names[who]: {k: v for k, v in row.items() if k not in own} for who, row in found.items()}


def test_nothing_is_missing_or_endless(found: dict[int, dict[str, Any]]) -> None:
    assert sum(not row["orders"] for row in found.values()) < len(found) / 2
    _check(found)


def _check(found: dict[int, dict[str, Any]]) -> None:
    for row in found.values():
        for name, value in row.items():
            assert not isinstance(value, float) or math.isfinite(value), name
        assert [name for name in NEVER_NULL if row[name] is None] == []
        assert not row["orders"] or [name for name in NULL_ONLY_WITHOUT_ORDERS if row[name] is None] == []
        for name, one in FEATURES.items():
            top = {"share": 1, "score": 100}.get(one.unit)
            assert top is None or row[name] is None or 0 <= row[name] <= top, name
        assert row["stage"] in lifecycle.STAGES
        assert row["cause"] in lifecycle.CAUSES
        assert not row["orders"] or 0 <= row["loyalty_index"] <= 100


def test_an_empty_lake() -> None:
    features = features_of(in_memory({}))
    assert everything(features) == {}
    assert _verdicts(features) == ["no_orders", "no_spend", "no_orders"]


def test_one_customer_and_one_who_never_bought() -> None:
    features = features_of(in_memory({**people(1, 2), "orders": [order(1, 1, "2024-06-01")]}))
    found = everything(features)
    assert set(found) == {1, 2}
    _check(found)
    assert [found[who]["stage"] for who in (1, 2)] == ["new", "new"]
    assert found[1]["contribution"] == "core"
    assert _verdicts(features) == ["alike", "alike", "no_rhythm"]


def test_everybody_alike() -> None:
    orders = [order(n, n, "2024-06-01") for n in (1, 2, 3)]
    found = everything(features_of(in_memory({**people(1, 2, 3), "orders": orders})))
    _check(found)
    assert len({tuple(value for name, value in row.items() if name != "customer_id") for row in found.values()}) == 1


def _verdicts(features: Any) -> list[str]:
    """The codes of all verdicts; their words take their numbers in both languages."""
    verdicts = [part.verdict(features) for part in (rfm, contribution, lifecycle)]
    for one in verdicts:
        assert one.words.said("zh", **one.numbers) != one.words.said("en", **one.numbers)
    return [one.code for one in verdicts]


@pytest.mark.skipif(not ONLINE_RETAIL.exists(), reason="the reference data are not beside the checkout")
def test_uci_online_retail_to_the_end() -> None:
    features = features_of(online_retail(), date(2011, 12, 10))
    _check(everything(features))
    numbers = features.aggregate(
        customers=features.count(), orders=features.orders.sum(), spent=features.spent_minor.sum()
    ).to_pyarrow().to_pylist()[0]  # fmt: skip
    # Invoices of named customers over lines with a price, counted with plain SQL over the file.
    assert numbers == {"customers": 4338, "orders": 18532, "spent": 891140790}


def test_a_family_that_does_not_exist() -> None:
    with pytest.raises(KeyError):
        build(in_memory({}), TODAY, ["nothing"])
