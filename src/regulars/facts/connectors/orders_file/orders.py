"""Rows that share an order number become one order, or are refused together."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from regulars.core.money import share_out
from regulars.facts.connectors.orders_file.order import Line, Order, Refund, Resolved
from regulars.facts.connectors.orders_file.rows import Rows
from regulars.facts.connectors.orders_file.statuses import Status
from regulars.facts.kinds.order_completed import MOST_LINES
from regulars.facts.rules import Identity

SAME_ORDER_WITHIN = timedelta(hours=1)
"""Rows of one order may differ by the minutes that writing it took; goods that come back later are a return."""


class Resolver:
    """Turns the rows of one order number into an order, returns, refusals. Asking twice gives the same."""

    def __init__(self, rows: Rows, spoiled: Mapping[str, int], *, paid_per: str, one_row_an_order: bool) -> None:
        self._rows = rows
        self._spoiled = spoiled
        self._per_order = paid_per != "line"
        self._one_row = one_row_an_order
        self.amounts = rows.amount
        if not self._per_order:
            self.amounts = [a if p is None else p for a, p in zip(rows.amount, rows.paid, strict=True)]

    def value(self, i: int) -> int:
        """What a row adds to its order in minor units, below zero for what came back."""
        amount, paid = self.amounts[i], self._rows.paid[i] or 0
        if amount is None or (amount == 0 and paid < 0):
            amount = paid
        return -abs(amount) if self._rows.quantity[i] < 0 or paid < 0 else amount

    def resolve(self, group: list[int]) -> Resolved:
        """What the rows of one order number come to."""
        rows, result = self._rows, Resolved()
        key = rows.order[group[0]]
        if key in self._spoiled:
            result.refused = [(i, "order_incomplete", str(self._spoiled[key])) for i in group]
            return result
        if len(group) > 1:
            group = self._once(group, result)
        elif (order := self._plain(key, group[0])) is not None:
            return Resolved(order, None, order.who)
        who = self._customer(group)
        if who is None:
            result.refused = [(i, "customers_differ", "") for i in group]
            return result
        result.who = who
        active = self._active(group, result)
        if not active:
            return result
        sold = self._split_returns(active, result)
        if sold and (problem := self._assemble(key, sold, result)):
            result.refused = [(i, problem, "") for i in group]
            result.returns, result.order = [], None
            result.aside = [note for note in result.aside if note[0] == "repeated_orders"]
        return result

    def _plain(self, key: str, i: int) -> Order | None:
        """The order of a single row with nothing special about it, as most are; None leaves it to the longer way."""
        rows = self._rows
        amount, told = self.amounts[i], rows.paid[i]
        if rows.status[i] or rows.refund[i] or rows.quantity[i] < 0 or not rows.who[i]:
            return None
        if (amount is None and told is None) or (amount or 0) < 0 or (told or 0) < 0:
            return None
        deducted = (rows.vouchers[i] or 0) + (rows.stored_value[i] or 0)
        if told is None or not self._per_order:
            paid, deducted = amount or 0, 0 if self._per_order else deducted
        else:
            paid, deducted = told, deducted + (rows.freight[i] or 0)
        line = Line(rows.line[i] or "1", i, rows.product[i], rows.quantity[i], max(0, paid - deducted))
        discount = abs(rows.discount[i] or 0)
        return Order(key, rows.at[i], rows.who[i], rows.store[i], rows.channel[i], paid, [line], deducted, discount)

    def _once(self, group: list[int], result: Resolved) -> list[int]:
        """Drop repeats of the whole order, keep repeated lines.

        An export that holds the order twice repeats its rows further down; a till that scans a thing twice repeats a
        row within the order. Where each order has one row, an equal row can only be a repeat.
        """
        rows = self._rows
        runs: list[list[int]] = [[group[0]]]
        for i in group[1:]:
            if i == runs[-1][-1] + 1 and not self._one_row:
                runs[-1].append(i)
            else:
                runs.append([i])
        first = [rows.print_[i] for i in runs[0]]
        repeats = [run for run in runs[1:] if [rows.print_[i] for i in run] == first]
        if repeats:
            dropped = {i for run in repeats for i in run}
            result.aside.append(("repeated_orders", rows.number[repeats[0][0]], len(dropped)))
            group = [i for i in group if i not in dropped]
        prints = [rows.print_[i] for i in group]
        if again := len(prints) - len(set(prints)):
            place = next(k for k, told in enumerate(prints) if told in prints[:k])
            result.notes.append(("repeated_lines", rows.number[group[place]], again))
        return group

    def _customer(self, group: list[int]) -> tuple[Identity, ...] | None:
        """The identities that the rows give together; None if they contradict each other."""
        whos = {self._rows.who[i] for i in group} if len(group) > 1 else {self._rows.who[group[0]]}
        whos.discard(())
        if len(whos) < 2:
            return whos.pop() if whos else ()
        merged: dict[tuple[int, str], Identity] = {}
        for identity in (identity for who in whos for identity in who):
            if merged.setdefault((identity.kind, identity.space), identity) != identity:
                return None
        return tuple(sorted(merged.values()))

    def _active(self, group: list[int], result: Resolved) -> list[int]:
        """The rows that count. An order that is cancelled whole is told as cancelled: it may be known from before."""
        rows = self._rows
        statuses = [rows.status[i] for i in group]
        if not any(statuses):
            return group
        active = []
        for i, status in zip(group, statuses, strict=True):
            if status is Status.UNPAID:
                result.aside.append(("unpaid", rows.number[i], 1))
            elif status is Status.CANCELLED:
                result.notes.append(("cancelled", rows.number[i], 1))
                active.append(i)
            else:
                active.append(i)
                if status is Status.UNKNOWN:
                    result.notes.append(("unknown_status", rows.number[i], 1))
                elif status is Status.REFUND_PENDING:
                    result.notes.append(("refund_pending", rows.number[i], 1))
        living = [i for i in active if rows.status[i] is not Status.CANCELLED]
        if active and not living:
            result.cancelled_at = min(rows.at[i] for i in active)
            return []
        result.aside.extend(
            ("cancelled_lines", rows.number[i], 1) for i in active if rows.status[i] is Status.CANCELLED
        )
        return living

    def _split_returns(self, group: list[int], result: Resolved) -> list[int]:
        """Part what came back from what was sold. Goods given back in the same breath stay, to be netted."""
        rows = self._rows
        below = [i for i in group if self.value(i) < 0 or rows.quantity[i] < 0]
        if not below:
            return group
        sold = [i for i in group if i not in set(below)]
        last_sale = max((rows.at[i] for i in sold), default=None)
        kept = []
        for i in below:
            if self.value(i) == 0:
                code = "returns_of_nothing" if rows.who[i] else "stock_adjustments"
                result.aside.append((code, rows.number[i], 1))
            elif last_sale is not None and rows.at[i] <= last_sale + SAME_ORDER_WITHIN:
                kept.append(i)
            else:
                result.returns.append(i)
        return sorted(sold + kept) if sold else []

    def _assemble(self, key: str, sold: list[int], result: Resolved) -> str:
        """Make the order of what was sold; the code of what is wrong with it, else ''."""
        rows = self._rows
        times = [rows.at[i] for i in sold]
        if max(times) - min(times) > SAME_ORDER_WITHIN:
            return "dates_differ"
        if len(sold) > MOST_LINES:
            return "too_many_lines"
        if all(self.amounts[i] is None and rows.paid[i] is None for i in sold):
            return "amount_missing"
        told: set[int] = set()
        if self._per_order:
            told = {paid for i in sold if (paid := rows.paid[i]) is not None and self.value(i) >= 0}
        if len(told) > 1:
            return "paid_differs"
        lines = self._lines(sold)
        if lines is None:
            return "order_below_zero"
        if min(times) != max(times):
            result.notes.append(("times_differ", rows.number[sold[0]], 1))
        paid, deducted = self._paid(sold, lines, told)
        _spread(lines, max(0, paid - deducted))
        if paid == 0 and not result.who:
            result.aside.append(("empty_orders", rows.number[sold[0]], len(sold)))
            return ""
        first = sold[0]
        order = Order(
            key, min(times), result.who, rows.store[first], rows.channel[first], paid, lines, deducted,
            self._discount(sold),
        )  # fmt: skip
        if not self._refund(order, sold, result):
            return "refund_amount_missing"
        result.order = order
        return ""

    def _paid(self, sold: list[int], lines: list[Line], told: set[int]) -> tuple[int, int]:
        """What was paid, and how much of it does not count as goods paid with money.

        Freight stands inside a total that is told for the order, but not inside amounts of lines.
        """
        rows = self._rows
        if told:
            ways = (rows.freight, rows.vouchers, rows.stored_value)
            return told.pop(), sum(next((column[i] or 0 for i in sold if column[i]), 0) for column in ways)
        paid = sum(line.amount for line in lines)
        ways_of_lines = () if self._per_order else (rows.vouchers, rows.stored_value)
        return paid, sum(column[i] or 0 for column in ways_of_lines for i in sold)

    def _discount(self, sold: list[int]) -> int:
        """What was taken off: the order's own where each row repeats it, else the sum over the rows."""
        told = [abs(amount) for i in sold if (amount := self._rows.discount[i])]
        return told[0] if self._per_order and len(told) == len(sold) and len(set(told)) == 1 else sum(told)

    def _lines(self, sold: Sequence[int]) -> list[Line] | None:
        """The lines, less what was given back at once; what fits no line is a discount on all. None if below zero."""
        rows = self._rows
        ids = [rows.line[i] for i in sold]
        own = all(ids) and len(set(ids)) == len(ids)
        lines: list[Line] = []
        discount = 0
        for place, i in enumerate(sold):
            value = self.value(i)
            if value < 0:
                discount += self._net(lines, i, -value)
            else:
                amount = value if self.amounts[i] is not None or len(sold) == 1 else 0
                line_id = ids[place] if own else str(place + 1)
                lines.append(Line(line_id, i, rows.product[i], rows.quantity[i], amount))
        left = sum(line.amount for line in lines) - discount
        if left < 0:
            return None
        if discount:
            for line, amount in zip(lines, share_out(left, [line.amount for line in lines]), strict=True):
                line.amount = amount
        return lines

    def _net(self, lines: list[Line], i: int, back: int) -> int:
        """Take a returned piece off the line of the same product; what no line can bear is the answer."""
        quantity = abs(self._rows.quantity[i])
        product = self._rows.product[i]
        for line in lines:
            if product and line.product == product and line.amount >= back and line.quantity >= quantity:
                line.amount -= back
                line.quantity -= quantity
                return 0
        return back

    def _refund(self, order: Order, sold: list[int], result: Resolved) -> bool:
        """Add what the status and the refund column say; False if the amount is missing."""
        rows = self._rows
        amounts = {i: abs(told) for i in sold if (told := rows.refund[i])}
        whole = [i for i in sold if rows.status[i] is Status.REFUNDED]
        if any(rows.status[i] is Status.PARTLY_REFUNDED and i not in amounts for i in sold) and not (
            amounts and self._per_order
        ):
            return False
        if not amounts and not whole:
            return True
        at = max([order.at, *(when for i in sold if (when := rows.refunded_at[i]) is not None)])
        by_row = {line.row: line for line in order.lines}
        if not amounts and len(whole) == len(sold):
            order.refund = Refund(at, [], None)
        elif amounts and self._per_order and len(set(amounts.values())) == 1:
            told = next(iter(amounts.values()))
            if told > order.paid:
                result.notes.append(("refund_above_line", rows.number[sold[0]], 1))
            order.refund = Refund(at, [], min(told, order.paid))
        else:
            lines = []
            for i in (i for i in sold if i in by_row and (i in amounts or i in whole)):
                line = by_row[i]
                told = amounts.get(i, line.amount)
                if told > line.amount:
                    result.notes.append(("refund_above_line", rows.number[i], 1))
                lines.append((line.line_id, min(told, line.amount)))
            order.refund = Refund(at, lines, sum(amount for _, amount in lines))
        return True


def _spread(lines: list[Line], base: int) -> None:
    """Make the lines add up to what the order earns on, in proportion to their amounts, else to their quantities."""
    weights = [line.amount for line in lines]
    if sum(weights) == base:
        return
    if not any(weights):
        weights = [max(1, int(line.quantity)) for line in lines]
    for line, amount in zip(lines, share_out(base, weights), strict=True):
        line.amount = amount
