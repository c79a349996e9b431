"""Verbs of cards: opening one, and finding out whose is shown, once for each token."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from regulars.customers import queries as customers
from regulars.customers.cards.queries import key as signing_key
from regulars.customers.cards.rules import CardTokenUsed, NotACard, read
from regulars.customers.models import CardUse, MemberCard


@dataclass(frozen=True, slots=True)
class Shown:
    """Whose card was shown: the customer who stands for the group, and the card."""

    customer_id: int
    card_id: int


def open_card(*, customer_id: int, at: datetime) -> int:
    """Id of a customer's card; the first time it is made."""
    card, _ = MemberCard.objects.get_or_create(customer_id=customer_id, defaults={"opened_at": at})
    return card.pk


@transaction.atomic
def who_shows(token: str, *, at: datetime, key: str, by: str = "") -> Shown:
    """Whose card this is. The token counts once: of two tills that scan it, one hears that it was used.

    Args:
        token: What was scanned or typed.
        at: When it was scanned, which for a till without network lies before now.
        key: The till's own name for this scan; sent again, it gets the same answer.
        by: Who scanned it, as `console.actors` keeps people.
    Raises:
        NotACard: It is no card of this instance.
        CardTokenOld: It was shown at another time.
        CardTokenUsed: It was scanned before.
    """
    found = read(token, signing_key(), at)
    customer_id = MemberCard.objects.filter(pk=found.card_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise NotACard("This is no member's card.")
    # One unique row is the lock: whoever writes it second reads who was first.
    use, is_new = CardUse.objects.get_or_create(
        card_id=found.card_id, window=found.window, defaults={"key": key[:100], "by": by[:200], "at": at}
    )
    if not is_new and (use.key != key[:100] or not key):
        raise CardTokenUsed("This code was used already; the card shows a new one in a moment.")
    return Shown(customers.canonicals([customer_id])[customer_id], found.card_id)


def forget_uses(*, before: datetime) -> int:
    """Forget old scans, whose tokens are long over; returns how many."""
    return CardUse.objects.filter(at__lt=before).delete()[0]
