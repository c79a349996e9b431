"""Messages over a real mail server: at most one each, and a reason for each that did not arrive."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from email.header import decode_header, make_header
from email.message import Message
from unittest.mock import patch

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction

from regulars.core.bilingual import Text
from regulars.customers import actions as customers
from regulars.customers import consents
from regulars.limits import queries as limits
from regulars.limits.rules import Kind
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons import queries as issued
from regulars.loyalty.coupons.rules import OfferKind, Terms
from regulars.outreach.actions import change_costs
from regulars.outreach.campaigns.rules import Message as Words
from regulars.outreach.channels import email_settings
from regulars.outreach.channels.channel import Answer
from regulars.outreach.channels.smtp import SmtpSender
from regulars.outreach.deliveries import claims, queries
from regulars.outreach.deliveries.letters import read_token
from regulars.outreach.deliveries.queue import close_some, queue_many, queue_one
from regulars.outreach.deliveries.rules import Queued
from regulars.outreach.models import Campaign, Delivery
from tests.outreach.deliveries.guests import NOON, business, campaign, ends, guests, hour, one, say, work
from tests.outreach.mailserver import Post

pytestmark = pytest.mark.django_db


def had(*ids: int) -> dict[int, int]:
    """How many messages count for each under the frequency cap."""
    return limits.had(Kind.MESSAGES, ids, at=NOON, window=timedelta(days=7))


def subject(message: Message) -> str:
    return str(make_header(decode_header(message["Subject"])))


def parts(message: Message) -> list[str]:
    """Text and HTML."""
    found = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    return [part.decode() for part in found if isinstance(part, bytes)]


@contextmanager
def while_sending(something: Callable[[], object]) -> Iterator[None]:
    """Something happens each time a message is on its way."""
    real = SmtpSender.hand_over

    def meanwhile(self: SmtpSender, message: EmailMultiAlternatives) -> Answer:
        something()
        return real(self, message)

    with patch.object(SmtpSender, "hand_over", meanwhile):
        yield


@pytest.fixture(autouse=True)
def _cafe(db: None) -> None:
    business()


def test_a_message_arrives_once_in_the_customers_language_with_a_way_out(mail: Post) -> None:
    anna, bo = guests("anna@cafe.example", "bo@cafe.example")
    customers.choose_language(customer_id=bo, language="en")
    sent = campaign([anna, bo])
    assert work().sent == 2
    assert work().sent == 0, "there is nothing left to do"
    assert ends(sent) == {("sent", ""): 2}
    assert [address for address, _ in mail.taken] == ["anna@cafe.example", "bo@cafe.example"]
    (_, zh), (_, en) = mail.taken
    assert subject(en) == "客2, we miss you"
    assert zh["Auto-Submitted"] == "auto-generated"
    assert zh["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    token = zh["List-Unsubscribe"].removeprefix("<https://club.cafe.example/p/").removesuffix("/stop/>")
    assert len(token) == 22
    assert read_token(token) == one(sent, anna).token
    assert zh["Message-ID"] == one(sent, anna).message_id
    assert re.fullmatch(r"<[0-9a-f]{32}@cafe\.example>", zh["Message-ID"])
    text, html = parts(zh)
    assert "客1，来喝杯咖啡吧" in text
    assert f"/p/{token}/stop/" in text
    assert f'href="https://club.cafe.example/p/{token}/go/0/"' in html
    assert "anna" not in zh["List-Unsubscribe"] + html
    assert "seen.gif" not in html, "opens are not counted unless somebody asks for it"
    assert mail.connections == 1


def test_every_message_that_did_not_arrive_has_its_reason(mail: Post) -> None:
    ids = guests(
        "refused@a.example", "blocked@a.example", "bad@a.example", "hangs@a.example", "drops@a.example",
        "fine@a.example", "gone@a.example",
    )  # fmt: skip
    sent = campaign(ids)
    work()
    assert {who: (one(sent, who).state, one(sent, who).reason) for who in ids[:6]} == {
        ids[0]: ("refused", "recipient_refused"),
        ids[1]: ("refused", "recipient_refused"),
        ids[2]: ("refused", "message_refused"),
        ids[3]: ("unknown", "no_answer"),
        ids[4]: ("unknown", "no_answer"),
        ids[5]: ("sent", ""),
    }
    assert Counter(address for address, _ in mail.taken) == {
        "hangs@a.example": 1, "drops@a.example": 1, "fine@a.example": 1,
    }  # fmt: skip
    assert (one(sent, ids[6]).state, one(sent, ids[6]).reason) == ("queued", "connection_lost"), "it never left"
    work(NOON + timedelta(hours=3))
    assert len(mail.taken) == 3, "what may have arrived is not sent again"


def test_only_a_mailbox_that_does_not_exist_stops_the_address(mail: Post) -> None:
    ids = guests("refused@a.example", "blocked@a.example", "bad@a.example")
    campaign(ids)
    work()
    assert sorted(consents.addresses(ids, "email")) == ids[1:]
    again = campaign(ids)
    work(NOON + timedelta(hours=1))
    assert (one(again, ids[0]).state, one(again, ids[0]).reason) == ("suppressed", "no_address")


def test_a_refusal_for_now_is_tried_again_and_given_up_after_the_fifth(mail: Post) -> None:
    once, ever = guests("later@a.example", "full@a.example")
    sent = campaign([once, ever])
    assert work().later == 2
    assert work(NOON + timedelta(minutes=1)).sent == 0, "not yet"
    assert work(NOON + timedelta(minutes=2)).sent == 1
    assert had(once, ever) == {once: 1, ever: 1}
    at = NOON
    for _ in range(4):
        at += timedelta(hours=4)
        if at.hour > 12:  # evening in Shanghai
            at += timedelta(hours=24 - at.hour + 4)
        work(at)
    assert (one(sent, ever).state, one(sent, ever).reason) == ("refused", "refused_too_often")
    assert had(ever) == {}, "they got nothing, so there is room for another message"


def test_the_last_look_sees_what_changed_since_the_queue(mail: Post) -> None:
    gone, silent, unsubscribed, fine = guests("a@a.example", "b@a.example", "c@a.example", "d@a.example", consent=None)
    say(gone, unsubscribed, fine, granted=True)
    sent = campaign([gone, silent, unsubscribed, fine])
    say(unsubscribed, granted=False, days=-1)
    customers.hide(customer_ids=[gone])
    work()
    assert {who: (one(sent, who).state, one(sent, who).reason) for who in (gone, silent, unsubscribed, fine)} == {
        gone: ("suppressed", "gone"),
        silent: ("suppressed", "no_consent"),
        unsubscribed: ("suppressed", "unsubscribed"),
        fine: ("sent", ""),
    }


def test_a_consent_taken_back_while_the_message_before_was_on_its_way_is_honoured(mail: Post) -> None:
    anna, bo = guests("anna@a.example", "bo@a.example")
    sent = campaign([anna, bo])
    with while_sending(lambda: say(bo, granted=False, days=0)):
        work()
    assert ends(sent) == {("sent", ""): 1, ("suppressed", "unsubscribed"): 1}
    assert had(anna, bo) == {anna: 1}


def test_a_refusal_counts_also_when_its_date_lies_ahead(mail: Post) -> None:
    (anna,) = guests("anna@a.example")
    sent = campaign([anna])
    say(anna, granted=False, days=2)
    work()
    assert (one(sent, anna).state, one(sent, anna).reason) == ("suppressed", "unsubscribed")


def test_a_message_keeps_what_it_cost_when_it_left(mail: Post) -> None:
    ids = guests("a@a.example", "b@a.example", "c@a.example")
    first = campaign(ids[:2])
    change_costs(costs={"email": Decimal("4.5")})
    work()
    change_costs(costs={"email": Decimal(9)})
    second = campaign(ids[2:])
    work()
    kept = Delivery.objects.values_list("campaign_id", "cost_minor").order_by("id")
    assert list(kept) == [(first, Decimal("4.5")), (first, Decimal("4.5")), (second, Decimal(9))]


def test_two_records_of_one_person_get_one_message(mail: Post) -> None:
    anna, also_anna = guests("anna@a.example", "anna@b.example")
    sent = campaign([anna, also_anna])
    customers.merge(child_id=also_anna, parent_id=anna, actor="test", at=NOON)
    work()
    assert ends(sent) == {("sent", ""): 1, ("suppressed", "same_person"): 1}
    assert len(mail.taken) == 1


def test_the_frequency_cap_counts_when_messages_leave(mail: Post) -> None:
    (anna,) = guests("anna@a.example")
    first, second, third = campaign([anna]), campaign([anna]), campaign([anna])
    work()
    assert [one(each, anna).state for each in (first, second, third)] == ["sent", "sent", "suppressed"]
    assert one(third, anna).reason == "frequency_cap"
    assert one(third, anna).numbers == {"most": 2, "days": 7, "had": 2}
    queue_one(
        key="points:1", customer_id=anna, channel="email", purpose="service", at=NOON,
        content={"zh": Words("积分到期", "您有积分即将到期。")},
    )  # fmt: skip
    assert work().sent == 1, "a notice about one's own points is no promotion"
    assert mail.taken[-1][1]["List-Unsubscribe"] is None


def test_a_coupon_is_issued_when_the_message_leaves_and_taken_back_when_it_does_not(mail: Post) -> None:
    anna, bo, eve = guests("anna@a.example", "refused@a.example", "later@a.example")
    offer = coupons.create(
        name=Text("拿铁", "Latte"), terms=Terms(OfferKind.AMOUNT_OFF, value=1000), actor="test", at=NOON
    )
    sent = campaign(
        [anna, bo, eve],
        offer_id=offer,
        content={"zh": {"subject": "券", "body": "{{offer}}，券码 {{code}}，{{expires}} 前"}},
    )
    assert issued.tally_of_offer(offer).issued == 0
    work()
    work(NOON + timedelta(minutes=5))
    tally = issued.tally_of_offer(offer)
    assert (tally.issued, tally.voided) == (3, 1)
    (promise,) = issued.promises([one(sent, anna).coupon_id or 0], at=NOON).values()
    assert promise.customer_id == anna
    shown = "-".join(promise.code[i : i + 4] for i in (0, 4, 8))
    assert all(shown in part for part in parts(mail.taken[0][1]))


def test_nothing_leaves_while_paused_at_night_or_faster_than_its_pace(mail: Post) -> None:
    paused = campaign(guests("p@a.example"), state="paused")
    late = campaign(guests("l@a.example"), sends_from=hour(18), sends_until=hour(20))
    slow = campaign(guests(*(f"s{n}@a.example" for n in range(5))), pace_per_hour=120)
    work()
    assert [ends(each)["sent", ""] for each in (paused, late, slow)] == [0, 0, 2]
    work(NOON + timedelta(seconds=61))
    assert ends(slow)["sent", ""] == 4
    assert work(NOON + timedelta(hours=10)).sent == 0, "it is ten in the evening"
    assert work(NOON + timedelta(hours=6, minutes=30)).sent == 2
    Campaign.objects.filter(pk=paused).update(state="running")
    assert work(NOON + timedelta(days=1)).sent == 1


def test_a_campaign_paused_in_the_middle_of_a_batch_stops_there(mail: Post) -> None:
    sent = campaign(guests(*(f"g{n}@a.example" for n in range(5))))
    with while_sending(lambda: Campaign.objects.filter(pk=sent).update(state="paused")):
        work()
    assert ends(sent) == {("sent", ""): 1, ("queued", ""): 4}
    assert not Delivery.objects.filter(claim__isnull=False).exists()


def test_a_stopped_campaign_leaves_a_reason_on_every_message_and_room_for_others(mail: Post) -> None:
    ids = guests("later@a.example", "b@a.example")
    sent = campaign(ids)
    work(stop=lambda: bool(mail.asked))
    assert had(*ids) == dict.fromkeys(ids, 1)
    Campaign.objects.filter(pk=sent).update(state="stopped")
    assert close_some(campaign_id=sent, reason="stopped", at=NOON) == 2
    assert close_some(campaign_id=sent, reason="stopped", at=NOON) == 0
    assert ends(sent) == {("suppressed", "stopped"): 2}
    assert had(*ids) == {}


def test_when_the_mail_server_is_away_everything_waits_and_the_trouble_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REGULARS_EMAIL_URL", "smtp://127.0.0.1:9?security=none&timeout=0.2&from=a%40cafe.example")
    sent = campaign(guests("anna@a.example", "bo@a.example"))
    assert work().trouble == "unreachable"
    assert ends(sent) == {("queued", "unreachable"): 1, ("queued", ""): 1}
    assert set(Delivery.objects.values_list("tries", flat=True)) == {0}
    trouble = email_settings.trouble()
    assert trouble is not None
    assert (trouble["code"], trouble["at"]) == ("unreachable", NOON)


def test_what_a_dead_worker_held_is_free_at_once_and_what_it_was_sending_is_unknown(mail: Post) -> None:
    ids = guests("a@a.example", "b@a.example")
    sent = campaign(ids)
    Delivery.objects.filter(customer_id=ids[0]).update(
        state="sending", claim=77, admitted_at=NOON, sending_at=NOON, tries=1, token="0" * 32
    )
    Delivery.objects.filter(customer_id=ids[1]).update(claim=77)
    work()
    assert ends(sent) == {("unknown", "interrupted"): 1, ("sent", ""): 1}
    assert [address for address, _ in mail.taken] == ["b@a.example"]


def test_a_live_workers_messages_are_left_to_it(mail: Post) -> None:
    (anna,) = guests("anna@a.example")
    campaign([anna])
    with claims.worker() as other:
        Delivery.objects.update(claim=other)
        work()
    assert mail.taken == []


def test_queueing_twice_makes_one_message() -> None:
    (anna,) = guests("anna@a.example")
    made = campaign([anna])
    queue_many(campaign_id=made, channel="email", people=[Queued(anna, "en")], at=NOON)
    words = {"zh": Words("你好", "你好")}
    again = {queue_one(key="task:7", customer_id=anna, channel="copy_list", content=words, at=NOON) for _ in range(2)}
    assert len(again) == 1
    assert Delivery.objects.count() == 2


def test_the_database_refuses_what_must_not_be(mail: Post) -> None:
    (anna,) = guests("anna@a.example")
    made = campaign([anna])
    for wrong in ({"state": "lost"}, {"state": "refused", "ended_at": NOON}, {"state": "sending"}, {"ended_at": NOON}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.filter(campaign_id=made).update(**wrong)


def test_counts_and_pages_add_up(mail: Post) -> None:
    ids = guests("refused@a.example", "b@a.example", "hangs@a.example", "later@a.example")
    sent = campaign(ids)
    work()
    found = queries.counts(sent)
    assert found.states == {"refused": 1, "sent": 1, "unknown": 1, "queued": 1}
    assert (found.total, found.left, found.held_up) == (4, 1, 1)
    assert found.reasons[("refused", "recipient_refused")] == 1
    assert [view.state for view in queries.of_customer([ids[1]])] == ["sent"]
