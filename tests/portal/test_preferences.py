"""What customers reach from a message: no sign-in, no cookie, nothing from elsewhere, a way out that always works."""

import base64
import hashlib
import re
from uuid import uuid4

import pytest
from django.test import Client

from regulars.customers import actions as customers
from regulars.customers import consents
from regulars.outreach.deliveries.letters import read_token, shown_token
from regulars.outreach.models import Delivery, Touch
from tests.outreach.deliveries.guests import NOON, business, campaign, guests, one, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent() -> Delivery:
    """A message in the local mailbox."""
    business()
    (anna,) = guests("anna@a.example")
    made = campaign([anna])
    work()
    return one(made, anna)


@pytest.fixture
def address(sent: Delivery) -> str:
    assert sent.token is not None
    return f"/p/{shown_token(sent.token)}/"


def state(sent: Delivery, channel: str = "email", purpose: str = "promotion") -> str | None:
    return consents.states([sent.customer_id], purpose, channel).get(sent.customer_id)


def test_one_click_unsubscribes_without_cookie_or_token_and_twice_is_once(sent: Delivery, address: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    for _ in range(2):
        answer = strict.post(f"{address}stop/", {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert not answer.cookies
    assert state(sent) == "withdrawn"
    assert [(said.source, said.granted) for said in consents.history(sent.customer_id)][:1] == [("one_click", False)]
    assert len(consents.history(sent.customer_id)) == 2


def test_a_link_that_is_followed_only_asks(client: Client, sent: Delivery, address: str) -> None:
    page = client.get(f"{address}stop/")
    assert page.status_code == 200
    assert client.head(f"{address}stop/").status_code == 200
    assert state(sent) == "granted"
    client.post(f"{address}stop/")
    assert state(sent) == "withdrawn"
    assert consents.history(sent.customer_id)[0].source == "page"


def test_unsubscribing_says_what_still_comes(client: Client, address: str) -> None:
    said = client.post(f"{address}stop/?lang=en").content.decode()
    assert "You will still get notices about your points and orders" in said


def test_pages_are_closed_to_everything_else(client: Client, address: str) -> None:
    for page in (client.get(address), client.get(f"{address}stop/"), client.get("/p/nothing/")):
        policy = page["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert (page["Referrer-Policy"], page["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
        assert page["Cache-Control"] == "no-store"
        assert not page.cookies
        assert not re.search(r"""(?:src|href)=["']https?://""", page.content.decode())
        assert "anna" not in page.content.decode()


def test_the_style_in_the_page_is_the_one_that_the_policy_allows(client: Client, address: str) -> None:
    page = client.get(address)
    style = re.search(r"<style>(.*?)</style>", page.content.decode(), re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page["Content-Security-Policy"]


def test_choices_are_shown_kept_and_written_down(client: Client, sent: Delivery, address: str) -> None:
    page = client.get(address).content.decode()
    assert re.findall(r'name="(\S+)" value="1" checked', page) == [
        "promotion-email", "promotion-copy_list", "service-email",
    ]  # fmt: skip
    assert "a***@a.example" in page
    answer = client.post(address, {"promotion-copy_list": "1", "service-email": "1", "language": "en"})
    assert (answer.status_code, answer["Location"]) == (303, f"{address}?saved=1")
    after = client.get(answer["Location"]).content.decode()
    assert '<html lang="en">' in after
    assert "Saved" in after
    assert re.findall(r'name="(\S+)" value="1" checked', after) == ["promotion-copy_list", "service-email"]
    assert (state(sent), state(sent, "copy_list"), state(sent, purpose="service")) == ("withdrawn", None, None)
    (said, _) = consents.history(sent.customer_id)
    assert (said.source, said.wording) == ("page", "preferences-1")
    client.post(address, {"promotion-email": "1", "promotion-copy_list": "1", "service-email": "1"})
    assert state(sent) == "granted"


def test_no_offers_at_all_leaves_the_notices(client: Client, sent: Delivery, address: str) -> None:
    client.post(address, {"promotion-email": "1", "promotion-copy_list": "1", "service-email": "1", "none": "1"})
    assert (state(sent), state(sent, "copy_list"), state(sent, purpose="service")) == ("withdrawn", "withdrawn", None)


def test_the_page_speaks_the_messages_language_and_the_other_one(client: Client, address: str) -> None:
    assert '<html lang="zh-CN">' in client.get(address, headers={"Accept-Language": "en"}).content.decode()
    assert "What you get from us" in client.get(f"{address}?lang=en").content.decode()


def test_after_a_merge_the_page_speaks_for_the_whole_person(client: Client, sent: Delivery, address: str) -> None:
    (other,) = guests("other@b.example")
    customers.merge(child_id=sent.customer_id, parent_id=other, actor="test", at=NOON)
    client.post(f"{address}stop/")
    assert consents.states([other], "promotion", "email") == {other: "withdrawn"}


@pytest.mark.parametrize("token", ["abc", "A" * 22, "B" * 21 + "=", "é" * 22, "0" * 200])
def test_a_wrong_address_is_answered_kindly_in_both_languages(client: Client, token: str) -> None:
    for rest in ("", "stop/", "go/0/"):
        answer = client.get(f"/p/{token}/{rest}")
        assert answer.status_code == 404
        assert "这个链接打不开" in answer.content.decode()
        assert "This link does not work" in answer.content.decode()


def test_a_click_goes_on_and_says_nothing_to_where_it_goes(client: Client, sent: Delivery, address: str) -> None:
    answer = client.get(f"{address}go/0/", headers={"User-Agent": "Mozilla/5.0"})
    assert (answer.status_code, answer["Location"]) == (302, "https://cafe.example/menu")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert client.get(f"{address}go/1/").status_code == 404
    assert Touch.objects.count() == 1


def test_the_pixel_is_the_same_for_everybody(client: Client, address: str) -> None:
    there, nowhere = client.get(f"{address}seen.gif"), client.get("/p/AAAAAAAAAAAAAAAAAAAAAA/seen.gif")
    assert there.content == nowhere.content
    assert there["Content-Type"] == "image/gif"
    assert Touch.objects.get().kind == "open"


def test_tokens_are_read_as_they_are_written() -> None:
    for _ in range(50):
        token = uuid4()
        assert read_token(shown_token(token)) == token
    assert read_token("_" * 22) is None, "only one spelling of a token is one"
