"""Offers: whose terms never change under a coupon that was issued."""

from dataclasses import replace

import pytest
from django.db import DatabaseError, transaction

from regulars.core.bilingual import Text
from regulars.loyalty.coupons import actions, queries
from regulars.loyalty.coupons.actions import OfferArchived, OfferChanged
from regulars.loyalty.coupons.offers import NoOffer, offer, offers
from regulars.loyalty.coupons.rules import InvalidOffer, OfferKind, Terms
from regulars.loyalty.models import OfferVersion
from tests.loyalty.coupons import shop
from tests.loyalty.coupons.shop import AT, LATTE, PART_OFF, TEN_OFF

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("terms", [TEN_OFF, PART_OFF, LATTE, replace(TEN_OFF, uses_most=500, days_valid=1)])
def test_an_offer_is_read_as_it_was_made(terms: Terms) -> None:
    made = shop.offer(terms)
    found = offer(made)
    assert (found.id, found.name, found.version, found.terms, found.created_by) == (made, shop.HELLO, 1, terms, "kim")
    assert [one.id for one in offers()] == [made]


def test_coupons_keep_the_terms_on_which_they_were_issued() -> None:
    made = shop.offer()
    early = shop.issue(made, "a")
    assert actions.change(offer_id=made, terms=replace(TEN_OFF, value=20_00), after=1, actor="lee", at=AT) == 2
    late = shop.issue(made, "b")
    approved = shop.issue(made, "c", version=1)
    assert [shop.redeem(one, str(n)).discount_minor for n, one in enumerate((early, late, approved))] == [
        10_00,
        20_00,
        10_00,
    ]
    assert (offer(made).terms.value, offer(made, version=1).terms.value) == (20_00, 10_00)


def test_the_same_terms_are_no_new_version() -> None:
    made = shop.offer()
    assert actions.change(offer_id=made, terms=TEN_OFF, after=1, actor="lee", at=AT) == 1


def test_two_who_change_at_once_hear_of_each_other() -> None:
    made = shop.offer()
    actions.change(offer_id=made, terms=PART_OFF, after=1, actor="lee", at=AT)
    with pytest.raises(OfferChanged):
        actions.change(offer_id=made, terms=LATTE, after=1, actor="kim", at=AT)


def test_an_offer_that_was_put_away_issues_nothing_new() -> None:
    made = shop.offer()
    before = shop.issue(made, "a")
    actions.archive(offer_id=made, at=AT)
    with pytest.raises(OfferArchived):
        shop.issue(made, "b")
    assert shop.issue(made, "a") == before, "what was issued before is found again"
    assert shop.redeem(before).discount_minor == 10_00
    assert (offers(), [one.id for one in offers(archived=True)]) == ([], [made])
    actions.bring_back(offer_id=made)
    assert shop.issue(made, "b").code


def test_a_name_can_change_and_one_language_will_do() -> None:
    made = shop.offer()
    actions.rename(offer_id=made, name=Text("  回来 吧 ", ""))
    assert offer(made).name == Text("回来 吧", "回来 吧")
    for name in (Text(" ", ""), Text("x" * 81, "")):
        with pytest.raises(InvalidOffer):
            actions.rename(offer_id=made, name=name)


def test_what_is_not_there() -> None:
    for act in (
        lambda: offer(9),
        lambda: offer(shop.offer(), version=2),
        lambda: actions.change(offer_id=9, terms=TEN_OFF, after=1, actor="", at=AT),
        lambda: actions.rename(offer_id=9, name=shop.HELLO),
        lambda: actions.archive(offer_id=9, at=AT),
        lambda: actions.bring_back(offer_id=9),
        lambda: shop.issue(9),
    ):
        with pytest.raises(NoOffer):
            act()


def test_the_database_keeps_versions_as_they_are_and_refuses_nonsense() -> None:
    made = shop.offer()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        OfferVersion.objects.filter(offer_id=made).update(value=1)
    for kind, value in ((OfferKind.PERCENT_OFF, 100), (OfferKind.GIFT, 0), ("free", 1)):
        with pytest.raises(DatabaseError), transaction.atomic():
            OfferVersion.objects.create(
                offer_id=made, number=2, kind=kind, value=value, gift={}, days_valid=1, created_at=AT
            )


def test_nothing_came_of_an_offer_yet() -> None:
    assert queries.tally_of_offer(shop.offer()).issued == 0
