"""What customers did lately, read for many at once: a few statements, however many they are."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

from regulars.core import bulk
from regulars.customers import closeness
from regulars.customers import queries as customers
from regulars.facts.happenings import Happening, happenings
from regulars.facts.kinds import order_cancelled, order_completed, order_refunded
from regulars.limits import queries as limits
from regulars.limits.rules import Kind
from regulars.loyalty.coupons.rules import Guesser, GuesserKind
from regulars.loyalty.risk import lending
from regulars.loyalty.risk.rules import (
    CROWD,
    LOOKS_BACK,
    YOUNG,
    Activity,
    Bought,
    Circle,
    Judged,
    MarkKind,
    Moved,
    Said,
    Served,
)
from regulars.loyalty.rules import POINTS, ItemKind
from regulars.loyalty.till import queries as till
from regulars.staff import queries as staff

GUESSED: timedelta = timedelta(days=7)
RING: timedelta = timedelta(days=30)
"""Who was not seen with a device or at an address for so long shares it no more."""
STAFF = "user:"
SPENT = (ItemKind.REDEEM, ItemKind.HOLD)

Wrong = dict[int, list[tuple[datetime, int]]]
"""Customer → wrong codes that they tried."""


def activities(canonical_ids: Sequence[int], judged: dict[int, Judged], *, at: datetime) -> list[Activity]:
    """What these groups did in the weeks before an instant; of what was judged only what came after."""
    groups = customers.members(canonical_ids)
    joined = closeness.joined(canonical_ids)
    told, start = _by_group(groups, at), at - LOOKS_BACK
    moved, wrong, lent = _moved(groups, at), wrong_codes(at=at), lending.lent(groups, since=start, until=at)
    served = _own_served(groups, start, at)
    circles = _circles([one for one in joined if at.date() - joined[one] <= YOUNG], at)
    members: dict[int, list[int]] = {}
    for one, group in groups.items():
        members.setdefault(group, []).append(one)
    found = []
    for who in sorted(joined):
        since = (judged[who].until if who in judged else None) or start
        activity = Activity(who, joined[who], at, max(since, start), circles=circles.get(who, ()))
        activity.bought = _bought(told[who])
        activity.said = [Said(one.fact_id, one.at, one.day, one.event) for one in told[who] if one.event]
        activity.moved, activity.lent = moved[who], lent.get(who, ())
        activity.own_served = served.get(who, ())
        activity.wrong_codes = sorted(tried for one in members.get(who, ()) for tried in wrong.get(one, ()))
        found.append(activity)
    return found


def wrong_codes(*, at: datetime) -> Wrong:
    """Wrong codes of the last days by the members who tried them."""
    found: defaultdict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for subject, step, count in limits.taken(Kind.CODE_GUESSES, since=at - GUESSED):
        guesser = Guesser.of(subject)
        if guesser.kind is GuesserKind.MEMBER and step <= at:
            found[guesser.id].append((step, count))
    return found


def sharing(marks: Sequence[tuple[MarkKind, str]], *, at: datetime) -> dict[tuple[MarkKind, str], list[int]]:
    """(kind, mark) → who stands for the groups that were seen with it lately; of a crowd nobody."""
    if not marks:
        return {}
    rows = bulk.run(
        connection,
        f"""SELECT w.kind, w.mark, array_agg(DISTINCT c.canonical_id)
            FROM (SELECT DISTINCT * FROM {bulk.unnest("smallint", "text")} AS n (kind, mark)) w
            JOIN loyalty_riskmark m ON m.kind = w.kind AND m.mark = w.mark AND m.last_at > %s
            JOIN customers_customer c ON c.id = m.customer_id
            GROUP BY 1, 2 HAVING count(DISTINCT c.canonical_id) BETWEEN 2 AND {CROWD}""",
        [*bulk.columns([(int(kind), mark) for kind, mark in marks], ("smallint", "text")), at - RING],
    )
    return {(MarkKind(kind), mark): sorted(who) for kind, mark, who in rows}


def _by_group(groups: dict[int, int], at: datetime) -> defaultdict[int, list[Happening]]:
    told: defaultdict[int, list[Happening]] = defaultdict(list)
    for one in happenings(list(groups), since=at - LOOKS_BACK, until=at):
        told[groups[one.customer_id]].append(one)
    return told


def _bought(told: Sequence[Happening]) -> list[Bought]:
    """Orders that stand, each with what was given back for it."""
    back: dict[tuple[int, str], tuple[int | None, datetime]] = {}
    for one in told:
        if one.kind == order_refunded.CODE and one.subject is not None:
            so_far = back.get((one.source_id, one.subject), (0, one.at))[0]
            whole = one.amount is None or so_far is None
            back[one.source_id, one.subject] = (None if whole else (so_far or 0) + (one.amount or 0), one.at)
    off = {(one.source_id, one.subject) for one in told if one.kind == order_cancelled.CODE}
    found = []
    for one in told:
        if one.kind != order_completed.CODE or (one.source_id, one.key) in off:
            continue
        paid = one.amount or 0
        amount, back_at = back.get((one.source_id, one.key), (0, None))
        returned = paid if amount is None else min(amount, paid)
        found.append(
            Bought(
                one.fact_id, one.at, one.day, paid, one.store_id, one.product, one.pieces, one.online, returned, back_at
            )
        )
    return found


def _moved(groups: dict[int, int], at: datetime) -> defaultdict[int, list[Moved]]:
    rows = bulk.run(
        connection,
        """SELECT k.customer_id, k.kind, k.amount, k.at, k.actor FROM loyalty_command k
           WHERE k.customer_id = ANY(%b::bigint[]) AND k.at > %s AND k.at <= %s AND k.kind = ANY(%b::smallint[])
           ORDER BY k.at, k.id""",
        [
            bulk.Column("bigint", sorted(groups)), at - LOOKS_BACK, at,
            bulk.Column("smallint", [*SPENT, ItemKind.GRANT]),
        ],
    )  # fmt: skip
    own = _own(groups, rows)
    found: defaultdict[int, list[Moved]] = defaultdict(list)
    for customer_id, kind, amount, moment, actor in rows:
        who = groups[customer_id]
        found[who].append(Moved(moment, amount, kind in SPENT, kind == ItemKind.GRANT and (who, actor) in own))
    return found


def _own(groups: dict[int, int], rows: Sequence[tuple[object, ...]]) -> set[tuple[int, str]]:
    """(group, actor) where the e-mail that somebody of the staff signs in with is the group's."""
    if not any(row[1] == ItemKind.GRANT and str(row[4]).startswith(STAFF) for row in rows):
        return set()
    return _of_staff(groups)


def _of_staff(groups: dict[int, int]) -> set[tuple[int, str]]:
    """(group, actor) where the e-mail that somebody of the staff signs in with is the group's."""
    people = {one.email: f"{STAFF}{one.id}" for one in staff.staff()}
    mine = closeness.with_emails(list(people))
    return {(who, people[email]) for who, email in mine.items() if who in set(groups.values())}


def _own_served(groups: dict[int, int], since: datetime, at: datetime) -> dict[int, list[Served]]:
    """What staff did at tills for themselves."""
    steps = till.served_between(groups, since=since, until=at)
    if not steps:
        return {}
    own = _of_staff(groups)
    found: dict[int, list[Served]] = {}
    for customer_id, step in steps:
        who = groups[customer_id]
        if (who, step.actor) in own:
            given = Served(step.at, max(0, step.given.get(POINTS, 0)), step.stamped, step.facts)
            found.setdefault(who, []).append(given)
    return found


def _circles(young: Sequence[int], at: datetime) -> dict[int, list[Circle]]:
    """What young accounts share, and with whom."""
    if not young:
        return {}
    rows = bulk.run(
        connection,
        """SELECT DISTINCT m.kind, m.mark FROM loyalty_riskmark m JOIN customers_customer c ON c.id = m.customer_id
           WHERE c.canonical_id = ANY(%b::bigint[]) AND m.last_at > %s""",
        [bulk.Column("bigint", sorted(young)), at - RING],
    )
    shared = sharing([(MarkKind(kind), mark) for kind, mark in rows], at=at)
    beside = _rows(young)
    since = closeness.joined([one for who in (*shared.values(), *beside) for one in who])
    found: dict[int, list[Circle]] = {}
    for (kind, mark), who in shared.items():
        days = tuple(sorted(since[one] for one in who))
        for one in who:
            found.setdefault(one, []).append(Circle(kind, mark, days))
    asked = set(young)
    for row in beside:
        circle = Circle(MarkKind.PHONE, "phones", tuple(sorted(since[one] for one in row)))
        for one in row & asked:
            found.setdefault(one, []).append(circle)
    return found


def _rows(young: Sequence[int]) -> list[set[int]]:
    """Phones in a row: everybody in each, also who is further along than one phone sees; each row once."""
    near = closeness.phone_neighbours(young)
    far = closeness.phone_neighbours([other for others in near.values() for other in others if other not in near])
    near = {**far, **near}
    rows: list[set[int]] = []
    left = {one for one in young if one in near}
    while left:
        first = left.pop()
        row, ahead = {first}, [first]
        while ahead:
            more = [other for other in near.get(ahead.pop(), ()) if other not in row]
            row.update(more)
            ahead += more
        rows.append(row)
        left -= row
    return rows
