"""Reading a file of orders row by row into columns of values. A row that cannot be read is refused, alone."""

from collections import Counter
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

from regulars.facts.connectors.orders_file.column_readers import PRICED, WHO, make_readers
from regulars.facts.connectors.orders_file.settings import OrderSettings, require_columns
from regulars.facts.connectors.orders_file.statuses import Status
from regulars.facts.connectors.orders_file.who import NOBODY, WHO_FIELDS, Who
from regulars.facts.connectors.report import CheckReport, ProductRow
from regulars.facts.reading.columns import Field, Mapping
from regulars.facts.reading.table import Cell, Chunk, Table, text_of
from regulars.facts.reading.values import Reader, Refusal
from regulars.facts.rules import Identity, row_key

TOTAL_WORDS = frozenset(
    {"合计", "总计", "小计", "总合计", "本页合计", "total", "grand total", "totals", "subtotal", "sum"}
)
ONE = Decimal(1)
# These are worth losing rather than the row: the line's place and the product's name stand in.
LESS_THAN_A_ROW: dict[Field, str | None] = {
    Field.LINE_NUMBER: "", Field.PRODUCT_ID: "", Field.ORIGINAL_ORDER: "", Field.DISCOUNT: None,
}  # fmt: skip
MONEY = (
    Field.PAID,
    Field.TOTAL,
    Field.LINE_AMOUNT,
    Field.FREIGHT,
    Field.VOUCHERS,
    Field.STORED_VALUE,
    Field.REFUND_AMOUNT,
)


@dataclass(slots=True)
class Rows:
    """The readable rows, column by column: `at(i)` of row i stands in each list at i.

    `order` is the order's key; `amount` the line's and `paid` the paid column's minor units, None if blank; `print_`
    tells whole rows apart.
    """

    number: list[int] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    at: list[datetime] = field(default_factory=list)
    who: list[tuple[Identity, ...]] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    product: list[str] = field(default_factory=list)
    quantity: list[Decimal] = field(default_factory=list)
    amount: list[int | None] = field(default_factory=list)
    paid: list[int | None] = field(default_factory=list)
    freight: list[int | None] = field(default_factory=list)
    vouchers: list[int | None] = field(default_factory=list)
    stored_value: list[int | None] = field(default_factory=list)
    discount: list[int | None] = field(default_factory=list)
    refund: list[int | None] = field(default_factory=list)
    refunded_at: list[datetime | None] = field(default_factory=list)
    original: list[str] = field(default_factory=list)
    status: list[Status] = field(default_factory=list)
    store: list[str] = field(default_factory=list)
    channel: list[str] = field(default_factory=list)
    print_: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.number)


@dataclass(slots=True)
class Reading:
    """What reading the rows gave besides them: orders with a refused row, names of people, products."""

    rows: Rows = field(default_factory=Rows)
    spoiled: dict[str, int] = field(default_factory=dict)
    names: dict[Identity, str] = field(default_factory=dict)
    birthdays: dict[Identity, date] = field(default_factory=dict)
    products: dict[str, ProductRow] = field(default_factory=dict)


class RowReader:
    """Reads all rows of a table under a mapping."""

    def __init__(self, table: Table, mapping: Mapping, settings: OrderSettings, report: CheckReport) -> None:
        settings.check()
        require_columns(mapping)
        self._table = table
        self._settings = settings
        self._report = report
        self._names = dict(mapping.columns)
        self._place = {key: table.names.index(name) for key, name in mapping.columns.items()}
        self._who_fields = [key for key in WHO_FIELDS if key in self._place]
        self._ordinals: Counter[tuple[str, ...]] = Counter()
        self._result = Reading()
        self._readers: dict[str, Reader[Any]] = make_readers(table, mapping, settings)

    def read(self) -> Reading:
        """Every row of the table.

        Raises:
            UnreadableFile: The file is damaged further down.
        """
        for chunk in self._table.chunks():
            self._report.rows += len(chunk)
            self._read_chunk(chunk)
        return self._result

    def _read_chunk(self, chunk: Chunk) -> None:
        cells, place = chunk.columns, self._place
        values: dict[Field, list[Any]] = {
            key: self._readers[key].column(cells[place[key]])
            for key in place
            if key in self._readers and key is not Field.TIME_OF_DAY
        }
        if Field.TIME_OF_DAY in place:
            pairs: Any = list(zip(cells[place[Field.OCCURRED_AT]], cells[place[Field.TIME_OF_DAY]], strict=True))
            values[Field.OCCURRED_AT] = self._readers[Field.TIME_OF_DAY].column(pairs)
        self._fill_defaults(values, len(chunk))
        bad = self._find_bad(chunk, values)
        who = self._who(chunk)
        for refused, instead in LESS_THAN_A_ROW.items():
            values[refused] = [instead if type(value) is Refusal else value for value in values[refused]]
        if Field.PRODUCT_NAME in values:
            values[Field.PRODUCT_ID] = [
                key or name for key, name in zip(values[Field.PRODUCT_ID], values[Field.PRODUCT_NAME], strict=True)
            ]
        self._keep(chunk, values, who, bad)
        self._describe(values, who, bad)

    def _fill_defaults(self, values: dict[Field, list[Any]], size: int) -> None:
        if Field.PAID not in values and Field.TOTAL in values:
            values[Field.PAID] = values[Field.TOTAL]
        for key in (Field.ORDER_NUMBER, Field.LINE_NUMBER, Field.ORIGINAL_ORDER, Field.PRODUCT_ID, Field.STORE):
            values.setdefault(key, [""] * size)
        for key in (
            Field.PAID,
            Field.FREIGHT,
            Field.VOUCHERS,
            Field.STORED_VALUE,
            Field.DISCOUNT,
            Field.REFUND_AMOUNT,
            Field.REFUNDED_AT,
        ):
            values.setdefault(key, [None] * size)
        values.setdefault(Field.STATUS, [Status.DONE] * size)
        values.setdefault(Field.CHANNEL, [self._settings.channel] * size)
        if Field.QUANTITY in values:
            values[Field.QUANTITY] = [ONE if value is None else value for value in values[Field.QUANTITY]]
        else:
            values[Field.QUANTITY] = [ONE] * size
        if Field.PRICE in values:
            pairs: Any = list(zip(values[Field.PRICE], values[Field.QUANTITY], strict=True))
            priced = self._readers[PRICED].column(pairs)
            told = values.get(Field.LINE_AMOUNT, [None] * size)
            values[Field.LINE_AMOUNT] = [p if t is None else t for t, p in zip(told, priced, strict=True)]
        values.setdefault(Field.LINE_AMOUNT, [None] * size)

    def _find_bad(self, chunk: Chunk, values: dict[Field, list[Any]]) -> set[int]:
        """Refuse the rows with a cell that cannot be read; the positions of all that give no fact."""
        found: dict[int, tuple[Field, Refusal]] = {}
        for key, column in values.items():
            if key not in LESS_THAN_A_ROW and Refusal in set(map(type, column)):
                for position, value in enumerate(column):
                    if type(value) is Refusal:
                        found.setdefault(position, (key, value))
        missing = Refusal("date_missing", "")
        if None in values[Field.OCCURRED_AT]:
            for position, value in enumerate(values[Field.OCCURRED_AT]):
                if value is None:
                    found.setdefault(position, (Field.OCCURRED_AT, missing))
        for position in chunk.overlong:
            found[position] = (Field.ORDER_NUMBER, Refusal("too_many_cells", ""))
        for position, (key, refusal) in sorted(found.items()):
            texts = tuple(text_of(column[position]) for column in chunk.columns)
            number = chunk.numbers[position]
            if any(text.strip(" :：").lower() in TOTAL_WORDS for text in texts):
                self._report.set_aside("total_rows", number)
                continue
            column_name = self._names.get(key, "") if refusal.code != "too_many_cells" else ""
            self._report.refuse(number, refusal.code, column_name, refusal.found, texts)
            order = values[Field.ORDER_NUMBER][position]
            if isinstance(order, str) and order:
                self._result.spoiled.setdefault(order, number)
        return set(found)

    def _who(self, chunk: Chunk) -> list[Who]:
        if not self._who_fields:
            return [NOBODY] * len(chunk)
        cells: Any = list(zip(*(chunk.columns[self._place[key]] for key in self._who_fields), strict=True))
        found: list[Who] = self._readers[WHO].column(cells)
        for position, who in enumerate(found):
            for note in who.notes:
                self._report.note(note, chunk.numbers[position])
        return found

    def _keep(self, chunk: Chunk, values: dict[Field, list[Any]], who: list[Who], bad: set[int]) -> None:
        rows = self._result.rows
        columns: dict[str, list[Any]] = {
            "number": list(chunk.numbers),
            "order": values[Field.ORDER_NUMBER],
            "at": values[Field.OCCURRED_AT],
            "who": [found.identities for found in who],
            "line": values[Field.LINE_NUMBER],
            "product": values[Field.PRODUCT_ID],
            "quantity": values[Field.QUANTITY],
            "amount": values[Field.LINE_AMOUNT],
            "paid": values[Field.PAID],
            "freight": values[Field.FREIGHT],
            "vouchers": values[Field.VOUCHERS],
            "stored_value": values[Field.STORED_VALUE],
            "discount": values[Field.DISCOUNT],
            "refund": values[Field.REFUND_AMOUNT],
            "refunded_at": values[Field.REFUNDED_AT],
            "original": values[Field.ORIGINAL_ORDER],
            "status": values[Field.STATUS],
            "store": values[Field.STORE],
            "channel": values[Field.CHANNEL],
            "print_": [hash(row) for row in zip(*map(_told_apart, chunk.columns), strict=True)],
        }
        if bad:
            keep = [position for position in range(len(chunk)) if position not in bad]
            columns = {name: [column[position] for position in keep] for name, column in columns.items()}
        start = len(rows)
        for slot in fields(Rows):
            getattr(rows, slot.name).extend(columns[slot.name])
        if "" in columns["order"]:
            self._number_rows(rows, start)

    def _number_rows(self, rows: Rows, start: int) -> None:
        """Give rows without an order number a key of their own, the same whenever the same file is read."""
        for i in range(start, len(rows)):
            if rows.order[i]:
                continue
            told = (
                rows.at[i].astimezone(UTC).isoformat(),
                *(f"{identity.kind}:{identity.value}" for identity in rows.who[i]),
                rows.product[i],
                str(rows.quantity[i].normalize()),
                str(rows.amount[i]),
                str(rows.paid[i]),
                rows.store[i],
            )
            ordinal = self._ordinals[told]
            self._ordinals[told] += 1
            rows.order[i] = row_key(told, ordinal)
            self._report.note("rows_without_number", rows.number[i])
            if ordinal:
                self._report.note("repeated_rows", rows.number[i])

    def _describe(self, values: dict[Field, list[Any]], who: list[Who], bad: set[int]) -> None:
        """Keep names and birthdays of people, and names of products; the first one told counts."""
        for key, kept in ((Field.NAME, self._result.names), (Field.BIRTHDAY, self._result.birthdays)):
            for found, value in zip(who, values.get(key, ()), strict=False):
                if value and found.identities:
                    cast(dict[Identity, Any], kept).setdefault(found.identities[0], value)
        empty = [""] * len(who)
        names, categories, brands = (values.get(k, empty) for k in (Field.PRODUCT_NAME, Field.CATEGORY, Field.BRAND))
        products = self._result.products
        for position, sku in enumerate(values[Field.PRODUCT_ID]):
            if sku and (sku not in products or (names[position] and not products[sku].name)) and position not in bad:
                products[sku] = ProductRow(sku, names[position], categories[position], brands[position])


def _told_apart(column: list[Cell]) -> list[Cell]:
    """A column whose hashes tell its cells apart: Python gives -1 and -2 the same one."""
    return ["-1" if cell == -1 else cell for cell in column] if -1 in column else column
