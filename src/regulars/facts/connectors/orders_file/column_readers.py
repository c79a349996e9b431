"""How each column of a file of orders is read, under one mapping and its settings."""

from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from typing import Any, cast

from regulars.core.calendar import zone
from regulars.customers.rules import normalise_name
from regulars.facts.connectors.orders_file.settings import AmbiguousDates, OrderSettings
from regulars.facts.connectors.orders_file.statuses import read_status
from regulars.facts.connectors.orders_file.who import WHO_FIELDS, WhoReader
from regulars.facts.kinds.order_completed import channel_of
from regulars.facts.reading.amounts import price_times, read_amount, read_quantity, shows_decimal_comma, to_minor_units
from regulars.facts.reading.columns import Field, Mapping
from regulars.facts.reading.dates import DayOrder, MomentReader, day_order, read_birthday
from regulars.facts.reading.table import Cell, Table, text_of
from regulars.facts.reading.values import Reader, Refusal, plain, read_key, read_text

SAMPLE = 500
KEYS = (Field.ORDER_NUMBER, Field.LINE_NUMBER, Field.ORIGINAL_ORDER, Field.PRODUCT_ID)
MONEY = (
    Field.PAID,
    Field.TOTAL,
    Field.LINE_AMOUNT,
    Field.FREIGHT,
    Field.VOUCHERS,
    Field.STORED_VALUE,
    Field.DISCOUNT,
    Field.REFUND_AMOUNT,
)
WHO = "who"
PRICED = "priced"


def make_readers(table: Table, mapping: Mapping, settings: OrderSettings) -> dict[str, Reader[Any]]:
    """A reader for each field; WHO reads the cells of all WHO_FIELDS at once, PRICED pairs of price and quantity.

    Raises:
        AmbiguousDates: Only a person can say whether days or months come first.
    """
    styles = _Styles(table, mapping, settings)
    at = styles.moments(Field.OCCURRED_AT)
    readers: dict[str, Reader[Any]] = {key: Reader(read_key) for key in KEYS}
    readers |= {key: Reader(read_text) for key in (Field.PRODUCT_NAME, Field.CATEGORY, Field.BRAND)}
    for key in MONEY:
        readers[key] = Reader(partial(_read_money, currency=settings.currency, comma=styles.comma(key)))
    readers[Field.PRICE] = Reader(partial(read_amount, decimal_comma=styles.comma(Field.PRICE)))
    readers[Field.QUANTITY] = Reader(partial(read_quantity, decimal_comma=styles.comma(Field.QUANTITY)))
    readers[Field.OCCURRED_AT] = Reader(at.read)
    readers[Field.TIME_OF_DAY] = Reader(lambda pair: at.join(*cast(tuple[Cell, Cell], pair)))
    if Field.REFUNDED_AT in mapping.columns:
        readers[Field.REFUNDED_AT] = Reader(styles.moments(Field.REFUNDED_AT).read)
    readers[Field.STATUS] = Reader(read_status)
    readers[Field.STORE] = Reader(lambda cell: read_text(text_of(cell))[:100])
    readers[Field.CHANNEL] = Reader(lambda cell: channel_of(text) if (text := plain(cell)) else settings.channel)
    readers[Field.NAME] = Reader(normalise_name)
    readers[Field.BIRTHDAY] = Reader(partial(read_birthday, day_first=settings.day_first))
    fields = [key for key in WHO_FIELDS if key in mapping.columns]
    readers[WHO] = Reader(cast(Any, WhoReader(fields, source=settings.source, region=settings.region).read))
    readers[PRICED] = Reader(cast(Any, partial(_price_times, currency=settings.currency)))
    return readers


def _read_money(cell: Cell, *, currency: str, comma: bool) -> int | Refusal | None:
    value = read_amount(cell, decimal_comma=comma)
    return to_minor_units(value, currency, text_of(cell)) if isinstance(value, Decimal) else value


def _price_times(pair: tuple[Any, Any], *, currency: str) -> int | Refusal | None:
    price, quantity = pair
    if not isinstance(price, Decimal) or not isinstance(quantity, Decimal):
        return price if isinstance(price, Refusal) else None
    return price_times(price, quantity, currency)


class _Styles:
    """How columns write dates and decimals. The whole column decides, but it is read only if its start gives cause."""

    def __init__(self, table: Table, mapping: Mapping, settings: OrderSettings) -> None:
        self._table = table
        self._names = mapping.columns
        self._settings = settings
        self._start = table.first_rows(SAMPLE)

    def _sampled(self, key: Field) -> list[Cell]:
        place = self._table.names.index(self._names[key])
        return [row[place] for _, row in self._start]

    def _whole(self, key: Field) -> Iterable[Cell]:
        place = self._table.names.index(self._names[key])
        return (cell for chunk in self._table.chunks() for cell in chunk.columns[place])

    def comma(self, key: Field) -> bool:
        """Whether a column writes 1.234,50."""
        return key in self._names and shows_decimal_comma(self._sampled(key)) and shows_decimal_comma(self._whole(key))

    def moments(self, key: Field) -> MomentReader:
        """The reader of a column of dates."""
        day_first = self._settings.day_first
        if day_first is None and day_order(self._sampled(key)) is not DayOrder.NOT_ASKED:
            order = day_order(self._whole(key))
            if order in (DayOrder.UNDECIDED, DayOrder.CONTRADICTORY):
                example = next(text_of(c) for c in self._sampled(key) if day_order([c]) is not DayOrder.NOT_ASKED)
                raise AmbiguousDates(
                    f"{example} in column {self._names[key]!r} can be read day first or month first. Say which.",
                    column=self._names[key],
                    example=example,
                )
            day_first = order is DayOrder.DAY_FIRST
        return MomentReader(zone(self._settings.time_zone), day_first=day_first, latest=self._settings.latest)
