"""The copy list: a person copies, pastes, and says so; twice is once, and today's answers can be taken back."""

from datetime import timedelta
from decimal import Decimal

import pytest

from regulars.core.bilingual import Text
from regulars.flows.copy_list import show_next
from regulars.limits import queries as limits
from regulars.limits.rules import Kind
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons import queries as issued
from regulars.loyalty.coupons.rules import OfferKind, Terms
from regulars.outreach.actions import change_costs
from regulars.outreach.deliveries import by_hand
from regulars.outreach.deliveries.by_hand import Line, NotOnList, Progress, TooLateToUndo
from regulars.outreach.deliveries.queue import close_some
from regulars.outreach.models import Campaign
from regulars.staff.rules import BusinessProfile
from tests.outreach.deliveries.guests import NOON, business, campaign, ends, guests, one, say

pytestmark = pytest.mark.django_db
WORDS = {"zh": {"subject": "x", "body": "{{name}}，{{offer}}，凭 {{code}}，{{expires}} 前有效"}}


@pytest.fixture
def cafe() -> BusinessProfile:
    return business()


@pytest.fixture
def offer(cafe: BusinessProfile) -> int:
    terms = Terms(OfferKind.AMOUNT_OFF, value=1000, min_spend_minor=3000)
    return coupons.create(name=Text("满减", "Off"), terms=terms, actor="test", at=NOON)


def listed(cafe: BusinessProfile, days: int = 0) -> list[Line]:
    return by_hand.lines(business=cafe, at=NOON + timedelta(days=days))


def had(who: int) -> int:
    return limits.had(Kind.MESSAGES, [who], at=NOON, window=timedelta(days=7)).get(who, 0)


def test_a_name_comes_with_its_text_and_a_code_that_stays(cafe: BusinessProfile, offer: int) -> None:
    ids = guests("", "", "", consent=None)
    sent = campaign(ids, channel="copy_list", content=WORDS, offer_id=offer)
    assert listed(cafe) == []
    assert issued.tally_of_offer(offer).issued == 0
    assert show_next(at=NOON, most=2) == 2
    assert show_next(at=NOON, most=2) == 0, "two stand there already"
    first, second = listed(cafe)
    assert (first.name, second.name, first.state) == ("客1", "客2", "shown")
    assert first.text == f"客1，满30元减10元，凭 {first.code}，2026年6月15日 前有效"
    assert first.code != second.code
    assert issued.tally_of_offer(offer).issued == 2
    assert [line.code for line in listed(cafe)] == [first.code, second.code]
    assert by_hand.progress(campaign_id=sent) == Progress(waiting=1, shown=2, sent=0, skipped=0)


def test_sent_and_skipped_are_said_once_and_make_room(cafe: BusinessProfile) -> None:
    a, b, c = guests("", "", "", consent=None)
    sent = campaign([a, b, c], channel="copy_list")
    change_costs(costs={"copy_list": Decimal(50)})
    show_next(at=NOON, most=2)
    first, second = listed(cafe)
    assert by_hand.mark_sent(delivery_id=first.delivery_id, actor="kim", at=NOON)
    assert not by_hand.mark_sent(delivery_id=first.delivery_id, actor="lee", at=NOON)
    assert one(sent, a).cost_minor == 50
    assert by_hand.skip(delivery_id=second.delivery_id, actor="kim", at=NOON)
    assert not by_hand.skip(delivery_id=second.delivery_id, actor="kim", at=NOON)
    assert (had(a), had(b)) == (1, 0), "who was skipped has room for another message"
    assert one(sent, a).actor == "kim"
    with pytest.raises(NotOnList):
        by_hand.skip(delivery_id=first.delivery_id, actor="kim", at=NOON)
    with pytest.raises(NotOnList):
        by_hand.mark_sent(delivery_id=10**9, actor="kim", at=NOON)
    assert show_next(at=NOON, most=2) == 1
    assert [line.customer_id for line in listed(cafe)] == [c]
    assert [line.customer_id for line in by_hand.done_today(business=cafe, at=NOON)] == [b, a]


def test_todays_answers_can_be_taken_back_and_yesterdays_cannot(cafe: BusinessProfile) -> None:
    a, b = guests("", "", consent=None)
    campaign([a, b], channel="copy_list")
    show_next(at=NOON)
    first, second = (line.delivery_id for line in listed(cafe))
    by_hand.mark_sent(delivery_id=first, actor="kim", at=NOON)
    by_hand.skip(delivery_id=second, actor="kim", at=NOON)
    for line in (first, second):
        assert by_hand.undo(delivery_id=line, business=cafe, at=NOON)
        assert not by_hand.undo(delivery_id=line, business=cafe, at=NOON)
    assert [line.delivery_id for line in listed(cafe)] == [first, second]
    assert (had(a), had(b)) == (1, 1)
    by_hand.mark_sent(delivery_id=first, actor="kim", at=NOON)
    with pytest.raises(TooLateToUndo):
        by_hand.undo(delivery_id=first, business=cafe, at=NOON + timedelta(hours=13))


def test_a_skip_cannot_be_taken_back_once_other_messages_used_the_room(cafe: BusinessProfile) -> None:
    (a,) = guests("", consent=None)
    campaign([a], channel="copy_list")
    show_next(at=NOON)
    (line,) = listed(cafe)
    by_hand.skip(delivery_id=line.delivery_id, actor="kim", at=NOON)
    for _ in range(2):
        campaign([a], channel="copy_list")
    show_next(at=NOON)
    with pytest.raises(TooLateToUndo):
        by_hand.undo(delivery_id=line.delivery_id, business=cafe, at=NOON)


def test_a_personal_note_needs_no_consent_but_a_refusal_counts(cafe: BusinessProfile) -> None:
    silent, refuses, nameless = guests("", "", "", consent=None)
    say(refuses, granted=False, channel="copy_list")
    from regulars.customers.models import Customer

    Customer.objects.filter(pk=nameless).update(name="")
    sent = campaign([silent, refuses, nameless], channel="copy_list")
    show_next(at=NOON)
    assert [line.customer_id for line in listed(cafe)] == [silent]
    assert (one(sent, refuses).reason, one(sent, nameless).reason) == ("unsubscribed", "no_address")


def test_of_a_stopped_campaign_nothing_is_listed_and_who_was_just_sent_is_still_believed(
    cafe: BusinessProfile, offer: int
) -> None:
    a, b = guests("", "", consent=None)
    sent = campaign([a, b], channel="copy_list", content=WORDS, offer_id=offer)
    show_next(at=NOON)
    line = listed(cafe)[0]
    Campaign.objects.filter(pk=sent).update(state="stopped")
    assert listed(cafe) == []
    close_some(campaign_id=sent, reason="stopped", at=NOON)
    assert ends(sent) == {("suppressed", "stopped"): 2}
    assert by_hand.mark_sent(delivery_id=line.delivery_id, actor="kim", at=NOON)
    assert ends(sent) == {("sent", ""): 1, ("suppressed", "stopped"): 1}
    assert issued.tally_of_offer(offer).voided == 0, "the guest may have the code"
