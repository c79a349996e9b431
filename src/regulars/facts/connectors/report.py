"""What a connector says about its data before anything is written."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from regulars.facts.connectors.wording import NOTICES, REASONS

MOST_PROBLEMS = 100_000
SAMPLE_ROWS = 5


class ProductRow(NamedTuple):
    """A product as a source describes it."""

    sku: str
    name: str
    category: str
    brand: str


@dataclass(slots=True)
class Problem:
    """A row that gives no fact. `row` as a person sees it in the file; `cells` its texts, for the error file."""

    row: int
    column: str
    code: str
    found: str = ""
    cells: tuple[str, ...] = ()

    def text(self, language: str) -> str:
        """What is wrong and what to do, in Chinese ('zh…') or English."""
        zh, en = REASONS[self.code]
        return (zh if language.startswith("zh") else en).format(found=self.found, column=self.column)


@dataclass(slots=True)
class Notice:
    """A kind of thing that was found, how often, and the first rows that have it."""

    code: str
    count: int
    rows: list[int]

    def text(self, language: str) -> str:
        """What it is and what becomes of it."""
        zh, en = NOTICES[self.code]
        return (zh if language.startswith("zh") else en).format(count=f"{self.count:,}")


@dataclass(slots=True)
class CheckReport:
    """What a whole source holds. Every row was used, refused, or set aside: the three add up to `rows`.

    `paid` and `refunded` are in minor units. `paid_per` says whether the paid column was taken once an order or once a
    line, '' if the file left no doubt.
    """

    rows: int = 0
    rows_used: int = 0
    rows_refused: int = 0
    rows_set_aside: int = 0
    orders: int = 0
    lines: int = 0
    refunds: int = 0
    cancellations: int = 0
    customers: int = 0
    products: int = 0
    paid: int = 0
    refunded: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    paid_per: str = ""
    found: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    problem_counts: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[int]] = field(default_factory=dict)

    @property
    def facts(self) -> int:
        """How many facts there are to post."""
        return self.orders + self.refunds + self.cancellations

    @property
    def notices(self) -> list[Notice]:
        """What was found, told apart, most frequent first."""
        return [Notice(code, count, self.samples.get(code, [])) for code, count in self.found.most_common() if count]

    def note(self, code: str, row: int | None = None, count: int = 1) -> None:
        """Count something that was found."""
        self.found[code] += count
        if row is not None and len(rows := self.samples.setdefault(code, [])) < SAMPLE_ROWS:
            rows.append(row)

    def refuse(self, row: int, code: str, column: str = "", found: str = "", cells: tuple[str, ...] = ()) -> None:
        """Keep a row that gives no fact; beyond a hundred thousand they are only counted."""
        self.rows_refused += 1
        self.problem_counts[code] += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(row, column, code, found, cells))

    def set_aside(self, code: str, row: int, count: int = 1) -> None:
        """Count rows that are no bad rows and give no fact either."""
        self.rows_set_aside += count
        self.note(code, row, count)

    def counts(self) -> dict[str, int]:
        """Every count by name, as an import keeps it."""
        names = ("rows", "rows_used", "rows_refused", "rows_set_aside", "orders", "lines", "refunds", "cancellations")
        own = {name: getattr(self, name) for name in (*names, "customers", "products", "paid", "refunded")}
        return own | {code: count for code, count in self.found.items() if count}

    def to_json(self) -> dict[str, Any]:
        """Everything but the cells of the problems."""
        return {
            "counts": self.counts(),
            "problems": dict(self.problem_counts),
            "first_at": self.first_at.isoformat() if self.first_at else None,
            "last_at": self.last_at.isoformat() if self.last_at else None,
            "paid_per": self.paid_per,
        }
