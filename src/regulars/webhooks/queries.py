"""Reading endpoints and what became of their deliveries."""

import json
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Max, Q

from regulars.webhooks.models import Attempt, Delivery, Endpoint
from regulars.webhooks.rules import AttemptView, DeliveryView, EndpointView, NoDelivery, NoEndpoint, State, told


def endpoints() -> list[EndpointView]:
    """Every endpoint that was not removed, the oldest first, with counts of what waits and what is dead."""
    rows = list(Endpoint.objects.filter(removed_at=None).order_by("pk"))
    counts: dict[int, dict[str, Any]] = {
        row["endpoint_id"]: dict(row)
        for row in Delivery.objects.filter(endpoint__in=rows)
        .values("endpoint_id")
        .annotate(
            waiting=Count("pk", filter=Q(state=State.WAITING)),
            dead=Count("pk", filter=Q(state=State.DEAD)),
            last=Max("ended_at", filter=Q(state=State.DELIVERED)),
        )
    }
    return [_endpoint(row, counts.get(row.pk, {})) for row in rows]


def endpoint(endpoint_id: int) -> EndpointView:
    """One endpoint.

    Raises:
        NoEndpoint: There is none.
    """
    found = next((one for one in endpoints() if one.id == endpoint_id), None)
    if found is None:
        raise NoEndpoint("There is no such endpoint.")
    return found


def switched_off() -> list[EndpointView]:
    """Endpoints that were switched off because they did not work; somebody has to look."""
    rows = Endpoint.objects.filter(removed_at=None, off_why__in=["failing", "gone"]).order_by("pk")
    return [_endpoint(row, {}) for row in rows]


def deliveries(
    endpoint_id: int, *, state: str = "", before: int | None = None, most: int = 50
) -> list[DeliveryView]:  # fmt: skip
    """A page of an endpoint's deliveries, the latest first.

    Args:
        state: Only these; '' for all.
        before: Id of the last one shown.
    """
    found = Delivery.objects.filter(endpoint_id=endpoint_id, endpoint__removed_at=None).select_related("message")
    if state:
        found = found.filter(state=state)
    if before is not None:
        found = found.filter(pk__lt=before)
    return [_delivery(one) for one in found.order_by("-pk")[:most]]


def delivery(delivery_id: int) -> DeliveryView:
    """One delivery with every try.

    Raises:
        NoDelivery: There is none.
    """
    found = Delivery.objects.filter(pk=delivery_id, endpoint__removed_at=None).select_related("message").first()
    if found is None:
        raise NoDelivery("There is no such delivery.")
    tries = Attempt.objects.filter(delivery_id=delivery_id).order_by("at", "pk")
    return _delivery(found, [AttemptView(t.at, t.status, t.trouble, t.took_ms, t.answer) for t in tries])


def shown_data(delivery_id: int) -> str:
    """What a delivery tells, as its endpoint gets it, set for reading; '' if there is none."""
    one = Delivery.objects.filter(pk=delivery_id).select_related("message", "endpoint").first()
    if one is None:
        return ""
    body = told(one.message.kind, one.message.at, one.message.data, one.message.who, one.endpoint.source)
    return json.dumps(body, ensure_ascii=False, indent=2)


def is_used() -> bool:
    """Whether there is any endpoint."""
    return Endpoint.objects.filter(removed_at=None).exists()


def _endpoint(row: Endpoint, counts: dict[str, Any]) -> EndpointView:
    return EndpointView(
        row.pk, row.name, row.url, tuple(row.events), row.source, row.old_until, row.failing_since, row.off_at,
        row.off_why, row.created_at, counts.get("waiting", 0), counts.get("dead", 0), counts.get("last"),
    )  # fmt: skip


def _delivery(row: Delivery, attempts: Sequence[AttemptView] = ()) -> DeliveryView:
    return DeliveryView(
        row.pk, row.endpoint_id, row.message.token, row.message.kind, row.message.at, State(row.state), row.tries,
        row.due_at, row.status, row.trouble, row.ended_at, tuple(attempts),
    )  # fmt: skip
