"""What a till kept while it had no network: told later with its own time, each once."""

from datetime import datetime
from typing import Any, Final

import orjson
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.till import finding
from regulars.console.till.told import amount_of, guesser_of, refused, shop_of
from regulars.console.till_store import store_of
from regulars.core.errors import DomainError
from regulars.customers.cards.actions import who_shows
from regulars.facts.rules import MalformedFact
from regulars.flows import serve_till
from regulars.loyalty.till.rules import SKEW, Serve, Shop

MOST: Final = 50
LARGEST: Final = 50_000


class Nobody(DomainError):
    """Nobody has this member number."""

    code = "nobody"


@requires("till.use")
@never_cache
@require_POST
def late(request: StaffRequest) -> HttpResponse:
    """Record them; each has its own answer, and one that is refused does not stop the rest."""
    try:
        told = orjson.loads(request.body) if len(request.body) <= LARGEST else None
    except orjson.JSONDecodeError:
        told = None
    steps = told.get("steps") if isinstance(told, dict) else None
    if not isinstance(steps, list) or len(steps) > MOST or not all(isinstance(one, dict) for one in steps):
        return _json({"answers": []}, status=400)
    shop, now = shop_of(request), timezone.now()
    return _json({"answers": [_one(request, one, shop, now) for one in steps]})


def _one(request: StaffRequest, told: dict[str, Any], shop: Shop, now: datetime) -> dict[str, str]:
    key = str(told.get("key", ""))[:40]
    try:
        serve = _serve(request, told, key, shop, now)
        serve_till.serve_guest(serve=serve, shop=shop, guesser=guesser_of(request), at=now)
    except DomainError as error:
        said = finding.card_said(error.code) if "card" in error.code else refused(request, error)
        return {"key": key, "status": "refused", "said": said}
    return {"key": key, "status": "done", "said": ""}


def _serve(request: StaffRequest, told: dict[str, Any], key: str, shop: Shop, now: datetime) -> Serve:
    at = _moment(told.get("at"), now)
    stamps = told.get("stamps")
    given = {str(event)[:100]: times for event, times in stamps.items()} if isinstance(stamps, dict) else {}
    if not all(type(times) is int for times in given.values()):
        raise Nobody("Stamps are whole numbers.")
    return Serve(
        key=key, customer_id=_who(request, str(told.get("who", ""))[:120], key, at), actor=actors.key_of(request.actor),
        at=at, amount=amount_of(str(told.get("amount") or ""), shop.currency),
        stamps={event: times for event, times in given.items() if times}, store=store_of(request), told_late=True,
    )  # fmt: skip


def _who(request: StaffRequest, told: str, key: str, at: datetime) -> int:
    """By the member number of an open screen, or by the card that was scanned at that time."""
    if finding.CARD.match(told):
        return who_shows(told, at=at, key=key, by=actors.key_of(request.actor)).customer_id
    guest = finding.guest_of(request, told)
    if guest is None:
        raise Nobody("Nobody has this member number.")
    return guest.customer_id


def _moment(told: object, now: datetime) -> datetime:
    """When it happened, by the till's own clock. A clock that is a little ahead means now.

    Raises:
        MalformedFact: Not a time with its offset.
    """
    try:
        at = datetime.fromisoformat(str(told).replace("Z", "+00:00"))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise MalformedFact("A step that is told later says when it happened.", field="at")
    return now if now < at <= now + SKEW else at


def _json(value: object, status: int = 200) -> HttpResponse:
    return HttpResponse(orjson.dumps(value), status=status, content_type="application/json")


urlpatterns = [path("till/late/", late, name="till_late")]
