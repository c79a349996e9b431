"""Verbs of endpoints: make, change, switch, sign anew, remove. Each leaves a line in the audit trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from regulars.staff.actions.audit import record
from regulars.staff.rules import Actor
from regulars.staff.sealing import seal
from regulars.webhooks.actions.following import begin
from regulars.webhooks.events.catalogue import CHOICES
from regulars.webhooks.models import Attempt, Delivery, Endpoint, Message
from regulars.webhooks.rules import (
    KEPT,
    MOST_ENDPOINTS,
    OLD_SECRET_LASTS,
    BadEndpoint,
    NoEndpoint,
    Off,
    Wanted,
    checked,
    new_secret,
)


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """An endpoint that was just made, with its secret, which is not shown again."""

    id: int
    secret: str


@transaction.atomic
def create(*, wanted: Wanted, by: Actor, at: datetime, actor: str = "") -> NewEndpoint:
    """A new endpoint; it is told what happens from now on.

    Raises:
        BadEndpoint: With the field that is wrong, or there are as many as fit.
    """
    wish = _checked(wanted)
    begin(at=at)
    if Endpoint.objects.filter(removed_at=None).count() >= MOST_ENDPOINTS:
        raise BadEndpoint(f"There are {MOST_ENDPOINTS} endpoints already; remove one first.", field="url")
    secret = new_secret()
    made = Endpoint.objects.create(
        name=wish.name, url=wish.url, events=list(wish.events), source=wish.source, secret=seal(secret),
        created_at=at, created_by=actor,
    )  # fmt: skip
    _note("webhooks.create", made.pk, by, at, url=wish.url)
    return NewEndpoint(made.pk, secret)


@transaction.atomic
def change(*, endpoint_id: int, wanted: Wanted, by: Actor, at: datetime) -> None:
    """Put an endpoint elsewhere, call it something else, or let it hear other things.

    Raises:
        NoEndpoint, BadEndpoint: As they say.
    """
    one, wish = _locked(endpoint_id), _checked(wanted)
    before = Wanted(one.name, one.url, tuple(one.events), one.source)
    if before == wish:
        return
    one.name, one.url, one.events, one.source = wish.name, wish.url, list(wish.events), wish.source
    one.save(update_fields=["name", "url", "events", "source"])
    fields = [name for name in ("name", "url", "events", "source") if getattr(before, name) != getattr(wish, name)]
    _note("webhooks.change", endpoint_id, by, at, fields=fields)


@transaction.atomic
def switch_off(*, endpoint_id: int, by: Actor, at: datetime) -> None:
    """Send nothing to an endpoint until it is switched on; what waits stays.

    Raises:
        NoEndpoint: There is none.
    """
    one = _locked(endpoint_id)
    if one.off_at is None:
        one.off_at, one.off_why = at, Off.STAFF
        one.save(update_fields=["off_at", "off_why"])
        _note("webhooks.off", endpoint_id, by, at)


@transaction.atomic
def switch_on(*, endpoint_id: int, by: Actor, at: datetime) -> None:
    """Send to an endpoint again: what waits, and what happens from now on.

    What happened meanwhile is sent by `replay_since`.

    Raises:
        NoEndpoint: There is none.
    """
    one = _locked(endpoint_id)
    if one.off_at is not None:
        one.off_at, one.off_why, one.failing_since = None, "", None
        one.save(update_fields=["off_at", "off_why", "failing_since"])
        _note("webhooks.on", endpoint_id, by, at)


@transaction.atomic
def rotate(*, endpoint_id: int, by: Actor, at: datetime) -> str:
    """A new secret, which is not shown again; the old one signs as well for a day.

    Raises:
        NoEndpoint: There is none.
    """
    one, secret = _locked(endpoint_id), new_secret()
    one.old_secret, one.old_until, one.secret = one.secret, at + OLD_SECRET_LASTS, seal(secret)
    one.save(update_fields=["old_secret", "old_until", "secret"])
    _note("webhooks.rotate", endpoint_id, by, at)
    return secret


@transaction.atomic
def remove(*, endpoint_id: int, by: Actor, at: datetime) -> None:
    """Take an endpoint away for good, with its secrets and everything that waits for it.

    Raises:
        NoEndpoint: There is none.
    """
    one = _locked(endpoint_id)
    Attempt.objects.filter(delivery__endpoint_id=endpoint_id).delete()
    Delivery.objects.filter(endpoint_id=endpoint_id).delete()
    one.removed_at, one.secret, one.old_secret, one.old_until = at, "", "", None
    one.save(update_fields=["removed_at", "secret", "old_secret", "old_until"])
    _note("webhooks.remove", endpoint_id, by, at, url=one.url)


def forget_old(*, at: datetime) -> None:
    """Delete messages that are older than they are kept, with what became of them."""
    Message.objects.filter(made_at__lt=at - KEPT).delete()


def _checked(wanted: Wanted) -> Wanted:
    return checked(wanted, kinds=CHOICES, internal=settings.WEBHOOKS_INTERNAL)


def _locked(endpoint_id: int) -> Endpoint:
    one = Endpoint.objects.select_for_update(no_key=True).filter(pk=endpoint_id, removed_at=None).first()
    if one is None:
        raise NoEndpoint("There is no such endpoint.")
    return one


def _note(action: str, endpoint_id: int, by: Actor, at: datetime, **detail: Any) -> None:
    record(by=by, action=action, at=at, subject_kind="endpoint", subject_id=endpoint_id, detail=detail)
