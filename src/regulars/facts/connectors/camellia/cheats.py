"""Members who collect points on other people's orders: somebody behind the counter scans their own card."""

from datetime import date, timedelta

from regulars.facts.connectors.camellia.baskets import Basket
from regulars.facts.connectors.camellia.dice import dice
from regulars.facts.connectors.camellia.visits import Calendar

MEMBERS_PER_CHEAT = 300
SHIFT_SHARE = 0.5
TAKEN_SHARE = 0.55
WEEKS = 20
"""Since so many weeks before the end, and on."""


def cheats(members: int) -> dict[int, int]:
    """Who cheats: place in the list of members → the store where it happens; at least one."""
    count = max(1, members // MEMBERS_PER_CHEAT)
    return {int((n + 0.4) * members * 0.4 / count): n % 3 for n in range(count)}


def taken_by(basket: Basket, who: dict[int, int], calendar: Calendar) -> int | None:
    """Which cheat scans their card for a guest's order; None if nobody does. On their shifts only."""
    day = basket.at.date()
    for place, store in who.items():
        if store != basket.store or day <= calendar.last - timedelta(weeks=WEEKS):
            continue
        if _works(place, day) and dice("taken", place, basket.key).random() < TAKEN_SHARE:
            return place
    return None


def _works(place: int, day: date) -> bool:
    return dice("shift", place, day.toordinal()).random() < SHIFT_SHARE
