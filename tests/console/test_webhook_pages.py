"""Settings → Webhooks: added with a test, watched, switched off, sent again."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from regulars.console.views.settings import webhooks as page
from regulars.staff.models import AuditEntry
from regulars.staff.rules import SYSTEM
from regulars.webhooks import actions, queries
from regulars.webhooks.models import Delivery, Endpoint, Message
from regulars.webhooks.rules import Wanted, new_token
from tests.webhooks.receiver import Receiver, receiver, says

from .shop import a_shop, counted, staff

pytestmark = pytest.mark.django_db
PAGE = "/settings/webhooks/"


@pytest.fixture(autouse=True)
def _inside(settings) -> None:
    settings.WEBHOOKS_INTERNAL = True


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def made(shop: Receiver, *events: str) -> int:
    return actions.create(wanted=Wanted("Web shop", shop.url, events, "till"), by=SYSTEM, at=timezone.now()).id


def told(endpoint_id: int, kind: str = "customer.created", **more) -> int:
    at = timezone.now()
    data, who = {"customer": {"number": "M100001"}}, {"customer": {"till": ["u-1"]}}
    message = Message.objects.create(token=new_token(), kind=kind, at=at, data=data, who=who, made_at=at)
    return Delivery.objects.create(message=message, endpoint_id=endpoint_id, begun_at=at, due_at=at, **more).pk


def test_added_the_secret_is_shown_once_and_a_test_arrives(shop: Receiver) -> None:
    a_shop()
    owner = staff()
    assert "Nobody is told yet" in owner.get(PAGE).text
    asked = {"name": "Web shop", "url": shop.url, "source": "till", "events": ["order.recorded", "tier.changed"]}
    answer = owner.post(PAGE, asked)
    secret = answer.context["secret"]
    assert answer.status_code == 200
    assert secret in answer.text
    assert "no-store" in answer["Cache-Control"]
    [one] = queries.endpoints()
    assert (one.events, one.source) == (("order.recorded", "tier.changed"), "till")
    sent = owner.post(f"{PAGE}{one.id}/test/", follow=True)
    assert "The test arrived: HTTP 204." in sent.text
    Webhook(secret).verify(shop.got[0][1], shop.got[0][0])
    for address in (PAGE, f"{PAGE}{one.id}/", "/settings/audit/"):
        assert secret not in owner.get(address).text
    assert "2 kinds of event" in owner.get(PAGE).text


def test_a_test_that_does_not_arrive_says_why() -> None:
    with receiver(says(500, b"no such table: hooks")) as shop:
        endpoint = made(shop)
        owner = staff()
        assert "The test has not arrived: HTTP 500." in owner.post(f"{PAGE}{endpoint}/test/", follow=True).text
    [one] = queries.deliveries(endpoint)
    assert "no such table: hooks" in owner.get(f"{PAGE}deliveries/{one.id}/").text
    assert "Nobody answers at this port" in owner.post(f"{PAGE}{endpoint}/test/", follow=True).text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"url": "https://"}, "url"), ({"name": " "}, "name"), ({"events": ["x"]}, "events"), ({"source": "x"}, "source")],
)
def test_what_is_wrong_is_told_beside_its_field(shop: Receiver, wrong, field) -> None:
    answer = staff().post(PAGE, {"name": "A", "url": shop.url, "source": "", **wrong})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert queries.endpoints() == []


def test_addresses_inside_only_where_the_operator_allows_it(settings) -> None:
    settings.WEBHOOKS_INTERNAL = False
    owner = staff()
    for url in ("http://shop.example.com/", "https://127.0.0.1/", "https://[::1]/"):
        assert owner.post(PAGE, {"name": "A", "url": url}).status_code == 422


def test_deliveries_with_their_state_and_sent_again(shop: Receiver) -> None:
    endpoint = made(shop)
    dead = told(endpoint, state="dead", tries=10, status=500, ended_at=timezone.now())
    told(endpoint, "tier.changed", state="delivered", tries=1, status=204, ended_at=timezone.now())
    owner = staff()
    text = owner.get(f"{PAGE}{endpoint}/").text
    assert "A customer is new" in text
    assert "given up" in text
    assert "HTTP 500" in text
    assert [one["line"].id for one in owner.get(f"{PAGE}{endpoint}/?state=dead").context["lines"]] == [dead]
    owner.post(f"{PAGE}{endpoint}/replay/", {"delivery": dead})
    assert queries.delivery(dead).state == "waiting"
    assert "There is nothing to send again." in owner.post(f"{PAGE}{endpoint}/replay/", {"days": 1}, follow=True).text
    again = owner.post(f"{PAGE}{endpoint}/replay/", {"days": 1, "delivered": "1"}, follow=True)
    assert "1 message is sent again." in again.text
    one = owner.get(f"{PAGE}deliveries/{dead}/").text
    assert "u-1" in one, "as the endpoint gets it"


def test_changed_switched_signed_anew_and_removed(shop: Receiver) -> None:
    endpoint = made(shop)
    owner = staff()
    owner.post(f"{PAGE}{endpoint}/", {"name": "Till", "url": shop.url, "source": "", "events": ["tier.changed"]})
    assert (queries.endpoint(endpoint).name, queries.endpoint(endpoint).events) == ("Till", ("tier.changed",))
    owner.post(f"{PAGE}{endpoint}/switch/")
    assert not queries.endpoint(endpoint).is_on
    assert "Switch it on first" in owner.post(f"{PAGE}{endpoint}/test/", follow=True).text
    owner.post(f"{PAGE}{endpoint}/switch/", {"on": "1"})
    assert queries.endpoint(endpoint).is_on
    answer = owner.post(f"{PAGE}{endpoint}/rotate/")
    assert answer.context["secret"].startswith("whsec_")
    assert "the old secret as well" in answer.text
    owner.post(f"{PAGE}{endpoint}/remove/")
    assert owner.get(f"{PAGE}{endpoint}/").status_code == 404
    trail = owner.get("/settings/audit/?area=webhooks").text
    for words in ("added a webhook", "changed a webhook", "endpoint off", "endpoint on", "a new secret", "removed a"):
        assert words in trail


def test_one_that_was_switched_off_is_told_where_the_owner_looks(shop: Receiver) -> None:
    a_shop()
    endpoint = made(shop)
    owner = staff()
    assert "Web shop" not in owner.get("/?days=30").text
    Endpoint.objects.update(off_at=timezone.now(), off_why="failing")
    assert "“Web shop” is not told anything any more" in owner.get("/?days=30").text
    assert "Nothing has arrived there for five days" in owner.get(f"{PAGE}{endpoint}/").text
    assert "“Web shop”" not in staff("viewer").get("/?days=30").text


def test_only_whoever_may(shop: Receiver) -> None:
    endpoint = made(shop)
    for role in ("marketer", "service", "cashier", "viewer"):
        colleague = staff(role)
        assert colleague.get(PAGE).status_code == 403
        assert colleague.post(f"{PAGE}{endpoint}/rotate/").status_code == 403


def test_it_reads_in_chinese_and_asks_no_more_for_more(shop: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = made(shop)
    owner = staff(language="zh-hans")
    told(endpoint)
    with counted(monkeypatch) as few:
        assert "有了新客户" in owner.get(f"{PAGE}{endpoint}/").text
    for _ in range(page.PAGE + 5):
        told(endpoint)
    with counted(monkeypatch) as many:
        assert owner.get(f"{PAGE}{endpoint}/").context["older"]
    assert len(many) == len(few)
    assert AuditEntry.objects.filter(action="webhooks.create").count() == 1
