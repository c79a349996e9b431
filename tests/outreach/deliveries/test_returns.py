"""What comes back: clicks with people told from machines, bounces, complaints."""

from datetime import timedelta
from typing import Any

import pytest

from regulars.customers import consents
from regulars.outreach.deliveries import returns, tracking
from regulars.outreach.deliveries.returns import NoDelivery
from regulars.outreach.deliveries.tracking import Touched, machine_of
from regulars.outreach.models import Delivery, Touch
from tests.outreach.deliveries.guests import NOON, business, campaign, guests, one, work
from tests.outreach.mailserver import Post

pytestmark = pytest.mark.django_db
BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0"
LINKS = {"zh": {"subject": "菜单", "body": "看 https://cafe.example/menu, 或者 https://map.example/?q=1。"}}


@pytest.fixture
def sent(mail: Post) -> Delivery:
    """A message that has left."""
    business()
    (anna,) = guests("anna@a.example")
    made = campaign([anna], content=LINKS)
    work()
    return one(made, anna)


def click(sent: Delivery, link: int = 0, seconds: float = 60, agent: str = BROWSER, method: str = "GET") -> str | None:
    assert sent.token is not None
    return tracking.click(token=sent.token, link=link, method=method, agent=agent, at=NOON + timedelta(seconds=seconds))


def counted(sent: Delivery) -> Touched:
    return tracking.touched(sent.campaign_id or 0)


def test_a_click_leads_where_the_campaign_says_and_nowhere_else(sent: Delivery) -> None:
    assert click(sent) == "https://cafe.example/menu"
    assert click(sent, 1, seconds=90) == "https://map.example/?q=1"
    assert click(sent, 2) is None
    assert counted(sent) == Touched(0, 0, 1, 0)


@pytest.mark.parametrize(
    ("method", "agent", "seconds", "machine"),
    [
        ("GET", BROWSER, 60, ""),
        ("HEAD", BROWSER, 60, "head"),
        ("GET", "Barracuda Sentinel (EE)", 60, "agent"),
        ("GET", "", 60, "agent"),
        ("GET", BROWSER, 3, "haste"),
        ("GET", BROWSER, None, "haste"),
    ],
)
def test_what_gives_a_scanner_away(method: str, agent: str, seconds: int | None, machine: str) -> None:
    since = None if seconds is None else timedelta(seconds=seconds)
    assert machine_of(method=method, agent=agent, since_sent=since) == machine


def test_several_links_at_once_are_a_scanners_doing_and_the_first_one_too(sent: Delivery) -> None:
    click(sent, 0)
    click(sent, 1, seconds=61)
    assert counted(sent) == Touched(0, 0, 0, 1)
    click(sent, 0, seconds=600)
    assert counted(sent) == Touched(0, 0, 1, 0), "the person came later"


def test_a_program_that_follows_a_link_for_ever_is_not_kept_for_ever(sent: Delivery) -> None:
    for second in range(tracking.MOST_KEPT + 5):
        assert click(sent, seconds=60 + 10 * second) is not None
    assert Touch.objects.count() == tracking.MOST_KEPT


def test_a_bounce_that_comes_later_stops_the_address(sent: Delivery) -> None:
    assert returns.find(message_id=sent.message_id.strip("<>")) == sent.pk
    assert returns.find(reference=sent.token.hex if sent.token else "") == sent.pk
    assert returns.find(reference="no", message_id="no") is None
    told: dict[str, Any] = {"what": "bounced", "detail": "5.1.1", "source": "postmark", "at": NOON}
    told["delivery_id"] = sent.pk
    assert returns.record(**told)
    assert not returns.record(**told)
    sent.refresh_from_db()
    assert (sent.state, sent.reason) == ("refused", "bounced")
    assert consents.addresses([sent.customer_id], "email") == {}
    assert [trouble.why for trouble in consents.troubles(sent.customer_id)] == ["bounced"]


def test_a_complaint_takes_the_consent_back_as_well(sent: Delivery) -> None:
    assert returns.record(delivery_id=sent.pk, what="complained", detail="", source="postmark", at=NOON)
    who = sent.customer_id
    assert consents.states([who], "promotion", "email") == {who: "withdrawn"}
    assert consents.addresses([who], "email") == {}
    sent.refresh_from_db()
    assert sent.state == "sent", "it did arrive"
    with pytest.raises(NoDelivery):
        returns.record(delivery_id=10**9, what="bounced", detail="", source="x", at=NOON)
