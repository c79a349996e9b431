"""Deliveries to real receivers on this machine: signed, tried again, given up, replayed."""

import json
import time
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from regulars.staff.models import AuditEntry
from regulars.staff.rules import SYSTEM
from regulars.webhooks import actions, delivering, queries
from regulars.webhooks.models import Delivery, Endpoint, Message
from regulars.webhooks.rules import BadEndpoint, EndpointOff, NoDelivery, NoEndpoint, State, Wanted, new_token
from regulars.webhooks.sending import Sender
from tests.webhooks.receiver import Clock, Receiver, receiver, says, sleeps

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _inside(settings) -> None:
    settings.WEBHOOKS_INTERNAL = True


@pytest.fixture
def clock() -> Clock:
    return Clock()


def create(shop: Receiver, clock: Clock, *events: str, name: str = "Web shop") -> actions.endpoints.NewEndpoint:
    return actions.create(wanted=Wanted(name, shop.url, events), by=SYSTEM, at=clock())


def tell(clock: Clock, *endpoint_ids: int, kind: str = "customer.created") -> list[int]:
    """A message that waits for these endpoints."""
    data = {"customer": {"number": "M100001"}}
    message = Message.objects.create(token=new_token(), kind=kind, at=clock(), data=data, made_at=clock())
    return [
        Delivery.objects.create(message=message, endpoint_id=one, begun_at=clock(), due_at=clock()).pk
        for one in endpoint_ids
    ]


def deliver(clock: Clock, *, whole_s: float = 2.0, **more) -> int:
    return delivering.deliver(
        clock=clock, make=lambda url: Sender(url, internal=True, whole_s=whole_s), seconds=5, **more
    )


def state(delivery_id: int) -> tuple[str, int, int | None, str]:
    one = queries.delivery(delivery_id)
    return one.state.value, one.tries, one.status, one.trouble


class TestSigned:
    def test_what_arrives_is_signed_and_verified_by_the_library(self, clock) -> None:
        with receiver() as shop:
            made = create(shop, clock)
            [delivery] = tell(clock, made.id)
            assert deliver(clock) == 1
        headers, body = shop.got[0]
        told = Webhook(made.secret).verify(body, headers)
        assert told["type"] == "customer.created"
        assert told["data"] == {"customer": {"number": "M100001"}}
        assert headers["content-type"] == "application/json"
        assert state(delivery) == ("delivered", 1, 204, "")
        with pytest.raises(WebhookVerificationError):
            Webhook(made.secret).verify(body + b" ", headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(made.secret).verify(body, {**headers, "webhook-id": "msg_0"})

    def test_a_rotated_secret_signs_beside_the_old_one_for_a_day(self, clock) -> None:
        with receiver() as shop:
            made = create(shop, clock)
            fresh = actions.rotate(endpoint_id=made.id, by=SYSTEM, at=clock())
            tell(clock, made.id)
            deliver(clock)
            headers, body = shop.got[0]
            assert len(headers["webhook-signature"].split()) == 2
            for secret in (made.secret, fresh):
                Webhook(secret).verify(body, headers)
            Endpoint.objects.update(old_until=clock() - timedelta(seconds=1))
            tell(clock, made.id)
            deliver(clock)
        headers, body = shop.got[1]
        Webhook(fresh).verify(body, headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(made.secret).verify(body, headers)

    def test_the_secret_is_kept_sealed(self, clock) -> None:
        with receiver() as shop:
            made = create(shop, clock)
        assert made.secret not in Endpoint.objects.get().secret
        assert made.secret[6:] not in json.dumps(list(AuditEntry.objects.values()), default=str)

    def test_with_another_instances_key_it_waits_and_says_why(self, clock, settings) -> None:
        with receiver() as shop:
            made = create(shop, clock)
            [delivery] = tell(clock, made.id)
            settings.SECRET_KEY = "another"
            deliver(clock)
        assert state(delivery) == ("waiting", 1, None, "secret_unreadable")
        assert shop.got == []


class TestTriedAgain:
    def test_after_an_outage_of_an_hour_everything_arrives_once_with_its_id(self, clock) -> None:
        with receiver(503) as shop:
            made = create(shop, clock)
            ids = [tell(clock, made.id)[0] for _ in range(5)]
            for _ in range(12):
                deliver(clock)
                clock.pass_(minutes=5)
            assert {state(one)[0] for one in ids} == {"waiting"}
            assert queries.endpoint(made.id).failing_since is not None
            shop.answers = [200]
            before = len(shop.got)
            for _ in range(30):
                deliver(clock)
                clock.pass_(minutes=5)
        arrived = shop.tokens()[before:]
        assert sorted(arrived) == sorted(Message.objects.values_list("token", flat=True)), "each once, with its own id"
        assert {state(one)[0] for one in ids} == {"delivered"}
        assert queries.endpoint(made.id).failing_since is None

    def test_given_up_after_three_days_and_kept_to_be_replayed(self, clock) -> None:
        with receiver(500) as shop:
            made = create(shop, clock)
            [delivery] = tell(clock, made.id)
            while (found := queries.delivery(delivery)).state is State.WAITING:
                clock.now = found.due_at
                deliver(clock)
            assert (found.state, found.tries, found.status, len(found.attempts)) == (State.DEAD, 10, 500, 10)
            first, last = found.attempts[0].at, found.attempts[-1].at
            assert timedelta(hours=71) < last - first < timedelta(days=3, hours=8)
            assert [one.id for one in queries.deliveries(made.id, state="dead")] == [delivery]
            shop.answers = [200]
            actions.replay_one(delivery_id=delivery, by=SYSTEM, at=clock())
            deliver(clock)
            assert state(delivery) == ("delivered", 1, 200, "")
            assert len(set(shop.tokens())) == 1, "the same id every time"

    def test_retry_after_is_honoured(self, clock) -> None:
        with receiver(says(429, Retry_After="3600"), 200) as shop:
            made = create(shop, clock)
            [delivery] = tell(clock, made.id)
            deliver(clock)
            clock.pass_(minutes=59)
            assert deliver(clock) == 0
            clock.pass_(minutes=1)
            assert deliver(clock) == 1
            assert state(delivery)[0] == "delivered"

    @pytest.mark.parametrize(
        ("answer", "status", "trouble"),
        [(500, 500, ""), (301, 301, ""), (404, 404, ""), (sleeps(1), None, "timeout")],
        ids=["error", "redirect", "not found", "timeout"],
    )
    def test_what_is_no_success_is_tried_again(self, clock, answer, status, trouble) -> None:
        with receiver(answer) as shop:
            made = create(shop, clock)
            [delivery] = tell(clock, made.id)
            deliver(clock, whole_s=0.2)
            assert state(delivery) == ("waiting", 1, status, trouble)
            assert deliver(clock, whole_s=0.2) == 0, "not at once"
            assert clock() < queries.delivery(delivery).due_at <= clock() + timedelta(seconds=6)

    def test_an_address_inside_is_not_called_even_if_it_was_kept_when_that_was_allowed(self, clock) -> None:
        with receiver() as shop:
            made = create(shop, clock)
            [delivery] = tell(clock, made.id)
            delivering.deliver(clock=clock, make=lambda url: Sender(url, internal=False), seconds=5)
        assert state(delivery) == ("waiting", 1, None, "private_address")
        assert shop.got == []


class TestWorkers:
    def test_a_slow_endpoint_delays_nobody_else(self, clock) -> None:
        with receiver(sleeps(0.6)) as slow, receiver() as quick:
            one, two = create(slow, clock, name="Slow"), create(quick, clock, name="Quick")
            for _ in range(8):
                tell(clock, one.id, two.id)
            seen: list[tuple[int, int]] = []

            def stop() -> bool:
                seen.append((len(slow.got), len(quick.got)))
                return False

            deliver(clock, stop=stop)
        assert (len(slow.got), len(quick.got)) == (8, 8)
        done = next(n for n, (_, got) in enumerate(seen) if got == 8)
        assert seen[done][0] <= 4, "while the slow one had its first ones, the quick one had all"

    def test_what_a_killed_worker_held_is_sent_when_its_lease_is_over(self, clock) -> None:
        with receiver() as shop:
            made = create(shop, clock)
            [delivery] = tell(clock, made.id)
            [endpoint] = actions.due_endpoints(at=clock())
            assert [one.id for one in actions.claim(endpoint, at=clock(), most=10)] == [delivery]
            # The worker is killed here: nothing is noted.
            assert deliver(clock) == 0, "another worker does not touch it meanwhile"
            clock.pass_(minutes=2)
            assert deliver(clock) == 1
        assert len(shop.got) == 1
        assert state(delivery)[0] == "delivered"

    def test_a_late_failure_does_not_undo_a_success(self, clock) -> None:
        from regulars.webhooks.rules import Answered

        with receiver() as shop:
            made = create(shop, clock)
            [delivery] = tell(clock, made.id)
            [endpoint] = actions.due_endpoints(at=clock())
            [held] = actions.claim(endpoint, at=clock(), most=1)
            clock.pass_(minutes=2)
            deliver(clock)
            actions.note(held, Answered(clock(), 5, trouble="timeout"), at=clock(), chance=0)
        assert state(delivery)[0] == "delivered"

    def test_told_to_stop_it_finishes_what_is_under_way_and_leaves_the_rest(self, clock) -> None:
        with receiver(sleeps(0.3)) as shop:
            made = create(shop, clock)
            for _ in range(6):
                tell(clock, made.id)
            begun = time.monotonic()
            deliver(clock, stop=lambda: time.monotonic() - begun > 0.1)
        assert len(shop.got) == 4
        assert queries.endpoint(made.id).waiting == 2

    def test_one_that_fails_gets_one_at_a_time(self, clock) -> None:
        with receiver(500) as shop:
            made = create(shop, clock)
            tell(clock, made.id)
            deliver(clock)
            for _ in range(6):
                tell(clock, made.id)
            [endpoint] = actions.due_endpoints(at=clock())
            assert endpoint.is_failing
            shop.answers = [sleeps(0.15, 500)]
            begun = time.monotonic()
            deliver(clock, stop=lambda: time.monotonic() - begun > 0.4)
        assert len(shop.got) <= 1 + 3


class TestSwitchedOff:
    def test_gone_is_gone(self, clock) -> None:
        with receiver(410) as shop:
            made = create(shop, clock)
            first, second = (tell(clock, made.id)[0] for _ in range(2))
            deliver(clock)
            assert "dead" in {state(first)[0], state(second)[0]}
            found = queries.endpoint(made.id)
            assert (found.is_on, found.off_why, found.is_off_by_itself) == (False, "gone", True)
            assert [one.id for one in queries.switched_off()] == [made.id]
            got = len(shop.got)
            clock.pass_(days=1)
            deliver(clock)
            assert len(shop.got) == got

    def test_after_five_days_of_failure(self, clock) -> None:
        with receiver(500, 200) as shop:
            made = create(shop, clock)
            tell(clock, made.id)
            deliver(clock)
            shop.answers = [500]
            clock.pass_(days=4, hours=23)
            tell(clock, made.id)
            deliver(clock)
            assert queries.endpoint(made.id).is_on
            clock.pass_(hours=1)
            tell(clock, made.id)
            deliver(clock)
            assert queries.endpoint(made.id).off_why == "failing"
            with pytest.raises(EndpointOff):
                actions.ping(endpoint_id=made.id, at=clock())
            actions.switch_on(endpoint_id=made.id, by=SYSTEM, at=clock())
            shop.answers = [200]
            clock.pass_(hours=6)
            deliver(clock)
        found = queries.endpoint(made.id)
        assert (found.is_on, found.waiting, found.failing_since) == (True, 0, None)
        assert queries.switched_off() == []

    def test_by_hand_it_keeps_what_waits(self, clock) -> None:
        with receiver() as shop:
            made = create(shop, clock)
            tell(clock, made.id)
            actions.switch_off(endpoint_id=made.id, by=SYSTEM, at=clock())
            assert deliver(clock) == 0
            assert queries.switched_off() == [], "somebody knows already"
            actions.switch_on(endpoint_id=made.id, by=SYSTEM, at=clock())
            assert deliver(clock) == 1


class TestReplay:
    def test_everything_since_a_time_dead_and_missed(self, clock) -> None:
        with receiver() as shop:
            made = create(shop, clock, "customer.created")
            [early] = tell(clock, made.id)
            clock.pass_(hours=1)
            since = clock()
            [dead], [done] = tell(clock, made.id), tell(clock, made.id)
            tell(clock)  # made while the endpoint was off
            tell(clock, kind="tier.changed")  # not what it hears
            Delivery.objects.filter(pk__in=[early, dead]).update(state="dead", ended_at=clock(), tries=10)
            Delivery.objects.filter(pk=done).update(state="delivered", ended_at=clock())
            again = actions.replay_since(endpoint_id=made.id, since=since, delivered_too=False, by=SYSTEM, at=clock())
            assert again == 2
            assert deliver(clock) == 2
            assert state(early)[0] == "dead"
            again = actions.replay_since(endpoint_id=made.id, since=since, delivered_too=True, by=SYSTEM, at=clock())
            assert again == 3
            assert deliver(clock) == 3
        assert len(shop.got) == 5
        assert len(set(shop.tokens())) == 3

    def test_what_is_not_there(self, clock) -> None:
        with pytest.raises(NoEndpoint):
            actions.replay_since(endpoint_id=1, since=clock(), delivered_too=False, by=SYSTEM, at=clock())
        with pytest.raises(NoDelivery):
            actions.replay_one(delivery_id=1, by=SYSTEM, at=clock())


class TestEndpoints:
    def test_a_test_message_goes_to_one_only(self, clock) -> None:
        with receiver() as shop, receiver() as other:
            made = create(shop, clock, "tier.changed")
            create(other, clock, name="Other")
            delivery = actions.ping(endpoint_id=made.id, at=clock())
            assert deliver(clock) == 0, "whoever asked for it sends it"
            clock.pass_(seconds=20)
            assert deliver(clock) == 1, "if they do not, a worker does"
        assert state(delivery)[0] == "delivered"
        assert json.loads(shop.got[0][1])["type"] == "webhook.ping"
        assert other.got == []

    def test_removed_it_takes_everything_along(self, clock) -> None:
        with receiver() as shop:
            made = create(shop, clock)
            tell(clock, made.id)
            actions.remove(endpoint_id=made.id, by=SYSTEM, at=clock())
            assert deliver(clock) == 0
        assert queries.endpoints() == []
        assert Endpoint.objects.get().secret == ""
        with pytest.raises(NoEndpoint):
            queries.endpoint(made.id)

    def test_each_change_is_in_the_audit_trail(self, clock) -> None:
        with receiver() as shop:
            made = create(shop, clock)
        wanted = Wanted("Till", shop.url, ("tier.changed",), "web")
        actions.change(endpoint_id=made.id, wanted=wanted, by=SYSTEM, at=clock())
        actions.change(endpoint_id=made.id, wanted=wanted, by=SYSTEM, at=clock())
        actions.rotate(endpoint_id=made.id, by=SYSTEM, at=clock())
        actions.switch_off(endpoint_id=made.id, by=SYSTEM, at=clock())
        actions.switch_on(endpoint_id=made.id, by=SYSTEM, at=clock())
        actions.remove(endpoint_id=made.id, by=SYSTEM, at=clock())
        verbs = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
        assert verbs == [f"webhooks.{verb}" for verb in ("create", "change", "rotate", "off", "on", "remove")]

    def test_only_so_many(self, clock) -> None:
        with receiver() as shop:
            for number in range(20):
                create(shop, clock, name=str(number))
            with pytest.raises(BadEndpoint):
                create(shop, clock)

    def test_messages_are_kept_for_a_month(self, clock) -> None:
        with receiver() as shop:
            made = create(shop, clock)
            tell(clock, made.id)
            deliver(clock)
            clock.pass_(days=29)
            actions.forget_old(at=clock())
            assert len(queries.deliveries(made.id)) == 1
            clock.pass_(days=2)
            actions.forget_old(at=clock())
            assert queries.deliveries(made.id) == []
