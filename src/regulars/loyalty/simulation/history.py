"""The histories of many customers at once, as the fold takes them; what `queries.histories` tells of a few."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from regulars.core import bulk
from regulars.facts import queries as facts
from regulars.loyalty import inputs
from regulars.loyalty.budgets import by_fact, shares_between
from regulars.loyalty.queries import COMMAND_OF_FOLD, command_item, event_item, order_item, share_out, taken_item
from regulars.loyalty.rules import Item, ItemKind

RETURNS = (ItemKind.REFUND, ItemKind.CANCEL)
ORDER, TAKEN_OVER = int(ItemKind.ORDER), int(ItemKind.TAKEN_OVER)


def between(
    after: int, upto: int, *, events: Collection[str], until: datetime, budgeted: bool = False,
    asks_members: bool = False,
) -> dict[int, list[Item]]:  # fmt: skip
    """Everything up to an instant of groups that stand at an id in (after, upto], in order; empty ones are left out.

    Args:
        events: Names of the events that some version rewards.
        budgeted: Whether some version has rules with a budget.
        asks_members: Whether rules of some version ask about what is kept with facts of their members.
    """
    found: dict[int, list[Item]] = {}
    read = orjson.loads
    for group, fact_id, kind, source, key, subject, at, day, amount, told, customer_id, store in facts.told_in_groups(
        after, upto, events, until=until
    ):
        body = read(told)
        if kind == ORDER:
            item = order_item(fact_id, customer_id, at, day, source, key, amount or 0, body, store)
        elif kind in RETURNS:
            lines = tuple((line[0], line[1]) for line in body.get("lines", ()))
            item = Item(kind, fact_id, customer_id, at, day, source, key, amount, lines=lines, subject=subject or "")
        elif kind == TAKEN_OVER:
            item = taken_item(fact_id, customer_id, at, day, source, key, body)
        else:
            item = event_item(fact_id, customer_id, at, day, source, key, kind, body, store)
        items = found.get(group)
        if items is None:
            found[group] = [item]
        else:
            items.append(item)
    for group, *command in _commands(after, upto, until):
        found.setdefault(group, []).append(command_item(*command))
    if budgeted:
        share_out(found, by_fact(shares_between(after, upto)))
    if asks_members:
        inputs.put_in(found, inputs.kept_between(after, upto))
    for items in found.values():
        items.sort(key=_place)
    return found


def _place(item: Item) -> tuple[datetime, int, str, int]:
    return (item.at, item.source, item.key, item.kind)


def _commands(after: int, upto: int, until: datetime) -> list[tuple[Any, ...]]:
    return bulk.run(
        connection,
        f"""SELECT c.canonical_id, {COMMAND_OF_FOLD} JOIN customers_customer c ON c.id = k.customer_id
           WHERE c.canonical_id > %s AND c.canonical_id <= %s AND k.at <= %s""",
        [after, upto, until],
    )
