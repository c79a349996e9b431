"""Reading what rules asked about members: as it was kept with facts, and as it holds at this moment (ADR 33)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson
from django.db import connection

from regulars.core import bulk
from regulars.customers.particulars import Particulars, particulars
from regulars.loyalty.earning.members import Inputs, Member, Wanted
from regulars.loyalty.earning.reading import ORDER
from regulars.loyalty.rules import COMMAND_SOURCE, Item, ItemKind, Policies

Inside = Mapping[int, Collection[int]]
"""Who stands for a group → the segments that it is in, by id. Segments are a sibling's, so flows pass them."""

KEPT = "SELECT i.fact_id, i.told::text FROM loyalty_factinput i"


def kept_of(customer_ids: Sequence[int]) -> dict[int, Inputs]:
    """What was kept with facts that were recorded for these customers, by fact."""
    column = bulk.Column("bigint", list(customer_ids))
    return _read(bulk.run(connection, f"{KEPT} WHERE i.customer_id = ANY(%b::bigint[])", [column]))


def kept_between(after: int, upto: int) -> dict[int, Inputs]:
    """The same for everybody who belongs to a group that stands at an id in (after, upto]."""
    rows = bulk.run(
        connection,
        f"""{KEPT} JOIN customers_customer c ON c.id = i.customer_id
            WHERE c.canonical_id > %s AND c.canonical_id <= %s""",
        [after, upto],
    )
    return _read(rows)


def put_in(histories: Mapping[int, Sequence[Item]], kept: Mapping[int, Inputs]) -> None:
    """Tell items what was kept with their facts."""
    for history in histories.values():
        for item in history:
            if item.origin_id in kept and item.source != COMMAND_SOURCE:
                item.inputs = kept[item.origin_id]


def read_now(orders: Mapping[int, Sequence[Item]], inside: Inside, policies: Policies) -> list[Item]:
    """Tell items what their version asks, as it holds now; returns those for which anything is asked.

    Args:
        orders: Orders and events, by who stands for the group; 0 for nobody who is known yet.
    """
    asked = [(who, item, want) for who, items in orders.items() for item in items if (want := asks(item, policies))]
    known = particulars(who for who, _, _ in asked) if any(want.fields for _, _, want in asked) else {}
    for who, item, want in asked:
        item.inputs = want.of(member(known.get(who), item, inside.get(who, ())), item.day)
    return [item for _, item, _ in asked]


def asks(item: Item, policies: Policies) -> Wanted | None:
    """What the version of an item's time asks about members for it."""
    return policies.at(item.at).inputs.get(ORDER if item.kind == ItemKind.ORDER else item.event)


def member(known: Particulars | None, item: Item, inside: Collection[int]) -> Member:
    """A customer as rules see them; of whom nothing is known yet, they would join with this item."""
    if known is None:
        return Member(joined_on=item.day, inside=inside)
    return Member(known.joined_on, known.birthday, known.language, inside)


def _read(rows: Iterable[tuple[Any, ...]]) -> dict[int, Inputs]:
    return {fact_id: orjson.loads(told) for fact_id, told in rows}
