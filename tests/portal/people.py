"""Members of a small shop, and their phones."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from regulars.core import drawn_codes
from regulars.customers.identities import Identity, IdentityKind
from regulars.customers.models import SignInCode
from regulars.customers.signing_in import actions as signing_in
from regulars.facts.rules import NewFact
from regulars.flows.send_code import send_code
from regulars.outreach.channels import mailbox
from regulars.portal.access import COOKIE
from regulars.staff import actions as staff
from regulars.staff.rules import SYSTEM
from tests.flows.world import World, order, query

ANNA = (Identity(IdentityKind.PHONE, "", "+8613812345678"), Identity(IdentityKind.EMAIL, "", "anna@club-mail.com"))
BO = (Identity(IdentityKind.PHONE, "", "+8613812349999"),)
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) MicroMessenger/8.0.50"


def a_shop(**terms: object) -> World:
    """Anna has 1,000 points and an e-mail address; Bo has 300 points and a phone only."""
    now = timezone.now()
    staff.change_business(by=SYSTEM, at=now, name="Camellia", language="en", is_demo=True)
    world = World(
        now=f"{timezone.localtime():%Y-%m-%d %H:%M}", terms=[("2025-01-01 00:00", dict(terms))] if terms else []
    )
    world.tell(bought("a1", ANNA, 1000_00, "Anna Lin"), bought("b1", BO, 300_00, "Bo Chen"), at=now)
    return world


def bought(key: str, who: tuple[Identity, ...], amount: int, name: str, days: float = 60) -> NewFact:
    """An order so many days ago, which tells a name."""
    fact = order(key, who, timezone.now() - timedelta(days=days), amount)
    fact.profile = {"name": name}
    return fact


def phone_of(customer_id: int, *, at: datetime | None = None) -> Client:
    """A phone on which a member is signed in."""
    client = Client(headers={"User-Agent": PHONE, "Accept-Language": "en"})
    moment = at or timezone.now()
    client.cookies[COOKIE] = signing_in.open_session(customer_id=customer_id, device="iPhone", way="qr", at=moment)
    return client


def a_phone(**headers: str) -> Client:
    """A phone on which nobody is signed in."""
    return Client(headers={"User-Agent": PHONE, "Accept-Language": "en", **headers})


def work() -> int:
    """What the worker does with the codes that wait: each is sent, where somebody is known. How many left."""
    waiting = SignInCode.objects.filter(code_hash="").order_by("id").values_list("pk", flat=True)
    return sum(send_code(code_id=code_id, at=timezone.now()) for code_id in waiting)


def last_code(address: str) -> str:
    """The six digits in the newest message to an address."""
    return mailbox.messages(recipient=address)[0].subject[:6]


def id_of(identity: Identity) -> int:
    """Who stands for the customer with this contact."""
    found = query(
        """SELECT c.canonical_id FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id
           WHERE (i.kind, i.space, i.value) = (%s, %s, %s)""",
        [int(identity.kind), identity.space, identity.value],
    )
    return int(found[0][0])


def codes_drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What stands in every QR that is drawn from now on."""
    draw, told = drawn_codes.qr, []

    def listening(text: str, *, name: str) -> str:
        told.append(text)
        return draw(text, name=name)

    monkeypatch.setattr(drawn_codes, "qr", listening)
    return told
