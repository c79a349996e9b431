"""The café's members: who they are, how often they come, and how long they stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from regulars.customers.identities import Identity, IdentityKind
from regulars.facts.connectors.camellia.dice import beta, dice, gamma, weighted
from regulars.facts.connectors.camellia.menu import Item, favourite
from regulars.facts.connectors.complete_journey import DemoDataMissing

STORES = ("湖滨店 Lakeside", "大学路店 University Road", "高新店 Tech Park")
STORE_WEIGHTS = (0.42, 0.33, 0.25)
FAULTY_STORE = 1
"""The place of the store that got the bad beans."""

HABITS = ("commuter", "weekender", "anytime")
HABIT_WEIGHTS = (0.45, 0.25, 0.30)
RATE_SHAPE = 1.3
RATE_PER_DAY = 0.105
"""Visits a day: gamma over the members, so that a few come nearly daily and many now and then."""
LOWEST_RATE = 1 / 75
LEAVING_A, LEAVING_B = 1.0, 24.0
"""The chance to leave after a visit: beta over the members, as BG/NBD has it."""
MEMBERS_AT_FIRST = 0.45
NEVER_CAME_EVERY = 22
SHORTEST_STAY_DAYS = 20
"""Nobody joins in the last days."""
PHONE_BASE = 14300000000
"""143… is a range that no operator has been given, so that nobody is ever called."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the café. `email` is '' where they gave none.

    Attributes:
        agrees: Whether they want to hear of offers. took_back_on: When they had enough of them.
        rate: Visits a day while they are a regular. leaving: The chance to leave after each visit.
        bites: How likely something to eat is.
    """

    place: int
    number: str
    name: str
    phone: str
    email: str
    language: str
    birthday: date | None
    joined_on: date
    agrees: bool
    took_back_on: date | None
    store: int
    habit: str
    rate: float
    leaving: float
    usual: Item
    bites: float
    comes: bool

    @property
    def identities(self) -> tuple[Identity, ...]:
        """What they are known by, strongest first."""
        found = [
            Identity(IdentityKind.MEMBER_NUMBER, "", self.number), Identity(IdentityKind.PHONE, "", self.phone),
        ]  # fmt: skip
        return (*found, Identity(IdentityKind.EMAIL, "", self.email)) if self.email else tuple(found)


def members(count: int, first: date, last: date) -> list[Member]:
    """So many members, of whom a part had joined before the first day.

    Raises:
        DemoDataMissing: Faker, which makes their names up, is not installed.
    """
    names = _names(count)
    return [_member(place, count, names[place], first, last) for place in range(count)]


def _member(place: int, count: int, name: tuple[str, str], first: date, last: date) -> Member:
    chance = dice("member", place)
    joined_on = _joined(chance, place / count, first, last)
    agrees, took_back = chance.random() < 0.82, chance.random() < 0.05
    number = f"CM{place + 1:04d}"
    shown, language = name
    return Member(
        place=place,
        number=number,
        name=shown,
        phone=f"+86{PHONE_BASE + 7 * place + 1001}",
        email=f"{number.lower()}@example.com" if chance.random() < 0.72 else "",
        language=language,
        birthday=_birthday(chance, first),
        joined_on=joined_on,
        agrees=agrees,
        took_back_on=min(joined_on + timedelta(days=200), last) if agrees and took_back else None,
        store=weighted(chance, (0, 1, 2), STORE_WEIGHTS),
        habit=weighted(chance, HABITS, HABIT_WEIGHTS),
        rate=min(0.85, max(LOWEST_RATE, gamma(chance, RATE_SHAPE) / RATE_SHAPE * RATE_PER_DAY)),
        leaving=beta(chance, LEAVING_A, LEAVING_B),
        usual=favourite(chance),
        bites=0.08 + 0.45 * chance.random(),
        comes=place % NEVER_CAME_EVERY != NEVER_CAME_EVERY - 1,
    )


def _joined(chance: Random, order: float, first: date, last: date) -> date:
    """When the member of this order (0 to 1) joined: numbers are given in the order of joining."""
    if order < MEMBERS_AT_FIRST:
        return first - timedelta(days=1 + int((1 - order / MEMBERS_AT_FIRST) * 540))
    through = (order - MEMBERS_AT_FIRST) / (1 - MEMBERS_AT_FIRST)
    return first + timedelta(days=int(through * ((last - first).days - SHORTEST_STAY_DAYS)))


def _birthday(chance: Random, first: date) -> date | None:
    told, age, day = chance.random() < 0.45, chance.random(), chance.random()
    return date(first.year - 19 - int(age * 38), 1, 1) + timedelta(days=int(day * 365)) if told else None


def _names(count: int) -> Sequence[tuple[str, str]]:
    """Made-up names with a language: mostly Chinese, some foreigners who read English."""
    try:
        from faker import Faker
    except ImportError as error:
        raise DemoDataMissing("Faker is not installed. Install the group demo: uv sync --group demo.") from error
    chinese, english = Faker("zh_CN"), Faker("en_US")
    found = []
    for place in range(count):
        foreign = place % 17 == 11
        fake = english if foreign else chinese
        fake.seed_instance(f"camellia {place}")
        found.append(
            (f"{fake.first_name()} {fake.last_name()}", "en") if foreign else (fake.name().replace(" ", ""), "zh-hans")
        )
    return found
