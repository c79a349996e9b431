"""One row of balances: whose they are and what they say, or why the row cannot be used."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from regulars.core.calendar import add_months, business_date, zone
from regulars.customers.rules import normalise_name
from regulars.facts.connectors.balances_file.codes import CodeReader, several
from regulars.facts.connectors.balances_file.settings import DATES, WHO, BalanceSettings, recognise
from regulars.facts.connectors.orders_file.who import WhoReader
from regulars.facts.connectors.report import CheckReport
from regulars.facts.kinds.balance_taken_over import MOST
from regulars.facts.reading.amounts import read_amount
from regulars.facts.reading.balance_headers import ALWAYS
from regulars.facts.reading.dates import DayOrder, MomentReader, day_order, read_birthday
from regulars.facts.reading.table import Cell, Table, text_of
from regulars.facts.reading.values import Refusal, is_blank, plain
from regulars.facts.rules import Identity, IdentityKind

NEVER_FROM = 2099
"""A last day from this year on means never: what systems without such a word write instead."""
_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Balance:
    """A row that can be used. `points_until` None: always; `growth_on` and `tier_until` are always told.

    `codes` are those of the coupons, one for each of `offers`, or none at all.
    """

    row: int
    who: tuple[Identity, ...]
    name: str
    points: int | None
    points_until: date | None
    growth: int | None
    growth_on: date
    tier: str
    tier_until: date
    offers: tuple[int, ...]
    codes: tuple[str, ...] = ()
    birthday: date | None = None
    joined_on: date | None = None

    @property
    def number(self) -> str:
        """What the old system called the member: a number, never a phone or an e-mail; '' if it has none."""
        kinds = (IdentityKind.MEMBER_NUMBER, IdentityKind.EXTERNAL_ID)
        return next((one.value for one in self.who if one.kind in kinds), "")


class RowReader:
    """Reads the rows of a table; what it refuses or notices goes into the report."""

    def __init__(self, table: Table, settings: BalanceSettings) -> None:
        self._table = table
        self._settings = settings
        self._zone = zone(settings.time_zone)
        self.columns = recognise(table.names, settings.columns)
        self._place = {what: table.names.index(column) for what, column in self.columns.items()}
        fields = [one for what, one in WHO if what in self.columns]
        self._who = WhoReader(fields, source=settings.source, region=settings.region)
        self._who_places = [self._place[what] for what, _ in WHO if what in self.columns]
        self._moments: dict[str, MomentReader] = {}
        self._days: dict[tuple[str, Cell], date | Refusal | None] = {}
        self._codes = CodeReader(settings)

    def rows(self, report: CheckReport, *, takes: bool = True) -> Iterator[Balance]:
        """Every row that can be used.

        Args:
            takes: What they say is taken over; where it is only compared, a code may be anybody's here.
        Raises:
            UnreadableFile: The file is damaged further down.
        """
        self._moments = {what: self._reader(what) for what in (*DATES, "joined") if what in self._place}
        self._codes = CodeReader(self._settings)
        for chunk in self._table.chunks():
            if takes and "coupon_code" in self._place:
                self._codes.look_ahead(chunk.columns[self._place["coupon_code"]])
            for place, (number, cells) in enumerate(chunk.rows()):
                report.rows += 1
                if place in chunk.overlong:
                    found: Balance | Refusal = Refusal("too_many_cells", "")
                else:
                    found = self._row(number, cells, report)
                if isinstance(found, Refusal):
                    report.refuse(number, found.code, "", found.found, tuple(text_of(cell) for cell in cells))
                else:
                    yield found

    def _reader(self, what: str) -> MomentReader:
        """For one column of days: whether the day or the month comes first is seen in all of it."""
        place = self._place[what]
        order = day_order(cell for chunk in self._table.chunks() for cell in chunk.columns[place])
        day_first = {DayOrder.DAY_FIRST: True, DayOrder.MONTH_FIRST: False}.get(order)
        return MomentReader(self._zone, day_first=day_first, latest=_LATEST)

    def _cell(self, what: str, cells: tuple[Cell, ...]) -> Cell:
        return cells[self._place[what]] if what in self._place else None

    def _row(self, number: int, cells: tuple[Cell, ...], report: CheckReport) -> Balance | Refusal:
        who = self._who.read(tuple(cells[place] for place in self._who_places))
        for note in who.notes:
            report.note(note, number)
        if not who.identities:
            return Refusal("balance_of_nobody", "")
        points = read_points(self._cell("points", cells), "points")
        growth = read_points(self._cell("growth", cells), "growth")
        if isinstance(points, Refusal):
            return points
        if isinstance(growth, Refusal):
            return growth
        days = {what: self._day(what, cells) for what in DATES}
        if wrong := next((one for one in days.values() if isinstance(one, Refusal)), None):
            return wrong
        until, growth_on, tier_until = (days[what] for what in DATES)
        tier, offers = self._tier(cells), self._offers(cells)
        if isinstance(tier, Refusal):
            return tier
        if isinstance(offers, Refusal):
            return offers
        codes = self._codes.read(self._cell("coupon_code", cells), len(offers), who.identities)
        if isinstance(codes, Refusal):
            return codes
        as_of = self._settings.as_of
        assert not isinstance(until, Refusal) and not isinstance(growth_on, Refusal)  # noqa: PT018
        assert not isinstance(tier_until, Refusal)
        if points and until is not None and until <= as_of:
            return Refusal("points_expired", until.isoformat())
        if growth and growth_on is not None and growth_on > as_of:
            return Refusal("growth_ahead", growth_on.isoformat())
        if tier and tier_until is not None and tier_until < as_of:
            return Refusal("tier_over", tier_until.isoformat())
        self._note(report, number, points, until, tier, tier_until)
        return Balance(
            number, who.identities, normalise_name(text_of(self._cell("name", cells))) or "", points, until, growth,
            growth_on or as_of, tier, tier_until or add_months(as_of, self._settings.tier_months), offers, codes,
            read_birthday(self._cell("birthday", cells)), self._joined(cells),
        )  # fmt: skip

    def _note(
        self,
        report: CheckReport,
        number: int,
        points: int | None,
        until: date | None,
        tier: str,
        tier_until: date | None,
    ) -> None:
        if points and until is None:
            report.note("points_forever", number)
        if tier and tier_until is None:
            report.note("tiers_without_end", number)

    def _day(self, what: str, cells: tuple[Cell, ...]) -> date | Refusal | None:
        """A day; None for never or for nothing."""
        cell = self._cell(what, cells)
        if cell is None or cell == "":
            return None
        key = (what, cell)
        if key not in self._days:
            if len(self._days) > 100_000:
                self._days.clear()
            self._days[key] = self._read_day(what, cell)
        return self._days[key]

    def _read_day(self, what: str, cell: Cell) -> date | Refusal | None:
        text = plain(cell).lower()
        if is_blank(text) or text in ALWAYS:
            return None
        at = self._moments[what].read(cell)
        if not isinstance(at, datetime):
            return at
        day = business_date(at, self._zone)
        return None if day.year >= NEVER_FROM and what != "growth_on" else day

    def _joined(self, cells: tuple[Cell, ...]) -> date | None:
        """When they joined, where that can be read: it is never worth refusing a balance."""
        day = self._day("joined", cells)
        return day if isinstance(day, date) and day <= self._settings.as_of else None

    def _tier(self, cells: tuple[Cell, ...]) -> str | Refusal:
        text = plain(self._cell("tier", cells))
        if is_blank(text):
            return ""
        return self._settings.tier(text) or Refusal("tier_unknown", text[:100])

    def _offers(self, cells: tuple[Cell, ...]) -> tuple[int, ...] | Refusal:
        text = plain(self._cell("coupon", cells))
        if is_blank(text):
            return ()
        if (whole := self._settings.offer(text)) is not None:
            return (whole,)
        told = several(text)
        found = [self._settings.offer(one) for one in told]
        if None in found:
            return Refusal("offer_unknown", told[found.index(None)][:100])
        return tuple(one for one in found if one is not None)


def read_points(cell: Cell, what: str) -> int | Refusal | None:
    """A whole number from 0 to a billion; None if the cell is blank. `what`: 'points' or 'growth'."""
    if cell is None or cell == "":
        return None
    value = read_amount(cell)
    if value is None:
        return None
    if isinstance(value, Refusal):
        return Refusal(f"{what}_unreadable", value.found)
    if value < 0:
        return Refusal(f"{what}_negative", text_of(cell)[:100])
    if value > MOST:
        return Refusal(f"{what}_enormous", text_of(cell)[:100])
    whole = value.to_integral_value()
    # The noise of spreadsheets (120.00000000000001) is no fraction.
    return int(whole) if abs(value - whole) < Decimal("1e-6") else Refusal(f"{what}_fractional", text_of(cell)[:100])
