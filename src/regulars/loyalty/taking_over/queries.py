"""What a file of another programme is read against, and reading what comparisons found."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson
from django.db import connection

from regulars.core import bulk
from regulars.customers import lookup
from regulars.facts.connectors.balances_file import BalanceSettings, BalancesFile, CodeTaken, OfferNamed
from regulars.facts.reading.table import Table
from regulars.ledger import snapshots
from regulars.loyalty.coupons.codes import MalformedCode, read_old
from regulars.loyalty.coupons.offers import offers
from regulars.loyalty.rules import Policies
from regulars.loyalty.taking_over.rules import Counts, Difference, Kind, Run, Wanted, What, expiries_of

PORTION = 20_000

RUN = """
SELECT id, source, as_of, file_name, made_at, made_by, compared::text, rows, refused, problems::text, agree, differ,
       only_old, only_new, old_points, new_points FROM loyalty_parallelrun
"""
DIFFERENCE = """
SELECT d.id, d.kind, d.customer_id, coalesce(c.name, ''), d.row, d.number, d.what, d.old_points, d.new_points,
       d.old_growth, d.new_growth, d.old_tier, d.new_tier, d.expiries::text, d.reason, d.codes::text
FROM loyalty_paralleldifference d LEFT JOIN customers_customer c ON c.id = d.customer_id
"""
WANTED = """d.run_id = %s AND (%s = '' OR d.kind = %s) AND (%s = 0 OR d.what & %s > 0) AND (%s = '' OR d.reason = %s)"""


@dataclass(frozen=True, slots=True)
class Known:
    """What cells may name: tiers (in small letters → code), offers; and how long a tier without an end is kept."""

    tiers: dict[str, str]
    tier_months: int
    offers: tuple[OfferNamed, ...]


def known(policies: Policies, day: date) -> Known:
    """What the programme of a day has."""
    policy = policies.on(day)
    tiers: dict[str, str] = {}
    for tier in policy.tiers:
        for word in (tier.code, *tier.names.values()):
            tiers.setdefault(" ".join(word.lower().split()), tier.code)
    named = tuple(OfferNamed(one.id, tuple(one.name)) for one in offers())
    return Known(tiers, policy.window_months, named)


def opened(*, table: Table, settings: BalanceSettings, policies: Policies, today: date) -> BalancesFile:
    """A table of balances, to be read against the tiers and the offers of the programme.

    Raises:
        NotBalances, UnknownColumn, DayNotOver: It cannot be.
    """
    settings.check(today)
    there = known(policies, settings.as_of)
    return BalancesFile(
        table,
        replace(
            settings, tiers=there.tiers, tier_months=there.tier_months, offers=there.offers, read_code=_code,
            taken=_taken,
        ),
    )  # fmt: skip


def _code(told: str) -> str | None:
    try:
        return read_old(told)
    except MalformedCode:
        return None


def _taken(codes: Collection[str]) -> dict[str, CodeTaken]:
    """A coupon that was taken over keeps its code for its member: their table may tell of it again."""
    rows = bulk.run(
        connection,
        "SELECT code, customer_id, key LIKE 'taken:%%' FROM loyalty_coupon WHERE code = ANY(%b::text[])",
        [bulk.Column("text", sorted(codes))],
    )
    names = lookup.names_of({row[1] for row in rows if row[1] is not None and row[2]}) if rows else {}
    return {code: CodeTaken(names.get(who, frozenset()) if ours else frozenset()) for code, who, ours in rows}


def points_before(customer_ids: Collection[int]) -> tuple[int, int]:
    """How many of these customers have points or growth here, and how many points together."""
    return snapshots.holders_among(customer_ids)


def runs(*, most: int = 60) -> list[Run]:
    """Comparisons, the one of the latest day first."""
    rows = bulk.run(connection, f"{RUN} ORDER BY as_of DESC, id DESC LIMIT %s", [most])
    return [_run(row) for row in rows]


def run(run_id: int) -> Run | None:
    """One comparison."""
    rows = bulk.run(connection, f"{RUN} WHERE id = %s", [run_id])
    return _run(rows[0]) if rows else None


def counts(run_id: int) -> Counts:
    """How many differences there are of each sort."""
    rows = bulk.run(
        connection,
        """SELECT kind, what, reason, count(*) FROM loyalty_paralleldifference WHERE run_id = %s GROUP BY 1, 2, 3""",
        [run_id],
    )
    kinds: Counter[str] = Counter()
    whats: Counter[int] = Counter()
    reasons: Counter[str] = Counter()
    for kind, what, reason, count in rows:
        kinds[kind] += count
        reasons[reason] += count
        for one in What:
            whats[int(one)] += count if what & one else 0
    return Counts(kinds, whats, reasons)


def found(run_id: int, wanted: Wanted) -> int:
    """How many differences a filter finds."""
    rows = bulk.run(
        connection, f"SELECT count(*) FROM loyalty_paralleldifference d WHERE {WANTED}", _values(run_id, wanted)
    )
    return int(rows[0][0])


def page(run_id: int, wanted: Wanted, *, offset: int, most: int) -> list[Difference]:
    """Differences: members of both first, and those furthest apart."""
    rows = bulk.run(
        connection,
        f"{DIFFERENCE} WHERE {WANTED} ORDER BY d.kind, d.size DESC, d.id LIMIT %s OFFSET %s",
        [*_values(run_id, wanted), most, offset],
    )
    return [_difference(row) for row in rows]


def every(run_id: int, wanted: Wanted) -> Iterator[Difference]:
    """All of them in the same order, for an export, in portions."""
    offset = 0
    while portion := page(run_id, wanted, offset=offset, most=PORTION):
        yield from portion
        offset += len(portion)


def _values(run_id: int, wanted: Wanted) -> list[Any]:
    return [run_id, wanted.kind, wanted.kind, wanted.what, wanted.what, wanted.reason, wanted.reason]


def _run(row: tuple[Any, ...]) -> Run:
    problems = tuple((code, count, tuple(rows)) for code, count, rows in orjson.loads(row[9]))
    told: list[Any] = [*row[:6], tuple(orjson.loads(row[6])), *row[7:9], problems, *row[10:]]
    return Run(*told)


def _difference(row: tuple[Any, ...]) -> Difference:
    expiries = expiries_of(orjson.loads(row[13]))
    told: list[Any] = [row[0], Kind(row[1]), *row[2:6], What(row[6]), *row[7:13], expiries, row[14]]
    told.append(tuple((code, why) for code, why in orjson.loads(row[15])))
    return Difference(*told)
