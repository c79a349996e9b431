"""Keeping what rules ask about members with the facts that are recorded, so that every later fold sees the same."""

from collections.abc import Mapping, Sequence

import orjson
from django.db import connection

from regulars.core import bulk
from regulars.loyalty.inputs import Inside, read_now
from regulars.loyalty.rules import Item, Policies

COLUMNS = ("bigint", "bigint", "text")


def keep(orders: Mapping[int, Sequence[Item]], inside: Inside, policies: Policies) -> None:
    """Read what new orders and events ask about members as it holds now, tell it to them, and keep it.

    The caller holds the locks of the customers.

    Args:
        orders: By who stands for the group.
    """
    told = read_now(orders, inside, policies)
    if not told:
        return
    rows = sorted((item.origin_id, item.customer_id, orjson.dumps(item.inputs).decode()) for item in told)
    bulk.run(
        connection,
        f"""INSERT INTO loyalty_factinput (fact_id, customer_id, told)
            SELECT fact_id, customer_id, told::jsonb FROM {bulk.unnest(*COLUMNS)} AS n (fact_id, customer_id, told)""",
        bulk.columns(rows, COLUMNS),
    )
