"""Taking over another programme: what its balances become, whatever else is told before or after, and undoing it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.core.bilingual import Text
from regulars.facts import figures
from regulars.facts.connectors.balances_file import BalanceSettings
from regulars.facts.reading.table import Cell, Chunk, Table
from regulars.facts.rules import NewFact
from regulars.flows.check_balances import check_balances, open_balances
from regulars.flows.import_orders import post_import
from regulars.flows.undo_import import undo_import
from regulars.ledger import statements
from regulars.ledger.movements import points_books
from regulars.ledger.rules import Account, Purpose
from regulars.loyalty import reasons
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons import codes
from regulars.loyalty.coupons.actions.guessing import UnknownCode
from regulars.loyalty.coupons.rules import Guesser, GuesserKind, OfferKind, Terms
from regulars.loyalty.liability import queries as liability
from regulars.loyalty.rules import ItemKind, preset_terms
from regulars.loyalty.simulation.replay import portions, replay, terms
from regulars.loyalty.simulation.rules import Question
from regulars.loyalty.taking_over.queries import opened
from tests.flows.world import SHANGHAI, World, differences, order, query, refund, state, when, world

AS_OF = date(2026, 3, 31)
NAMES = ("会员号", "手机", "姓名", "积分", "积分到期日", "成长值", "成长值日期", "等级", "等级有效期")
ADA = ("V1", "13912345670", "林小满", 1200, "2026-12-31", 800, "2026-01-15", "金卡", "2026-09-30")


def table(names: Sequence[str], *rows: Sequence[Cell]) -> Table:
    def read() -> list[Chunk]:
        return [Chunk(range(2, 2 + len(rows)), [list(column) for column in zip(*rows, strict=True)])]

    return Table(tuple(names), "csv", "", None, lambda: iter(read()))


def told(books: World, names: Sequence[str], *rows: Sequence[Cell], as_of: date = AS_OF, **more: Any) -> int:
    """Import a table of balances; returns the import's id."""
    how = BalanceSettings("old", "Asia/Shanghai", as_of, **more)
    found = opened(
        table=table(names, *rows), settings=how, policies=books.policies, today=books.now.date()
    )  # fmt: skip
    import_id = open_balances(balances=found, settings=how, file_name="members.xlsx", actor="test", at=books.now)
    check_balances(import_id=import_id, balances=found)
    list(post_import(import_id=import_id, policies=books.policies, zone=SHANGHAI, at=books.now))
    return import_id


def undo(books: World, import_id: int) -> None:
    list(undo_import(import_id=import_id, policies=books.policies, actor="test", at=books.now))


def counted(import_id: int) -> dict[str, int]:
    return dict(query("SELECT key, value::int FROM facts_import, jsonb_each_text(counts) WHERE id = %s", [import_id]))


@pytest.fixture
def books(db: None) -> World:
    return World(now="2026-06-01 12:00")


def test_points_come_with_their_last_day_growth_with_its_own_and_the_tier_for_its_time(books: World) -> None:
    told(books, NAMES, ADA, ("V1", "13912345670", "", 300, "2027-06-30", 800, "2026-01-15", "", ""))
    ada = books.customer("V1")
    assert books.wallet("V1") == {"pending": 0, "available": 1500, "held": 0, "debt": 0, "growth": 800}
    assert statements.expiring(ada, at=books.now) == [
        (when("2027-01-01 00:00"), 1200), (when("2027-07-01 00:00"), 300),
    ]  # fmt: skip
    assert books.tiers("V1") == [
        (0, "2026-01-15", "2026-03-31"), (2, "2026-03-31", "2026-10-01"), (0, "2026-10-01", None),
    ]  # fmt: skip
    books.assert_clean()


def test_the_same_file_again_is_the_same_and_a_changed_row_a_conflict(books: World) -> None:
    told(books, NAMES, ADA)
    before = state()
    assert counted(told(books, NAMES, ADA)) | {"repeated": 3} == counted(told(books, NAMES, ADA))
    changed = counted(told(books, NAMES, (*ADA[:3], 9999, *ADA[4:])))
    assert (changed["conflict"], changed["repeated"]) == (1, 2)
    assert differences(before, state()) == []


def test_what_orders_of_before_earned_is_contained_in_the_balance_whenever_they_are_told(db: None) -> None:
    before = order("o1", "V1", when("2026-02-01 10:00"), 500_00)
    after = order("o2", "V1", when("2026-04-02 10:00"), 70_00)
    with world() as one:
        one.tell(before, after)
        told(one, NAMES, ADA)
        wanted = state()
    with world() as other:
        told(other, NAMES, ADA)
        other.tell(after)
        other.tell(before)
        assert differences(wanted, state()) == []
        assert other.wallet("V1")["available"] == 1270, "500 points of February are in the 1,200"
        assert other.wallet("V1")["growth"] == 870
        other.assert_clean()


def test_on_top_of_what_members_have_it_adds_once(books: World) -> None:
    books.tell(order("o1", "V1", when("2026-02-01 10:00"), 500_00))
    told(books, NAMES, ADA, replaces=False)
    told(books, NAMES, ADA, as_of=AS_OF + timedelta(days=1), replaces=False)
    assert books.wallet("V1")["available"] == 1700, "another day for the same rows is a conflict, and no second gift"
    books.assert_clean()


def test_balances_of_a_later_day_take_the_place_of_earlier_ones(books: World) -> None:
    told(books, NAMES, ADA)
    told(books, NAMES, (*ADA[:3], 1000, ADA[4], 900, *ADA[6:7], "银卡", ""), as_of=date(2026, 4, 30))
    assert books.wallet("V1") == {"pending": 0, "available": 1000, "held": 0, "debt": 0, "growth": 900}
    assert [one[0] for one in books.tiers("V1")] == [0, 2, 1, 0]
    assert books.tiers("V1")[2] == (1, "2026-04-30", "2027-05-01"), "without a last day: one window of the programme"
    books.assert_clean()


def test_nothing_is_as_true_as_something(books: World) -> None:
    books.tell(order("o1", "V1", when("2026-02-01 10:00"), 500_00))
    told(books, ("会员号", "积分"), ("V1", 0))
    assert books.wallet("V1")["available"] == 0, "the old programme says that they have spent them"
    assert books.wallet("V1")["growth"] == 500, "and says nothing of growth"
    books.assert_clean()


def test_a_refund_of_an_order_of_before_takes_its_points_from_the_balance(books: World) -> None:
    books.tell(order("o1", "V1", when("2026-02-01 10:00"), 500_00))
    told(books, NAMES, ADA)
    books.tell(refund("r1", "o1", when("2026-04-05 10:00")))
    assert books.wallet("V1") == {"pending": 0, "available": 700, "held": 0, "debt": 0, "growth": 300}
    books.assert_clean()


def test_undone_everything_is_as_before_and_spent_points_become_debt(books: World) -> None:
    books.tell(order("o1", "V1", when("2026-02-01 10:00"), 500_00), order("o2", "V2", when("2026-04-02 10:00"), 5_00))
    before = state()
    nameless = (ADA[0], "", *ADA[2:])
    undo(books, told(books, NAMES, nameless, ("V3", "", "", 100, "", None, "", "", "")))
    assert differences(before, state()) == [], "nothing is left of it"
    assert query("SELECT hidden FROM customers_customer WHERE id = %s", [books.customer("V3")]) == [(True,)]
    import_id = told(books, NAMES, ADA)
    books.command(ItemKind.REDEEM, "V1", 800, "gift")
    undo(books, import_id)
    assert books.wallet("V1") == {"pending": 0, "available": 0, "held": 0, "debt": -300, "growth": 500}
    books.assert_clean()


def test_what_was_owed_is_contained_too(books: World) -> None:
    books.tell(order("o1", "V1", when("2026-02-01 10:00"), 500_00))
    books.command(ItemKind.REDEEM, "V1", 500, "gift", at=when("2026-02-02 10:00"))
    books.tell(refund("r1", "o1", when("2026-02-05 10:00")))
    assert books.wallet("V1")["debt"] == -500
    told(books, NAMES, ADA)
    assert (books.wallet("V1")["debt"], books.wallet("V1")["available"]) == (0, 1200)
    books.assert_clean()


def test_merged_members_keep_what_each_brought(books: World) -> None:
    books.tell(order("o1", "V2", when("2026-02-01 10:00"), 50_00))
    told(books, NAMES, ADA)
    merge = books.merge("V2", "V1")
    group = statements.balances([books.customer("V1")], at=books.now)
    assert group[books.customer("V1")].spendable == 1250, "the file speaks of V1 alone"
    books.assert_clean()
    books.undo(merge)
    books.assert_clean()


def test_entries_say_where_they_come_from_in_both_languages(books: World) -> None:
    books.tell(order("o1", "V1", when("2026-02-01 10:00"), 500_00))
    import_id = told(books, NAMES, ADA)
    undo(books, import_id)
    said = []
    entries = [one for one in statements.statement(books.customer("V1"), most=50) if one.purpose == Purpose.TAKE_OVER]
    facts, _ = reasons.origins_of(entries)
    known = figures.by_ids(sorted(facts))
    for language in ("zh", "en"):
        wording = reasons.Wording(language, "CNY", SHANGHAI)
        for entry in entries:
            origin = known.get(entry.origin_id)
            said.append(reasons.title(entry, origin, wording))
            said += reasons.why(entry, origin, policies=books.policies, wording=wording)
    text = " ".join(said)
    assert "原会员计划" in text
    assert "old programme" in text
    assert "2026-12-31" in text


def test_the_simulator_and_the_movement_of_points_know_what_was_taken_over(books: World) -> None:
    books.tell(order("o1", "V1", when("2026-02-01 10:00"), 500_00), order("o2", "V1", when("2026-04-02 10:00"), 70_00))
    told(books, NAMES, ADA)
    under = terms(Question(preset_terms(2), None, 0), SHANGHAI, books.now)
    (portion,) = portions()
    tally = replay(portion, under, books.now)
    assert -tally.today.into(Account.ISSUED) == 500 + 1200 + 70
    assert (
        sum(tally.today.holds(one) for one in (Account.PENDING, Account.AVAILABLE, Account.HELD))
        == books.wallet("V1")["available"]
        == 1270
    )
    months = {one.month: one for one in points_books(zone=SHANGHAI, at=books.now).happened}
    march = months[date(2026, 3, 1)]
    assert (march.opening, march.taken_over, march.earned, march.revoked, march.closing) == (500, 700, 0, 0, 1200)
    assert months[date(2026, 4, 1)].closing == 1270


def test_a_coupon_of_the_old_programme_is_given_once_and_taken_back_if_unused(books: World) -> None:
    offer = coupons.create(
        name=Text("十元券", "Ten off"), terms=Terms(OfferKind.AMOUNT_OFF, 10_00, days_valid=30), actor="test",
        at=books.now,
    )  # fmt: skip
    names = ("会员号", "优惠券")
    import_id = told(books, names, ("V1", "十元券"), ("V2", f"Ten off、{offer}"))
    told(books, names, ("V1", "十元券"), ("V2", f"Ten off、{offer}"))
    issued = "SELECT customer_id, count(*) FROM loyalty_coupon WHERE voided_at IS NULL GROUP BY 1 ORDER BY 1"
    assert query(issued) == [(books.customer("V1"), 1), (books.customer("V2"), 2)]
    (coupon_id,) = query("SELECT min(id) FROM loyalty_coupon WHERE customer_id = %s", [books.customer("V2")])[0]
    coupons.redeem(coupon_id=coupon_id, key="till", at=books.now, zone=SHANGHAI, spend_minor=50_00)
    undo(books, import_id)
    assert query("SELECT id FROM loyalty_coupon WHERE voided_at IS NULL") == [(coupon_id,)], "it was used"


class TestOldCodes:
    """A coupon of the old programme keeps the code that its member has on paper."""

    NAMES = ("会员号", "优惠券", "券码")
    VALID = "SELECT code, customer_id FROM loyalty_coupon WHERE voided_at IS NULL ORDER BY code"

    @pytest.fixture
    def offer(self, books: World) -> int:
        return coupons.create(
            name=Text("十元券", "Ten off"), terms=Terms(OfferKind.AMOUNT_OFF, 10_00, days_valid=30), actor="test",
            at=books.now,
        )  # fmt: skip

    def refused(self, import_id: int) -> list[tuple[Any, ...]]:
        return query("SELECT row, code, detail FROM facts_importproblem WHERE batch_id = %s ORDER BY row", [import_id])

    def used(self, books: World, code: str, key: str = "till") -> Any:
        found = coupons.look_up(code=code, guesser=Guesser(GuesserKind.STAFF, 1), at=books.now)
        return coupons.redeem(coupon_id=found, key=key, at=books.now, zone=SHANGHAI, spend_minor=50_00)

    def test_it_is_presented_as_it_was_written(self, books: World, offer: int) -> None:
        told(books, self.NAMES, ("V1", "十元券、十元券", "ab-0101、20260000123"), ("V2", "十元券", ""))
        (anna, _), (_, ben) = (books.customer("V1"), 0), (0, books.customer("V2"))
        assert [row for row in query(self.VALID) if row[1] == anna] == [("20260000123", anna), ("AB0101", anna)]
        [new] = [code for code, who in query(self.VALID) if who == ben]
        assert codes.shown(new).count("-") == 2, "a coupon without an old code gets one of ours"
        assert self.used(books, "AB 0101").code == "AB0101"
        assert codes.shown("AB0101") == "AB0101"
        paid = order("A", "V1", books.now, 40_00)
        paid.body["coupons"] = ["2026-0000-123"]
        books.tell(paid)
        assert query("SELECT order_key FROM loyalty_couponuse WHERE source_id IS NOT NULL") == [("A",)]

    def test_where_nobody_has_an_old_code_a_mistyped_one_counts_as_no_guess(self, books: World, offer: int) -> None:
        with pytest.raises(codes.MalformedCode):
            self.used(books, "AB0101")
        told(books, self.NAMES, ("V1", "十元券", "OLD-77"))
        with pytest.raises(UnknownCode):
            self.used(books, "AB0101")

    def test_a_code_that_cannot_be_or_belongs_to_another_coupon_refuses_its_row(self, books: World, offer: int) -> None:
        own = coupons.issue(offer_id=offer, key="k", zone=SHANGHAI, at=books.now).code
        rows = [
            ("V1", "十元券", "好券一张"), ("V2", "十元券", "A1"), ("V3", "十元券", "X" * 41),
            ("V4", "十元券、十元券", "OLD1"), ("V5", "", "OLD2"), ("V6", "十元券", "OLD-3"), ("V7", "十元券", "old3"),
            ("V8", "十元券", codes.shown(own)), ("V9", "十元券、十元券", "OLD4、OLD4"),
        ]  # fmt: skip
        import_id = told(books, self.NAMES, *rows)
        assert self.refused(import_id) == [
            (2, "code_unreadable", "好券一张"), (3, "code_unreadable", "A1"), (4, "code_unreadable", "X" * 41),
            (5, "codes_and_coupons", "OLD1"), (6, "codes_and_coupons", "OLD2"), (8, "code_twice", "OLD3"),
            (9, "code_taken", own), (10, "code_twice", "OLD4"),
        ]  # fmt: skip
        assert [code for code, who in query(self.VALID) if who is not None] == ["OLD3"]

    def test_the_same_file_again_gives_nothing_more_and_somebody_elses_code_is_refused(
        self, books: World, offer: int
    ) -> None:
        told(books, self.NAMES, ("V1", "十元券", "OLD1"))
        told(books, self.NAMES, ("V1", "十元券", "OLD1"))
        told(books, self.NAMES, ("V1", "十元券", "OLD1"), as_of=AS_OF + timedelta(days=9))
        assert query(self.VALID) == [("OLD1", books.customer("V1"))]
        other = told(books, self.NAMES, ("V2", "十元券", "OLD1"), as_of=AS_OF + timedelta(days=9))
        assert self.refused(other) == [(2, "code_taken", "OLD1")]

    def test_undone_its_code_is_free_again_and_one_that_was_used_stays(self, books: World, offer: int) -> None:
        rows = (("V1", "十元券", "OLD1"), ("V2", "十元券", "OLD2"))
        first = told(books, self.NAMES, *rows)
        self.used(books, "OLD2")
        undo(books, first)
        assert query(self.VALID) == [("OLD2", books.customer("V2"))]
        with pytest.raises(UnknownCode):
            self.used(books, "OLD1", "again")
        told(books, self.NAMES, *rows)
        assert query(self.VALID) == [("OLD1", books.customer("V1")), ("OLD2", books.customer("V2"))]


def happenings() -> st.SearchStrategy[list[NewFact]]:
    """Orders of March to May, before and after the day of the table, some given back."""
    one = st.tuples(st.integers(0, 80), st.integers(1, 900), st.booleans())
    start = when("2026-02-15 10:00")

    def facts(told: list[tuple[int, int, bool]]) -> list[NewFact]:
        found = []
        for place, (day, yuan, back) in enumerate(told):
            found.append(order(f"o{place}", "V1", start + timedelta(days=day), yuan * 100))
            if back:
                found.append(refund(f"r{place}", f"o{place}", start + timedelta(days=day + 20)))
        return found

    return st.lists(one, min_size=1, max_size=5).map(facts)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=happenings(), cut=st.integers(0, 10), replaces=st.booleans())
def test_any_order_of_arrival_gives_the_same(db: None, facts: list[NewFact], cut: int, replaces: bool) -> None:
    with world() as one:
        one.tell(*facts)
        told(one, NAMES, ADA, replaces=replaces)
        first = state()
    with world() as other:
        other.tell(*facts[cut:]) if facts[cut:] else None
        told(other, NAMES, ADA, replaces=replaces)
        for fact in reversed(facts[:cut]):
            other.tell(fact)
        assert differences(first, state()) == []
        other.assert_clean()


def test_points_taken_over_are_owed_at_what_they_are_worth_though_no_sale_here_paid_for_them(books: World) -> None:
    told(books, ("会员号", "积分"), ("V1", 1000))
    books.command(ItemKind.REDEEM, "V1", 400, "gift")
    found = liability.statement(zone=SHANGHAI, at=books.now)
    assert (found.deferral.deferred, found.deferral.brought) == (0, 10_00), "100 points are worth 1 yuan"
    assert (found.deferral.recognised, found.deferral.liability) == (4_00, 6_00)
    assert found.agrees
