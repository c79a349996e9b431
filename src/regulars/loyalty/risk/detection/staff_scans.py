"""Somebody behind the counter scans their own card for guests' orders: a shop's whole menu, hours apart, day by day."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from regulars.core.bilingual import Text
from regulars.loyalty.risk.rules import Activity, Bought, Sign

CODE: Final = "staff_scans"
NAME: Final = Text("店员代刷", "Staff crediting themselves")
SAYS: Final = Text(
    "4 周内有 {days} 天在同一家店隔时段下单两次以上（{many} 天三次以上），"
    "前后共 {orders} 单、{products} 种商品，没有固定口味。",
    "Days of 28 with two orders or more in one shop, apart from one another: {days} ({many} with three or more)."
    " {orders} orders of {products} products in all, and no favourite.",
)
DAYS: Final = timedelta(days=28)
APART: Final = timedelta(minutes=20)
"""Orders closer to one another are one visit."""
A_DAY, A_BUSY_DAY = 16, 35
LEAST_DAYS: Final = 3
LEAST_VISITS: Final = 5
"""Before so many nobody is known by what they like. A busy day among them is enough: guests come all day, people do
not come back a third time for something else each time.
"""
MOST: Final = 88
"""Who comes often proves nothing: this alone freezes nobody."""
FAVOURITE: Final = ((22, 100), (30, 75), (38, 45))
"""If the favourite came again at most so many times in a hundred, so much of the score counts. People have favourites.
"""


def find(activity: Activity) -> list[Sign]:
    """The shop with the most such days."""
    start = max(activity.since, activity.at - DAYS)
    by_store: defaultdict[int | None, list[Bought]] = defaultdict(list)
    for one in activity.bought:
        if one.at > start and not one.online:
            by_store[one.store].append(one)
    signs = [sign for store, bought in by_store.items() if (sign := _in_store(store, bought))]
    return sorted(signs, key=lambda sign: -sign.score)[:1]


def _in_store(store: int | None, bought: Sequence[Bought]) -> Sign | None:
    visits: defaultdict[date, list[Bought]] = defaultdict(list)
    for one in bought:
        told = visits[one.day]
        if not told or one.at - told[-1].at >= APART:
            told.append(one)
    every = [one for told in visits.values() for one in told]
    often = [told for told in visits.values() if len(told) >= 2]
    busy = sum(len(told) >= 3 for told in often)
    if len(every) < LEAST_VISITS or (len(often) < LEAST_DAYS and not busy):
        return None
    products = Counter(one.product for one in every)
    counts = next((share for most, share in FAVOURITE if _came_again(products) <= most), 0)
    score = min(MOST, A_DAY * len(often) + A_BUSY_DAY * busy) * counts // 100
    if not score:
        return None
    figures = {"days": len(often), "many": busy, "orders": len(every), "products": len(products)}
    return Sign(CODE, score, figures, [one.fact_id for told in often for one in told], key=f"store {store or 0}")


def _came_again(products: Counter[str]) -> int:
    """How often of a hundred visits after the first the favourite came again: of few visits one pair proves little."""
    return (max(products.values()) - 1) * 100 // (products.total() - 1)
