"""Record facts: inbox → identify → rate → post, a batch in one transaction. Everything else follows the fact feed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.catalogue.actions import ensure_stores
from regulars.core.calendar import business_date
from regulars.customers import actions as customers
from regulars.facts import actions as inbox
from regulars.facts.rules import Answer, NewFact
from regulars.flows.transactions import again_if_contended
from regulars.loyalty import actions as loyalty
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

    def once() -> list[Answer]:
        inbox.take_turn(facts=facts, sources=sources)
        arrivals = [
            customers.Arrival(fact.identities, fact.profile, business_date(fact.occurred_at, zone)) for fact in facts
        ]
        identities = customers.identify(arrivals=arrivals, at=at)
        recorded = inbox.record(
            facts=facts, identities=identities, sources=sources, stores=stores, zone=zone, at=at, import_id=import_id
        )
        who = customers.lock(
            sorted({found for place in recorded.new if (found := recorded.identities[place])} | recorded.adopted)
        )
        arrived = [
            loyalty.Arrived(
                recorded.answers[place].fact_id,
                facts[place],
                sources[facts[place].source],
                recorded.days[place],
                *who[found],
            )
            for place in recorded.new
            if (found := recorded.identities[place]) is not None
        ]
        woken = {who[identity][1] for identity in recorded.adopted}
        loyalty.rate(arrived=arrived, woken=woken, policies=policies, at=at)
        if also is not None:
            also(recorded.answers)
        return recorded.answers

    return again_if_contended(once)
