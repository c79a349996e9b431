"""Small shops, written down as who bought when."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from regulars.insight.compute.tables import Tables, in_memory

Sale = tuple[Any, ...]
"""customer, 'YYYY-MM-DD', and if it matters paid (1,000), channel ('store'), store (1), hour (12)."""


def shop(sales: Iterable[Sale], *, returns: Sequence[dict[str, Any]] = (), joined: date = date(2000, 1, 1)) -> Tables:
    """The lake of a shop; orders are numbered as they are told, and everybody stands for themselves."""
    orders = [_order(number, *sale) for number, sale in enumerate(sales)]
    people = sorted({order["identity_id"] for order in orders if order["identity_id"] is not None})
    back = [
        {
            "return_id": n,
            "occurred_at": datetime.combine(one["day"], time(12)),
            "cancelled": False,
            "amount": None,
            **one,
        }
        for n, one in enumerate(returns)
    ]
    return in_memory(
        {
            "orders": orders, "returns": back,
            "identities": [{"identity_id": one, "customer_id": one} for one in people],
            "customers": [{"customer_id": one, "who": f"who-{one:03}", "joined_on": joined} for one in people],
        }
    )  # fmt: skip


def _order(
    number: int,
    who: int | None,
    day: str,
    paid: int = 1000,
    channel: str = "store",
    store: int | None = 1,
    hour: int = 12,
) -> dict[str, Any]:
    at = date.fromisoformat(day)
    return {
        "order_id": number, "identity_id": who, "occurred_at": datetime.combine(at, time(hour)), "day": at,
        "paid": paid, "base": paid, "discount": 0, "channel": channel, "store_id": store,
    }  # fmt: skip


def ids(table: Any) -> set[int]:
    """The customers that a table names, each once."""
    found = table.to_pyarrow()["customer_id"].to_pylist()
    assert len(found) == len(set(found))
    return set(found)
