"""A file of orders as facts: read once, checked whole, then told in the order of time."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from heapq import merge
from typing import Any, ClassVar

from regulars.facts.connectors.orders_file.grouping import Grouping, decide_paid_per
from regulars.facts.connectors.orders_file.order import Order, Resolved
from regulars.facts.connectors.orders_file.orders import Resolver
from regulars.facts.connectors.orders_file.returns import Given, Matcher, Return
from regulars.facts.connectors.orders_file.rows import ONE, Reading, RowReader
from regulars.facts.connectors.orders_file.settings import OrderSettings
from regulars.facts.connectors.report import CheckReport, ProductRow
from regulars.facts.kinds import order_cancelled, order_completed, order_refunded
from regulars.facts.reading.amounts import quantity_of
from regulars.facts.reading.columns import Field, Mapping
from regulars.facts.reading.table import Table, text_of
from regulars.facts.rules import Identity, NewFact, row_key

LONGEST_KEY = 250
LINE_FIELDS = frozenset(
    (Field.QUANTITY, Field.PRICE, Field.LINE_AMOUNT, Field.PRODUCT_ID, Field.PRODUCT_NAME, Field.LINE_NUMBER)
)


class OrdersFile:
    """Orders in a table. `check` reads everything and writes nothing; `facts` and `products` then tell it."""

    NAME: ClassVar[str] = "orders_file"

    def __init__(self, table: Table, mapping: Mapping, settings: OrderSettings) -> None:
        self._table = table
        self._mapping = mapping
        self._settings = settings
        self._report: CheckReport | None = None
        self._reading = Reading()
        self._refunds: list[NewFact] = []
        self._accepted: list[tuple[datetime, int]] = []
        self._groups = Grouping(())
        self._resolver: Resolver

    def check(self) -> CheckReport:
        """Read the whole file.

        Raises:
            MappingIncomplete: No column for the time or for money is chosen.
            AmbiguousDates: Only a person can say whether days or months come first.
            UnreadableFile: The file is damaged further down.
            UnknownTimeZone, UnknownSetting: A setting means nothing.
        """
        if self._report is not None:
            return self._report
        report = CheckReport()
        self._reading = RowReader(self._table, self._mapping, self._settings, report).read()
        rows = self._reading.rows
        self._groups = Grouping(rows.order)
        report.paid_per = self._settings.paid_per or decide_paid_per(rows, self._groups)
        one_row = LINE_FIELDS.isdisjoint(self._mapping.columns)
        self._resolver = Resolver(rows, self._reading.spoiled, paid_per=report.paid_per, one_row_an_order=one_row)
        self._count_rows(report)
        returns = self._resolve_all(report)
        self._match(returns, report)
        self._refunds.sort(key=lambda fact: (fact.occurred_at, fact.key))
        report.products = len(self._reading.products)
        report.rows_used = report.rows - report.rows_refused - report.rows_set_aside
        self._fill_cells(report)
        self._report = report
        return report

    def facts(self) -> Iterator[NewFact]:
        """Every fact, earliest first; of one instant, orders before what is about them."""
        self.check()
        orders = ((at, 0, place) for at, place in self._accepted)
        later = ((fact.occurred_at, 1, place) for place, fact in enumerate(self._refunds))
        for _, kind, place in merge(orders, later):
            if kind:
                yield self._refunds[place]
            else:
                order = self._resolver.resolve(self._groups[place]).order
                assert order is not None
                yield self._completed(order)

    def products(self) -> Iterator[ProductRow]:
        """Products that the file names."""
        self.check()
        return (product for product in self._reading.products.values() if product.name)

    # -- checking -------------------------------------------------------------------------------------------------

    def _count_rows(self, report: CheckReport) -> None:
        """Count what can be told row by row, whatever becomes of the rows."""
        rows, amounts = self._reading.rows, self._resolver.amounts
        for i, who in enumerate(rows.who):
            if not who:
                report.note("lines_without_customer", rows.number[i])
        for i, quantity in enumerate(rows.quantity):
            if quantity < 0:
                report.note("negative_quantities", rows.number[i])
        for i, amount in enumerate(amounts):
            if amount == 0:
                report.note("zero_prices", rows.number[i])
            elif amount is not None and amount < 0 < rows.quantity[i]:
                report.note("negative_prices", rows.number[i])

    def _resolve_all(self, report: CheckReport) -> list[Return]:
        returns: list[Return] = []
        customers: set[Identity] = set()
        for place, group in enumerate(self._groups):
            resolved = self._resolver.resolve(group)
            if resolved.aside or resolved.notes or resolved.refused:
                self._take_note(resolved, report)
            if resolved.returns:
                returns.extend(self._returns(resolved, group))
            if resolved.cancelled_at is not None:
                self._cancel(group, resolved, resolved.cancelled_at, report)
            if order := resolved.order:
                self._accepted.append((order.at, place))
                report.orders += 1
                report.lines += len(order.lines)
                report.paid += order.paid
                if order.who:
                    customers.add(order.who[0])
                else:
                    report.note("orders_without_customer", self._reading.rows.number[group[0]])
                if order.refund:
                    self._refund(order, report)
        self._accepted.sort()
        if self._accepted:
            report.first_at, report.last_at = self._accepted[0][0], self._accepted[-1][0]
        report.customers = len(customers)
        return returns

    def _take_note(self, resolved: Resolved, report: CheckReport) -> None:
        numbers = self._reading.rows.number
        for code, row, count in resolved.aside:
            report.set_aside(code, row, count)
        for code, row, count in resolved.notes:
            report.note(code, row, count)
        for i, code, found in resolved.refused:
            report.refuse(numbers[i], code, self._column_of(code), found)

    def _column_of(self, code: str) -> str:
        fields = {
            "amount_missing": Field.PAID,
            "paid_differs": Field.PAID,
            "dates_differ": Field.OCCURRED_AT,
            "refund_amount_missing": Field.REFUND_AMOUNT,
        }
        return self._mapping.columns.get(fields.get(code, Field.ORDER_NUMBER), "")

    def _returns(self, resolved: Resolved, group: list[int]) -> Iterator[Return]:
        rows = self._reading.rows
        for i in resolved.returns:
            key = rows.order[i]
            subject = rows.original[i] or (key if resolved.order else "")
            yield Return(
                i, key, rows.at[i], rows.who[i] or resolved.who, rows.product[i], abs(rows.quantity[i]) or ONE,
                -self._resolver.value(i), subject,
            )  # fmt: skip

    def _match(self, returns: list[Return], report: CheckReport) -> None:
        if not returns:
            return
        rows = self._reading.rows
        matcher = Matcher(returns)
        for _, place in self._accepted:
            order = self._resolver.resolve(self._groups[place]).order
            if order:
                matcher.remember(order)
        given: dict[tuple[str, str, datetime | None, bool], list[Given]] = defaultdict(list)
        for back, gives in matcher.match():
            number = rows.number[back.row]
            report.note("return_lines", number)
            if gives is None:
                known = bool(back.who)
                report.note("returns_unmatched" if known else "returns_without_customer", number)
                report.refuse(number, "return_unmatched" if known else "return_without_customer", self._column_of(""))
                continue
            report.note("returns_matched", number)
            for give in gives:
                when = give.at if give.document == give.subject else None
                given[give.document, give.subject, when, bool(give.line_id)].append(give)
        if matcher.clamped:
            report.note("refund_above_line", count=matcher.clamped)
        for (document, subject, when, by_line), parts in given.items():
            key = f"{document} > {subject}" if when is None else f"{document} > {when.isoformat()}"
            lines: dict[str, int] = defaultdict(int)
            for part in parts if by_line else ():
                lines[part.line_id] += part.amount
            told = key if by_line else f"{key} (total)"
            self._add_refund(
                told, subject, min(p.at for p in parts), parts[0].who, lines, sum(p.amount for p in parts), report
            )

    def _refund(self, order: Order, report: CheckReport) -> None:
        refund = order.refund
        assert refund is not None
        lines = dict(refund.lines)
        amount = refund.amount
        self._add_refund(
            f"{order.key} > refund", order.key, refund.at, order.who, lines, amount, report, whole=order.paid
        )

    def _add_refund(
        self, key: str, subject: str, at: datetime, who: tuple[Identity, ...], lines: dict[str, int],
        amount: int | None, report: CheckReport, *, whole: int = 0,
    ) -> None:  # fmt: skip
        report.refunds += 1
        report.refunded += whole if amount is None else amount
        body: dict[str, Any] = {"currency": self._settings.currency, "lines": [list(line) for line in lines.items()]}
        self._refunds.append(
            NewFact(
                source=self._settings.source, kind=order_refunded.CODE, key=_short(key), occurred_at=at, body=body,
                identities=who, subject=subject, amount=amount,
            )
        )  # fmt: skip

    def _cancel(self, group: list[int], resolved: Resolved, at: datetime, report: CheckReport) -> None:
        report.cancellations += 1
        key = self._reading.rows.order[group[0]]
        self._refunds.append(
            NewFact(
                source=self._settings.source, kind=order_cancelled.CODE, key=key, occurred_at=at, body={},
                identities=resolved.who, subject=key,
            )
        )  # fmt: skip

    def _fill_cells(self, report: CheckReport) -> None:
        """Fetch the cells of refused rows that were found out only later, by reading the file once more."""
        wanted = {problem.row: problem for problem in report.problems if not problem.cells}
        if not wanted:
            return
        for chunk in self._table.chunks():
            for position, number in enumerate(chunk.numbers):
                if number in wanted:
                    wanted.pop(number).cells = tuple(text_of(column[position]) for column in chunk.columns)
            if not wanted:
                return

    # -- telling --------------------------------------------------------------------------------------------------

    def _completed(self, order: Order) -> NewFact:
        lines = [(line.line_id, line.product, quantity_of(line.quantity), line.amount) for line in order.lines]
        body = order_completed.make_body(
            currency=self._settings.currency,
            paid=order.paid,
            lines=lines,
            freight=order.deducted,
            channel=order.channel,
            discount=order.discount,
        )
        return NewFact(
            source=self._settings.source,
            kind=order_completed.CODE,
            key=order.key,
            occurred_at=order.at,
            body=body,
            identities=order.who,
            amount=order.paid,
            store=order.store or None,
            profile=self._profile(order.who),
        )

    def _profile(self, who: tuple[Identity, ...]) -> dict[str, Any]:
        if not who:
            return {}
        name, birthday = self._reading.names.get(who[0]), self._reading.birthdays.get(who[0])
        return ({"name": name} if name else {}) | ({"birthday": birthday} if birthday else {})


def _short(key: str) -> str:
    return key if len(key) <= LONGEST_KEY else f"{key[:200]}{row_key([key], 0)}"
