"""Honest people who look odd: families with one tablet, offices with one address, a tablet in the shop, colleagues'
coffees on one card, two on one card, parties, daily check-ins, eager reviewers, mistyped codes.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from regulars.facts.connectors.camellia.abuse.people import Act, ActKind, Said, Story, minutes
from regulars.facts.connectors.camellia.abuse.shapes import CHECK_IN, REVIEW, Keys, between, moment, order
from regulars.facts.connectors.camellia.baskets import Basket
from regulars.facts.connectors.camellia.dice import dice, happens, pick
from regulars.facts.connectors.camellia.menu import BITES, KINDS, Item, drink, favourite
from regulars.facts.connectors.camellia.people import STORES, Member
from regulars.facts.connectors.camellia.seasons import days, is_weekend

HAS_DEVICE = 0.85
DELIVERED = 0.30
"""Of what is ordered ahead, so much is brought to a door."""
FAMILIES = 0.08
"""So many share a tablet and a door with one to three others."""
OFFICES = ((0.025, 0.30), (0.012, 0.5), (0.008, 0.6))
"""Share of the members who work there, and how often an order of theirs is brought there."""
TABLET_STORE, ON_TABLET = 0, 0.15
"""One shop has a tablet at the door; so much of what is ordered ahead there is ordered on it."""
RUNNERS, PAIRS, TWICE, PARTIES, DAILY, EAGER = 0.008, 0.015, 0.03, 0.002, 0.03, 0.01
CHECKS_IN, REVIEWS, MISTYPES, SEPARATELY = 0.35, 0.05, 0.04, 0.004
SPENDS, SPENDS_ALL, A_DRINK = 0.25, 0.2, 200


class Homes:
    """What each member orders from, and where their orders go."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.family: dict[int, int] = {}
        self.office: dict[int, tuple[int, float]] = {}
        for member in members:
            chance = dice("home", member.place)
            if member.place not in self.family and chance.random() < FAMILIES / 2.5:
                for one in range(member.place, member.place + between(chance, 2, 4)):
                    # People of one family did not join on one day: the list is in the order of joining.
                    self.family.setdefault(one * 7919 % len(members), member.place)
            drawn = chance.random()
            for number, (share, often) in enumerate(OFFICES):
                if 0 <= drawn < share:
                    self.office[member.place] = (number, often)
                drawn -= share

    def marked(self, member: Member, basket: Basket) -> Basket:
        """The order with what it came from and where it went; nothing of what is bought at the counter."""
        if not basket.online:
            return basket
        chance, home = dice("marks", basket.key), self.family.get(member.place, member.place)
        shared = home != member.place or member.place in self.family.values()
        device = f"tablet of family {home}" if shared and chance.random() < 0.6 else f"phone {member.place}"
        if basket.store == TABLET_STORE and chance.random() < ON_TABLET:
            device = f"tablet of store {basket.store}"
        elif dice("device", member.place).random() > HAS_DEVICE:
            device = ""
        address = ""
        if chance.random() < DELIVERED:
            number, often = self.office.get(member.place, (0, 0.0))
            address = f"office {number}" if chance.random() < often else f"home of {home}"
        return basket._replace(device=device, address=address)


def habits(member: Member, visits: Sequence[Basket], first: date, last: date, keys: Keys) -> Story:
    """What an honest member does besides their usual orders."""
    chance, story = dice("habits", member.place), Story()
    kind = chance.random()
    if kind < RUNNERS:
        _runs(story, member, first, last, keys)
    elif kind < RUNNERS + PAIRS:
        _pair(story, member, first, last, keys)
    elif kind < RUNNERS + PAIRS + TWICE:
        _twice(story, member, visits, keys)
    elif kind < RUNNERS + PAIRS + TWICE + PARTIES:
        _party(story, member, first, last, keys)
    _speaks(story, member, visits, first, last)
    _spends(story, member, visits)
    if chance.random() < MISTYPES:
        at = moment(first + timedelta(days=int((last - first).days * chance.random())), chance)
        for n in range(between(chance, 1, 4)):
            story.acts.append(Act(at + minutes(n), member.number, ActKind.GUESS))
    for basket in visits:
        if dice("separately", basket.key).random() < SEPARATELY:
            _beside(story, member, basket, 1, keys)
    return story


def _runs(story: Story, member: Member, first: date, last: date, keys: Keys) -> None:
    """Fetches coffee for the office: mostly in one order, about every tenth day each pays alone on this card."""
    chance = dice("runs", member.place)
    for day in days(first, last):
        if is_weekend(day) or not happens(chance, 0.45):
            continue
        at = moment(day, chance, 9, 10.5)
        if chance.random() < 0.2:
            for n in range(between(chance, 2, 4)):
                story.orders.append(
                    (member.number, order(keys, at + minutes(1.5 * n), member.store, [_cup(chance, day)]))
                )
        else:
            cups = [_cup(chance, day) for _ in range(between(chance, 3, 7))]
            story.orders.append((member.number, order(keys, at, member.store, cups)))


def _pair(story: Story, member: Member, first: date, last: date, keys: Keys) -> None:
    """Somebody at home uses the same card: at other hours, with a favourite of their own."""
    chance = dice("pair", member.place)
    usual, store = favourite(chance), int(chance.random() * len(STORES))
    for day in days(first, last):
        if happens(chance, 0.25):
            at = moment(day, chance, 8, 19)
            story.orders.append((member.number, order(keys, at, store, [drink(chance, day, usual)])))


def _twice(story: Story, member: Member, visits: Sequence[Basket], keys: Keys) -> None:
    """A second cup in the afternoon, every third time."""
    for basket in visits:
        chance = dice("twice", basket.key)
        if chance.random() < 0.33 and basket.at.hour < 14:
            at = basket.at + timedelta(hours=3 + 4 * chance.random())
            story.orders.append(
                (member.number, order(keys, at, basket.store, [drink(chance, at.date(), member.usual)]))
            )


def _party(story: Story, member: Member, first: date, last: date, keys: Keys) -> None:
    """A birthday in the shop: one after the other orders on the card of who invited them all."""
    chance = dice("party", member.place)
    at = moment(first + timedelta(days=int((last - first).days * chance.random())), chance, 14, 19)
    for n in range(between(chance, 5, 6)):
        story.orders.append(
            (member.number, order(keys, at + minutes(3.5 * n), member.store, [_cup(chance, at.date())]))
        )


def _beside(story: Story, member: Member, basket: Basket, most: int, keys: Keys) -> None:
    """Friends pay alone, on this card."""
    chance = dice("beside", basket.key)
    for n in range(between(chance, 1, most + 1)):
        at = basket.at + minutes(1 + n)
        story.orders.append((member.number, order(keys, at, basket.store, [_cup(chance, at.date())])))


def _speaks(story: Story, member: Member, visits: Sequence[Basket], first: date, last: date) -> None:
    """Check-ins and reviews: most now and then, a few every day or for everything that they had."""
    kind = dice("speaks", member.place).random()
    if kind < DAILY:
        for day in days(max(first, member.joined_on), last):
            chance = dice("daily", member.place, day.toordinal())
            if chance.random() < 0.9:
                key = f"I{day:%y%m%d}-{member.number}"
                story.said.append(Said(moment(day, chance), member.number, CHECK_IN, member.store, key))
    checks_in = dice("checks in", member.place).random() < CHECKS_IN and kind >= DAILY
    for basket in visits:
        chance = dice("said", basket.key)
        if checks_in and chance.random() < 0.6:
            story.said.append(Said(basket.at + minutes(2), member.number, CHECK_IN, basket.store, f"I{basket.key}"))
        if chance.random() < (0.9 if kind > 1 - EAGER else REVIEWS):
            for n, _ in enumerate(basket.lines):
                at = basket.at + minutes(90 + 3 * n)
                story.said.append(Said(at, member.number, REVIEW, basket.store, f"V{basket.key}-{n}"))


def _spends(story: Story, member: Member, visits: Sequence[Basket]) -> None:
    """A drink for points at some visits; some spend all that they have each time."""
    everything = dice("spends", member.place).random() < SPENDS_ALL
    for basket in visits:
        chance = dice("spent", basket.key)
        if chance.random() < SPENDS:
            story.redeem(member.number, basket.at + minutes(1 + 20 * chance.random()), None if everything else A_DRINK)


def _cup(chance: Random, day: date) -> Item:
    return drink(chance, day, None) if chance.random() < 0.8 else pick(chance, KINDS[BITES])
