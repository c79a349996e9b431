"""Tell other systems what happened: follow both feeds, and send what is due, as long as anybody wants to hear it."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from regulars.webhooks import actions, queries
from regulars.webhooks.delivering import deliver, deliver_one
from regulars.webhooks.rules import DeliveryView
from regulars.webhooks.sending import Sender

Clock = Callable[[], datetime]
TURN_S = 3600.0
PATIENCE_S = 8.0
"""How long somebody who looks at a page waits for a receiver."""


def tell_webhooks(*, clock: Clock, stop: Callable[[], bool] = lambda: False, seconds: float = TURN_S) -> int:
    """Follow and send for so long, or until `stop` says so or no endpoint is left; returns how many tries were made."""
    actions.forget_old(at=clock())
    actions.follow(at=clock())
    return deliver(
        clock=clock,
        make=lambda url: Sender(url, internal=settings.WEBHOOKS_INTERNAL),
        follow=lambda: actions.follow(at=clock()),
        stop=lambda: stop() or not queries.is_used(),
        seconds=seconds,
    )


def try_endpoint(*, endpoint_id: int, clock: Clock) -> DeliveryView:
    """Send an endpoint a test message, now, and say what came of it.

    Raises:
        NoEndpoint, EndpointOff: As they say.
    """
    delivery_id = actions.ping(endpoint_id=endpoint_id, at=clock())
    deliver_one(
        endpoint_id=endpoint_id,
        delivery_id=delivery_id,
        clock=clock,
        make=lambda url: Sender(url, internal=settings.WEBHOOKS_INTERNAL, whole_s=PATIENCE_S),
    )
    return queries.delivery(delivery_id)
