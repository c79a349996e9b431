"""A table of contracts as it stood on one day: one row a contract, with its holder, its dates or a flag, and the rest.

What the rest of the columns say holds of the contract from that day on. Columns that may name somebody are left out:
names and contacts, texts of many kinds, and whole numbers of nine digits or more.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Final

from regulars.core.calendar import business_date, start_of_day, zone
from regulars.core.errors import DomainError
from regulars.customers.rules import normalise_name
from regulars.facts.connectors.orders_file.who import WhoReader
from regulars.facts.connectors.report import CheckReport, ProductRow
from regulars.facts.kinds import contract_ended, contract_started, contract_updated
from regulars.facts.reading import contract_headers as headers
from regulars.facts.reading.amounts import read_amount
from regulars.facts.reading.columns import Field
from regulars.facts.reading.dates import DayOrder, MomentReader, day_order
from regulars.facts.reading.table import Cell, Table, text_of
from regulars.facts.reading.values import Refusal, is_blank, plain, read_key
from regulars.facts.rules import Body, Identity, NewFact

MANY_KINDS = 50
"""A column of words with more kinds than this describes nothing: addresses, remarks, names."""
_NUMBER_OF_SOMEBODY = re.compile(r"\d{9,}[xX]?")
HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": headers.CUSTOMER,
    "phone": headers.PHONE,
    "email": headers.EMAIL,
    "name": headers.NAME,
    "contract": headers.CONTRACT,
    "started": headers.STARTED,
    "ends_on": headers.ENDS_ON,
    "ended": headers.ENDED,
}
"""What a column may be; every other one is an attribute."""
DATES: Final[tuple[str, ...]] = ("started", "ends_on", "ended")
WHO: Final = (("customer", Field.CUSTOMER_ID), ("phone", Field.PHONE), ("email", Field.EMAIL))


class NotContracts(DomainError):
    """The table has no column for the holders of contracts."""

    code = "not_contracts"


class UnknownColumn(DomainError):
    """The file has no such column, or there is no such meaning."""

    code = "unknown_column"


@dataclass(frozen=True, slots=True)
class ContractSettings:
    """What has to be known besides the columns.

    Args:
        source: The system that numbered the contracts and their holders.
        as_of: The day on which the table stood like this; nothing in it happened later.
        region: Country of phone numbers without one.
        columns: What columns mean where their names do not tell: one of `HEADERS` → column, '' for none.
    """

    source: str
    time_zone: str
    as_of: date
    region: str = "CN"
    columns: Mapping[str, str] = field(default_factory=dict)


def recognise(names: tuple[str, ...], told: Mapping[str, str]) -> dict[str, str]:
    """Which column is what.

    Raises:
        UnknownColumn: What was told is not there.
        NotContracts: Nobody holds these contracts.
    """
    by_header = {headers.plain(name): name for name in reversed(names)}
    found = {what: by_header[one] for what, known in HEADERS.items() for one in reversed(known) if one in by_header}
    for what, column in told.items():
        if what not in HEADERS or (column and column not in names):
            raise UnknownColumn(f"There is no {what}={column}: give one of {', '.join(HEADERS)} and a column.")
        found = {known: name for known, name in found.items() if name != column and known != what}
        found |= {what: column} if column else {}
    if not {"customer", "phone", "email"} & found.keys():
        raise NotContracts("Say which column names the customer, with --map customer=COLUMN.")
    return found


@dataclass(slots=True)
class _Row:
    """A row that can be used. `ended` is the day of the end; `is_seen` where only a flag says so."""

    number: str
    who: tuple[Identity, ...]
    name: str
    started: datetime | None
    ends_on: date | None
    ended: datetime | None
    is_seen: bool
    attributes: dict[str, str]


class ContractsFile:
    """Contracts in a table. `check` reads everything and writes nothing; `facts` then tells it."""

    NAME: ClassVar[str] = "contracts_file"

    def __init__(self, table: Table, settings: ContractSettings) -> None:
        self._table = table
        self._settings = settings
        self._zone = zone(settings.time_zone)
        self._at = start_of_day(settings.as_of, self._zone)
        self._report: CheckReport | None = None
        self._rows: list[_Row] = []
        self.columns = recognise(table.names, settings.columns)
        self.attributes: tuple[str, ...] = ()
        self.left_out: tuple[str, ...] = ()

    def check(self) -> CheckReport:
        """Read the whole file.

        Raises:
            UnreadableFile: The file is damaged further down.
        """
        if self._report is not None:
            return self._report
        report = CheckReport()
        rows = list(self._table.rows())
        self._choose([row for _, row in rows])
        readers = {what: self._moments(what, [row for _, row in rows]) for what in DATES if what in self.columns}
        who = WhoReader(
            [one for what, one in WHO if what in self.columns], source=self._settings.source,
            region=self._settings.region,
        )  # fmt: skip
        seen: set[str] = set()
        for number, cells in rows:
            report.rows += 1
            row = self._row(cells, readers, who, report, number)
            if isinstance(row, _Row) and row.number in seen:
                row = Refusal("contract_twice", row.number)
            if isinstance(row, Refusal):
                report.refuse(number, row.code, "", row.found, tuple(text_of(cell) for cell in cells))
                continue
            seen.add(row.number)
            self._rows.append(row)
        report.rows_used = len(self._rows)
        report.customers = len(self.holders)
        report.note("contracts", count=len(self._rows))
        report.note("contracts_ended", count=sum(row.ended is not None for row in self._rows))
        report.note("contract_columns_left_out", count=len(self.left_out))
        self._report = report
        return report

    @property
    def holders(self) -> set[Identity]:
        """Whom the contracts that were read belong to."""
        return {row.who[0] for row in self._rows}

    def facts(self) -> Iterator[NewFact]:
        """Every fact, earliest first."""
        self.check()
        yield from sorted((fact for row in self._rows for fact in self._told(row)), key=lambda fact: fact.occurred_at)

    def products(self) -> Iterator[ProductRow]:
        """None: contracts name no goods."""
        return iter(())

    def _told(self, row: _Row) -> Iterator[NewFact]:
        stamp = self._settings.as_of.isoformat()
        if row.started is not None:
            yield self._fact(contract_started.CODE, row.number, row.started, {"contract": row.number}, row)
        body = contract_started.make_body(row.number, ends_on=row.ends_on, attributes=row.attributes)
        yield self._fact(contract_updated.CODE, f"{row.number}@{stamp}", self._at, body, row)
        if row.ended is not None:
            # Whoever is found ended is found so in every later table: each find is a fact of its own.
            key = f"{row.number}@{stamp}" if row.is_seen else row.number
            end = contract_ended.make_body(row.number, seen=row.is_seen)
            yield self._fact(contract_ended.CODE, key, row.ended, end, row)

    def _fact(self, kind: int, key: str, at: datetime, body: Body, row: _Row) -> NewFact:
        profile = {"name": row.name} if row.name else {}
        return NewFact(self._settings.source, kind, key, at, body, row.who, profile=profile)

    # -- reading --------------------------------------------------------------------------------------------------

    def _choose(self, rows: list[tuple[Cell, ...]]) -> None:
        """Part the other columns into attributes and what is left out."""
        known = set(self.columns.values())
        kept: list[str] = []
        left: list[str] = []
        for place, name in enumerate(self._table.names):
            if name in known:
                continue
            cells = [row[place] for row in rows]
            names_somebody = headers.plain(name) in headers.IGNORED or _names_somebody(cells)
            (left if names_somebody or len(kept) == contract_started.MOST_ATTRIBUTES else kept).append(name)
        self.attributes, self.left_out = tuple(kept), tuple(left)

    def _moments(self, what: str, rows: list[tuple[Cell, ...]]) -> MomentReader:
        place = self._table.names.index(self.columns[what])
        order = day_order(row[place] for row in rows)
        day_first = {DayOrder.DAY_FIRST: True, DayOrder.MONTH_FIRST: False}.get(order)
        return MomentReader(self._zone, day_first=day_first)

    def _row(
        self,
        cells: tuple[Cell, ...],
        readers: Mapping[str, MomentReader],
        who: WhoReader,
        report: CheckReport,
        row: int,
    ) -> _Row | Refusal:
        def cell(what: str) -> Cell:
            return cells[self._table.names.index(self.columns[what])] if what in self.columns else None

        told = who.read(tuple(cell(what) for what, _ in WHO if what in self.columns))
        for note in told.notes:
            report.note(note, row)
        number = read_key(cell("contract") if "contract" in self.columns else cell("customer"))
        if isinstance(number, Refusal):
            return number
        if not told.identities or not number:
            return Refusal("contract_of_nobody", number)
        days = {what: readers[what].read(cell(what)) for what in ("started", "ends_on") if what in readers}
        if wrong := next((one for one in days.values() if isinstance(one, Refusal)), None):
            return wrong
        started, ends = days.get("started"), days.get("ends_on")
        assert not isinstance(started, Refusal) and not isinstance(ends, Refusal)  # noqa: PT018
        ended = self._ended(cell("ended"), readers)
        if isinstance(ended, Refusal):
            return ended
        ends_on = business_date(ends, self._zone) if ends else None
        if ended is not None and ended.date_ahead is not None:
            ends_on, ended = ends_on or ended.date_ahead, None
        if started is not None and started > self._at:
            return Refusal("date_out_of_range", text_of(cell("started")))
        name = normalise_name(text_of(cell("name"))) or ""
        attributes = {one: self._attribute(cells[self._table.names.index(one)]) for one in self.attributes}
        return _Row(
            number, told.identities, name, started, ends_on, ended.at if ended else None,
            bool(ended and ended.is_seen), {one: value for one, value in attributes.items() if value},
        )  # fmt: skip

    def _ended(self, cell: Cell, readers: Mapping[str, MomentReader]) -> "_End | Refusal | None":
        """Whether and when it ended: a flag, or a day; a day that lies ahead is an agreed end."""
        text = plain(cell).lower()
        if is_blank(text) or text in headers.NO or cell is False:
            return None
        if text in headers.YES or cell is True:
            return _End(self._at, is_seen=True)
        at = readers["ended"].read(cell)
        if isinstance(at, Refusal):
            return Refusal("contract_end_unreadable", text_of(cell))
        if at is not None and at > self._at:
            return _End(at, date_ahead=business_date(at, self._zone))
        return None if at is None else _End(at)

    def _attribute(self, cell: Cell) -> str:
        if isinstance(cell, bool):
            return "yes" if cell else "no"
        if isinstance(cell, datetime | date):
            return ""
        text = " ".join(plain(cell).split())
        return "" if is_blank(text) else text[:200]


@dataclass(frozen=True, slots=True)
class _End:
    """An end that a cell tells."""

    at: datetime
    is_seen: bool = False
    date_ahead: date | None = None


def _names_somebody(cells: list[Cell]) -> bool:
    """Whether a column is blank, or rather tells who somebody is than what their contract is like."""
    texts = [text for cell in cells if not is_blank(text := plain(cell))]
    if not texts:
        return True
    if sum(_NUMBER_OF_SOMEBODY.fullmatch(text) is not None for text in texts) > len(texts) / 2:
        return True
    words = [text for text in texts if not isinstance(read_amount(text), Decimal)]
    return len(words) > len(texts) / 2 and len(set(words)) > MANY_KINDS
