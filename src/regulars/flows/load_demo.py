"""Load the demo: Complete Journey's households as members of a grocery chain, with everything they bought."""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice

from regulars.catalogue import actions as catalogue
from regulars.facts.rules import NewFact
from regulars.flows.record_facts import LARGEST_BATCH, record_facts
from regulars.flows.settings import programme

Progress = Callable[[str, int], None]


def load_demo(
    *, facts: Iterable[NewFact], products: Iterable[tuple[str, str, str, str]], at: datetime, progress: Progress
) -> int:
    """Record facts in batches; facts that are there already are left alone, so a broken load simply goes on.

    Args:
        products: (sku, name, category, brand).
        progress: Told 'products' or 'orders' and how many are done.
    """
    policies, zone = programme()
    rows = iter(products)
    done = 0
    while portion := list(islice(rows, LARGEST_BATCH)):
        done += catalogue.describe_products(portion)
        progress("products", done)
    stream, count = iter(facts), 0
    while batch := list(islice(stream, LARGEST_BATCH)):
        record_facts(facts=batch, policies=policies, zone=zone, at=at)
        count += len(batch)
        progress("orders", count)
    return count
