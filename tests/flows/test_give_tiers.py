"""A tier is given for some time and ended before; the fold, the books and every merge know of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from regulars.core.errors import DomainError
from regulars.facts.rules import KeyReused
from regulars.flows.give_tiers import end_given_tier, give_tier
from regulars.loyalty import queries, tier_grants_view
from regulars.loyalty.actions.commands import UnknownCustomer
from regulars.loyalty.actions.tier_grants import InvalidTierGrant, TierGrantOver, UnknownTier, UnknownTierGrant
from regulars.loyalty.models import Command, TierGrant
from regulars.loyalty.rules import ItemKind
from regulars.loyalty.tier_grants_view import GrantView
from tests.flows.world import World, counts, differences, order, query, refund, state, when

BASIC, SILVER, GOLD, BLACK = range(4)
RULES = {"rules": [{"code": "gold", "if": {"field": "tier", "op": "in", "value": ["gold"]},
                    "then": {"kind": "multiply", "percent": 300}}]}  # fmt: skip


@pytest.fixture
def books(db: None) -> World:
    found = World(now="2024-03-10 10:00", terms=[("2000-01-02", RULES)])
    found.tell(order("A", "anna", when("2024-03-01 10:00"), 100_00))
    return found


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def give(books: World, who: str, tier: str, until: str | None, *, key: str = "g", **more: Any) -> GrantView:
    return give_tier(
        customer_id=books.customer(who), tier=tier, until=day(until), key=key, at=more.pop("at", books.now),
        policies=books.policies, starts=day(more.pop("starts", None)), **more,
    )  # fmt: skip


def end(books: World, who: str, grant_id: int, *, key: str = "e", **more: Any) -> GrantView:
    return end_given_tier(
        customer_id=books.customer(who), grant_id=grant_id, key=key, at=books.now, policies=books.policies, **more
    )


def refused(books: World, error: type[DomainError], what: Any) -> None:
    before, rows = state(), counts()
    with pytest.raises(error), transaction.atomic():
        what()
    assert (state(), counts()) == (before, rows)
    assert TierGrant.objects.count() <= Command.objects.count()


def test_it_counts_from_today_and_earns_what_that_tier_earns(books: World) -> None:
    given = give(books, "anna", "gold", "2024-06-01", reason="she waited an hour", actor="staff:1")
    assert (given.tier, given.from_day, given.until_day) == ("gold", day("2024-03-10"), day("2024-06-01"))
    assert books.tiers("anna") == [
        (BASIC, "2024-03-01", "2024-03-10"), (GOLD, "2024-03-10", "2024-06-01"), (BASIC, "2024-06-01", None),
    ]  # fmt: skip
    books.now = when("2024-07-01 10:00")
    books.tell(order("B", "anna", when("2024-05-31 10:00"), 10_00), order("C", "anna", when("2024-06-01 10:00"), 10_00))
    assert books.wallet("anna")["available"] == 100 + 30 + 10
    books.assert_clean()


def test_orders_after_its_end_go_on_from_where_the_fold_stands(books: World) -> None:
    customer = books.customer("anna")
    give(books, "anna", "gold", "2024-06-01")
    assert queries.standings([customer])[customer].whole, "while it lasts, the whole history is folded"
    books.now = when("2024-07-01 10:00")
    books.tell(order("B", "anna", when("2024-06-02 10:00"), 10_00))
    assert not queries.standings([customer])[customer].whole
    books.tell(order("C", "anna", when("2024-06-03 10:00"), 1_000_00))
    assert books.tiers("anna")[1:] == [
        (GOLD, "2024-03-10", "2024-06-01"), (BASIC, "2024-06-01", "2024-06-03"), (SILVER, "2024-06-03", "2025-06-03"),
        (BASIC, "2025-06-03", None),
    ]  # fmt: skip
    books.assert_clean()


def test_it_can_begin_later_and_last_for_ever(books: World) -> None:
    give(books, "anna", "black", None, starts="2024-04-01")
    assert books.tiers("anna") == [(BASIC, "2024-03-01", "2024-04-01"), (BLACK, "2024-04-01", None)]
    books.assert_clean()


def test_it_ends_on_the_day_on_which_somebody_ends_it(books: World) -> None:
    given = give(books, "anna", "gold", None)
    books.now = when("2024-04-05 09:00")
    ended = end(books, "anna", given.id, reason="moved away")
    assert ended.ended is not None
    assert ended.grant.until_day == day("2024-04-05")
    assert books.tiers("anna")[1:] == [(GOLD, "2024-03-10", "2024-04-05"), (BASIC, "2024-04-05", None)]
    assert not ended.is_open(books.now.date())
    books.assert_clean()


def test_one_that_is_ended_at_once_leaves_no_trace_in_the_tiers_but_in_the_points(books: World) -> None:
    given = give(books, "anna", "gold", None)
    books.now += timedelta(hours=1)
    books.tell(order("B", "anna", books.now, 10_00))
    books.now += timedelta(hours=1)
    end(books, "anna", given.id)
    books.tell(order("C", "anna", books.now + timedelta(hours=1), 10_00), at=books.now + timedelta(hours=2))
    assert books.tiers("anna") == [(BASIC, "2024-03-01", None)]
    assert books.wallet("anna")["available"] == 100 + 30 + 10
    books.assert_clean()


def test_the_same_key_and_wish_is_done_once(books: World) -> None:
    given = give(books, "anna", "gold", "2024-06-01")
    books.now += timedelta(days=3)
    assert give(books, "anna", "gold", "2024-06-01") == given
    ended = end(books, "anna", given.id)
    assert end(books, "anna", given.id) == ended
    assert Command.objects.count() == 2
    refused(books, KeyReused, lambda: give(books, "anna", "silver", "2024-06-01"))
    refused(books, KeyReused, lambda: end(books, "anna", given.id, reason="other"))


def test_what_means_nothing_is_refused(books: World) -> None:
    refused(books, UnknownTier, lambda: give(books, "anna", "platinum", None))
    refused(books, UnknownTier, lambda: give(books, "anna", "basic", None))
    refused(books, InvalidTierGrant, lambda: give(books, "anna", "gold", "2024-03-10"))
    refused(books, InvalidTierGrant, lambda: give(books, "anna", "gold", None, starts="2024-03-09"))
    refused(books, InvalidTierGrant, lambda: give(books, "anna", "gold", "2024-04-01", starts="2024-04-01"))
    refused(books, InvalidTierGrant, lambda: give(books, "anna", "gold", None, source="stolen"))
    refused(books, InvalidTierGrant, lambda: give(books, "anna", "gold", None, reason="x" * 301))
    refused(
        books, UnknownCustomer,
        lambda: give_tier(customer_id=10**9, tier="gold", until=None, key="g", at=books.now, policies=books.policies),
    )  # fmt: skip


def test_only_what_still_counts_can_be_ended_and_only_once(books: World) -> None:
    books.tell(order("B", "bo", when("2024-03-01 10:00"), 100_00))
    given = give(books, "anna", "gold", "2024-04-01")
    refused(books, UnknownTierGrant, lambda: end(books, "bo", given.id))
    refused(books, UnknownTierGrant, lambda: end(books, "anna", given.id + 1000))
    end(books, "anna", given.id)
    refused(books, TierGrantOver, lambda: end(books, "anna", given.id, key="e2"))
    other = give(books, "anna", "gold", "2024-04-01", key="g2")
    books.now = when("2024-04-01 00:00")
    refused(books, TierGrantOver, lambda: end(books, "anna", other.id, key="e3"))
    row = Command.objects.get(kind=ItemKind.TIER_END)
    row.pk, row.key = None, "again"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_a_merge_brings_it_along_and_parting_takes_it_back(books: World) -> None:
    books.tell(order("B", "bo", when("2024-03-02 10:00"), 100_00))
    give(books, "bo", "gold", "2024-06-01")
    before = state()
    books.now = when("2024-03-12 10:00")
    merge = books.merge("bo", "anna")
    assert (GOLD, "2024-03-10", "2024-06-01") in books.tiers("anna")
    assert [one.tier for one in tier_grants_view.grants_of(books.customer("anna"))] == ["gold"]
    books.assert_clean()
    books.undo(merge)
    assert books.tiers("anna") == [(BASIC, "2024-03-01", None)]
    assert not differences(before, state())
    books.assert_clean()


def test_what_was_ended_in_a_merged_group_stays_ended_when_it_parts(books: World) -> None:
    books.tell(order("B", "bo", when("2024-03-02 10:00"), 100_00))
    given = give(books, "bo", "gold", None)
    merge = books.merge("bo", "anna")
    books.now = when("2024-04-01 10:00")
    end(books, "anna", given.id)
    books.undo(merge)
    assert books.tiers("bo")[1:] == [(GOLD, "2024-03-10", "2024-04-01"), (BASIC, "2024-04-01", None)]
    books.assert_clean()


def test_a_late_order_or_refund_changes_nothing_of_what_was_given(books: World) -> None:
    give(books, "anna", "gold", "2024-06-01")
    books.tell(order("late", "anna", when("2024-02-01 10:00"), 50_00), refund("r", "A", when("2024-03-11 10:00")))
    assert (GOLD, "2024-03-10", "2024-06-01") in books.tiers("anna")
    books.assert_clean()


def test_verify_sees_a_tier_that_somebody_changed_behind_its_back(books: World) -> None:
    give(books, "anna", "gold", "2024-06-01")
    query("UPDATE loyalty_tierinterval SET tier = 3 WHERE tier = 2 RETURNING 1")
    assert any("tiers are kept" in one for one in books.verify().differences)
