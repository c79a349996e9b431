"""What happens in the shop becomes messages: each thing once, nothing missed, nobody's contacts in them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from regulars.changes import queries as change_feed
from regulars.changes.models import Follower
from regulars.changes.rules import Change, ChangeKind
from regulars.customers.identities import Identity, IdentityKind
from regulars.facts import queries as fact_feed
from regulars.facts.queries import FedFact
from regulars.flows.release_holds import release_holds
from regulars.loyalty.checkout.rules import Ask
from regulars.loyalty.membership import number_of
from regulars.loyalty.rules import ItemKind
from regulars.staff.rules import SYSTEM
from regulars.webhooks import actions
from regulars.webhooks.events.catalogue import CHOICES, KINDS, OF_CHANGES
from regulars.webhooks.models import Bound, Delivery, Endpoint, Message
from regulars.webhooks.rules import Wanted
from tests.concurrency.crowd import at_once
from tests.flows.world import World, order, query, refund, settled, when
from tests.loyalty.coupons import shop

PHONE = Identity(IdentityKind.PHONE, "", "+8613812345678")


def web(user: str) -> Identity:
    return Identity(IdentityKind.EXTERNAL_ID, "web", user)


@pytest.fixture
def books(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """In a test's one transaction the feeds would wait for its end, so here they give what is there."""
    last = 0

    def changes(**_: object) -> list[Change]:
        rows = query("SELECT epoch, xid::text::bigint, kind, ids, at FROM changes_change ORDER BY id")
        return [Change(row[0], row[1], ChangeKind(row[2]), row[3], row[4]) for row in rows]

    def facts(**_: object) -> list[FedFact]:
        nonlocal last
        columns = "epoch, xid::text::bigint, id, kind, source_id, key, subject, identity_id, occurred_at, business_date"
        rows = query(f"SELECT {columns}, amount, store_id FROM facts_fact WHERE id > %s ORDER BY id", [last])
        last = rows[-1][2] if rows else last
        return [FedFact(*(*row, {})) for row in rows]

    monkeypatch.setattr(change_feed, "feed", changes)
    monkeypatch.setattr(fact_feed, "feed", facts)
    found = World(now="2026-06-01 12:00")
    found.pass_over = facts  # type: ignore[attr-defined]
    return found


@pytest.fixture
def committed(transactional_db: None) -> World:
    """Here every step commits, and the feeds are as they are."""
    return World(now="2026-06-01 12:00")


def listen(books: World, *events: str, source: str = "web", name: str = "Shop") -> int:
    if pass_over := getattr(books, "pass_over", None):
        pass_over()
    wanted = Wanted(name, f"https://{name.lower()}.example.com/", events, source)
    return actions.create(wanted=wanted, by=SYSTEM, at=books.now).id


def follow(books: World) -> list[dict[str, Any]]:
    """What is new, as the web shop would be told."""
    last = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    while actions.follow(at=books.now):
        pass
    return [
        {"kind": one.kind, **one.data, "who": one.who} for one in Message.objects.filter(pk__gt=last).order_by("pk")
    ]


def kinds(told: list[dict[str, Any]]) -> list[str]:
    return sorted(one["kind"] for one in told)


def test_an_order_and_what_it_earned(books: World) -> None:
    listen(books)
    books.tell(order("A-1", [web("u-1"), PHONE], when("2026-06-01 10:00"), 100_00, source="web"))
    told = {one["kind"]: one for one in follow(books)}
    assert set(told) == {"order.recorded", "points.changed", "customer.created"}
    customer = books_customer("u-1")
    who = {"customer": {"web": ["u-1"]}}
    assert all(one["customer"] == {"number": number_of(customer)} and one["who"] == who for one in told.values())
    assert told["order.recorded"]["order"] == {"source": "web", "id": "A-1"}
    points = told["points.changed"]
    assert (points["purpose"], points["amount"], points["cause"]) == (
        "earn",
        100,
        {"order": {"source": "web", "id": "A-1"}},
    )
    assert points["balance"] == {"pending": 0, "available": 100, "held": 0, "owed": 0, "spendable": 100}
    assert follow(books) == [], "once"
    assert "138" not in json.dumps(list(Message.objects.values("data", "who")))


def books_customer(user: str) -> int:
    [[found]] = query(f"SELECT customer_id FROM customers_identity WHERE value = '{user}'")
    return int(found)


def test_a_refund_and_a_cancelled_order(books: World) -> None:
    books.tell(order("A-1", "anna", when("2026-06-01 10:00"), 100_00))
    listen(books, source="till")
    books.tell(refund("R-1", "A-1", when("2026-06-01 11:00"), 40_00))
    told = {one["kind"]: one for one in follow(books)}
    assert set(told) == {"order.refunded", "points.changed"}
    assert told["order.refunded"]["order"] == {"source": "till", "id": "A-1"}
    assert told["order.refunded"]["refund_id"] == "R-1"
    assert (told["points.changed"]["purpose"], told["points.changed"]["amount"]) == ("clawback", -40)
    assert told["points.changed"]["balance"]["available"] == 60


def test_commands_that_hold_spend_and_give_back(books: World) -> None:
    books.tell(order("A-1", "anna", when("2026-06-01 10:00"), 100_00))
    listen(books, "points.changed")
    hold = books.command(ItemKind.HOLD, "anna", 30, "h")
    [told] = follow(books)
    assert (told["purpose"], told["amount"], told["cause"]) == ("hold", 0, {"command_id": hold.command_id})
    assert told["moves"] == [{"purpose": "hold", "from": "available", "to": "held", "points": 30}]
    books.command(ItemKind.CAPTURE, "anna", 20, "c", refers_to=hold.command_id)
    books.command(ItemKind.RELEASE, "anna", 10, "r", refers_to=hold.command_id)
    both = follow(books)
    assert [(one["purpose"], one["amount"]) for one in both] == [("capture", -20), ("release", 0)]
    assert both[-1]["balance"] == {"pending": 0, "available": 80, "held": 0, "owed": 0, "spendable": 80}


def test_what_matures_and_expires_by_the_nightly_job(books: World) -> None:
    books.tell(order("A-1", "anna", when("2026-06-01 10:00"), 100_00, channel="online"))
    listen(books, "points.changed")
    books.now = when("2026-07-01 12:00")
    assert books.settle() == 1
    assert [(one["purpose"], one["amount"]) for one in follow(books)] == [("mature", 0)]
    books.now = when("2028-01-01 12:00")
    assert books.settle() == 1
    [told] = follow(books)
    assert (told["purpose"], told["amount"], told["balance"]["available"]) == ("expire", -100, 0)


def test_a_tier_that_changes_at_once_and_one_that_changes_by_date(books: World) -> None:
    listen(books, "tier.changed")
    books.tell(order("A-1", "anna", when("2026-06-01 10:00"), 1_200_00))
    [told] = follow(books)
    assert (told["from"]["code"], told["to"]["code"]) == ("basic", "silver")
    assert told["to"]["name"]["zh"]
    books.now = when("2026-12-01 00:10")
    assert follow(books) == []
    books.now = when("2027-06-03 00:10")
    [told] = follow(books)
    assert (told["from"]["code"], told["to"]["code"]) == ("silver", "basic")
    assert follow(books) == [], "the day is over"


def test_coupons(books: World) -> None:
    books.tell(order("A-1", [web("u-1")], when("2026-06-01 10:00"), 100_00))
    listen(books, "coupon.issued", "coupon.redeemed", "coupon.returned", "coupon.voided")
    offer, who = shop.offer(), books_customer("u-1")
    coupon = shop.issue(offer, who=who)
    [told] = follow(books)
    assert (told["kind"], told["who"]) == ("coupon.issued", {"customer": {"web": ["u-1"]}})
    assert told["coupon"]["code_ends"] == coupon.code[-4:]
    assert coupon.code not in json.dumps(list(Message.objects.values("data")))
    used = shop.redeem(coupon)
    [told] = follow(books)
    assert (told["kind"], told["use_id"], told["discount"], told["order"]) == (
        "coupon.redeemed",
        used.use_id,
        "10.00",
        None,
    )
    shop.undo(used)
    shop.undo(used)
    assert kinds(follow(books)) == ["coupon.returned"]
    from regulars.loyalty.coupons.actions import void

    void(coupon_ids=[coupon.coupon_id], actor="kim", at=books.now)
    assert kinds(follow(books)) == ["coupon.voided"]


def test_a_code_that_an_order_tells_of_is_redeemed_and_given_back_with_it(books: World) -> None:
    listen(books, "coupon.redeemed", "coupon.returned")
    coupon = shop.issue(shop.offer(), at=when("2026-05-28 10:00"))
    told = order("A-1", "anna", when("2026-06-01 10:00"), 100_00)
    told.body["coupons"] = [coupon.code]
    with_code = told
    books.tell(with_code)
    [one] = follow(books)
    assert (one["kind"], one["order"]) == ("coupon.redeemed", {"source": "till", "id": "A-1"})
    books.tell(refund("R-1", "A-1", when("2026-06-01 11:00")))
    assert kinds(follow(books)) == ["coupon.returned"]


def test_two_customers_who_are_one(books: World) -> None:
    books.tell(
        order("A-1", [web("u-1")], when("2026-05-01 10:00"), 100_00),
        order("A-2", [web("u-2")], when("2026-05-02 10:00"), 50_00),
    )
    listen(books, "customer.merged", "customer.parted", "points.changed")
    from regulars.flows.merge_customers import merge_customers, undo_merge

    child, parent = books_customer("u-2"), books_customer("u-1")
    merge_customers(child_id=child, parent_id=parent, actor="kim", policies=books.policies, at=books.now)
    merged = next(one for one in follow(books) if one["kind"] == "customer.merged")
    assert (merged["customer"]["number"], merged["merged"]["number"]) == (number_of(parent), number_of(child))
    assert merged["who"] == {"customer": {"web": ["u-1", "u-2"]}, "merged": {"web": ["u-2"]}}
    books.tell(order("A-3", [web("u-2")], when("2026-05-03 10:00"), 10_00))
    [points] = follow(books)
    assert points["customer"]["number"] == number_of(parent)
    assert points["balance"]["available"] == 160, "of the whole group"
    [[merge_id]] = query("SELECT id FROM customers_merge")
    undo_merge(merge_id=merge_id, actor="kim", policies=books.policies, at=books.now)
    parted = next(one for one in follow(books) if one["kind"] == "customer.parted")
    assert (parted["customer"]["number"], parted["merged"]["number"]) == (number_of(parent), number_of(child))


def test_an_account_that_is_frozen_and_released(books: World) -> None:
    books.tell(order("A-1", "anna", when("2026-06-01 10:00"), 100_00))
    listen(books, "member.frozen", "member.released")
    books.command(ItemKind.FREEZE, "anna", 0, "f")
    assert kinds(follow(books)) == ["member.frozen"]
    books.command(ItemKind.UNFREEZE, "anna", 0, "u")
    assert kinds(follow(books)) == ["member.released"]


def test_a_hold_whose_time_is_over(books: World) -> None:
    from regulars.flows.check_out import take_step

    books.tell(order("A-1", "anna", when("2026-06-01 10:00"), 100_00))
    listen(books, "checkout.hold_ended", "points.changed")
    ask = Ask(ItemKind.HOLD, "k", 30, books.customer("anna"), None, 15, "", "till")
    held = take_step(ask=ask, policies=books.policies, at=books.now)
    assert follow(books)[0]["cause"]["checkout"] == {"hold_id": held.id}
    books.now += timedelta(minutes=16)
    assert list(release_holds(policies=books.policies, at=books.now)) == [1]
    [told] = [one for one in follow(books) if one["kind"] == "checkout.hold_ended"]
    assert (told["hold_id"], told["points"]) == (held.id, 30)


class TestWhoHears:
    def test_each_endpoint_only_what_it_asked_for(self, books: World) -> None:
        all_of_it, tiers = listen(books), listen(books, "tier.changed", name="Tiers")
        off = listen(books, name="Off")
        actions.switch_off(endpoint_id=off, by=SYSTEM, at=books.now)
        books.tell(order("A-1", "anna", when("2026-06-01 10:00"), 1_200_00))
        follow(books)

        def heard(endpoint: int) -> set[str]:
            return set(Delivery.objects.filter(endpoint_id=endpoint).values_list("message__kind", flat=True))

        assert heard(all_of_it) == {"order.recorded", "points.changed", "customer.created", "tier.changed"}
        assert heard(tiers) == {"tier.changed"}
        assert heard(off) == set()
        actions.switch_on(endpoint_id=off, by=SYSTEM, at=books.now)
        actions.replay_since(endpoint_id=off, since=books.now, delivered_too=False, by=SYSTEM, at=books.now)
        assert heard(off) == heard(all_of_it), "what it missed can be replayed"

    def test_what_nobody_wants_is_not_even_made(self, books: World) -> None:
        listen(books, "tier.changed")
        books.tell(order("A-1", "anna", when("2026-06-01 10:00"), 100_00))
        assert follow(books) == []
        assert query("SELECT count(*) FROM changes_change")[0][0] == 0, "read and swept"

    def test_what_was_before_is_not_told(self, books: World) -> None:
        books.tell(order("A-1", "anna", when("2026-06-01 10:00"), 100_00))
        assert query("SELECT count(*) FROM changes_change")[0][0] == 0, "while nobody follows, nothing is noted"
        listen(books)
        assert follow(books) == []

    def test_when_the_last_endpoint_goes_following_ends(self, books: World) -> None:
        endpoint = listen(books)
        actions.remove(endpoint_id=endpoint, by=SYSTEM, at=books.now)
        books.tell(order("A-1", "anna", when("2026-06-01 10:00"), 100_00))
        assert follow(books) == []
        assert (
            Bound.objects.count(),
            Follower.objects.count(),
            query("SELECT count(*) FROM changes_change")[0][0],
        ) == (0, 0, 0)
        listen(books)
        books.tell(order("A-2", "anna", when("2026-06-01 11:00"), 100_00))
        assert kinds(follow(books)) == ["order.recorded", "points.changed"]


def test_what_commits_late_is_not_missed_and_a_broken_off_turn_loses_nothing(committed: World, monkeypatch) -> None:
    """The control is a follower by id: it would have passed over the order that committed last."""
    from regulars.webhooks.actions import following

    listen(committed, "order.recorded", "points.changed")
    from threading import Event

    begun, go_on = Event(), Event()

    def late() -> None:
        def hold(_: object) -> None:
            begun.set()
            go_on.wait(10)

        from regulars.flows.record_facts import record_facts

        record_facts(
            facts=[order("LATE", "bo", when("2026-06-01 09:00"), 10_00)],
            policies=committed.policies, zone=committed.zone, at=committed.now, also=hold,
        )  # fmt: skip

    def early() -> None:
        begun.wait(10)
        committed.tell(order("EARLY", "anna", when("2026-06-01 10:00"), 10_00))
        seen = {one["order"]["id"] for one in follow(committed) if "order" in one}
        assert "LATE" not in seen
        go_on.set()

    assert at_once([late, early]) == [None, None]
    assert query("SELECT key FROM facts_fact ORDER BY id") == [("LATE",), ("EARLY",)], "by id, the late one is first"

    settled()
    monkeypatch.setattr(following, "_write", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.follow(at=committed.now)
    monkeypatch.undo()
    settled()
    follow(committed)
    told = Message.objects.filter(kind="order.recorded").values_list("data__order__id", flat=True)
    assert sorted(told) == ["EARLY", "LATE"]
    assert Message.objects.filter(kind="points.changed").count() == 2


def test_two_workers_make_each_message_once(committed: World) -> None:
    listen(committed, "order.recorded")
    for number in range(12):
        committed.tell(order(f"A-{number}", "anna", when("2026-06-01 10:00"), 10_00))
    settled()
    results = at_once([lambda: actions.follow(at=committed.now)] * 8)
    assert not [one for one in results if isinstance(one, BaseException)]
    settled()
    follow(committed)
    assert Message.objects.count() == 12


def test_an_endpoint_made_beside_the_last_ones_removal_hears_everything(committed: World) -> None:
    for _ in range(5):
        Endpoint.objects.update(removed_at=committed.now)
        results = at_once([lambda: listen(committed, "order.recorded"), lambda: actions.follow(at=committed.now)])
        assert not [one for one in results if isinstance(one, BaseException)]
        assert (Bound.objects.count(), Follower.objects.count()) == (1, 1)


def test_the_number_of_statements_does_not_grow_with_the_events(books: World) -> None:
    from django.test.utils import CaptureQueriesContext

    listen(books)

    def turn(orders: int, tag: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            pass
        books.tell(
            *(order(f"{tag}-{n}", [web(f"{tag}{n}")], when("2026-06-01 10:00"), 1_200_00) for n in range(orders))
        )
        with CaptureQueriesContext(connection) as seen, transaction.atomic():
            actions.follow(at=books.now)
        return len(seen)

    assert turn(1, "a") == turn(40, "b")


def test_every_kind_has_words_an_example_and_somebody_who_makes_it() -> None:
    from regulars.webhooks.events.catalogue import OF_FACTS
    from regulars.webhooks.events.making import MAKERS

    assert set(MAKERS) == set(OF_CHANGES)
    made = {kind for found in OF_CHANGES.values() for kind in found} | set(OF_FACTS.values())
    assert made == CHOICES
    assert all(kind.words.zh and kind.words.en and kind.example for kind in KINDS.values())
