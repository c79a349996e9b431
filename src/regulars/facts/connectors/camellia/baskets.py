"""What is on the table at a visit, what goes back, and the orders of guests whom nobody knows."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple

from regulars.facts.connectors.camellia.dice import dice, happens
from regulars.facts.connectors.camellia.menu import HOME, Item, beside, drink
from regulars.facts.connectors.camellia.people import STORES, Member
from regulars.facts.connectors.camellia.seasons import busy, is_weekend
from regulars.facts.connectors.camellia.visits import Calendar, Visit
from regulars.facts.connectors.camellia.win_back import COUPON_LEAST_MINOR, COUPON_MINOR

TUESDAY = 1
ONLINE_SHARE = 0.22
"""Ordered ahead in the mini-program and picked up."""
BACK_SHARE, BACK_SHARE_FAULTY = 0.008, 0.13
"""Money given back for a drink: usually, and in the days of the bad beans."""
CANCELLED_SHARE = 0.004
RETURNED_SHARE = 0.06
"""Beans, mugs and the like that are brought back within ten days."""
GUESTS_PER_DAY = (5.0, 3.6, 2.8)
"""Orders a day of people who are no members, by store."""


class Basket(NamedTuple):
    """An order: who (None for a guest), when and where, lines of (item, quantity, amount), and what was taken off.

    `back` says what comes of it later: (when, line or None for all); `cancelled` when it was called off. `device` and
    `address` are told only where a café is drawn for what shares them.
    """

    key: str
    member: int | None
    at: datetime
    store: int
    online: bool
    lines: tuple[tuple[Item, int, int], ...]
    off: int = 0
    coupon: bool = False
    back: tuple[datetime, int] | None = None
    cancelled: datetime | None = None
    device: str = ""
    address: str = ""

    @property
    def paid(self) -> int:
        """What was paid, in fen; lines stand at their own prices less what was taken off."""
        return sum(line[2] for line in self.lines)


def of_visit(member: Member, visit: Visit, calendar: Calendar, *, coupon: bool = False) -> Basket:
    """The order of a visit: of its own chance, so that it is the same whatever else happens."""
    chance = dice("basket", member.place, visit.day.toordinal())
    items = [drink(chance, visit.day, member.usual), *beside(chance, member.bites)]
    if chance.random() < 0.11:
        items.append(drink(chance, visit.day, None))
    at = _at(visit.day, visit.minute, chance)
    online = chance.random() < ONLINE_SHARE
    lines, off = _lines(items, visit.day)
    if coupon and sum(line[2] for line in lines) >= COUPON_LEAST_MINOR:
        lines, off = _less(lines, COUPON_MINOR), off + COUPON_MINOR
    else:
        coupon = False
    key = f"{visit.day:%y%m%d}-{visit.store + 1}-{member.number}"
    basket = Basket(key, member.place, at, visit.store, online, tuple(lines), off, coupon)
    return _what_comes_of_it(basket, chance, faulty=calendar.is_faulty(visit.day, visit.store))


def _what_comes_of_it(basket: Basket, chance: Random, *, faulty: bool) -> Basket:
    called_off, given_back, brought_back, after = (chance.random() for _ in range(4))
    if basket.online and called_off < CANCELLED_SHARE:
        return basket._replace(cancelled=basket.at + timedelta(minutes=3))
    home = next((place for place, line in enumerate(basket.lines) if line[0].category == HOME), None)
    if home is not None and brought_back < RETURNED_SHARE:
        return basket._replace(back=(basket.at + timedelta(days=2 + int(8 * after), minutes=47), home))
    if given_back < (BACK_SHARE_FAULTY if faulty else BACK_SHARE):
        return basket._replace(back=(basket.at + timedelta(minutes=12), 0))
    return basket


def guests(calendar: Calendar, day: date, share: float) -> Iterator[Basket]:
    """Orders of a day by people whom nobody knows; their key ends in G and a number.

    Args:
        share: Of the usual number, for a smaller café.
    """
    for store in range(len(STORES)):
        chance = dice("guests", day.toordinal(), store)
        rate = GUESTS_PER_DAY[store] * share * busy(day) * (1.3 if is_weekend(day) else 0.9)
        for number in range(1, 16):
            if not happens(chance, rate / 15):
                continue
            items = [drink(chance, day, None), *beside(chance, 0.25)]
            lines, off = _lines(items, day)
            at = _at(day, int(60 * (9 + 10 * chance.random())), chance)
            key = f"{day:%y%m%d}-{store + 1}-G{number:02d}"
            basket = Basket(key, None, at, store, False, tuple(lines), off)
            yield _what_comes_of_it(basket, chance, faulty=calendar.is_faulty(day, store))


def _lines(items: list[Item], day: date) -> tuple[list[tuple[Item, int, int]], int]:
    """Lines at their prices; 周二第二杯半价: on Tuesdays the second drink costs half."""
    lines, off = [(item, 1, item.price) for item in items], 0
    drinks = [place for place, item in enumerate(items) if item.sku[0] in "HC"]
    if day.weekday() == TUESDAY and len(drinks) > 1:
        place = drinks[1]
        off = items[place].price // 2
        lines[place] = (items[place], 1, items[place].price - off)
    return lines, off


def _less(lines: list[tuple[Item, int, int]], off: int) -> list[tuple[Item, int, int]]:
    """Take an amount off the lines, from the first on."""
    found = []
    for item, quantity, amount in lines:
        taken = min(off, amount)
        off -= taken
        found.append((item, quantity, amount - taken))
    return found


def _at(day: date, minute: int, chance: Random) -> datetime:
    """Local time without a zone."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  # what the clock in the shop shows
    return midnight + timedelta(minutes=minute, seconds=int(60 * chance.random()))
