"""Recomputing everything from facts, commands and transfers, and naming what differs. Writes nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from regulars.core import bulk
from regulars.ledger import queries as ledger
from regulars.ledger.rules import Account, Purpose, Transfer
from regulars.loyalty import budgets, queries
from regulars.loyalty.badges import queries as badges
from regulars.loyalty.badges.holding import Holder, held
from regulars.loyalty.badges.rules import Held
from regulars.loyalty.coupons import queries as coupons
from regulars.loyalty.earnings import still_counting
from regulars.loyalty.rate import Fold
from regulars.loyalty.refolding import Refolded, compare, folded
from regulars.loyalty.rewards import queries as rewards
from regulars.loyalty.rules import Item, Policies

BATCH = 500
MOST_DIFFERENCES = 100
BY_DATE = (Purpose.MATURE, Purpose.EXPIRE)


@dataclass
class Report:
    """What was checked (counts), what is due by date and not posted yet, and each difference in words.

    `flagged` counts what is odd in the facts, by code: the books agree with them, but a person should look.
    """

    checked: dict[str, int] = field(default_factory=dict)
    due: int = 0
    differences: list[str] = field(default_factory=list)
    flagged: Counter[str] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        """Whether everything agrees."""
        return not self.differences

    def differ(self, what: str) -> None:
        """Note a difference; after a hundred, only that there are more."""
        if len(self.differences) < MOST_DIFFERENCES:
            self.differences.append(what)
        elif len(self.differences) == MOST_DIFFERENCES:
            self.differences.append("… and more")


def verify(*, policies: Policies, at: datetime) -> Iterator[Report]:
    """Check the whole books; yields the report so far after each step, the last one complete.

    First the ledger against itself (wallets and lots from their transfers), then budgets, uses of coupons and claims of
    rewards against their counts, then the ledger against the fold of every customer's history, with tiers and kept
    standings.
    """
    report = Report()
    with _snapshot():
        told = [ledger.disagreements(), budgets.differences(), coupons.differences(), rewards.differences()]
    for found, counted in told:
        report.checked.update(counted)
        for what in found:
            report.differ(what)
    yield report
    report.checked.update(customers=0, facts_and_commands=0, tier_intervals=0)
    after, batch = 0, [0]
    while batch:
        with _snapshot():
            if batch := _next_customers(after):
                after = batch[-1]
                _check_batch(batch, report, policies, at)
        yield report


@contextmanager
def _snapshot() -> Iterator[None]:
    """One moment for everything read inside, so that work that goes on meanwhile is not taken for a difference."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        bulk.run(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def _next_customers(after: int) -> list[int]:
    rows = bulk.run(
        connection,
        """SELECT id FROM customers_customer WHERE id > %s AND canonical_id = id ORDER BY id LIMIT %s""",
        [after, BATCH],
    )
    return [row[0] for row in rows]


def _check_batch(batch: list[int], report: Report, policies: Policies, at: datetime) -> None:
    groups, histories = queries.histories(batch, policies)
    posted = ledger.posted(sorted(groups))
    folds = {customer_id: (items, folded(items, policies, at)) for customer_id, items in histories.items()}
    outcome = compare(folds, posted, policies)
    _check_badges(folds, groups, report, policies)
    report.flagged.update(flag.code for flag in outcome.flags)
    for transfer in outcome.transfers:
        if transfer.purpose in BY_DATE and _is_due(transfer, posted):
            report.due += 1
        else:
            report.differ(
                f"customer {transfer.customer_id}: {Purpose(transfer.purpose).name.lower()} of "
                f"{transfer.amount} (from account {transfer.source} to {transfer.target}) is missing in the ledger"
            )
    _check_lots(outcome, posted, report, at)
    kept = queries.tier_intervals(batch)
    standings = queries.standings(batch)
    used = queries.used_limits(batch)
    for canonical_id, items in histories.items():
        # Limits of periods that are over may still lie there: a command in its turn leaves them to the next order.
        remembered = still_counting(used.get(canonical_id, {}), items[-1].day) if items else used.get(canonical_id, {})
        if outcome.used.get(canonical_id, {}) != remembered:
            report.differ(f"customer {canonical_id}: what limits remember is not what the fold has used of them")
        report.checked["facts_and_commands"] += len(items)
        wanted = outcome.tiers.get(canonical_id, [])
        report.checked["tier_intervals"] += len(wanted)
        if wanted != kept.get(canonical_id, []):
            report.differ(f"customer {canonical_id}: tiers are kept as {kept.get(canonical_id, [])}, not {wanted}")
        if outcome.standings.get(canonical_id) != standings.get(canonical_id):
            report.differ(f"customer {canonical_id}: the kept standing is not where the fold stands")
    report.checked["customers"] += len(batch)


def _check_badges(
    folds: Mapping[int, tuple[Sequence[Item], Fold]], groups: Mapping[int, int], report: Report, policies: Policies
) -> None:
    """Badges as the folds give them against those that are kept."""
    wanted: dict[Holder, Held] = {}
    if policies.gives_badges:
        for items, fold in folds.values():
            wanted.update(held(items, fold))
    has = badges.kept(groups)
    for holder in sorted(wanted.keys() | has.keys()):
        if wanted.get(holder) != has.get(holder):
            who, code = holder
            report.differ(f"customer {who}: the badge {code} is kept as {has.get(holder)}, not {wanted.get(holder)}")
    report.checked["badges"] = report.checked.get("badges", 0) + len(wanted)


def _check_lots(outcome: Refolded, posted: ledger.Posted, report: Report, at: datetime) -> None:
    """Lots as the fold has them against the kept ones, which may lag behind by what is due by date."""
    for lot in outcome.new_lots:
        report.differ(f"customer {lot.customer_id}: the lot {lot.key} is missing in the ledger")
    for _, lot in outcome.changed_lots:
        kept = posted.lots[lot.key][1]
        if kept.settled(at) != lot:
            report.differ(f"customer {lot.customer_id}: a lot is kept as {kept}, not {lot}")


def _is_due(transfer: Transfer, posted: ledger.Posted) -> bool:
    """A lot that nobody touched since it came due; the nightly job posts it, and reads go by date anyway."""
    if transfer.lot is None or transfer.lot not in posted.lots:
        return False
    lot = posted.lots[transfer.lot][1]
    forward = transfer.target in (Account.AVAILABLE, Account.BREAKAGE)
    return forward and transfer.amount <= lot.remaining
