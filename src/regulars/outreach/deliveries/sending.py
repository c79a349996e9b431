"""Handing a batch over, at most once each.

Before the call, one commit says that a message is being sent; whoever finds it so later knows that nobody can know. The
same statement writes down how the one before ended, so that a message costs one commit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction

from regulars.core import bulk
from regulars.customers import actions as customers
from regulars.outreach.channels.channel import Answer, Ending, Letter, Sender
from regulars.outreach.channels.email_settings import note_trouble
from regulars.outreach.deliveries import claims
from regulars.outreach.deliveries.admission import Held, give_back
from regulars.outreach.deliveries.rules import Ready, Tally, next_try

Clock = Callable[[], datetime]

# A message that a dead worker's successor has called unknown meanwhile still ends as it ended: its worker was not dead.
END = """
UPDATE outreach_delivery SET state = %s, reason = %s, not_before = %s, ended_at = %s, claim = NULL, tries = tries - %s,
  message_id = CASE WHEN %s = '' THEN message_id ELSE %s END
WHERE id = %s AND tries = %s
AND (state = 'sending' OR (state = 'unknown' AND reason = 'interrupted' AND %s <> 'queued'))
"""
# Whatever changed since the batch was looked at: the claim, the campaign's state, consent.
BEGIN = """
UPDATE outreach_delivery d SET state = 'sending', sending_at = %s, cost_minor = %s, tries = d.tries + 1, message_id = %s
WHERE d.id = %s AND d.state = 'queued' AND d.claim = %s
AND (d.campaign_id IS NULL OR EXISTS (
  SELECT 1 FROM outreach_campaign c WHERE c.id = d.campaign_id AND c.state = 'running'))
AND coalesce((
  SELECT s.granted FROM customers_customer m JOIN customers_consent s ON s.customer_id = m.id
  WHERE m.canonical_id = %s AND s.purpose = d.purpose AND s.channel = d.channel
  ORDER BY s.at DESC, s.id DESC LIMIT 1), true)
RETURNING d.id
"""
BOTH = f"WITH ended AS ({END} RETURNING 1) {BEGIN}"


@dataclass(frozen=True, slots=True)
class _Ended:
    """How an attempt ended, to be written down."""

    ready: Ready
    answer: Answer
    at: datetime

    def row(self) -> list[object]:
        """The parameters of END."""
        state, reason, later, ended = _end_of(self)
        told = self.answer.message_id[:250]
        for_nothing = int(self.answer.ending is Ending.DOWN)
        return [state, reason, later, ended, for_nothing, told, told, self.ready.id, self.ready.tries + 1, state]


def send_batch(
    ready: Sequence[Ready],
    *,
    worker: int,
    sender: Sender,
    write: Callable[[Ready, datetime], Letter],
    cost_minor: Decimal,
    clock: Clock,
    stop: Callable[[], bool] = lambda: False,
) -> Tally:
    """Send what was admitted; what is left when the channel breaks down or `stop` says so goes back to the queue.

    Args:
        write: Makes the letter of a delivery.
        cost_minor: What one message costs, kept with each.
    """
    tally, ended, trouble, done = Tally(), None, "", set[int]()
    for one in ready:
        if trouble or stop():
            break
        at = clock()
        letter = write(one, at)
        begun = _step(ended, [at, cost_minor, letter.message_id, one.id, worker, one.customer_id])
        if ended is not None:
            tally += _followed(ended)
            ended = None
        if not begun:
            continue
        done.add(one.id)
        ended = _Ended(one, sender.send(letter), clock())
        trouble = ended.answer.reason if ended.answer.ending is Ending.DOWN else ""
    if ended is not None:
        bulk.run(connection, END, ended.row())
        tally += _followed(ended)
    claims.release(worker=worker, delivery_ids=[one.id for one in ready if one.id not in done])
    return tally + Tally(trouble=trouble)


def _step(ended: _Ended | None, begin: list[object]) -> bool:
    """Write down one end and the next beginning; whether it may begin."""
    if ended is None:
        return bool(bulk.run(connection, BEGIN, begin))
    return bool(bulk.run(connection, BOTH, [*ended.row(), *begin]))


def _end_of(ended: _Ended) -> tuple[str, str, datetime | None, datetime | None]:
    """State, reason, when to try again, when it ended."""
    answer, at = ended.answer, ended.at
    match answer.ending:
        case Ending.SENT:
            return "sent", "", None, at
        case Ending.REFUSED:
            return "refused", answer.reason, None, at
        case Ending.UNKNOWN:
            return "unknown", answer.reason, None, at
        case Ending.DOWN:
            return "queued", answer.reason, None, None
    again = next_try(ended.ready.tries + 1, at)
    return ("queued", answer.reason, again, None) if again else ("refused", "refused_too_often", None, at)


def _followed(ended: _Ended) -> Tally:
    """What an end brings with it besides its row: a place under the cap is free again, an address bounces."""
    one, answer = ended.ready, ended.answer
    state = _end_of(ended)[0]
    if state == "refused":
        with transaction.atomic():
            give_back([Held(one.customer_id, one.purpose, one.admitted_at, one.coupon_id)], at=ended.at)
            if answer.bounced and one.identity_id:
                customers.mark_unreachable(
                    identity_id=one.identity_id, why="bounced", detail=answer.detail, source="server", at=ended.at
                )
        return Tally(refused=1)
    if answer.ending is Ending.DOWN:
        note_trouble(code=answer.reason, detail=answer.detail, at=ended.at)
        return Tally()
    return {"sent": Tally(sent=1), "unknown": Tally(unknown=1), "queued": Tally(later=1)}[state]
