"""Joining on the web: whoever joins shows first that the mailbox is theirs, so nobody joins as somebody else."""

import pytest
from django.test import Client
from django.utils import timezone

from regulars.customers import consents
from regulars.customers.enrolling import actions as enrolling
from regulars.customers.enrolling import queries as members
from regulars.customers.signing_in.queries import owner_of
from regulars.portal.access import COOKIE
from tests.flows.world import World, query
from tests.portal.people import ANNA, a_phone, a_shop, id_of, last_code, phone_of, work

pytestmark = pytest.mark.django_db
NEW = "cara@club-mail.com"
FORM = {"name": "Cara", "agrees": "1", "charter": "0", "privacy": "0"}


@pytest.fixture
def world() -> World:
    return a_shop()


def proven(phone: Client, address: str) -> None:
    """Ask for a code and type it."""
    assert phone.post("/join/", {"email": address}).status_code == 303
    assert work() == 1
    answer = phone.post("/m/sign-in/code/", {"code": last_code(address)})
    assert (answer.status_code, answer["Location"]) == (303, "/join/details/")


def test_somebody_new_joins_in_three_steps(world: World) -> None:
    phone = a_phone()
    proven(phone, NEW)
    page = phone.get("/join/details/").content.decode()
    assert 'name="promotion-email" value="1">' in page, "unticked"
    answer = phone.post("/join/details/", FORM)
    assert (answer.status_code, answer["Location"]) == (303, "/m/")
    assert "Cara" in phone.get("/m/").content.decode()
    customer_id = owner_of(NEW)
    assert customer_id is not None
    joined = members.joined(customer_id)
    assert joined is not None
    assert (joined.place, joined.charter) == ("web", 0)
    assert consents.history(customer_id) == []


def test_the_qr_by_which_they_came_is_credited(world: World) -> None:
    code = enrolling.make_entrance(place="staff", store="S1", label="", user_id=7, at=timezone.now())
    phone = a_phone()
    assert phone.get(f"/join/?from={code}").status_code == 200
    proven(phone, NEW)
    phone.post("/join/details/", {**FORM, "promotion-email": "1"})
    joined = members.joined(owner_of(NEW) or 0)
    assert joined is not None
    assert (joined.place, joined.store, joined.actor) == ("staff", "S1", "user:7")
    assert [said.granted for said in consents.history(joined.customer_id)] == [True]


def test_nothing_is_shown_or_kept_before_the_mailbox_is_theirs(world: World) -> None:
    """Somebody who types Anna's address sees what everybody sees, gets nowhere, and changes nothing."""
    before = query("SELECT count(*), max(id) FROM customers_customer")
    thief, honest = a_phone(), a_phone()
    answers = [phone.post("/join/", {"email": mail}) for phone, mail in ((thief, ANNA[1].value), (honest, NEW))]
    assert {(one.status_code, one["Location"]) for one in answers} == {(303, "/m/sign-in/code/")}
    assert thief.get("/join/details/")["Location"] == "/join/"
    assert thief.post("/join/details/", FORM)["Location"] == "/join/"
    assert COOKIE not in thief.cookies
    assert query("SELECT count(*), max(id) FROM customers_customer") == before
    thief.cookies["regulars_joining"] = f'["{ANNA[1].value}", 9999999999]'
    assert thief.get("/join/details/")["Location"] == "/join/", "the proof is sealed"


def test_a_known_customer_joins_as_who_they_are(world: World) -> None:
    phone = a_phone()
    proven(phone, ANNA[1].value)
    phone.post("/join/details/", FORM)
    page = phone.get("/m/").content.decode()
    assert ("Anna Lin" in page, "Cara" in page) == (True, False), "what is known of them stays"
    assert members.joined(id_of(ANNA[0])) is not None
    again = a_phone()
    proven(again, ANNA[1].value)
    assert again.get("/join/details/")["Location"] == "/m/", "a member goes to the card"


def test_a_signed_in_customer_only_agrees(world: World) -> None:
    phone = phone_of(id_of(ANNA[0]))
    assert phone.get("/join/details/").status_code == 200
    assert phone.post("/join/details/", FORM)["Location"] == "/m/"
    assert members.joined(id_of(ANNA[0])) is not None


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"agrees": ""}, "agree to the membership terms"),
        ({"name": " "}, "what you want to be called"),
        ({"birthday": "2999-01-01"}, "what you want to be called"),
        ({"birthday": f"{timezone.now().year - 10}-01-01"}, "parent or guardian"),
        ({"charter": "3"}, "have just changed"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_kept(world: World, told: dict[str, str], says: str) -> None:
    phone = a_phone()
    proven(phone, NEW)
    answer = phone.post("/join/details/", {**FORM, **told})
    assert answer.status_code in (400, 409)
    assert says in answer.content.decode()
    assert (owner_of(NEW), COOKIE in phone.cookies) == (None, False)


def test_a_shop_that_sends_no_mail_says_where_one_joins(world: World) -> None:
    from regulars.staff import actions as staff
    from regulars.staff.rules import SYSTEM

    staff.change_business(by=SYSTEM, at=timezone.now(), is_demo=False)
    assert "Join at the till" in a_phone().get("/join/").content.decode()
    assert a_phone().post("/join/", {"email": NEW}).status_code == 400
