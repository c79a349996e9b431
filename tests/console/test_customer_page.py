"""The page about one customer: what they have, what happened and why, and what can be done for them."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from regulars.flows.merge_customers import merge_customers
from regulars.ledger import statements
from regulars.loyalty.membership import id_of, number_of
from regulars.loyalty.rules import ItemKind
from regulars.staff import queries

from ..flows.world import World, cancel, refund
from .shop import LIN, a_shop, bought, days_ago, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> World:
    return a_shop()


def url_of(client: Client, words: str) -> str:
    return str(client.get("/customers/", {"q": words}).context["page"][0].url)


def balance_of(url: str) -> int:
    customer_id = id_of(url.split("/")[2])
    assert customer_id is not None
    return statements.balances([customer_id], at=timezone.now())[customer_id].spendable


def test_what_ann_has_stands_in_the_cards(shop: World) -> None:
    owner = staff()
    page = owner.get(url_of(owner, "Ann"))
    balance = page.context["balance"]
    assert (balance.spendable, balance.pending) == (300, 80)  # 500 less the 200 of the line sent back; 80 wait
    assert [points for _at, points in page.context["maturing"]] == [80]
    assert page.context["bought"].orders == 2
    assert page.context["average"] == (30_000 + 8_600) // 2
    assert "l***" not in page.text
    assert "a***@example.com" in page.text


def test_the_ladder_says_what_the_next_tier_takes_and_when_this_one_ends(shop: World) -> None:
    owner = staff()
    ladder = owner.get(url_of(owner, "林")).context["ladder"]
    assert (ladder.tier.name, ladder.next.name, ladder.counted) == ("Silver", "Gold", "1,300 growth")
    assert re.fullmatch(r"Spend ¥3,700 by \d+ \w+ \d{4} to reach Gold\.", ladder.rise)
    assert len(ladder.falls) == 1
    assert re.fullmatch(
        r"Drops to Basic on \d+ \w+ \d{4}; spend ¥[1-9]\d* by \d+ \w+ \d{4} to keep Silver\.", ladder.falls[0]
    )


def test_each_entry_says_why_under_what_caused_it(shop: World) -> None:
    owner = staff()
    text = re.sub(r"\s+", " ", owner.get(url_of(owner, "Ann")).text)
    assert "Order A2 (S2, " in text
    assert "¥86.00 was paid; less ¥6.00 of freight, vouchers and stored value, ¥80.00 counts." in text
    assert "¥1 = 1 point, which makes 80 points (programme version 1)." in text
    assert "Sent back from order A1: sku ¥200.00." in text
    assert "Taken back from what can be spent: the 200 points that it had earned." in text
    assert "pending until" in text


def test_the_same_in_chinese(shop: World) -> None:
    owner = staff(language="zh-hans")
    text = owner.get(url_of(owner, "Ann")).text
    assert "每满 ¥1 得 1 积分，共 80 积分（会员计划第 1 版）。" in text
    assert "线上订单有 7 天退货期，期间待生效" in text
    assert "当时获得的 200 积分从可用积分中扣回。" in text


def test_the_timeline_goes_on_and_shows_everything_once(shop: World) -> None:
    noon = days_ago(200).replace(hour=4, minute=0, second=0, microsecond=0)
    from dataclasses import replace

    same = [replace(bought(f"S{i}", LIN, 0, 100), occurred_at=noon) for i in range(25)]
    later = [replace(bought(f"T{i}", LIN, 0, 100), occurred_at=noon + timedelta(days=i)) for i in range(1, 26)]
    shop.tell(*same, *later)
    owner = staff()
    address: str = url_of(owner, "林")
    seen: list[str] = []
    where = address
    for _ in range(9):
        part = owner.get(where, headers={"HX-Request": "true", "HX-Target": "earlier"})
        story = part.context["timeline"]
        seen += [f"{event.title} {event.mark}" for event in story.events]
        if not story.earlier:
            break
        where = f"{address}?before={story.earlier.replace('+', '%2B')}"
    orders = [title.split()[1] for title in seen if title.startswith("Order ")]
    assert sorted(orders) == sorted(
        ["L1", "L2", "L3", "L4", *(f"S{i}" for i in range(25)), *(f"T{i}" for i in range(1, 26))]
    )
    assert len(seen) == len(set(seen))
    assert any(title.startswith("Reached Silver") for title in seen)


@pytest.mark.parametrize(
    "before", ["x", "~~", "2026-13-40T00:00~1~1", "2026-01-01T00:00:00~1~1", "a~1~99999999999999999999"]
)
def test_a_mark_that_is_none_is_ignored(shop: World, before: str) -> None:
    owner = staff()
    assert owner.get(url_of(owner, "林"), {"before": before}).context["timeline"].events


def test_a_refund_of_more_than_was_paid_is_remarked_on(shop: World) -> None:
    owner, other = staff(), staff(language="zh-hans")
    remark = "More was given back than was paid. The surplus takes no points back."
    assert remark not in owner.get(url_of(owner, "Ann")).text, "an ordinary refund is nothing to look at"
    shop.tell(refund("R2", "A1", days_ago(2), 40_000), refund("R3", "L1", days_ago(9), 1), at=timezone.now())
    events = owner.get(url_of(owner, "Ann")).context["timeline"].events
    assert [(event.amount, event.remark) for event in events if event.title.startswith("Refund")] == [
        (40_000, remark),
        (20_000, ""),
    ]
    assert remark in owner.get(url_of(owner, "Ann")).text
    assert "退款超过实付，多出的部分不再扣回积分。" in other.get(url_of(other, "Ann")).text
    assert remark not in owner.get(url_of(owner, "林")).text


def test_a_cancelled_order_and_a_late_one_are_told(shop: World) -> None:
    shop.tell(cancel("N9", "L4", days_ago(50)), at=timezone.now())
    owner = staff()
    text = owner.get(url_of(owner, "林")).text
    assert "Order L4 cancelled" in text
    assert "Order L4 was cancelled and counts as never made." in text
    shop.tell(bought("L0", LIN, 140, 100), refund("RL", "L1", days_ago(129), 5_000), at=timezone.now())
    assert "L0" in owner.get(url_of(owner, "林")).text


class TestContacts:
    def test_looking_is_recorded(self, shop: World) -> None:
        service = staff("service")
        url = url_of(service, "林")
        assert "138 0001 0001" not in service.get(url).text
        assert "138 0001 0001" in service.post(f"{url}contacts/").text
        line = queries.audit_trail(limit=1)[0]
        assert (line.action, line.subject_kind, line.subject_id) == (
            "customers.reveal",
            "customer",
            str(id_of(url[11:-1])),
        )

    def test_who_may_not_look_gets_no_button(self, shop: World) -> None:
        viewer = staff("viewer")
        url = url_of(viewer, "林")
        assert "Show phones" not in viewer.get(url).text
        assert viewer.post(f"{url}contacts/").status_code == 403


class TestTiers:
    def send(self, client: Client, url: str, tier: str, until: str, key: str, reason: str = "She waited") -> int:
        told = {"tier": tier, "until": until, "reason": reason, "key": key}
        return client.post(f"{url}tier/", told, headers={"HX-Request": "true"}).status_code

    def test_given_once_however_often_it_is_sent_and_told_with_its_reason(self, shop: World) -> None:
        owner = staff()
        url = url_of(owner, "林")
        assert [self.send(owner, url, "gold", "2099-06-30", "aaaaaaaa-1") for _ in range(2)] == [204, 204]
        page = owner.get(url)
        ladder = page.context["ladder"]
        assert (ladder.tier.name, [one.said for one in ladder.given]) == (
            "Gold", ["Gold through 30 Jun 2099, given by hand: She waited"],
        )  # fmt: skip
        event = next(one for one in page.context["timeline"].events if one.title == "Tier given")
        assert event.details == ["Gold through 30 Jun 2099, given by hand: She waited", "Lin"]
        given = [line for line in queries.audit_trail() if line.action == "tiers.give"]
        assert [line.detail for line in given] == [{"tier": "gold"}]
        assert "金卡，至 2099-06-30（手工定级）：She waited" in staff(language="zh-hans").get(url).text

    def test_ended_it_is_gone_and_the_timeline_keeps_why(self, shop: World) -> None:
        owner = staff()
        url = url_of(owner, "林")
        assert self.send(owner, url, "black", "", "aaaaaaaa-1") == 204
        ladder = owner.get(url).context["ladder"]
        assert (ladder.tier.name, ladder.next) == ("Black", None)
        assert owner.post(f"{url}tier/end/", {"grant": ladder.given[0].id, "reason": "By mistake"}).status_code == 302
        page = owner.get(url)
        assert (page.context["ladder"].tier.name, page.context["ladder"].given) == ("Silver", [])
        ended = next(one for one in page.context["timeline"].events if one.title == "Given tier ended")
        assert "By mistake" in ended.details
        assert "tiers.end" in [line.action for line in queries.audit_trail()]
        again = owner.post(f"{url}tier/end/", {"grant": ladder.given[0].id, "reason": "Again"}, follow=True)
        assert "This form was sent before" in again.text

    @pytest.mark.parametrize(
        ("tier", "until", "reason"),
        [
            ("basic", "", "x"),
            ("diamond", "", "x"),
            ("gold", "2001-01-01", "x"),
            ("gold", "never", "x"),
            ("gold", "", ""),
        ],
    )
    def test_what_means_nothing_is_refused_in_the_form(self, shop: World, tier: str, until: str, reason: str) -> None:
        owner = staff()
        url = url_of(owner, "林")
        assert self.send(owner, url, tier, until, "aaaaaaaa-1", reason) == 422
        assert owner.get(url).context["ladder"].given == []

    def test_who_may_not_gets_no_button(self, shop: World) -> None:
        viewer = staff("viewer")
        url = url_of(viewer, "林")
        assert "Give a tier" not in viewer.get(url).text
        assert viewer.post(f"{url}tier/").status_code == 403
        assert viewer.post(f"{url}tier/end/").status_code == 403


class TestPoints:
    def send(self, client: Client, url: str, what: str, amount: object, key: str, note: str = "Sorry") -> int:
        told = {"what": what, "amount": amount, "note": note, "key": key}
        return client.post(f"{url}points/", told, headers={"HX-Request": "true"}).status_code

    def test_granted_once_however_often_it_is_sent(self, shop: World) -> None:
        owner = staff()
        url = url_of(owner, "林")
        before = balance_of(url)
        assert [self.send(owner, url, "grant", 25, "aaaaaaaa-1") for _ in range(3)] == [204, 204, 204]
        assert balance_of(url) == before + 25
        adjusted = [line for line in queries.audit_trail() if line.action == "ledger.adjust"]
        assert [line.detail for line in adjusted] == [{"points": 25}]
        text = owner.get(url).text
        assert "Granted 25 points by hand." in text
        assert "Reason: Sorry" in text

    def test_the_same_form_with_another_amount_is_refused(self, shop: World) -> None:
        owner = staff()
        url = url_of(owner, "林")
        before = balance_of(url)
        assert self.send(owner, url, "grant", 25, "aaaaaaaa-2") == 204
        assert self.send(owner, url, "grant", 26, "aaaaaaaa-2") == 422
        assert balance_of(url) == before + 25

    def test_more_than_there_is_cannot_be_deducted_and_it_is_said_kindly(self, shop: World) -> None:
        owner = staff()
        url = url_of(owner, "林")
        told = {"what": "deduct", "amount": 5000, "note": "x", "key": "aaaaaaaa-3"}
        answer = owner.post(f"{url}points/", told)
        assert (answer.status_code, "Only 1,300 points can be spent." in answer.text) == (422, True)
        assert 'value="aaaaaaaa-3"' in answer.text
        assert self.send(owner, url, "deduct", 300, "aaaaaaaa-4") == 204
        assert balance_of(url) == 1000

    @pytest.mark.parametrize(("amount", "note"), [(0, "x"), (-5, "x"), ("", "x"), ("1e9", "x"), (10**7, "x"), (5, " ")])
    def test_what_makes_no_sense_is_refused(self, shop: World, amount: object, note: str) -> None:
        owner = staff()
        url = url_of(owner, "林")
        assert self.send(owner, url, "grant", amount, "aaaaaaaa-5", note) == 422
        assert balance_of(url) == 1300

    def test_a_cashier_may_not(self, shop: World) -> None:
        cashier, viewer = staff("cashier"), staff("viewer")
        url = url_of(viewer, "林")
        assert self.send(cashier, url, "grant", 1, "aaaaaaaa-6") == 403
        assert cashier.get(url).status_code == 403
        assert "Grant or deduct" not in viewer.get(url).text


def test_held_and_owed_points_stand_apart(shop: World) -> None:
    owner = staff()
    url = url_of(owner, "林")
    customer_id = id_of(url[11:-1])
    assert customer_id is not None
    shop.command(ItemKind.HOLD, customer_id, 300, "h", at=timezone.now())
    shop.command(ItemKind.REDEEM, customer_id, 1000, "r", at=timezone.now())
    shop.tell(refund("RX", "L4", timezone.now()), at=timezone.now())
    page = owner.get(url)
    balance = page.context["balance"]
    assert (balance.spendable, balance.held, balance.owed) == (0, 300, 700)
    assert "must be repaid from the next ones earned" in page.text


def test_what_a_merge_changed_says_so(shop: World) -> None:
    owner = staff()
    lin, ann = (id_of(url_of(owner, words)[11:-1]) or 0 for words in ("林", "Ann"))
    shop.command(ItemKind.REDEEM, lin, 1300, "r", at=days_ago(60))
    shop.tell(refund("RX", "L4", days_ago(50)), at=timezone.now())
    merge_customers(child_id=lin, parent_id=ann, actor="", policies=shop.policies, at=timezone.now())
    page = owner.get(url_of(owner, "Ann"))
    assert "customers were merged or parted" in page.text
    assert f"{number_of(lin)} became one with {number_of(ann)}" in page.text
    assert page.context["others"] == [number_of(lin)]
    # Lin owed 700; Ann's 500 and 80 went towards it, and the 200 that she sent back afterwards are owed as well.
    assert page.context["balance"].owed == 700 - 500 - 80 + 200


@pytest.mark.parametrize("number", ["M1", "abc", "M99999999999999999999", "M100000", "M199999999"])
def test_nobody_under_a_number(shop: World, number: str) -> None:
    assert staff().get(f"/customers/{number}/").status_code == 404


def test_without_a_programme_the_page_still_opens() -> None:
    from regulars.customers.actions import Arrival, identify

    identify(arrivals=[Arrival((LIN,), {"name": "林晓"}, timezone.localdate())], at=timezone.now())
    owner = staff()
    page = owner.get(url_of(owner, "林"))
    assert page.context["ladder"] is None
    assert "Nothing has happened yet." in page.text
