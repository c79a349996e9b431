"""Following what happens: what was seen with which device is kept, and whoever did something is looked at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from regulars.core import bulk
from regulars.customers import closeness
from regulars.customers import queries as customers
from regulars.facts import queries as facts
from regulars.facts.kinds import order_completed
from regulars.loyalty.models import RiskBound, RiskCase, RiskStep
from regulars.loyalty.risk import activity, lending, queries
from regulars.loyalty.risk.detection import signs_of
from regulars.loyalty.risk.rules import (
    LOOKS_BACK,
    UNSETTLED,
    WAITING,
    YOUNG,
    CaseState,
    Judged,
    MarkKind,
    Sign,
    Thresholds,
    joined_signs,
    score_of,
)

FACTS_A_ROUND: Final = 5_000
CUSTOMERS_AT_ONCE: Final = 500
COMMANDS_A_ROUND: Final = 5_000
OVERLAP: Final = timedelta(minutes=5)
"""Commands commit out of order: those of the last minutes are looked at again, which changes nothing."""
SYSTEM: Final = ""
MARKED = ("smallint", "text", "bigint", "timestamptz", "timestamptz", "int")
KEEP_MARKS = f"""
INSERT INTO loyalty_riskmark (kind, mark, customer_id, first_at, last_at, orders)
SELECT * FROM {bulk.unnest(*MARKED)} AS n
ON CONFLICT (kind, mark, customer_id) DO UPDATE SET orders = loyalty_riskmark.orders + excluded.orders,
  first_at = least(loyalty_riskmark.first_at, excluded.first_at),
  last_at = greatest(loyalty_riskmark.last_at, excluded.last_at)
"""
NAMES = {MarkKind.DEVICE: "device", MarkKind.ADDRESS: "address"}


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did: facts that it read, customers whom it looked at, cases opened; `more` facts may wait."""

    facts: int
    customers: int
    opened: int
    more: bool


def look(*, thresholds: Thresholds, at: datetime) -> Round:
    """Look at whoever did something since the last round. To be called inside a transaction, by one at a time.

    The bound of the feed commits with what came of it, so nothing is missed and nothing counted twice. What happened
    longer ago than the rules look back, a file of past years say, leaves its marks and wakes nobody.
    """
    RiskBound.objects.bulk_create([RiskBound(pk=1)], ignore_conflicts=True)
    bound = RiskBound.objects.select_for_update().get(pk=1)
    fed = facts.feed(after=(bound.epoch, bound.xid), most=FACTS_A_ROUND)
    concerned = _take_in(fed, at)
    since = bound.looked_at or at - LOOKS_BACK
    concerned |= _commanded(since - OVERLAP) | {
        who for who, tried in activity.wrong_codes(at=at).items() if tried[-1][0] > since - OVERLAP
    }
    if fed:
        bound.epoch, bound.xid = fed[-1].epoch, fed[-1].xid
    bound.looked_at = at
    bound.save()
    ids = sorted(set(customers.canonicals(concerned).values()))
    opened = sum(
        _look_at(ids[first : first + CUSTOMERS_AT_ONCE], thresholds, at)
        for first in range(0, len(ids), CUSTOMERS_AT_ONCE)
    )
    return Round(len(fed), len(ids), opened, len(fed) >= FACTS_A_ROUND)


def to_freeze(*, thresholds: Thresholds) -> list[int]:
    """Cases that the rules alone are sure of, at which nobody has looked yet."""
    rows = RiskCase.objects.filter(state=CaseState.OPEN, score__gte=thresholds.freeze)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _take_in(fed: Sequence[facts.FedFact], at: datetime) -> set[int]:
    """Keep marks of orders; who is concerned: whoever did something lately, and who shares something with them."""
    owners = closeness.owners([one.identity_id for one in fed if one.identity_id is not None])
    rows: dict[tuple[int, str, int], tuple[datetime, datetime, int]] = {}
    concerned: set[int] = set()
    told: set[str] = set()
    for one in fed:
        who = owners.get(one.identity_id or 0)
        if who is None:
            continue
        is_recent = at - LOOKS_BACK < one.occurred_at <= at
        if is_recent:
            concerned.add(who)
        if one.kind != order_completed.CODE:
            continue
        if is_recent:
            told.update(one.body.get("coupons", ()))
        for kind, name in NAMES.items():
            if mark := one.body.get(name):
                key = (int(kind), mark, who)
                first, last, orders = rows.get(key, (one.occurred_at, one.occurred_at, 0))
                rows[key] = (min(first, one.occurred_at), max(last, one.occurred_at), orders + 1)
    if rows:
        marks = [(*key, *rows[key]) for key in sorted(rows)]
        bulk.run(connection, KEEP_MARKS, bulk.columns(marks, MARKED))
    near = [(MarkKind(kind), mark) for kind, mark, who in rows if who in concerned]
    beside = activity.sharing(near, at=at)
    near_by = {who for others in beside.values() for who in others}
    return concerned | near_by | _in_a_row(concerned, at) | set(lending.owners(told).values())


def _in_a_row(concerned: set[int], at: datetime) -> set[int]:
    """Whoever has a phone beside that of somebody new."""
    joined = closeness.joined(sorted(concerned))
    young = [who for who, day in joined.items() if at.date() - day <= YOUNG]
    return {other for others in closeness.phone_neighbours(young).values() for other in others}


def _commanded(since: datetime) -> set[int]:
    """For whom something was commanded from an instant on; the newest commands only, so that it stays quick."""
    rows = bulk.run(
        connection,
        """SELECT DISTINCT customer_id FROM (
             SELECT customer_id, recorded_at FROM loyalty_command ORDER BY id DESC LIMIT %s) newest
           WHERE recorded_at > %s""",
        [COMMANDS_A_ROUND, since],
    )
    return {row[0] for row in rows}


def _look_at(canonical_ids: Sequence[int], thresholds: Thresholds, at: datetime) -> int:
    """Open cases about these customers, or add to those that stand; returns how many were opened."""
    groups = customers.members(canonical_ids)
    known = queries.judged(groups)
    found: dict[int, list[Sign]] = {}
    for one in activity.activities(canonical_ids, known, at=at):
        signs = signs_of(one, known.get(one.customer_id, Judged()))
        if signs:
            found[one.customer_id] = signs
    if not found:
        return 0
    standing = _standing(groups, found)
    opened = []
    for who, signs in sorted(found.items()):
        if (row := standing.get(who)) is not None:
            _add(row, signs, at)
        elif (score := score_of(signs)) >= thresholds.review:
            evidence = [sign.told() for sign in signs]
            opened.append(RiskCase(customer_id=who, score=score, evidence=evidence, opened_at=at, changed_at=at))
    RiskCase.objects.bulk_create(opened)
    RiskStep.objects.bulk_create(RiskStep(case=row, at=at, action="opened", actor=SYSTEM) for row in opened)
    return len(opened)


def _standing(groups: dict[int, int], found: Iterable[int]) -> dict[int, RiskCase]:
    """Cases that stand about these groups, locked, so that nobody decides about them meanwhile."""
    wanted = set(found)
    members = [one for one, group in groups.items() if group in wanted]
    rows = RiskCase.objects.select_for_update(no_key=True).filter(customer_id__in=members, state__in=UNSETTLED)
    return {groups[row.customer_id]: row for row in rows.order_by("pk")}


def _add(row: RiskCase, signs: Sequence[Sign], at: datetime) -> None:
    evidence = joined_signs([Sign.read(one) for one in row.evidence], signs)
    told = [sign.told() for sign in evidence]
    if told == row.evidence:
        return
    before, row.evidence, row.score, row.changed_at = row.score, told, score_of(evidence), at
    row.save(update_fields=["evidence", "score", "changed_at"])
    if row.score > before and row.state in WAITING:
        RiskStep.objects.create(case=row, at=at, action="grown", actor=SYSTEM)
