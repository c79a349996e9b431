"""What comes back after a message has left: it bounced, somebody called it spam, somebody unsubscribed elsewhere.

Told by a provider's webhook, or by a person who found it in the mailbox.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from regulars.core.errors import DomainError
from regulars.customers import actions as customers
from regulars.customers.actions import Word
from regulars.customers.consents import PROMOTION
from regulars.outreach.models import Delivery

BOUNCED: Final = "bounced"
COMPLAINED: Final = "complained"
UNSUBSCRIBED: Final = "unsubscribed"


class NoDelivery(DomainError):
    """There is no such message."""

    code = "no_delivery"


def find(*, reference: str = "", message_id: str = "") -> int | None:
    """The delivery that a provider means, by the reference that it got along or by what it calls the message."""
    try:
        by_token = Delivery.objects.filter(token=UUID(hex=reference)) if reference else None
    except ValueError:
        by_token = None
    found = by_token.values_list("pk", flat=True).first() if by_token is not None else None
    if found is None and message_id:
        names = [message_id, f"<{message_id.strip('<>')}>", message_id.strip("<>")]
        found = Delivery.objects.filter(message_id__in=names).values_list("pk", flat=True).first()
    return found


@transaction.atomic
def record(*, delivery_id: int, what: str, detail: str, source: str, at: datetime) -> bool:
    """Note that a message came back; True when that is news. Said twice, it is said once.

    A bounce stops its address; a complaint stops the address and takes the consent back; unsubscribing at the provider
    takes the consent back.

    Raises:
        NoDelivery: There is no such message.
    """
    one = Delivery.objects.select_for_update(no_key=True).filter(pk=delivery_id).first()
    if one is None:
        raise NoDelivery("There is no such message.")
    news = False
    if what == BOUNCED and one.state in ("sending", "sent", "unknown"):
        # The address had it after all, if only to refuse it: the end that was noted was the server's on the way.
        one.state, one.reason, one.claim, one.ended_at = "refused", BOUNCED, None, one.ended_at or at
        one.save(update_fields=["state", "reason", "claim", "ended_at"])
        news = True
    if what in (BOUNCED, COMPLAINED) and one.identity_id:
        news |= customers.mark_unreachable(identity_id=one.identity_id, why=what, detail=detail, source=source, at=at)
    if what in (COMPLAINED, UNSUBSCRIBED):
        word = Word(
            one.customer_id, PROMOTION, one.channel, False, at, "complaint" if what == COMPLAINED else "one_click"
        )
        news |= customers.record_consents([word]) > 0
    return news
