"""Old and new side by side: who agrees, who does not, and what is said of it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from regulars.core.bilingual import Text
from regulars.facts.connectors.balances_file import BalanceSettings, DayNotOver
from regulars.facts.reading.table import Cell
from regulars.flows.compare_balances import compare_balances
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons.rules import OfferKind, Terms
from regulars.loyalty.rules import ItemKind
from regulars.loyalty.taking_over import queries
from regulars.loyalty.taking_over.rules import CODES, SAID, Difference, Kind, Reason, Run, Wanted, What
from tests.flows.test_taking_over import AS_OF, table, told
from tests.flows.world import SHANGHAI, World, order, query, refund, when

DAY = date(2026, 4, 30)
NAMES = ("会员号", "手机", "积分", "积分到期日", "成长值", "等级")


@pytest.fixture
def books(db: None) -> World:
    """Six members taken over at the end of March, who went on buying."""
    books = World(now="2026-06-01 12:00")
    names = ("会员号", "手机", "积分", "积分到期日", "成长值")
    told(books, names, *((f"V{n}", f"1391234567{n}", 100 * n, "2026-12-31", 100 * n) for n in range(1, 7)))
    books.tell(
        order("a", "V1", when("2026-04-10 10:00"), 50_00), order("b", "V2", when("2026-04-10 10:00"), 50_00),
        order("c", "V3", when("2026-05-02 10:00"), 70_00), order("d", "V4", when("2026-04-30 23:59"), 40_00),
        refund("e", "d", when("2026-04-30 23:59:59")), order("f", "V7", when("2026-04-10 10:00"), 10_00),
        order("g", "V5", when("2026-04-29 10:00"), 30_00, channel="online"),
    )  # fmt: skip
    return books


def compared(books: World, names: Sequence[str], *rows: Sequence[Cell], as_of: date = DAY, **more: Any) -> Run:
    how = BalanceSettings("old", "Asia/Shanghai", as_of, **more)
    found = queries.opened(table=table(names, *rows), settings=how, policies=books.policies, today=books.now.date())
    run_id = compare_balances(
        balances=found, settings=how, file_name="old.csv", policies=books.policies, zone=SHANGHAI, actor="test",
        at=books.now,
    )  # fmt: skip
    run = queries.run(run_id)
    assert run is not None
    return run


def differences(run: Run, wanted: Wanted = Wanted()) -> dict[str, Difference]:
    return {one.number or one.name: one for one in queries.page(run.id, wanted, offset=0, most=100)}


def test_each_difference_is_listed_with_what_is_likely_behind_it(books: World) -> None:
    run = compared(
        books, ("会员号", "积分"),
        ("V1", 150), ("V2", 249), ("V3", 370), ("V4", 440), ("V5", 530), ("V6", 900), ("V9", 5),
    )  # fmt: skip
    assert (run.agree, run.differ, run.only_old, run.only_new) == (1, 5, 1, 1)
    assert run.share == 12.5
    found = differences(run)
    assert {number: one.reason for number, one in found.items()} == {
        "V2": Reason.ROUNDING, "V3": Reason.AFTER, "V4": Reason.REFUND, "V5": Reason.PENDING, "V6": Reason.LESS,
        "V9": Reason.MISSING, "": Reason.NOT_IN_TABLE,
    }  # fmt: skip
    assert (found["V6"].old_points, found["V6"].new_points, found["V6"].points_apart) == (900, 600, -300)
    assert found[""].customer_id == books.customer("V7")
    assert found["V9"].kind is Kind.ONLY_OLD
    assert all(SAID[one.reason].zh and SAID[one.reason].en for one in found.values())
    assert set(SAID) == set(Reason)


def test_points_are_compared_by_their_last_day_growth_and_tier_beside_them(books: World) -> None:
    run = compared(
        books, NAMES,
        ("V1", "", 100, "2026-12-31", 150, ""), ("V1", "", 50, "2027-12-31", 150, ""),
        ("V2", "", 200, "2026-12-31", 150, ""), ("V2", "", 50, "2027-06-30", 150, ""),
        ("V3", "", 300, "2026-12-31", 300, "银卡"), ("V4", "", 400, "2026-12-31", 999, ""),
    )  # fmt: skip
    assert run.compared == ("points", "expiry", "growth", "tier")
    found = {number: one for number, one in differences(run).items() if number}
    assert {number: one.reason for number, one in found.items()} == {
        "V2": Reason.EXPIRY, "V3": Reason.TIER, "V4": Reason.GROWTH,
    }  # fmt: skip
    assert found["V2"].what == What.EXPIRY | What.GROWTH
    assert found["V2"].expiries == ((date(2027, 6, 30), 50, 0), (date(2027, 12, 31), 0, 50))
    assert (found["V3"].old_tier, found["V3"].new_tier) == (1, 0)
    assert (found["V4"].old_growth, found["V4"].new_growth) == (999, 400)


def test_right_after_taking_over_both_say_the_same_whatever_was_told_before(books: World) -> None:
    books.tell(order("h", "V1", when("2026-03-10 10:00"), 88_00))
    rows = [(f"V{n}", "", 100 * n, "2026-12-31", 100 * n, "") for n in range(1, 7)]
    run = compared(books, NAMES, *rows, as_of=AS_OF)
    assert (run.agree, run.differ, run.only_old, run.only_new) == (6, 0, 0, 0)


def test_old_codes_of_coupons_that_are_good_in_one_programme_alone_are_listed(books: World) -> None:
    coupons.create(
        name=Text("十元券", "Ten off"), terms=Terms(OfferKind.AMOUNT_OFF, 10_00, days_valid=60), actor="", at=books.now
    )
    names = ("会员号", "优惠券", "券码")
    rows = [(f"V{n}", "十元券", f"OLD{n}") for n in range(1, 6)]
    told(books, names, *rows, ("V6", "十元券、十元券", "OLD6、OLD7"))
    ids = dict(query("SELECT code, id FROM loyalty_coupon"))
    coupons.redeem(coupon_id=ids["OLD2"], key="till", at=books.now, zone=SHANGHAI, spend_minor=50_00)
    coupons.void(coupon_ids=[ids["OLD3"]], actor="", at=books.now)
    day, books.now = books.now.date(), books.now + timedelta(days=1)
    run = compared(
        books, names, ("V1", "十元券", "old-1"), *rows[1:3], ("V4", "十元券", "OLD5"), ("V5", "十元券", "OLD8"),
        ("V6", "十元券", "OLD6"), as_of=day,
    )  # fmt: skip
    found = differences(run, Wanted(what=int(What.COUPON)))
    assert {number: one.codes for number, one in found.items()} == {
        "V2": (("OLD2", "used"),), "V3": (("OLD3", "voided"),), "V4": (("OLD4", "only_here"), ("OLD5", "other")),
        "V5": (("OLD8", "missing"),), "V6": (("OLD7", "only_here"),),
    }  # fmt: skip
    assert {one.reason for one in found.values()} == {Reason.COUPON}
    assert run.compared == ("coupon",)
    assert {why for one in found.values() for _, why in one.codes} <= {*CODES}


def test_members_are_found_by_any_name_and_stand_for_their_group(books: World) -> None:
    books.merge("V2", "V1")
    run = compared(books, NAMES, ("", "13912345671", 150, "", "", ""), ("V2", "", 250, "", "", ""))
    assert [one.number for one in differences(run, Wanted(kind="differ")).values()] == ["V2"]
    assert (run.agree, run.differ) == (0, 1), "one person, whose rows add up: 400 points, with other last days"
    assert differences(run)["V2"].what == What.EXPIRY


def test_what_was_owed_and_what_had_expired_by_then_counts(books: World) -> None:
    books.command(ItemKind.REDEEM, "V4", 400, "gift", at=when("2026-04-30 12:00"))
    run = compared(books, ("会员号", "积分"), ("V4", 0), as_of=DAY)
    assert not [one for one in differences(run).values() if one.number == "V4"]
    late = World.__new__(World)
    late.__dict__.update(books.__dict__)
    late.now = when("2027-02-01 10:00")
    run = compared(late, ("会员号", "积分"), ("V6", 600), as_of=date(2027, 1, 15))
    assert differences(run)["V6"].new_points == 0, "by date, whether a job has posted it or not"


def test_filters_pages_and_exports_are_of_one_run_and_runs_stand_by_day(books: World) -> None:
    one = compared(books, ("会员号", "积分"), ("V1", 1), ("V2", 2))
    two = compared(books, ("会员号", "积分"), ("V1", 150), as_of=date(2026, 4, 29))
    assert [run.id for run in queries.runs()] == [one.id, two.id]
    assert queries.found(one.id, Wanted(kind="differ")) == 2
    assert queries.found(one.id, Wanted(what=int(What.GROWTH))) == 0
    counts = queries.counts(one.id)
    assert counts.kinds == {"differ": 2, "only_new": 5}
    assert counts.whats[What.POINTS] == 2
    everyone = list(queries.every(one.id, Wanted()))
    assert [one.id for one in everyone] == [row.id for row in queries.page(one.id, Wanted(), offset=0, most=100)]


def test_a_small_portion_loses_nobody(books: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PORTION", 2)
    run = compared(books, ("会员号", "积分"), *((f"N{n}", n // 2) for n in range(9)))
    assert len({one.id for one in queries.every(run.id, Wanted(kind="only_old"))}) == 9


def test_rows_that_cannot_be_read_are_counted_and_the_day_must_be_over(books: World) -> None:
    run = compared(books, ("会员号", "积分"), ("V1", 150), ("V2", -3), ("V3", 1.5))
    assert (run.rows, run.refused) == (3, 2)
    assert run.problems == (("points_negative", 1, (3,)), ("points_fractional", 1, (4,)))
    with pytest.raises(DayNotOver):
        compared(books, ("会员号", "积分"), ("V1", 150), as_of=books.now.date())
