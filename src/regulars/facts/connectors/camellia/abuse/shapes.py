"""The eight kinds of cheats, each as it goes on in shops. Times are local; `from_day` is the first day of the story."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random

from regulars.facts.connectors.camellia.abuse.people import Act, ActKind, Cheat, Newcomer, Said, Story, minutes
from regulars.facts.connectors.camellia.baskets import Basket
from regulars.facts.connectors.camellia.dice import dice, pick
from regulars.facts.connectors.camellia.menu import BITES, COLD, HOME, HOT, KINDS, Item, drink
from regulars.facts.connectors.camellia.people import PHONE_BASE, STORES, Member
from regulars.facts.connectors.camellia.seasons import open_day

CHECK_IN, REVIEW = "Checked In", "Product Reviewed"


class Keys:
    """Order numbers that nobody else has."""

    def __init__(self) -> None:
        self.last = 0

    def new(self, day: date) -> str:
        """The next."""
        self.last += 1
        return f"{day:%y%m%d}-Z{self.last:05d}"


def order(keys: Keys, at: datetime, store: int, items: list[Item], **more: object) -> Basket:
    """An order of these, one each."""
    lines = tuple((item, 1, item.price) for item in items)
    return Basket(keys.new(at.date()), None, at, store, bool(more.pop("online", False)), lines)._replace(**more)  # type: ignore[arg-type]


def moment(day: date, chance: Random, early: float = 8, late: float = 20) -> datetime:
    """A time on this day, or the next open one."""
    hour = early + (late - early) * chance.random()
    return datetime.combine(open_day(day), time()) + minutes(60 * hour)


def between(chance: Random, least: int, most: int) -> int:
    """A whole number from least to most."""
    return least + int(chance.random() * (most - least + 1))


def refund_farming(who: Member, first: date, keys: Keys) -> Story:
    """Three to six rounds of buying dear, spending at once and bringing back; each round's debt is paid by the next.

    So only the last one pays: several orders on a day, everything spent that evening, everything brought back.
    """
    chance, story = dice("refunds", who.number), Story()
    day, began = first, None
    for _ in range(between(chance, 3, 6)):
        at = moment(day, chance)
        began = began or at
        _bring_back(story, who.number, at, between(chance, 1, 2), chance, keys)
        if chance.random() < 0.6:
            story.redeem(who.number, at + minutes(10 + 50 * chance.random()))
        day = at.date() + timedelta(days=between(chance, 2, 5))
    at = moment(day, chance, 10, 16)
    for n in range(between(chance, 2, 4)):
        _bring_back(story, who.number, at + minutes(40 * n), between(chance, 2, 3), chance, keys)
    cash_in = at + minutes(200 + 60 * chance.random())
    story.redeem(who.number, cash_in)
    story.cheats.append(Cheat(who.number, "refund_farming", began or at, cash_in))
    return story


def _bring_back(story: Story, number: str, at: datetime, dear: int, chance: Random, keys: Keys) -> None:
    basket = order(keys, at, int(chance.random() * len(STORES)), [pick(chance, KINDS[HOME]) for _ in range(dear)])
    later = at + timedelta(hours=14 + 50 * chance.random())
    story.orders.append((number, basket._replace(back=(later, -1))))


def velocity(who: Member, first: date, keys: Keys) -> Story:
    """Seven to sixteen cheap orders within six to twenty minutes, perhaps again some days later; cashed in hours after
    the first burst."""
    chance, story = dice("burst", who.number), Story()
    start = moment(first, chance, 8, 17)
    cash_in = start + minutes(20 + 30 + 270 * chance.random())
    for again in range(between(chance, 1, 3)):
        at = start if not again else moment(first + timedelta(days=3 * again), chance)
        lasts, count = 6 + 14 * chance.random(), between(chance, 7, 16)
        online, store = chance.random() < 0.4, int(chance.random() * len(STORES))
        for n in range(count):
            told = order(keys, at + minutes(lasts * n / count), store, [_cheap(chance)], online=online)
            story.orders.append((who.number, told._replace(device=f"own {who.number}" if online else "")))
    story.redeem(who.number, cash_in)
    story.cheats.append(Cheat(who.number, "velocity", start, cash_in))
    return story


def split_orders(who: Member, first: date, keys: Keys) -> Story:
    """On six to twelve visits within a month a basket of three to five things becomes as many orders."""
    chance, story = dice("split", who.number), Story()
    days = sorted({open_day(first + timedelta(days=int(25 * chance.random()))) for _ in range(between(chance, 7, 12))})
    until = min(len(days) - 1, between(chance, 5, 8))
    for place, day in enumerate(days):
        at = moment(day, chance)
        for n in range(between(chance, 3, 5)):
            item = drink(chance, day, who.usual) if n == 0 else pick(chance, KINDS[BITES])
            story.orders.append((who.number, order(keys, at + minutes(n * (0.5 + chance.random())), who.store, [item])))
        if place == until:
            story.redeem(who.number, at + minutes(30))
            story.cheats.append(Cheat(who.number, "split_orders", datetime.combine(days[0], time()), at + minutes(30)))
    return story


def device_ring(name: str, first: date, keys: Keys) -> Story:
    """Five to nine accounts within four days on one device (now and then on a second), an order or two each."""
    chance = dice("device ring", name)
    return _ring(name, first, keys, chance, kind="device_ring", days=4, waits=(5, 12), device=f"ring {name}")


def address_ring(name: str, first: date, keys: Keys) -> Story:
    """Four to nine accounts within ten days: parcels to one address, or numbers of one block and orders in the shop."""
    chance = dice("address ring", name)
    to = f"ring {name}" if chance.random() < 0.5 else ""
    return _ring(name, first, keys, chance, kind="address_ring", days=10, waits=(6, 14), address=to)


def _ring(
    name: str, first: date, keys: Keys, chance: Random, *, kind: str, days: int, waits: tuple[int, int],
    device: str = "", address: str = "",
) -> Story:  # fmt: skip
    story = Story()
    block = PHONE_BASE + 500_000 + int(400_000 * chance.random())
    online, store = bool(device or address), int(chance.random() * len(STORES))
    for n in range(between(chance, 5 if device else 4, 9)):
        number = f"CX{name}{n + 1:02d}"
        joined = moment(first + timedelta(days=int(days * chance.random())), chance)
        for visit in range(between(chance, 1, 3)):
            at = joined if not visit else moment(joined.date() + timedelta(days=visit), chance)
            told = order(keys, at, store, [_cheap(chance)], online=online)
            on = device if device and chance.random() < 0.85 else f"second of {name}" if device else f"own {number}"
            story.orders.append((number, told._replace(device=on if online else "", address=address)))
        cash_in = moment(joined.date() + timedelta(days=between(chance, *waits)), chance)
        # Numbers of one block where the address differs; else any.
        phone = block + n if not device and not address else block + 1_000 * n + int(900 * chance.random())
        story.newcomers.append(Newcomer(number, f"+86{phone}", joined))
        story.redeem(number, cash_in)
        story.cheats.append(Cheat(number, kind, joined, cash_in))
    return story


def code_guessing(who: Member, first: date, keys: Keys) -> Story:
    """Twelve to forty wrong codes in sessions, at most five in five minutes, as the limit allows."""
    chance, story = dice("guess", who.number), Story()
    at = start = moment(first, chance, 9, 22)
    tries = between(chance, 12, 40)
    for n in range(tries):
        story.acts.append(Act(at, who.number, ActKind.GUESS))
        at += minutes(1 + chance.random()) if n % 5 < 4 else minutes(5 + 90 * chance.random() ** 3)
    story.cheats.append(Cheat(who.number, "code_guessing", start, at))
    return story


def event_floods(who: Member, first: date, keys: Keys) -> Story:
    """Eight to forty check-ins or reviews a day for one to two weeks, cashed in after three to eight days."""
    chance, story = dice("flood", who.number), Story()
    event = CHECK_IN if chance.random() < 0.5 else REVIEW
    began, cash_in = None, moment(first + timedelta(days=between(chance, 3, 8)), chance)
    for n in range(between(chance, 6, 15)):
        at = moment(first + timedelta(days=n), chance, 9, 14)
        began = began or at
        for _ in range(between(chance, 8, 40)):
            story.said.append(Said(at, who.number, event, who.store, f"F{keys.new(at.date())}"))
            at += minutes(0.3 + 9 * chance.random())
    story.redeem(who.number, cash_in)
    story.cheats.append(Cheat(who.number, "event_floods", began or cash_in, cash_in))
    return story


def _cheap(chance: Random) -> Item:
    return pick(chance, (*KINDS[BITES][:1], *KINDS[HOT][:1], *KINDS[COLD][-2:]))


ALONE: dict[str, Callable[[Member, date, Keys], Story]] = {
    "refund_farming": refund_farming,
    "velocity": velocity,
    "split_orders": split_orders,
    "code_guessing": code_guessing,
    "event_floods": event_floods,
}
"""Kinds for which somebody uses the card that they have."""
RINGS: dict[str, Callable[[str, date, Keys], Story]] = {"device_ring": device_ring, "address_ring": address_ring}
"""Kinds for which accounts are made."""
