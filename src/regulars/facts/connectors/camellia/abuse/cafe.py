"""The café with those who cheat in it, as facts, acts and labels, in the order of time."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Final

from regulars.core.calendar import zone
from regulars.customers.identities import Identity, IdentityKind
from regulars.facts.connectors.camellia.abuse.honest import Homes, habits
from regulars.facts.connectors.camellia.abuse.people import KINDS, Act, Cheat, Newcomer, Said, Story
from regulars.facts.connectors.camellia.abuse.shapes import ALONE, REVIEW, RINGS, Keys, between
from regulars.facts.connectors.camellia.baskets import Basket, guests, of_visit
from regulars.facts.connectors.camellia.cheats import SHIFT_SHARE, TAKEN_SHARE
from regulars.facts.connectors.camellia.connector import CURRENCY, SOURCE, ZONE, Camellia
from regulars.facts.connectors.camellia.dice import dice, seeded
from regulars.facts.connectors.camellia.people import STORES, Member
from regulars.facts.connectors.camellia.seasons import days
from regulars.facts.kinds import custom, marks, order_cancelled, order_completed, order_refunded, product_reviewed
from regulars.facts.rules import NewFact

WEEKS: Final = 16
"""How much of the café's time is told."""
EACH: Final = 6
"""So many of every kind that is done alone, in a café of a thousand; at least two."""
RINGS_EACH: Final = 3


class RiskyCafe:
    """The last weeks of a café of this seed.

    Args:
        seed: A café of its own for each.
        on: The story ends in the week before the one of this day.
        members: How many, besides the accounts that are made for cheating.
    """

    def __init__(self, seed: str, *, on: date, members: int) -> None:
        self.seed, self._count = seed, members
        self._cafe = Camellia(on=on, members=members)
        self.last = self._cafe.calendar.last
        self.first = self.last - timedelta(weeks=WEEKS) + timedelta(days=1)

    @cached_property
    def members(self) -> list[Member]:
        """Everybody who has a card of their own."""
        with seeded(self.seed):
            return [one for one in self._cafe.members if one.comes]

    @property
    def newcomers(self) -> list[Newcomer]:
        """Accounts that were made for cheating."""
        return self._story.newcomers

    @property
    def cheats(self) -> Mapping[str, Cheat]:
        """The labels: who cheats, by member number."""
        return {one.number: one for one in self._story.cheats}

    def facts(self) -> list[NewFact]:
        """Everything that is told, earliest first."""
        found = [fact for number, basket in self._story.orders for fact in self._told(number, basket)]
        found += [self._said(one) for one in self._story.said if one.at.date() <= self.last]
        return sorted(found, key=lambda fact: (fact.occurred_at, fact.key))

    def acts(self) -> list[Act]:
        """What is spent and tried, earliest first; in UTC."""
        found = [one._replace(at=_utc(one.at)) for one in self._story.acts if one.at.date() <= self.last]
        return sorted(found, key=lambda act: (act.at, act.number))

    # -- the story ------------------------------------------------------------------------------------------------

    @cached_property
    def _story(self) -> Story:
        with seeded(self.seed):
            keys, story = Keys(), Story()
            visits = self._visits()
            chosen = self._chosen()
            homes, cheating = Homes(self._cafe.members), {who.number for who, _ in chosen}
            for member in self.members:
                own = [homes.marked(member, one) for one in visits.get(member.number, ())]
                story.orders += [(member.number, basket) for basket in own]
                if member.number not in cheating:
                    story.add(habits(member, own, max(self.first, member.joined_on), self.last, keys))
            taken: set[str] = set()
            for member, kind in chosen:
                since = self._since(kind, member.number)
                story.add(ALONE[kind](member, since, keys) if kind in ALONE else self._scans(member, since, taken))
            for kind, ring in RINGS.items():
                for n in range(max(1, RINGS_EACH * self._count // 1000)):
                    story.add(ring(f"{kind[0].upper()}{n}", self._since(kind, str(n)), keys))
            return story

    def _visits(self) -> dict[str, list[Basket]]:
        found: dict[str, list[Basket]] = {}
        for member, visit in self._cafe.visits():
            if visit.day >= self.first:
                found.setdefault(member.number, []).append(of_visit(member, visit, self._cafe.calendar))
        return found

    def _chosen(self) -> list[tuple[Member, str]]:
        """Who of the members cheats how."""
        kinds = [kind for kind in KINDS if kind not in RINGS for _ in range(max(2, EACH * self._count // 1000))]
        chance, found = dice("chosen"), []
        free = [one for one in self.members if one.joined_on < self.first + timedelta(weeks=4)]
        for kind in kinds:
            found.append((free.pop(int(chance.random() * len(free))), kind))
        return found

    def _since(self, kind: str, who: str) -> date:
        """Between the third and the tenth week."""
        return self.first + timedelta(days=14 + int(56 * dice("since", kind, who).random()))

    def _scans(self, member: Member, since: date, taken: set[str]) -> Story:
        """As `cheats.taken_by`: guests' orders in one shop, on shifts; spent after three to five weeks.

        An order is scanned once: `taken` holds those that somebody has.
        """
        chance, story = dice("scans", member.number), Story()
        store = int(chance.random() * len(STORES))
        cash_in = datetime(since.year, since.month, since.day) + timedelta(days=between(chance, 20, 34), hours=12)  # noqa: DTZ001
        began = None
        for day in days(since, self.last):
            if dice("shift", member.place, day.toordinal()).random() >= SHIFT_SHARE:
                continue
            for basket in guests(self._cafe.calendar, day, 1.0):
                if basket.store != store or basket.key in taken:
                    continue
                if dice("taken", member.place, basket.key).random() < TAKEN_SHARE:
                    taken.add(basket.key)
                    story.orders.append((member.number, basket))
                    began = began or basket.at
        for again in range(4):
            story.redeem(member.number, cash_in + timedelta(days=9 * again))
        story.cheats.append(Cheat(member.number, "staff_scans", began or cash_in, cash_in))
        return story

    # -- telling --------------------------------------------------------------------------------------------------

    def _told(self, number: str, basket: Basket) -> Iterator[NewFact]:
        if not self.first <= basket.at.date() <= self.last:
            return
        store, at, who = STORES[basket.store], _utc(basket.at), _known_as(number)
        lines: list[list[str | int]] = [
            [str(n), item.sku, count, amount] for n, (item, count, amount) in enumerate(basket.lines, start=1)
        ]
        body = order_completed.make_body(
            currency=CURRENCY, paid=basket.paid, lines=lines, channel="online" if basket.online else "store",
            discount=basket.off, device=marks.mark_of("device", basket.device),
            address=marks.mark_of("address", basket.address),
        )  # fmt: skip
        yield NewFact(SOURCE, order_completed.CODE, basket.key, at, body, who, amount=basket.paid, store=store)
        if basket.back is not None and basket.back[0].date() <= self.last:
            when, line = basket.back
            amount = basket.paid if line < 0 else basket.lines[line][2]
            back = {"currency": CURRENCY, "lines": [] if line < 0 else [[str(line + 1), amount]]}
            yield NewFact(
                SOURCE, order_refunded.CODE, f"{basket.key}-R", _utc(when), back, who, basket.key, amount, store
            )
        if basket.cancelled is not None:
            yield NewFact(
                SOURCE, order_cancelled.CODE, f"{basket.key}-X", _utc(basket.cancelled), {}, who, basket.key,
                store=store,
            )  # fmt: skip

    @staticmethod
    def _said(one: Said) -> NewFact:
        kind, body = (
            (product_reviewed.CODE, {"product": "", "stars": None})
            if one.event == REVIEW
            else (custom.CODE, {"properties": {}, "event": one.event})
        )
        return NewFact(SOURCE, kind, one.key, _utc(one.at), body, _known_as(one.number), store=STORES[one.store])


def _known_as(number: str) -> tuple[Identity, ...]:
    return (Identity(IdentityKind.MEMBER_NUMBER, "", number),)


def _utc(local: datetime) -> datetime:
    return local.replace(tzinfo=zone(ZONE)).astimezone(UTC)
