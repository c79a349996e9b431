"""Reading cards: what one shows now, and whether that was scanned already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from regulars.customers.cards.rules import Token, seconds_left, window_of, written
from regulars.customers.models import CardUse
from regulars.staff.sealing import token_for


@dataclass(frozen=True, slots=True)
class Face:
    """What a card shows: the token, how many seconds it stays, and whether somebody has scanned it."""

    token: str
    seconds: int
    is_used: bool


def face(card_id: int, *, at: datetime) -> Face:
    """What a card shows at this moment."""
    token = Token(card_id, window_of(at))
    used = CardUse.objects.filter(card_id=card_id, window=token.window).exists()
    return Face(written(token, key()), seconds_left(at), used)


def uses(card_ids: Sequence[int], *, most: int) -> list[tuple[datetime, str]]:
    """(when, by whom) these cards were scanned, the last first."""
    rows = CardUse.objects.filter(card_id__in=card_ids).order_by("-at").values_list("at", "by")
    return list(rows[:most])


def key() -> bytes:
    """What cards are signed with: made from the instance's secret key, and kept nowhere."""
    return token_for("member card").encode()
