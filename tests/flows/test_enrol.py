"""Joining: once a person, with what they agreed to, credited to where it was, and welcomed by a rule."""

from dataclasses import replace
from datetime import date

import pytest

from regulars.core.bilingual import Text
from regulars.customers import consents
from regulars.customers.enrolling import actions as enrolling
from regulars.customers.enrolling import queries as members
from regulars.customers.enrolling.rules import GuardianNeeded, Joining, NobodyNamed, TextsChanged
from regulars.customers.identities import Identity, IdentityKind
from regulars.customers.models import Enrolment, MemberCard
from regulars.flows.enrol import enrol
from regulars.flows.merge_customers import merge_customers
from regulars.ledger import statements
from tests.flows.world import World, member, order, query, when

GIFT = {
    "rules": [
        {"code": "welcome", "names": {"zh": "入会礼", "en": "Welcome"}, "on": "Member Enrolled",
         "then": {"kind": "fixed", "amount": 50}, "limits": [{"period": "ever", "most": 1, "counts": "times"}]}
    ]
}  # fmt: skip
PHONE = Identity(IdentityKind.PHONE, "", "+8613812345678")
EMAIL = Identity(IdentityKind.EMAIL, "", "anna@club-mail.com")
ANNA = Joining(identities=(PHONE,), charter=0, privacy=0, place="till", name="Anna", store="S1", actor="user:7")


@pytest.fixture
def books(db: None) -> World:
    return World(now="2025-06-01 10:00", terms=[("2025-01-01 00:00", GIFT)])


def join(books: World, joining: Joining) -> tuple[int, bool]:
    done = enrol(joining=joining, policies=books.policies, zone=books.zone, at=books.now)
    return done.customer_id, done.is_new


def points(customer_id: int) -> int:
    held = statements.balances([customer_id], at=when("2025-06-20 10:00"))[customer_id]
    return held.available + held.pending


def test_somebody_new_becomes_a_member_with_a_card_and_the_gift(books: World) -> None:
    customer_id, is_new = join(books, ANNA)
    assert (is_new, points(customer_id)) == (True, 50)
    found = members.joined(customer_id)
    assert found is not None
    assert (found.place, found.store, found.actor, found.charter) == ("till", "S1", "user:7", 0)
    assert MemberCard.objects.filter(customer_id=customer_id).count() == 1
    books.assert_clean()


def test_twice_is_once(books: World) -> None:
    first, _ = join(books, ANNA)
    assert join(books, replace(ANNA, place="web", store="")) == (first, False)
    assert (points(first), Enrolment.objects.count()) == (50, 1)
    books.assert_clean()


def test_an_existing_customer_joins_with_what_they_have(books: World) -> None:
    books.tell(order("o1", (PHONE,), when("2025-05-01 10:00"), 100_00))
    customer_id, is_new = join(books, ANNA)
    assert (is_new, points(customer_id)) == (True, 150)


def test_after_a_merge_nobody_is_welcomed_again(books: World) -> None:
    one, _ = join(books, ANNA)
    other = Identity(IdentityKind.PHONE, "", "+8613812349999")
    books.tell(order("o1", (other,), when("2025-05-01 10:00"), 100_00))
    second = query("SELECT customer_id FROM customers_identity WHERE value = %s", [other.value])[0][0]
    merge_customers(child_id=one, parent_id=second, actor="test", policies=books.policies, at=books.now)
    assert join(books, replace(ANNA, identities=(other,))) == (second, False)
    assert query("SELECT count(*) FROM facts_fact WHERE kind = 10") == [(1,)]
    books.assert_clean()


def test_offers_only_where_they_were_asked_for(books: World) -> None:
    without, _ = join(books, ANNA)
    assert consents.history(without) == []
    wanting, _ = join(books, replace(ANNA, identities=(EMAIL,), marketing=frozenset({"email"})))
    (said,) = consents.history(wanting)
    assert (said.purpose, said.channel, said.granted, said.source, said.actor) == (
        "promotion", "email", True, "staff", "user:7",
    )  # fmt: skip


def test_a_child_joins_with_a_guardian(books: World) -> None:
    child = replace(ANNA, birthday=date(2011, 6, 2))  # 13 until tomorrow
    with pytest.raises(GuardianNeeded):
        join(books, child)
    assert query("SELECT count(*) FROM customers_customer") == [(0,)], "nothing was kept of them"
    join(books, replace(child, guardian="Mrs Lin"))
    assert Enrolment.objects.get().guardian == "Mrs Lin"
    assert join(books, replace(ANNA, identities=(EMAIL,), birthday=date(2011, 6, 1)))[1]


def test_somebody_has_to_be_named(books: World) -> None:
    with pytest.raises(NobodyNamed):
        join(books, replace(ANNA, identities=()))


def test_on_the_web_they_agree_to_what_holds_and_a_till_may_be_late(books: World) -> None:
    assert enrolling.keep_text(kind="charter", words=Text("章程", "Terms"), actor="", at=books.now) == 1
    assert enrolling.keep_text(kind="charter", words=Text("章程", "Terms"), actor="", at=books.now) == 1, "no news"
    with pytest.raises(TextsChanged):
        join(books, replace(ANNA, place="web"))
    with pytest.raises(TextsChanged):
        join(books, replace(ANNA, charter=2))
    join(books, ANNA)
    join(books, replace(ANNA, identities=(EMAIL,), place="web", charter=1))
    assert list(Enrolment.objects.order_by("id").values_list("charter", flat=True)) == [0, 1]
    assert (members.text("charter"), members.text("charter", 0)) != (None, None)


def test_a_qr_brings_its_place_and_is_counted(books: World) -> None:
    code = enrolling.make_entrance(place="table", store="S1", label=" Window  3 ", user_id=None, at=books.now)
    found = members.entrance(code.lower())
    assert found is not None
    assert found.label == "Window 3"
    join(books, replace(ANNA, place="table", join_code_id=found.id))
    assert members.counts([found.id]) == {found.id: 1}
    enrolling.retire_entrance(entrance_id=found.id, at=books.now)
    assert (members.entrance(code), members.counts([found.id])) == (None, {found.id: 1})


def test_an_order_told_later_leaves_the_gift_as_it_is(books: World) -> None:
    customer_id, _ = join(books, ANNA)
    books.tell(order("o1", (PHONE,), when("2025-05-01 10:00"), 100_00))
    books.assert_clean()
    assert points(customer_id) == 150


def test_member_numbers_join_too(books: World) -> None:
    assert join(books, replace(ANNA, identities=(member("V-1"),)))[1]
