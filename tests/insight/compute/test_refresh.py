"""A refresh sees nothing of what comes later, and nothing of how the facts arrived."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from regulars.insight.compute import refresh, stages
from regulars.insight.compute.sets import CARDS, PICTURE, Sets
from regulars.insight.compute.tables import Tables, in_memory

DAY = date(2025, 3, 1)
FIRST = date(2024, 1, 1)
Rows = dict[str, list[dict[str, Any]]]


def shop(seed: int = 1, people: int = 40) -> Rows:
    """People with rhythms of their own, before DAY and after it; some goods come back, some orders are cancelled."""
    random = Random(seed)
    rows: Rows = {name: [] for name in ("orders", "lines", "returns", "products", "identities", "customers", "points")}
    rows["products"] = [{"product": f"p{n}", "name": f"P{n}", "category": f"c{n % 3}", "brand": ""} for n in range(9)]
    for who in range(1, people + 1):
        name = sha256(str(who).encode()).hexdigest()
        rows["customers"].append({"customer_id": who, "who": name, "joined_on": FIRST})
        rows["identities"].append({"identity_id": 100 + who, "customer_id": who})
        gap, day = random.choice((7, 20, 60)), FIRST + timedelta(days=random.randrange(300))
        while day < DAY + timedelta(days=60) and random.random() < 0.95:
            _bought(rows, random, 100 + who, who, day)
            day += timedelta(days=max(1, int(random.expovariate(1 / gap))))
    return rows


def _bought(rows: Rows, random: Random, identity: int, who: int, day: date) -> None:
    number, paid = len(rows["orders"]) + 1, random.randrange(5, 60) * 100
    at = datetime(day.year, day.month, day.day, random.randrange(9, 20))
    whose = {"order_id": number, "identity_id": identity, "day": day}
    channel = random.choice(("store", "online"))
    rows["orders"].append(
        whose | {"occurred_at": at, "paid": paid, "base": paid, "discount": random.choice((0, 0, 200)),
                 "channel": channel, "store_id": 1 + who % 2}
    )  # fmt: skip
    rows["lines"].append(whose | {"product": f"p{random.randrange(9)}", "amount": paid})
    rows["points"].append({"customer_id": who, "day": day, "earned": paid // 100, "redeemed": 0, "expired": 0})
    if random.random() < 0.1:
        back = {"return_id": number, "order_id": number, "identity_id": identity, "amount": random.choice((None, 100))}
        later = day + timedelta(days=random.randrange(40))
        rows["returns"].append(back | {"day": later, "occurred_at": at, "cancelled": random.random() < 0.2})


def in_another_order(rows: Rows, seed: int = 2) -> Rows:
    """The same facts, told in another order: rows and all numbers that the database gives are others."""
    random = Random(seed)
    numbers: dict[tuple[str, int], int] = {}

    def renumbered(column: str, value: Any) -> Any:
        if column not in ("order_id", "identity_id", "customer_id", "return_id") or value is None:
            return value
        return numbers.setdefault((column, value), len(numbers) * 7 + 3)

    shuffled = {name: random.sample(told, len(told)) for name, told in rows.items()}
    for name in ("orders", "lines", "returns", "customers", "identities", "points"):
        for row in shuffled[name]:
            for column in ("order_id", "identity_id", "customer_id", "return_id"):
                renumbered(column, row.get(column))
    return {
        name: [{column: renumbered(column, value) for column, value in row.items()} for row in told]
        for name, told in shuffled.items()
    }


def with_another_future(rows: Rows, seed: int = 3) -> Rows:
    """Everything from DAY on happens to somebody else, for other amounts, or not at all; and there is more of it."""
    random = Random(seed)
    changed: Rows = {}
    for name, told in rows.items():
        changed[name] = [row for row in told if "day" not in row or row["day"] < DAY]
        for row in (row for row in told if "day" in row and row["day"] >= DAY and random.random() < 0.7):
            other = random.choice(told)
            moved = {c: other[c] for c in ("identity_id", "customer_id", "order_id") if c in row and name != "orders"}
            amounts = {c: random.randrange(1, 10**6) for c in ("paid", "amount", "earned") if c in row}
            changed[name].append(row | moved | amounts)
    changed["customers"] = [*changed["customers"], {"customer_id": 999, "who": "f" * 64, "joined_on": DAY}]
    changed["identities"] = [*changed["identities"], {"identity_id": 1999, "customer_id": 999}]
    return changed


def told(rows: Rows) -> Tables:
    return in_memory(rows)


def hashed(picture: pa.Table) -> str:
    """Everything in the picture that is not a number of the database, by who it is about."""
    rows = picture.drop_columns(["customer_id"]).sort_by("who").to_pylist()
    return sha256(repr(rows).encode()).hexdigest()


STEPS = ("features", "labels", "stages", "value", "churn")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> refresh.Work:
    return made(shop(), tmp_path_factory.mktemp("first"))


def made(rows: Rows, folder: Path, steps: Sequence[str] = STEPS) -> refresh.Work:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refresh, "STEPS", {name: refresh.STEPS[name] for name in steps})
        return refresh.compute(told(rows), DAY, folder)


def test_the_picture_has_a_row_for_everybody_and_cards(first: refresh.Work) -> None:
    assert first.picture["who"].to_pylist() != []
    assert first.picture["customer_id"].to_pylist() == list(range(1, 41))
    assert {"orders", "rfm_eight", "stage", "value_minor", "churn_level"} <= set(first.picture.column_names)
    assert first.seconds.keys() == set(STEPS)
    assert (first.folder / PICTURE).exists()
    assert (first.folder / CARDS).exists()


def test_neither_the_future_nor_the_order_of_arrival_is_in_the_picture(first: refresh.Work, tmp_path: Path) -> None:
    other = made(in_another_order(with_another_future(shop())), tmp_path)
    assert [card.parameters for card in other.cards] == [card.parameters for card in first.cards]
    for name in first.picture.column_names:
        if name != "customer_id":
            same = [picture.sort_by("who")[name].to_pylist() for picture in (first.picture, other.picture)]
            assert same[0] == same[1], name
    assert hashed(other.picture) == hashed(first.picture)


def test_the_picture_does_change_with_the_past(first: refresh.Work, tmp_path: Path) -> None:
    """The control: one more order before the day is seen."""
    rows = shop()
    _bought(rows, Random(5), 101, 1, DAY - timedelta(days=1))
    rows["orders"][-1]["order_id"] = 10**6
    other = made(rows, tmp_path, ("features",))
    mine = first.picture.select(other.picture.column_names)
    assert hashed(other.picture) != hashed(mine)


@pytest.mark.parametrize("rows", [{}, {name: told[:1] for name, told in shop().items()}], ids=["nobody", "one"])
def test_with_hardly_anybody_there_is_still_a_picture(
    rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "STEPS", {name: refresh.STEPS[name] for name in STEPS})
    sets = Sets(tmp_path)
    found = refresh.make(told(rows), DAY, sets)
    assert found.counts["customers"] == len(rows.get("customers", ()))
    assert sets.current() is None, "nobody looks at it yet"


def test_columns_come_by_customer_and_never_twice(tmp_path: Path) -> None:
    work = refresh.Work(told({}), DAY, tmp_path, picture=pa.table({"customer_id": [1, 2, 5]}))
    work.add(pa.table({"customer_id": [5, 1, 7], "n": [50, 10, 70]}))
    assert work.picture["n"].to_pylist() == [10, None, 50]
    work.add(pa.table({"customer_id": pa.array([], pa.int64()), "m": pa.array([], pa.string())}))
    assert work.picture["m"].to_pylist() == [None] * 3
    with pytest.raises(ValueError, match="already: n"):
        work.add(pa.table({"customer_id": [1], "n": [1]}))


def test_the_past_is_told_month_by_month(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "MONTHS", 2)
    rows = shop(people=12)
    found = stages.history(told(rows), DAY)
    days = sorted(set(found["day"].to_pylist()))
    assert days == [date(2025, 1, 1), date(2025, 2, 1)], "the ends of the two months before; DAY itself is told apart"
    moves = found.to_pylist()
    assert all(move["from_stage"] == "" for move in moves if move["day"] == days[0])
    assert sum(move["day"] == days[0] for move in moves) == 12
    where = {move["customer_id"]: move["to_stage"] for move in moves if move["day"] == days[0]}
    for move in moves:
        if move["day"] == days[1]:
            assert where[move["customer_id"]] == move["from_stage"] != move["to_stage"]
    assert all(move["numbers"].startswith("{") for move in moves)


def test_a_set_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    sets = Sets(tmp_path / "sets")
    with pytest.raises(IsADirectoryError), sets.new(DAY) as (_, folder):
        folder.write_text("this is no file")
    assert list(sets.folder.iterdir()) == []
    names = []
    for _ in range(5):
        with sets.new(DAY) as (name, folder):
            (folder / PICTURE).write_text("")
        names.append(name)
    assert len(set(names)) == 5
    sets.point(names[0])
    sets.prune(keep=2)
    assert sorted(path.name for path in sets.folder.iterdir() if path.is_dir()) == [names[0], *names[3:]]
    with pytest.raises(FileNotFoundError):
        sets.point("20010101-001")
