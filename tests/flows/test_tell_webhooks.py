"""The whole way: an order is told here, and a moment later a receiver on this machine has it, signed."""

from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook

from regulars.flows.jobs import REACTIONS, tell_webhooks
from regulars.flows.tell_webhooks import tell_webhooks as tell
from regulars.staff.rules import SYSTEM
from regulars.webhooks import actions, queries
from regulars.webhooks.rules import Wanted
from tests.flows.world import World, order, settled, when
from tests.webhooks.receiver import receiver


@pytest.mark.django_db(transaction=True)
def test_from_the_order_to_the_receiver(settings) -> None:
    settings.WEBHOOKS_INTERNAL = True
    books = World(now="2026-06-01 12:00")
    with receiver() as shop:
        wanted = Wanted("Web shop", shop.url, ("points.changed",), "web")
        made = actions.create(wanted=wanted, by=SYSTEM, at=datetime.now(UTC))
        books.tell(order("A-1", "anna", when("2026-06-01 10:00"), 100_00))
        settled()
        tries = tell(clock=lambda: datetime.now(UTC), stop=lambda: bool(shop.got), seconds=20)
        assert tries == 1
        told = Webhook(made.secret).verify(shop.got[0][1], shop.got[0][0])
        assert (told["type"], told["data"]["amount"]) == ("points.changed", 100)
        assert queries.endpoint(made.id).last_delivered_at is not None
        actions.remove(endpoint_id=made.id, by=SYSTEM, at=datetime.now(UTC))
        assert tell(clock=lambda: datetime.now(UTC)) == 0, "with nobody to tell it ends at once"


def test_the_job_follows_the_feed() -> None:
    assert tell_webhooks in REACTIONS
