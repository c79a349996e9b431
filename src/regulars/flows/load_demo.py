"""Load the demo: Complete Journey's households as members of a grocery chain, with everything they bought."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import islice

from regulars.catalogue import actions as catalogue
from regulars.core.calendar import business_date
from regulars.customers import actions as customers
from regulars.customers.actions import consents
from regulars.customers.actions.consents import Word
from regulars.customers.consents import PROMOTION, states
from regulars.facts.connectors.complete_journey import Contact
from regulars.facts.rules import NewFact
from regulars.flows.record_facts import record_many
from regulars.flows.settings import programme
from regulars.flows.transactions import again_if_contended

PORTION = 5000
CHANNEL = "email"
Progress = Callable[[str, int], None]


def load_demo(
    *,
    facts: Iterable[NewFact],
    products: Iterable[tuple[str, str, str, str]],
    at: datetime,
    progress: Progress,
    lanes: int = 1,
) -> int:
    """Record facts in batches; facts that are there already are left alone, so a broken load simply goes on.

    Args:
        products: (sku, name, category, brand).
        progress: Told 'products' or 'orders' and how many are done.
        lanes: Processes that record side by side.
    """
    policies, zone = programme()
    rows = iter(products)
    done = 0
    while portion := list(islice(rows, PORTION)):
        done += catalogue.describe_products(portion)
        progress("products", done)
    count = 0
    for count in record_many(facts=facts, policies=policies, zone=zone, at=at, lanes=lanes):
        progress("orders", count)
    return count


def introduce(*, contacts: Sequence[Contact], at: datetime) -> None:
    """Give households that are here an address and what they allow; who has said something already is left alone."""
    _, zone = programme()
    day = business_date(at, zone)
    arrivals = [customers.Arrival((one.identity, one.email), {}, day) for one in contacts]
    found = again_if_contended(lambda: customers.identify(arrivals=arrivals, at=at))
    ids = [found.owners[identity][0] for identity in found.ids if identity is not None]
    known = states(ids, PROMOTION, CHANNEL, at=at)
    consents.record_consents(
        [
            Word(customer_id, PROMOTION, CHANNEL, True, at, "demo")
            for customer_id, one in zip(ids, contacts, strict=True)
            if one.agrees and customer_id not in known
        ]
    )
