"""Load the demo: Complete Journey's households as members of a grocery chain, with everything they bought."""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice

from regulars.catalogue import actions as catalogue
from regulars.facts.rules import NewFact
from regulars.flows.record_facts import record_many
from regulars.flows.settings import programme

PORTION = 5000
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
