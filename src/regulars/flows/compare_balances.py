"""Compare what another programme says of everybody with the books, while both run; only the differences are kept."""

from datetime import date, datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

from regulars.facts import uploads
from regulars.facts.connectors.balances_file import BalanceSettings, BalancesFile
from regulars.facts.connectors.report import CheckReport
from regulars.facts.reading.tables import open_table
from regulars.loyalty.rules import Policies
from regulars.loyalty.taking_over import actions, queries


def compare_balances(
    *, balances: BalancesFile, settings: BalanceSettings, file_name: str, policies: Policies, zone: ZoneInfo,
    actor: str, at: datetime,
) -> int:  # fmt: skip
    """Compare a table that was opened; returns the comparison's id."""
    report = CheckReport()
    return actions.compare(
        balances=balances.rows(report), report=report, columns=list(balances.columns), source=settings.source,
        as_of=settings.as_of, file_name=file_name, policies=policies, zone=zone, actor=actor, at=at,
    )  # fmt: skip


def receive_comparison(
    *, file: IO[Any], file_name: str, settings: BalanceSettings, policies: Policies, zone: ZoneInfo, today: date,
    actor: str, at: datetime,
) -> int:  # fmt: skip
    """Compare an uploaded table; the file itself is not kept. Returns the comparison's id.

    Raises:
        UnreadableFile, NotBalances, DayNotOver: Nothing was compared.
    """
    name = uploads.keep(file, named=file_name)
    try:
        table = open_table(uploads.path(name))
        balances = queries.opened(table=table, settings=settings, policies=policies, today=today)
        return compare_balances(
            balances=balances, settings=settings, file_name=file_name, policies=policies, zone=zone, actor=actor, at=at
        )
    finally:
        uploads.drop(name)
