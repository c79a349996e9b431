"""Matching returns to the orders that they undo. What fits nothing is listed; nothing is invented."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from regulars.facts.connectors.orders_file.order import Order
from regulars.facts.rules import Identity


@dataclass(slots=True)
class Return:
    """A row of goods that came back: `document` is its own number, `subject` the order that it names, if any."""

    row: int
    document: str
    at: datetime
    who: tuple[Identity, ...]
    product: str
    quantity: Decimal
    amount: int
    subject: str = ""


@dataclass(slots=True)
class Given:
    """Money back for a line of an order; without a line id for the order as a whole."""

    document: str
    subject: str
    line_id: str
    amount: int
    at: datetime
    who: tuple[Identity, ...]


@dataclass(slots=True)
class _Bought:
    at: datetime
    order: str
    line_id: str
    quantity: Decimal
    amount: int
    price: Decimal


class Matcher:
    """Remembers purchases that somebody may have returned, then matches the returns in the order of time.

    A return that names no order is matched to the customer's latest earlier purchase of the product with enough that
    was not returned yet: at the same price if there is one, then at any, then over several purchases. Without a
    product only an order of exactly the same amount will do.
    """

    def __init__(self, returns: Iterable[Return]) -> None:
        self._returns = sorted(returns, key=lambda back: (back.at, back.row))
        self._wanted = {(back.who[0], back.product) for back in self._returns if back.who}
        self._subjects = {back.subject for back in self._returns if back.subject}
        self._by_product: dict[tuple[Identity, str], list[_Bought]] = defaultdict(list)
        self._by_order: dict[str, list[tuple[str, _Bought]]] = {}
        self.clamped = 0

    def remember(self, order: Order) -> None:
        """Keep the lines of an order that some return may be about."""
        who = order.who[0] if order.who else None
        named = order.key in self._subjects
        for line in order.lines:
            if not named and (who is None or (who, line.product) not in self._wanted):
                continue
            price = Decimal(line.amount) / line.quantity if line.quantity else Decimal(0)
            bought = _Bought(order.at, order.key, line.line_id, line.quantity, line.amount, price)
            if named:
                self._by_order.setdefault(order.key, []).append((line.product, bought))
            if who is not None and (who, line.product) in self._wanted:
                self._by_product[who, line.product].append(bought)

    def match(self) -> Iterator[tuple[Return, list[Given] | None]]:
        """Each return with what it gives back; None if nothing fits."""
        for purchases in self._by_product.values():
            purchases.sort(key=lambda bought: (bought.at, bought.order), reverse=True)
        for back in self._returns:
            if back.subject:
                yield back, self._named(back)
            elif back.who:
                yield back, self._latest(back)
            else:
                yield back, None

    def _named(self, back: Return) -> list[Given]:
        """Off the order that the return names: its lines of the product, else the order as a whole."""
        lines = self._by_order.get(back.subject, [])
        fitting = [bought for product, bought in lines if product == back.product and bought.amount > 0]
        if back.product and sum(bought.quantity for bought in fitting) >= back.quantity and fitting:
            return self._take(back, fitting)
        amount = min(back.amount, sum(bought.amount for _, bought in lines)) if lines else back.amount
        self.clamped += amount < back.amount
        left = amount
        for _, bought in lines:
            taken = min(bought.amount, left)
            bought.amount, left = bought.amount - taken, left - taken
        return [Given(back.document, back.subject, "", amount, back.at, back.who)]

    def _latest(self, back: Return) -> list[Given] | None:
        earlier = [b for b in self._by_product.get((back.who[0], back.product), ()) if b.at <= back.at and b.amount > 0]
        if not back.product:
            one = next((bought for bought in earlier if bought.amount == back.amount), None)
            return [self._give(back, one, back.amount, one.quantity)] if one else None
        enough = [bought for bought in earlier if bought.quantity >= back.quantity]
        price = Decimal(back.amount) / back.quantity
        same_price = (bought for bought in enough if abs(bought.price - price) <= 1)
        one = next(same_price, None) or next(iter(enough), None)
        if one:
            return self._take(back, [one])
        if sum(bought.quantity for bought in earlier) >= back.quantity:
            return self._take(back, earlier)
        return None

    def _take(self, back: Return, purchases: list[_Bought]) -> list[Given]:
        """Take the quantity off purchases, first to last, and the amount in proportion, never more than was paid."""
        given: list[Given] = []
        quantity, amount = back.quantity, back.amount
        for bought in purchases:
            part = min(quantity, bought.quantity)
            if part <= 0:
                continue
            share = amount if part == quantity else int((amount * part / quantity).quantize(Decimal(1), ROUND_HALF_UP))
            given.append(self._give(back, bought, min(share, bought.amount), part))
            self.clamped += share > given[-1].amount
            quantity, amount = quantity - part, amount - share
            if quantity <= 0:
                break
        return given

    @staticmethod
    def _give(back: Return, bought: _Bought, amount: int, quantity: Decimal) -> Given:
        bought.amount -= amount
        bought.quantity -= quantity
        return Given(back.document, bought.order, bought.line_id, amount, back.at, back.who)
