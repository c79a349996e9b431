"""What members see and do on their phones: card and code, rewards, coupons, the statement, and what they set."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from regulars.customers import consents
from regulars.customers.cards import actions as cards
from regulars.customers.models import Customer
from regulars.customers.queries import profile
from regulars.flows.command_points import command_points
from regulars.ledger import statements
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.rules import ItemKind
from tests.flows.world import World, event
from tests.loyalty.coupons.shop import offer
from tests.portal.people import ANNA, BO, a_phone, a_shop, codes_drawn, id_of, phone_of
from tests.portal.rewarding import mug

pytestmark = pytest.mark.django_db
STAMPS = {
    "rules": [{"code": "cup", "earns": "stamps", "on": "Cup", "then": {"kind": "fixed", "amount": 1}}],
    "currencies": [{"code": "stamps", "names": {"zh": "印花", "en": "stamps", "one": "stamp"}}],
}


@pytest.fixture
def world() -> World:
    return a_shop()


@pytest.fixture
def phone(world: World) -> Client:
    return phone_of(id_of(ANNA[0]))


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


class TestCard:
    def test_it_says_who_what_and_until_when(self, world: World, phone: Client) -> None:
        said = text(phone, "/m/")
        assert "Anna Lin" in said
        assert "1,000" in said
        assert re.search(r"1,000 points end on 31 Dec 20\d\d", said)
        assert "to reach" in said, "the way to the next tier, in a sentence"

    def test_its_code_is_one_that_a_till_reads_once(
        self, world: World, phone: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shown = codes_drawn(monkeypatch)
        phone.get("/m/")
        found = cards.who_shows(shown[-1], at=timezone.now(), key="scan")
        assert found.customer_id == id_of(ANNA[0])
        page = phone.get("/m/code/").content.decode()
        assert "Scanned" in page or shown[-1] != shown[0], "who holds the phone sees that it was read"

    def test_stamps_are_drawn_as_circles(self) -> None:
        world = a_shop(**STAMPS)
        mug("cup", points=9, currency="stamps")
        now = timezone.now()
        world.tell(*(event(f"s{n}", ANNA, now - timedelta(hours=n + 1), "Cup") for n in range(4)), at=now)
        page = phone_of(id_of(ANNA[0])).get("/m/").content.decode()
        assert (len(re.findall(r'class="stamp[ "]', page)), page.count('class="stamp full')) == (9, 4)
        assert 'aria-label="4 of 9"' in page

    def test_it_costs_few_questions(self, world: World, phone: Client, django_assert_max_num_queries: object) -> None:
        phone.get("/m/")
        with django_assert_max_num_queries(32):  # type: ignore[operator]
            phone.get("/m/")
        with django_assert_max_num_queries(8):  # type: ignore[operator]
            phone.get("/m/code/")


class TestRewards:
    def test_redeemed_once_however_often_the_form_is_sent(self, world: World, phone: Client) -> None:
        mug()
        page = phone.get("/m/rewards/").content.decode()
        key = re.search(r'name="key" value="([^"]+)"', page)
        assert key is not None
        answers = [phone.post("/m/rewards/claim/", {"reward": "mug", "key": key[1]}) for _ in range(2)]
        assert answers[0]["Location"] == answers[1]["Location"]
        assert re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", text(phone, answers[0]["Location"]))
        held = statements.balances([id_of(ANNA[0])], at=timezone.now())
        assert held[id_of(ANNA[0])].spendable == 700

    def test_what_cannot_be_had_says_why_and_takes_nothing(self, world: World, phone: Client) -> None:
        mug(points=5_000)
        assert "4,000" in text(phone, "/m/rewards/")
        refused = phone.post("/m/rewards/claim/", {"reward": "mug", "key": "k"})
        assert (refused.status_code, "Nothing was taken" in refused.content.decode()) == (409, True)
        assert phone.post("/m/rewards/claim/", {"reward": "none", "key": "k"}).status_code == 409


def test_coupons_have_codes_and_their_last_day(world: World, phone: Client) -> None:
    coupons.issue(offer_id=offer(), key="k", zone=world.zone, at=timezone.now(), customer_id=id_of(ANNA[0]))
    said = text(phone, "/m/coupons/")
    assert re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", said)
    assert "Through" in said


def test_the_statement_gives_reasons_and_keeps_what_staff_noted_to_themselves(world: World, phone: Client) -> None:
    command_points(
        customer_id=id_of(ANNA[0]), kind=ItemKind.GRANT, amount=25, key="g", policies=world.policies,
        at=timezone.now(), actor="user:1", note="suspicious, watch her",
    )  # fmt: skip
    said = text(phone, "/m/statement/")
    assert "¥1 = 1 point" in said
    assert "+25" in said
    assert "suspicious" not in said


def test_tier_rules_and_texts_are_in_plain_words(world: World, phone: Client) -> None:
    assert "Silver" in text(phone, "/m/tier/")
    assert "1 point" in text(phone, "/m/rules/")
    assert "Draft" in text(a_phone(), "/m/text/charter/")
    assert a_phone().get("/m/text/nothing/").status_code == 404


class TestMe:
    def test_a_birthday_is_told_once(self, world: World, phone: Client) -> None:
        assert phone.post("/m/me/profile/", {"name": "Anna L.", "birthday": "1990-05-17"}).status_code == 303
        who = profile(id_of(ANNA[0]))
        assert who is not None
        assert (who.name, str(who.birthday)) == ("Anna L.", "1990-05-17")
        assert phone.post("/m/me/profile/", {"name": "Anna", "birthday": "1990-05-18"}).status_code == 400
        again = profile(id_of(ANNA[0]))
        assert again is not None
        assert (again.name, str(again.birthday)) == ("Anna L.", "1990-05-17")

    @pytest.mark.parametrize("day", ["2999-01-01", "1890-01-01", "yesterday"])
    def test_nobody_is_born_then(self, world: World, phone: Client, day: str) -> None:
        assert phone.post("/m/me/profile/", {"name": "", "birthday": day}).status_code == 400
        assert Customer.objects.get(pk=id_of(ANNA[0])).birthday is None

    def test_the_language_holds_for_pages_and_messages(self, world: World, phone: Client) -> None:
        phone.post("/m/me/language/", {"language": "zh-hans"})
        assert '<html lang="zh-CN">' in phone.get("/m/").content.decode()
        assert consents.languages([id_of(ANNA[0])]) == {id_of(ANNA[0]): "zh-hans"}

    def test_wishes_are_written_down_as_ones_own(self, world: World, phone: Client) -> None:
        phone.post("/m/me/wishes/", {"promotion-email": "1", "service-email": "1"})
        said = {(one.purpose, one.channel): (one.granted, one.source) for one in consents.history(id_of(ANNA[0]))}
        assert said == {("promotion", "email"): (True, "page"), ("promotion", "copy_list"): (False, "page")}

    def test_everything_that_is_kept_goes_along(self, world: World, phone: Client) -> None:
        mug()
        phone.post("/m/rewards/claim/", {"reward": "mug", "key": "k"})
        phone.post("/m/me/wishes/", {"promotion-email": "1"})
        told = json.loads(phone.get("/m/me/data.json").content)
        assert told["profile"][0]["name"] == "Anna Lin"
        assert {one["value"] for one in told["profile"][0]["identities"]} == {one.value for one in ANNA}
        assert [(one["key"], one["amount"]) for one in told["orders_and_events"]] == [("a1", 1000_00)]
        filled = {name for name, rows in told.items() if isinstance(rows, list) and rows}
        assert filled >= {"profile", "consents", "devices", "orders_and_events", "balances", "entries", "rewards"}
        assert "token" not in json.dumps(told), "no secret of a session"
        assert BO[0].value not in json.dumps(told)
        assert "Anna Lin" in text(phone, "/m/me/data/")


class TestApp:
    def test_the_manifest_and_the_worker_are_served_and_say_nothing_personal(self, world: World) -> None:
        told = a_phone().get("/m/manifest.webmanifest")
        assert told.json()["start_url"] == told.json()["scope"] == "/m/"
        worker = a_phone().get("/m/worker.js")
        assert worker["Content-Type"].startswith("text/javascript")
        assert "forget" in worker.content.decode()
        assert a_phone().get("/m/offline/").status_code == 200
