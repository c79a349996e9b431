"""The copy list: a person is shown the next names with text and code, pastes each into WeChat, and says 已发送.

A code is issued when its line is first shown and stays with it. Saying something twice is saying it once, and what was
said can be taken back on the same day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from regulars.core import bulk
from regulars.core.calendar import business_date, start_of_day, zone
from regulars.core.errors import DomainError
from regulars.customers import consents
from regulars.customers import queries as customers
from regulars.limits import actions as limits
from regulars.limits.rules import Kind, Limit, Take
from regulars.outreach.channels.copy_list import CHANNEL
from regulars.outreach.deliveries import claims
from regulars.outreach.deliveries.admission import Held, admit, give_back
from regulars.outreach.deliveries.filling import Wanted, fill_many
from regulars.outreach.deliveries.rules import chosen_language
from regulars.outreach.models import Delivery
from regulars.outreach.queries import message_cost, settings
from regulars.staff.rules import BusinessProfile

MOST_SHOWN = 50
"""More lines than anybody copies at one go; each holds a code that is running out."""

# The channel stands in the statements themselves, since the list has an index of its own.
LINES = f"""
SELECT d.id, d.campaign_id, d.customer_id, d.language, coalesce(d.content, c.content), d.coupon_id, d.state,
       d.ended_at, d.actor
FROM outreach_delivery d LEFT JOIN outreach_campaign c ON c.id = d.campaign_id
WHERE d.channel = '{CHANNEL.code}' AND (%s::bigint IS NULL OR d.campaign_id = %s) AND {{which}}
ORDER BY {{order}} LIMIT %s
"""
SHOWN = LINES.format(which="d.state = 'shown' AND (d.campaign_id IS NULL OR c.state = 'running')", order="d.id")
DONE = LINES.format(which="d.state IN ('sent', 'skipped') AND d.ended_at >= %s", order="d.ended_at DESC, d.id DESC")


class NotOnList(DomainError):
    """There is no such line, or its campaign is paused or over."""

    code = "not_on_copy_list"


class TooLateToUndo(DomainError):
    """It was said on another day; what is kept since then stays."""

    code = "too_late_to_undo"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the copy list: whom to look for, what to paste, and what was done with it.

    `name` is '' where only a phone is known; `phone` is whole, so a page masks it unless its reader may see it.
    """

    delivery_id: int
    campaign_id: int | None
    customer_id: int
    name: str
    phone: str
    text: str
    code: str
    state: str
    ended_at: datetime | None
    actor: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a copy list has come: waiting and shown are still to do."""

    waiting: int
    shown: int
    sent: int
    skipped: int


@transaction.atomic
def show_next(*, business: BusinessProfile, at: datetime, campaign_id: int | None = None, most: int = 10) -> int:
    """Put the next names on the list until `most` stand there unanswered; returns how many came. May run twice.

    Consent, the frequency cap and the hours are looked at now; who may not be written to any more goes with
    the reason, and the one after them comes.

    Raises:
        Contended: Customers were merged at this moment; the whole transaction may run again.
    """
    # One at a time, or two phones that ask at once would get twice as many.
    bulk.run(connection, "SELECT pg_advisory_xact_lock(%s, 0)", [claims.LOCKS])
    standing = Delivery.objects.filter(channel=CHANNEL.code, state="shown")
    if campaign_id is not None:
        standing = standing.filter(campaign_id=campaign_id)
    room, came = min(most, MOST_SHOWN) - standing.count(), 0
    while room > came:
        claimed = claims.claim(
            worker=1, channel=CHANNEL.code, time_zone=business.time_zone, at=at, most=room - came,
            campaign_id=campaign_id,
        )  # fmt: skip
        if not claimed:
            break
        came += len(admit(claimed, channel=CHANNEL.code, business=business, at=at, state="shown").ready)
    return came


def lines(*, business: BusinessProfile, at: datetime, campaign_id: int | None = None) -> list[Line]:
    """The lines that stand on the list unanswered, in their order."""
    rows = bulk.run(connection, SHOWN, [campaign_id, campaign_id, MOST_SHOWN])
    return _lines(rows, business, at)


def done_today(
    *, business: BusinessProfile, at: datetime, campaign_id: int | None = None, most: int = 50
) -> list[Line]:
    """What was sent or skipped today by the business's clock, the latest first: it can be taken back."""
    rows = bulk.run(connection, DONE, [campaign_id, campaign_id, _today(business, at), most])
    return _lines(rows, business, at)


def progress(*, campaign_id: int | None = None) -> Progress:
    """How far the list of a campaign, or all of them, has come."""
    rows = bulk.run(
        connection,
        f"""SELECT count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'shown'),
             count(*) FILTER (WHERE state = 'sent'), count(*) FILTER (WHERE state = 'skipped')
           FROM outreach_delivery WHERE channel = '{CHANNEL.code}' AND (%s::bigint IS NULL OR campaign_id = %s)""",
        [campaign_id, campaign_id],
    )
    return Progress(*rows[0])


@transaction.atomic
def mark_sent(*, delivery_id: int, actor: str, at: datetime) -> bool:
    """已发送: somebody pasted it and sent it. False if that was said before.

    It is believed also when the campaign was stopped meanwhile, since the guest has it.

    Raises:
        NotOnList: There is no such line.
    """
    one = _locked(delivery_id)
    if one.state == "sent":
        return False
    if one.state != "shown" and not (one.state == "suppressed" and one.token is not None):
        raise NotOnList("This line is not on the list.")
    _answer(one, "sent", actor, at)
    return True


@transaction.atomic
def skip(*, delivery_id: int, actor: str, at: datetime) -> bool:
    """跳过: not for this guest, who has room for another message again. False if that was said before.

    Raises:
        NotOnList: There is no such line, or it was sent.
    """
    one = _locked(delivery_id)
    if one.state == "skipped":
        return False
    if one.state != "shown":
        raise NotOnList("This line is not on the list.")
    _answer(one, "skipped", actor, at)
    # The code stays with the line, which may come back; nobody was told it.
    give_back([_held(one)], at=at)
    return True


@transaction.atomic
def undo(*, delivery_id: int, business: BusinessProfile, at: datetime) -> bool:
    """撤销: put a line that was sent or skipped today back on the list. False if it stands there already.

    Raises:
        NotOnList: There is no such line.
        TooLateToUndo: It was answered on another day, or the guest had enough other messages since.
    """
    one = _locked(delivery_id)
    if one.state == "shown":
        return False
    if one.state not in ("sent", "skipped") or one.ended_at is None:
        raise NotOnList("This line is not on the list.")
    if one.ended_at < _today(business, at):
        raise TooLateToUndo("This was answered on another day.")
    if one.state == "skipped" and one.purpose == consents.PROMOTION:
        rules = settings()
        limit = Limit(Kind.MESSAGES, rules.cap_most, rules.cap_window)
        if not limits.take([Take(limit, _owner(one))], at=at)[0]:
            raise TooLateToUndo("This guest had enough messages since.")
        one.admitted_at = at
    one.state, one.reason, one.ended_at, one.actor = "shown", "", None, ""
    one.save(update_fields=["state", "reason", "ended_at", "actor", "admitted_at"])
    return True


def _lines(rows: Sequence[tuple[Any, ...]], business: BusinessProfile, at: datetime) -> list[Line]:
    owners = customers.canonicals({row[2] for row in rows})
    names = customers.names(owners.values())
    phones = customers.phones(owners.values())
    wanted = [
        Wanted(row[0], owners[row[2]], chosen_language(row[4], row[3], business.language), row[4], row[5])
        for row in rows
    ]
    filled = fill_many(wanted, business=business, at=at)
    return [
        Line(
            row[0], row[1], owners[row[2]], names[owners[row[2]]][1], phones.get(owners[row[2]], ""),
            filled[row[0]].body if row[0] in filled else "", filled[row[0]].code if row[0] in filled else "",
            row[6], row[7], row[8],
        )
        for row in rows
    ]  # fmt: skip


def _locked(delivery_id: int) -> Delivery:
    one = Delivery.objects.select_for_update(no_key=True).filter(pk=delivery_id, channel=CHANNEL.code).first()
    if one is None:
        raise NotOnList("There is no such line.")
    return one


def _answer(one: Delivery, state: str, actor: str, at: datetime) -> None:
    one.state, one.reason, one.ended_at, one.actor = state, "", at, actor
    if state == "sent":
        one.sending_at, one.cost_minor = at, message_cost(one.channel)
    one.save(update_fields=["state", "reason", "ended_at", "sending_at", "cost_minor", "actor"])


def _held(one: Delivery) -> Held:
    assert one.admitted_at is not None, "it was shown"
    return Held(_owner(one), one.purpose, one.admitted_at, None)


def _owner(one: Delivery) -> int:
    return customers.canonicals([one.customer_id])[one.customer_id]


def _today(business: BusinessProfile, at: datetime) -> datetime:
    """The instant at which the business's day began."""
    in_zone = zone(business.time_zone)
    return start_of_day(business_date(at, in_zone), in_zone)
