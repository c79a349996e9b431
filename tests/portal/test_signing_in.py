"""Members sign in by a QR or by six digits; who guesses never gets in, and nobody learns who is a member."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from regulars.customers.models import MemberSession, SignInCode
from regulars.customers.signing_in import actions, queries
from regulars.flows import sign_in as flow
from regulars.limits.actions import NoRoomLeft
from regulars.outreach.channels import mailbox
from regulars.portal.access import COOKIE
from tests.flows.world import World
from tests.portal.people import BO, a_phone, a_shop, id_of, last_code, phone_of, work

pytestmark = pytest.mark.django_db
ADDRESS = "anna@club-mail.com"


@pytest.fixture
def world() -> World:
    return a_shop()


def anna(world: World) -> int:
    return queries.owner_of(ADDRESS) or 0


def ask(phone: Client, address: str = ADDRESS) -> object:
    return phone.post("/m/sign-in/", {"email": address})


class TestByQr:
    def test_it_asks_first_and_signs_in_once(self, world: World) -> None:
        token = actions.make_link(customer_id=anna(world), by="user:1", at=timezone.now())
        phone, other = a_phone(), a_phone()
        assert phone.get(f"/m/sign-in/{token}/").status_code == 200
        assert COOKIE not in phone.cookies, "cameras and messengers look at every address"
        answer = phone.post(f"/m/sign-in/{token}/")
        assert (answer.status_code, answer["Location"]) == (303, "/m/")
        cookie = answer.cookies[COOKIE]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
        assert "Anna Lin" in phone.get("/m/").content.decode()
        assert other.post(f"/m/sign-in/{token}/").status_code == 410
        assert MemberSession.objects.get().device == "iPhone · WeChat"

    def test_five_minutes_and_no_longer_and_a_new_one_ends_the_old(self, world: World) -> None:
        now = timezone.now()
        old = actions.make_link(customer_id=anna(world), by="user:1", at=now - timedelta(minutes=5))
        first = actions.make_link(customer_id=anna(world), by="user:1", at=now)
        second = actions.make_link(customer_id=anna(world), by="user:1", at=now)
        assert [a_phone().post(f"/m/sign-in/{token}/").status_code for token in (old, first, second)] == [410, 410, 303]

    def test_the_cookie_is_secure_where_pages_are(self, world: World) -> None:
        token = actions.make_link(customer_id=anna(world), by="user:1", at=timezone.now())
        answer = a_phone().post(f"/m/sign-in/{token}/", secure=True)
        assert answer.cookies[COOKIE]["secure"]

    def test_forms_want_their_token(self, world: World) -> None:
        token = actions.make_link(customer_id=anna(world), by="user:1", at=timezone.now())
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(f"/m/sign-in/{token}/").status_code == 403

    def test_nothing_of_it_lies_open_in_the_tables(self, world: World) -> None:
        token = actions.make_link(customer_id=anna(world), by="user:1", at=timezone.now())
        session = actions.open_session(customer_id=anna(world), device="", way="qr", at=timezone.now())
        ask(a_phone())
        kept = [*MemberSession.objects.values_list("token_hash", flat=True)]
        kept += [row.contact + row.code_hash + row.attempt_hash for row in SignInCode.objects.all()]
        assert not any(secret in text for text in kept for secret in (token, session, ADDRESS))


class TestByCode:
    def test_six_digits_reach_the_mailbox_and_sign_in(self, world: World) -> None:
        phone = a_phone()
        assert ask(phone)["Location"] == "/m/sign-in/code/"  # type: ignore[index]
        assert "a***@club-mail.com" in phone.get("/m/sign-in/code/").content.decode()
        assert work() == 1
        answer = phone.post("/m/sign-in/code/", {"code": f" {last_code(ADDRESS)} "})
        assert (answer.status_code, answer["Location"]) == (303, "/m/")
        assert phone.get("/m/").status_code == 200
        assert last_code(ADDRESS) not in phone.get("/m/").content.decode()

    def test_an_unknown_address_looks_the_same(self, world: World) -> None:
        known, unknown = a_phone(), a_phone()
        answers = [ask(known), ask(unknown, "somebody@club-mail.com")]
        assert {(one.status_code, one["Location"], *sorted(one.cookies)) for one in answers} == {  # type: ignore[attr-defined,index]
            (303, "/m/sign-in/code/", "regulars_attempt")
        }
        assert (work(), mailbox.count()) == (1, 1), "only the known one gets a message"
        pages = [plain(one.get("/m/sign-in/code/").content.decode()) for one in (known, unknown)]
        assert pages[0] == pages[1].replace("s***@", "a***@")
        wrong = [plain(one.post("/m/sign-in/code/", {"code": "000000"}).content.decode()) for one in (known, unknown)]
        assert wrong[0] == wrong[1].replace("s***@", "a***@")

    def test_nothing_is_looked_up_before_the_answer(
        self, world: World, django_assert_num_queries: object
    ) -> None:  # fmt: skip
        """What tells known from unknown by the clock would be a query more: the message leaves by a job."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        counted = []
        for address in (ADDRESS, "somebody@club-mail.com"):
            with CaptureQueriesContext(connection) as told:
                ask(a_phone(), address)
            counted.append([re.sub(r"\d+|'[^']*'", "", one["sql"]) for one in told.captured_queries])
        assert len(counted[0]) == len(counted[1])

    def test_after_five_wrong_ones_the_right_one_is_wrong(self, world: World) -> None:
        phone = a_phone()
        ask(phone)
        work()
        right = last_code(ADDRESS)
        wrong = f"{(int(right) + 1) % 10**6:06d}"
        for _ in range(5):
            assert phone.post("/m/sign-in/code/", {"code": wrong}).status_code == 400
        assert phone.post("/m/sign-in/code/", {"code": right}).status_code == 400
        assert COOKIE not in phone.cookies

    def test_a_code_counts_once_and_for_ten_minutes(self, world: World) -> None:
        now = timezone.now()
        for asked_at, taken in ((now, True), (now - timedelta(minutes=10), False)):
            attempt = actions.ask(address=ADDRESS, purpose="sign_in", language="en", at=asked_at).attempt
            row = SignInCode.objects.latest("pk")
            issued = actions.issue(code_id=row.pk, at=asked_at)
            assert issued is not None
            assert actions.issue(code_id=row.pk, at=asked_at) is None, "a job that runs twice sends once"
            found = [flow.prove(attempt=attempt, code=issued.code, network="n", at=now) for _ in range(2)]
            assert [one is not None for one in found] == [taken, False]

    def test_a_thousand_guesses_never_get_in(self, world: World) -> None:
        """One address, and an attacker who asks for new codes as often as is allowed, from many networks."""
        now, looked_at, got_in = timezone.now(), 0, 0
        attempts: list[str] = []
        for number in range(1000):
            at = now + timedelta(seconds=number)
            if number % 100 == 0:
                try:
                    asked = flow.ask_for_code(
                        address=ADDRESS, purpose="sign_in", language="en", network=f"net {number}", at=at
                    )
                    attempts.append(asked)
                    actions.issue(code_id=SignInCode.objects.latest("pk").pk, at=at)
                except NoRoomLeft:
                    pass
            try:
                found = flow.prove(attempt=attempts[-1], code=f"{number:06d}", network=f"net {number % 90}", at=at)
                looked_at, got_in = looked_at + 1, got_in + (found is not None)
            except NoRoomLeft:
                continue
        assert len(attempts) == 5, "so many codes an hour for one address"
        assert looked_at == 10, "so many wrong ones an hour for one address, whoever types them"
        assert got_in == 0

    def test_one_network_asks_and_guesses_so_often(self, world: World) -> None:
        now = timezone.now()
        for number in range(60):
            flow.ask_for_code(address=f"m{number}@x.com", purpose="sign_in", language="en", network="cafe", at=now)
        with pytest.raises(NoRoomLeft):
            flow.ask_for_code(address="last@x.com", purpose="sign_in", language="en", network="cafe", at=now)
        assert flow.ask_for_code(address="last@x.com", purpose="sign_in", language="en", network="home", at=now)

    def test_too_often_is_said_with_the_minutes_to_wait(self, world: World) -> None:
        answers = [ask(a_phone()) for _ in range(6)]
        assert [one.status_code for one in answers] == [303] * 5 + [429]  # type: ignore[attr-defined]
        assert "That was often. Try again in" in answers[-1].content.decode()  # type: ignore[attr-defined]

    def test_a_phone_alone_signs_nobody_in(self, world: World) -> None:
        answer = a_phone().post("/m/sign-in/", {"email": BO[0].value})
        assert answer.status_code == 400


class TestDevices:
    def test_others_are_signed_out_and_nobody_elses_are(self, world: World) -> None:
        me = anna(world)
        mine, lost, stranger = phone_of(me), phone_of(me), phone_of(id_of(BO[0]))
        sessions = {one.token_hash: one.pk for one in MemberSession.objects.all()}
        lost_id, stranger_id = (
            sessions[queries.hashed(phone.cookies[COOKIE].value)] for phone in (lost, stranger)
        )  # fmt: skip
        for session_id in (lost_id, stranger_id):
            mine.post(reverse("member_end_device", args=[session_id]))
        assert [phone.get("/m/").status_code for phone in (mine, lost, stranger)] == [200, 302, 200]

    def test_signing_out_ends_the_session_and_clears_what_the_browser_kept(self, world: World) -> None:
        phone = phone_of(anna(world))
        token = phone.cookies[COOKIE].value
        answer = phone.post("/m/sign-out/")
        assert answer["Clear-Site-Data"] == '"cache", "storage"'
        assert queries.session(token, at=timezone.now()) is None
        assert phone.get("/m/").status_code == 302

    def test_signing_in_as_somebody_else_ends_the_first(self, world: World) -> None:
        phone = phone_of(anna(world))
        token = phone.cookies[COOKIE].value
        link = actions.make_link(customer_id=id_of(BO[0]), by="user:1", at=timezone.now())
        phone.post(f"/m/sign-in/{link}/")
        assert queries.session(token, at=timezone.now()) is None
        page = phone.get("/m/").content.decode()
        assert ("Bo Chen" in page, "Anna" in page) == (True, False)

    def test_ninety_days_after_the_last_look(self, world: World) -> None:
        phone = phone_of(anna(world), at=timezone.now() - timedelta(days=89))
        assert phone.get("/m/").status_code == 200
        assert MemberSession.objects.get().expires_at > timezone.now() + timedelta(days=89)
        assert phone_of(anna(world), at=timezone.now() - timedelta(days=91)).get("/m/").status_code == 302


def plain(page: str) -> str:
    """A page without the token of its form."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
