"""The copy list's one step that others can be in the way of: putting the next names on it."""

from datetime import datetime

from regulars.flows.transactions import again_if_contended
from regulars.outreach.deliveries import by_hand
from regulars.staff import queries as staff


def show_next(*, at: datetime, campaign_id: int | None = None, most: int = 10) -> int:
    """Put the next names on the copy list until `most` stand there unanswered; returns how many came."""
    business = staff.business()
    return again_if_contended(lambda: by_hand.show_next(business=business, at=at, campaign_id=campaign_id, most=most))
