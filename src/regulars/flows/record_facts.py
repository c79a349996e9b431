"""Record facts: inbox → identify → rate → post → coupons, benefits: a batch in one transaction; more follows."""

from collections.abc import Callable, Generator, Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.catalogue.actions import ensure_stores
from regulars.core import garbage
from regulars.core.calendar import business_date
from regulars.customers import actions as customers
from regulars.facts import actions as inbox
from regulars.facts.rules import Answer, Bundle, NewFact
from regulars.flows.lanes import Lanes, lane_of
from regulars.flows.transactions import again_if_contended
from regulars.insight.segments import insiders
from regulars.loyalty import actions as loyalty
from regulars.loyalty.benefits import actions as benefits
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.rules import Policies

LARGEST_BATCH = 5000


def record_facts(
    *,
    facts: Sequence[NewFact],
    policies: Policies,
    zone: ZoneInfo,
    at: datetime,
    import_id: int | None = None,
    also: Callable[[list[Answer]], None] | None = None,
) -> list[Answer]:
    """Record up to 5,000 facts with everything they earn, or nothing at all.

    Args:
        also: Done in the same transaction, so that an import knows how far it is.

    Returns:
        An answer for each fact, in order: recorded, repeated (the same is done already) or in conflict.
    """
    sources = {name: inbox.ensure_source(name) for name in {fact.source for fact in facts}}
    stores = ensure_stores(fact.store for fact in facts if fact.store)
    days = [business_date(fact.occurred_at, zone) for fact in facts]

    def once() -> list[Answer]:
        inbox.take_turn(facts=facts, sources=sources)
        arrivals = [
            customers.Arrival(fact.identities, fact.profile, day) for fact, day in zip(facts, days, strict=True)
        ]
        found = customers.identify(arrivals=arrivals, at=at)
        recorded = inbox.record(
            facts=facts, identities=found.ids, sources=sources, stores=stores, days=days, at=at, import_id=import_id
        )
        concerned = {identity for place in recorded.new if (identity := recorded.identities[place])}
        who = customers.lock(sorted(concerned | recorded.adopted), known=found.owners)
        arrived = [
            loyalty.Arrived(
                recorded.answers[place].fact_id,
                facts[place],
                sources[facts[place].source],
                days[place],
                *who[identity],
                stores.get(facts[place].store or ""),
            )
            for place in recorded.new
            if (identity := recorded.identities[place]) is not None
        ]
        woken = {who[identity][1] for identity in recorded.adopted}
        asked = policies.segments_at(fact.occurred_at for fact in facts)
        inside = insiders.inside((canonical_id for _, canonical_id in who.values()), asked)
        loyalty.rate(arrived=arrived, woken=woken, policies=policies, at=at, inside=inside)
        told = [
            coupons.Told(
                recorded.answers[place].fact_id,
                facts[place],
                sources[facts[place].source],
                stores.get(facts[place].store or ""),
                who[identity][1] if (identity := recorded.identities[place]) is not None else None,
            )
            for place in coupons.concerned(facts, recorded.new)
        ]
        coupons.follow_facts(told=told, zone=zone, at=at)
        benefits.follow_facts(told=told, at=at)
        if also is not None:
            also(recorded.answers)
        return recorded.answers

    with garbage.left_alone():
        return again_if_contended(once)


def record_many(
    *, facts: Iterable[NewFact], policies: Policies, zone: ZoneInfo, at: datetime, lanes: int
) -> Generator[int, None, None]:
    """Record any number of facts in batches, in so many lanes; yields how many are done so far."""
    portions: list[list[NewFact]] = [[] for _ in range(lanes)]
    with Lanes(lanes) as side_by_side:

        def hand_over(lane: int) -> None:
            portion, portions[lane] = portions[lane], []
            side_by_side.put(lane, record_portion, facts=Bundle(portion), policies=policies, zone=zone, at=at)

        for fact in facts:
            lane = lane_of(fact, lanes) if lanes > 1 else 0
            portions[lane].append(fact)
            if len(portions[lane]) == LARGEST_BATCH:
                hand_over(lane)
                yield side_by_side.done
        for lane, portion in enumerate(portions):
            if portion:
                hand_over(lane)
        side_by_side.finish()
        yield side_by_side.done


def record_portion(*, facts: list[NewFact], policies: Policies, zone: ZoneInfo, at: datetime) -> int:
    """What a lane does with a portion of at most 5,000 facts; returns how many."""
    return len(record_facts(facts=facts, policies=policies, zone=zone, at=at))
