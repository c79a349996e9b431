"""Putting deliveries into the queue, and taking them out again before they leave."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction

from regulars.core import bulk
from regulars.core.errors import DomainError
from regulars.customers import consents
from regulars.outreach.campaigns.rules import Message
from regulars.outreach.channels import CHANNELS, copy_list
from regulars.outreach.deliveries.admission import Held, give_back
from regulars.outreach.deliveries.rules import Queued
from regulars.outreach.models import Delivery

QUEUE = f"""
INSERT INTO outreach_delivery (campaign_id, customer_id, language, channel, purpose, state, reason, tries, queued_at,
                               message_id, actor)
SELECT %s, who, language, %s, %s, 'queued', '', 0, %s, '', '' FROM {bulk.unnest("bigint", "text")} AS n (who, language)
ON CONFLICT (campaign_id, customer_id) DO NOTHING
"""
# Those that were admitted hold a place under the cap, which is given back; all others are closed as they are. A code
# that somebody was shown stays good: perhaps the guest has it, and who sent it has not said so yet.
# Queued ones and shown ones are each found by an index, and both together by none.
CLOSE = """
WITH closed AS (
  UPDATE outreach_delivery SET state = 'suppressed', reason = %s, ended_at = %s, claim = NULL
  WHERE id IN (
    SELECT id FROM outreach_delivery WHERE campaign_id = %s AND {which} ORDER BY id LIMIT %s FOR UPDATE
  ) RETURNING customer_id, purpose, admitted_at, CASE channel WHEN 'copy_list' THEN NULL ELSE coupon_id END AS coupon_id
)
SELECT (SELECT count(*) FROM closed), customer_id, purpose, admitted_at, coupon_id
FROM (SELECT 1) one LEFT JOIN closed ON admitted_at IS NOT NULL
"""
CLOSE_SHOWN = CLOSE.format(which=f"state = 'shown' AND channel = '{copy_list.CHANNEL.code}'")
CLOSE_QUEUED = CLOSE.format(
    which="state = 'queued' AND channel = (SELECT c.channel FROM outreach_campaign c WHERE c.id = %s)"
)


class UnknownChannel(DomainError):
    """There is no such channel."""

    code = "unknown_channel"


def queue_many(
    *, campaign_id: int, channel: str, people: Sequence[Queued], at: datetime, purpose: str = consents.PROMOTION
) -> None:
    """A message of a campaign for each of these customers; who has one already gets no second one.

    One statement for a portion of any size. The campaign says what is written and which coupon goes with it.

    Raises:
        UnknownChannel: There is no such channel.
    """
    _check(channel)
    columns = bulk.columns(sorted(people), ("bigint", "text"))
    bulk.send(connection, QUEUE, [campaign_id, channel, purpose, at, *columns])


def queue_one(
    *,
    key: str,
    customer_id: int,
    channel: str,
    content: Mapping[str, Message],
    at: datetime,
    purpose: str = consents.PROMOTION,
    offer_id: int | None = None,
    actor: str = "",
) -> int:
    """A message of its own, for instance for a task; returns its id. The same key never makes a second one.

    Args:
        content: By language ('zh', 'en'), checked by `campaigns.content.check`.
    Raises:
        UnknownChannel: There is no such channel.
    """
    _check(channel)
    told = {language: {"subject": said.subject, "body": said.body} for language, said in content.items()}
    Delivery.objects.bulk_create(
        [
            Delivery(
                key=key, customer_id=customer_id, channel=channel, purpose=purpose, content=told, offer_id=offer_id,
                queued_at=at, actor=actor,
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    return int(Delivery.objects.values_list("pk", flat=True).get(key=key))


@transaction.atomic
def close_some(*, campaign_id: int, reason: str, at: datetime, most: int = 20_000) -> int:
    """Take messages of a campaign that is over out of the queue, so many at a time; returns how many, 0 when done.

    What a worker is sending at this moment still ends as it ends.
    """
    shown = bulk.run(connection, CLOSE_SHOWN, [reason, at, campaign_id, most])
    queued = bulk.run(connection, CLOSE_QUEUED, [reason, at, campaign_id, campaign_id, most])
    give_back([Held(*row[1:]) for row in (*shown, *queued) if row[1] is not None], at=at)
    return int(shown[0][0] + queued[0][0])


def _check(channel: str) -> None:
    if channel not in CHANNELS:
        raise UnknownChannel(f"There is no channel {channel!r}; choose one of {', '.join(CHANNELS)}.")
