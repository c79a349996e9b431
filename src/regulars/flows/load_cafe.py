"""Load the café demo: its members with what they allowed, its menu, and what they ordered, as far as it is told."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from regulars.catalogue import actions as catalogue
from regulars.customers import actions as customers
from regulars.customers.actions import consents
from regulars.customers.actions.consents import Word
from regulars.customers.consents import PROMOTION, states
from regulars.facts.connectors.camellia import Member
from regulars.facts.rules import NewFact
from regulars.flows.record_facts import record_many
from regulars.flows.settings import programme
from regulars.flows.transactions import again_if_contended

CHANNELS = ("email", "copy_list")
MOMENT = time(12)
"""At noon members say what they allow."""


def load_members(*, members: Sequence[Member], at: datetime) -> dict[str, int]:
    """Make customers of the members, or find them; returns customer ids by member number."""
    _, zone = programme()
    arrivals = [
        customers.Arrival(
            one.identities, {"name": one.name, "birthday": one.birthday, "joined_on": one.joined_on}, one.joined_on
        )
        for one in members
    ]

    def once() -> dict[str, int]:
        found = customers.identify(arrivals=arrivals, at=at)
        return {
            one.number: found.owners[identity][0]
            for one, identity in zip(members, found.ids, strict=True)
            if identity is not None
        }

    ids = again_if_contended(once)
    known = states(ids.values(), PROMOTION, CHANNELS[0], at=at)
    said = [word for one in members if ids[one.number] not in known for word in _words(one, ids[one.number], zone)]
    consents.record_consents(sorted(said, key=lambda word: word.at))
    for one in members:
        if one.language != members[0].language:
            consents.choose_language(customer_id=ids[one.number], language=one.language)
    return ids


def load_orders(
    *,
    facts: Iterable[NewFact],
    products: Iterable[tuple[str, str, str, str]],
    at: datetime,
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Record facts; those that are there already are left alone, so a broken load simply goes on."""
    policies, zone = programme()
    catalogue.describe_products(products)
    count = 0
    for count in record_many(facts=facts, policies=policies, zone=zone, at=at, lanes=1):
        progress(count)
    return count


def _words(member: Member, customer_id: int, zone: ZoneInfo) -> list[Word]:
    """What a member allowed when they joined, and took back later."""
    said = [(True, member.joined_on)] if member.agrees else []
    said += [(False, member.took_back_on)] if member.took_back_on else []
    return [
        Word(customer_id, PROMOTION, channel, granted, _noon(day, zone), "demo")
        for granted, day in said
        for channel in CHANNELS
    ]


def _noon(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, MOMENT, zone)
