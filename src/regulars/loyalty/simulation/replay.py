"""Replaying a portion of the customers under two sets of versions, as of one moment. Reads only.

Everybody sees the same moment, whichever process reads: a snapshot that one connection holds and the others take over.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from regulars.core import bulk
from regulars.core.calendar import business_date
from regulars.core.calendar import zone as zone_named
from regulars.customers.particulars import particulars_between
from regulars.loyalty import queries
from regulars.loyalty.currencies import numbered
from regulars.loyalty.membership import number_of
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import Item, Policies, Policy
from regulars.loyalty.simulation import budgets
from regulars.loyalty.simulation.budgets import Claims, SharedOut
from regulars.loyalty.simulation.history import between
from regulars.loyalty.simulation.past import NOTHING, Past
from regulars.loyalty.simulation.results import result
from regulars.loyalty.simulation.rules import BudgetUse, Change, Question, Result, first_instant, with_draft
from regulars.loyalty.simulation.tally import Tally

PORTION = 20_000
"""Orders that are read at a time."""
DRAFT = 1_000_000
"""The number that the draft has among the versions: it has none yet."""


class Portion(NamedTuple):
    """Customers who stand for their groups, with ids in (after, upto]: how many are listed, and their orders."""

    after: int
    upto: int
    members: int
    orders: int


@dataclass(frozen=True, slots=True)
class Moment:
    """What a simulation sees: facts up to `at`, through a snapshot where there is one to share."""

    at: datetime
    snapshot: str | None


@dataclass(frozen=True, slots=True)
class Terms:
    """Both sides, ready to fold: from `since` on figures count, tiers are compared on `day`.

    `shared`: what is decided of the draft's budgets.
    """

    today: Policies
    draft: Policies
    since: datetime | None
    day: date
    shared: SharedOut

    @property
    def version(self) -> Policy:
        """The draft among the versions."""
        return self.draft.versions[-1][1]


@contextmanager
def moment(at: datetime) -> Iterator[Moment]:
    """Hold one moment for everybody who reads, also from other processes."""
    if connection.in_atomic_block:
        yield Moment(at, None)
        return
    with closing(connection.copy()) as own:
        bulk.run(own, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield Moment(at, bulk.run(own, "SELECT pg_export_snapshot()")[0][0])


@contextmanager
def seen(at: Moment) -> Iterator[None]:
    """Read inside as of that moment."""
    if at.snapshot is None:
        yield
        return
    with transaction.atomic():
        bulk.run(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION SNAPSHOT %s", [at.snapshot])
        yield


def terms(question: Question, zone: ZoneInfo, at: datetime, shared: SharedOut | None = None) -> Terms:
    """Today's versions, and those with the draft.

    Args:
        shared: What is decided of the draft's budgets by now; None: nothing yet, so those of rules stand that stay.
    Raises:
        InvalidPolicy: The draft contradicts itself, or there is no programme yet.
    """
    today = queries.policies(zone)
    named = question.terms.get("time_zone")
    told = numbered(question.terms, {code: one.number for code, one in today.currencies.items()})
    draft = Policy.from_terms(DRAFT, told, zone_named(named) if named else zone)
    since = first_instant(question.since, draft.zone)
    return Terms(
        today=today,
        draft=with_draft(today, draft, question.since),
        since=since,
        day=business_date(at, zone),
        shared=SharedOut(budgets.unchanged(today, draft, since)) if shared is None else shared,
    )


def portions(size: int = PORTION) -> list[Portion]:
    """Everybody, by id, in portions of about so many orders."""
    rows = bulk.run(
        connection,
        """SELECT max(id), count(*) FILTER (WHERE listed), sum(orders)::bigint FROM (
             SELECT c.id, c.listed, coalesce(s.orders, 0) AS orders,
                    (sum(coalesce(s.orders, 0) + 1) OVER (ORDER BY c.id) - 1) / %s AS place
             FROM customers_customer c LEFT JOIN loyalty_standing s ON s.customer_id = c.id WHERE c.canonical_id = c.id
           ) c GROUP BY floor(place) ORDER BY 1""",
        [size],
    )
    found, after = [], 0
    for upto, members, orders in rows:
        found.append(Portion(after, upto, members, orders))
        after = upto
    return found


def replay(
    portion: Portion, under: Terms, at: datetime, each: Callable[[Change], None] | None = None, past: Past = NOTHING
) -> Tally:
    """Fold the histories of a portion under both, and add up what differs.

    Args:
        each: Told of every member to whom anything happened.
        past: Who was in the segments that the draft's rules ask about.
    """
    tally, histories = Tally(), _histories(portion, under, at)
    asks_members = under.draft.asks_members
    known = particulars_between(portion.after, portion.upto) if asks_members else {}
    for canonical_id, items in histories.items():
        today = _folded(items, under.today, at)
        if asks_members:  # after today's side, which goes by what was kept and by nothing else
            tally.guessed += past.fill(canonical_id, items, under.draft, known.get(canonical_id))
        if under.version.budgets:
            budgets.share(items, under.version, under.draft, under.shared)
        draft = _folded(items, under.draft, at)
        change = tally.take(canonical_id, items, today, draft, under.since, under.day)
        if each is not None:
            each(change)
    tally.take_idle(max(0, portion.members - tally.members))
    return tally


def collect(portion: Portion, under: Terms, at: datetime, past: Past = NOTHING) -> Claims:
    """Fold the histories of a portion only to hear what they claim of the draft's budgets."""
    claims = Claims(members=portion.members)
    asks_members = under.draft.asks_members
    known = particulars_between(portion.after, portion.upto) if asks_members else {}
    for canonical_id, items in _histories(portion, under, at).items():
        today = budgets.hear(items, under.today) if under.shared.kept else {}
        if today:
            _folded(items, under.today, at)
        if asks_members:
            past.fill(canonical_id, items, under.draft, known.get(canonical_id))
        budgets.claim(items, under.version, under.draft, under.shared, today, claims)
    return claims


def lines(portion: Portion, under: Terms, at: datetime, past: Past = NOTHING) -> list[tuple[Any, ...]]:
    """What a replay means for each member: id, number, points today and under the draft, difference, tiers' codes."""
    changes: list[Change] = []
    replay(portion, under, at, changes.append, past)
    today, draft = under.today.on(under.day).tiers, under.draft.on(under.day).tiers
    return [
        (
            one.customer_id, number_of(one.customer_id), one.today, one.draft, one.difference,
            today[one.tier_today].code, draft[one.tier_draft].code,
        )
        for one in sorted(changes, key=lambda one: one.customer_id)
    ]  # fmt: skip


def answer(tally: Tally, question: Question, under: Terms, uses: Sequence[BudgetUse] = ()) -> Result:
    """The answer, once everybody is added up.

    Args:
        uses: How far the draft's budgets are used up.
    """
    today, draft = under.today.on(under.day), under.draft.on(under.day)
    return result(tally, question, today=today, draft=draft, until=under.day, budgets=uses)


def _histories(portion: Portion, under: Terms, at: datetime) -> dict[int, list[Item]]:
    """Everything that happened to a portion's members and that either side looks at."""
    return between(
        portion.after, portion.upto, events=under.today.rewarded | under.draft.rewarded, until=at,
        budgeted=under.today.budgeted, asks_members=under.today.asks_members,
    )  # fmt: skip


def _folded(items: Sequence[Item], policies: Policies, at: datetime) -> Fold:
    """The fold over a history; events stand in it where the version that was live then rewards them."""
    fold = Fold(policies)
    apply = fold.apply
    for item in items:
        if not item.event or item.event in policies.at(item.at).earning:
            apply(item)
    fold.settle(at)
    return fold
