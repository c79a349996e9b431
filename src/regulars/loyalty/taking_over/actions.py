"""Comparing an old programme with this one as of the end of a day, and keeping what differs."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from regulars.core import bulk
from regulars.core.calendar import start_of_day
from regulars.facts.connectors.balances_file import Balance
from regulars.facts.connectors.report import SAMPLE_ROWS, CheckReport
from regulars.facts.rules import IdentityKind
from regulars.loyalty.models import ParallelRun
from regulars.loyalty.rules import Policies
from regulars.loyalty.taking_over import comparing
from regulars.loyalty.taking_over.rules import SHORTLY_BEFORE_DAYS


def compare(
    *,
    balances: Iterable[Balance],
    report: CheckReport,
    columns: Sequence[str],
    source: str,
    as_of: date,
    file_name: str,
    policies: Policies,
    zone: ZoneInfo,
    actor: str,
    at: datetime,
) -> int:
    """Compare what an old table says with the books at the end of its day; returns the run's id.

    The table is read once, row by row, and everything else happens in the database.

    Args:
        balances: The rows, which fill the report while they are read.
        columns: What the table tells: only that is compared.
    """
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone:  # orders that arrive meanwhile count on neither side
            bulk.run(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for statement in comparing.TABLES.split(";"):
            bulk.run(connection, statement)
        tiers = {tier.code: place for place, tier in enumerate(policies.on(as_of).tiers)}
        _copy(balances, tiers)
        end = start_of_day(as_of + timedelta(days=1), zone)
        first = policies.window_start(as_of)
        told = _told(columns, rolling=first is not None)
        _fill(source, zone, as_of, end, start_of_day(first or as_of, zone))
        run = ParallelRun.objects.create(
            source=source, as_of=as_of, file_name=file_name[:255], made_at=at, made_by=actor,
            compared=[what for what, is_told in told.items() if is_told], rows=report.rows, refused=report.rows_refused,
            problems=_problems(report),
        )  # fmt: skip
        bulk.run(connection, comparing.DIFFERENCES, [run.pk, *told.values()])
        bulk.run(connection, comparing.ONLY_OLD, [run.pk])
        bulk.run(connection, comparing.ONLY_NEW, [run.pk, told["points"], told["growth"]])
        both, run.old_points, run.new_points, run.differ, run.only_old, run.only_new = bulk.run(
            connection, comparing.TALLY, [run.pk]
        )[0]
        bulk.run(connection, comparing.DROP)
        run.agree = both - run.differ
        run.save()
        return run.pk


def _told(columns: Sequence[str], *, rolling: bool) -> dict[str, bool]:
    """What the table tells that can be compared.

    Args:
        rolling: Growth counts in a rolling window; elsewhere no two days say the same of it.
    """
    return {
        "points": "points" in columns,
        "expiry": "points" in columns and "points_until" in columns,
        "growth": "growth" in columns and rolling,
        "tier": "tier" in columns,
        "coupon": "coupon_code" in columns,
    }


def _copy(balances: Iterable[Balance], tiers: dict[str, int]) -> None:
    """The rows into a table of their own, as they come."""
    connection.ensure_connection()
    codes: list[tuple[int, str]] = []
    member, external, phone, email = (
        int(one)
        for one in (IdentityKind.MEMBER_NUMBER, IdentityKind.EXTERNAL_ID, IdentityKind.PHONE, IdentityKind.EMAIL)
    )
    with connection.wrap_database_errors, connection.connection.cursor() as cursor, cursor.copy(comparing.COPY) as copy:
        for one in balances:
            codes += ((one.row, code) for code in one.codes)
            who = {int(name.kind): name.value for name in one.who}
            copy.write_row((
                one.row, who.get(member), who.get(external), who.get(phone), who.get(email), one.number, one.points,
                one.points_until, one.growth, one.growth_on if one.growth is not None else None,
                tiers.get(one.tier) if one.tier else None,
            ))  # fmt: skip
    _copy_rows(comparing.COPY_CODES, codes)


def _copy_rows(statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    with connection.wrap_database_errors, connection.connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _fill(source: str, zone: ZoneInfo, as_of: date, end: datetime, first: datetime) -> None:
    """Both sides into tables of their own, one row a member."""
    before = end - timedelta(days=SHORTLY_BEFORE_DAYS)
    bulk.run(connection, "ANALYZE told")
    bulk.run(connection, comparing.WHOSE, [source])
    bulk.run(connection, "ANALYZE whose")
    bulk.run(connection, comparing.OLDS)
    bulk.run(connection, comparing.DAYS, [zone.key, end, end, end])
    bulk.run(connection, "ANALYZE olds")
    bulk.run(connection, "ANALYZE days")
    bulk.run(
        connection, comparing.NEWS, [end, end, end, before, end, before, end, first, end, as_of, as_of]
    )  # fmt: skip
    bulk.run(connection, comparing.APART)
    bulk.run(connection, comparing.CODES, [end, end])
    bulk.run(connection, "ANALYZE news")


def _problems(report: CheckReport) -> list[list[object]]:
    """Why rows could not be read, how often, and where first."""
    rows: dict[str, list[int]] = {}
    for problem in report.problems:
        if len(known := rows.setdefault(problem.code, [])) < SAMPLE_ROWS:
            known.append(problem.row)
    return [[code, count, rows.get(code, [])] for code, count in report.problem_counts.most_common()]
