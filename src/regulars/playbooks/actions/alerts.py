"""Alerts: the customers who came into danger since the last look, and for whom a run begins."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.db import connection, transaction

from regulars.core import bulk
from regulars.core.calendar import business_date, start_of_day
from regulars.playbooks.actions.settings import NoPlaybook
from regulars.playbooks.models import Playbook, Round
from regulars.playbooks.owners import owners
from regulars.playbooks.queries import view
from regulars.playbooks.returns import first_orders
from regulars.playbooks.rules import WAIT_DAYS, Choice, Endangered, Held, PlaybookView, choose

OVER = "DELETE FROM playbooks_crossing WHERE playbook_id = %s AND customer_id <> ALL(%b::bigint[])"
CROSS = f"""
INSERT INTO playbooks_crossing (playbook_id, customer_id, since)
SELECT %s, n.customer_id, %s FROM {bulk.unnest("bigint")} AS n (customer_id)
JOIN customers_customer c ON c.id = n.customer_id AND c.listed
ON CONFLICT (playbook_id, customer_id) DO NOTHING
"""
WAITING = """
SELECT x.customer_id, x.since = %s FROM playbooks_crossing x
JOIN customers_customer c ON c.id = x.customer_id AND c.listed
WHERE x.playbook_id = %s AND x.run_id IS NULL AND x.since > %s
"""
# Of somebody's whole group: a run may name one who was merged since.
LAST_RUNS = """
SELECT c.canonical_id, bool_or(r.closed_at IS NULL), max(r.opened_at)
FROM playbooks_run r JOIN customers_customer c ON c.id = r.customer_id
WHERE r.playbook_id = %s AND (r.closed_at IS NULL OR r.opened_at > %s) AND c.canonical_id = ANY(%b::bigint[])
GROUP BY 1
"""
OPEN = f"""
INSERT INTO playbooks_run (playbook_id, customer_id, cause, numbers, at_stake_minor, day, opened_at, outcome)
SELECT %s, customer_id, %s, numbers::jsonb, at_stake, %s, %s, ''
FROM {bulk.unnest("bigint", "text", "bigint")} AS n (customer_id, numbers, at_stake)
RETURNING customer_id, id
"""
GIVE = f"""
INSERT INTO playbooks_task (run_id, kind, owner_id, due_on, state, outcome, note, created_at)
SELECT run_id, %s, owner_id, %s, 'open', '', '', %s FROM {bulk.unnest("bigint", "bigint")} AS n (run_id, owner_id)
"""
MARK = f"""
UPDATE playbooks_crossing x SET run_id = n.run_id FROM {bulk.unnest("bigint", "bigint")} AS n (customer_id, run_id)
WHERE x.playbook_id = %s AND x.customer_id = n.customer_id
"""
Tell = Callable[[Sequence[int]], Mapping[int, Mapping[str, Any]]]
"""customer ids → what the words of each one's cause are told with; asked for the chosen only."""


@dataclass(frozen=True, slots=True)
class Raised:
    """A round: what was decided about those who came into danger since the last one, and those chosen.

    Attributes:
        again: The round had been made before; then nothing was done and nothing is told.
    """

    round_id: int
    choices: tuple[Choice, ...] = ()
    again: bool = False

    @property
    def runs(self) -> int:
        """How many runs began."""
        return sum(choice.is_chosen for choice in self.choices)


@transaction.atomic
def raise_many(
    *, playbook_id: int, day: date, found: Sequence[Endangered], floor_minor: int, tell: Tell, zone: ZoneInfo,
    at: datetime,
) -> Raised:  # fmt: skip
    """Begin runs for the customers in danger who are worth it, each with a task for somebody; once for each picture.

    Whoever is in danger already since an earlier round and got no run then, because nobody was free, is chosen from
    again for some days. The row of the playbook is the lock: two rounds at once could give somebody too many tasks.

    Args:
        day: Of the picture. found: Everybody in danger by it.
        floor_minor: A year's spend below which nobody is alerted.
    Raises:
        NoPlaybook: There is none.
    """
    row = Playbook.objects.select_for_update(no_key=True).filter(pk=playbook_id).first()
    if row is None:
        raise NoPlaybook("There is no such playbook.")
    made, is_new = Round.objects.get_or_create(playbook_id=playbook_id, day=day, defaults={"made_at": at})
    if not is_new:
        return Raised(made.pk, again=True)
    playbook = view(row)
    ids = bulk.Column("bigint", sorted(one.customer_id for one in found))
    bulk.run(connection, OVER, [playbook_id, ids])
    bulk.run(connection, CROSS, [playbook_id, day, ids])
    rows = bulk.run(connection, WAITING, [day, playbook_id, day - timedelta(days=WAIT_DAYS)])
    is_news = {row[0]: row[1] for row in rows}
    considered = [one for one in found if one.customer_id in is_news]
    today = business_date(at, zone)
    choices = choose(
        considered,
        playbook=playbook,
        floor_minor=floor_minor,
        held=_held(playbook, considered, since=start_of_day(day, zone), zone=zone, at=at),
        owners=owners(today_from=start_of_day(today, zone)),
    )
    chosen = [choice for choice in choices if choice.is_chosen]
    _begin(playbook, chosen, tell([choice.who.customer_id for choice in chosen]), day=day, today=today, at=at)
    Round.objects.filter(pk=made.pk).update(considered=len(choices), raised=len(chosen))
    # What was said of those who still wait stays true, so it is not said again every day.
    return Raised(made.pk, tuple(one for one in choices if one.is_chosen or is_news[one.who.customer_id]))


def _held(
    playbook: PlaybookView, considered: Sequence[Endangered], *, since: datetime, zone: ZoneInfo, at: datetime
) -> Held:
    ids = [one.customer_id for one in considered]
    rows = bulk.run(
        connection,
        LAST_RUNS,
        [playbook.id, at - timedelta(days=playbook.quiet_days), bulk.Column("bigint", ids)],
    )
    return Held(
        open=frozenset(row[0] for row in rows if row[1]),
        quiet={row[0]: business_date(row[2], zone) for row in rows if not row[1]},
        came=frozenset(first_orders((one, one, since) for one in ids)),
    )


def _begin(
    playbook: PlaybookView, chosen: Sequence[Choice], told: Mapping[int, Mapping[str, Any]], *, day: date, today: date,
    at: datetime,
) -> None:  # fmt: skip
    if not chosen:
        return
    rows = sorted(
        (
            one.who.customer_id,
            orjson.dumps({**one.who.numbers, **told.get(one.who.customer_id, {})}).decode(),
            one.who.at_stake_minor,
        )
        for one in chosen
    )
    opened = dict(
        bulk.run(
            connection,
            OPEN,
            [playbook.id, playbook.trigger, day, at, *bulk.columns(rows, ("bigint", "text", "bigint"))],
        )
    )
    # In the order of what is at stake, so that of equals the older number is the more urgent one.
    given = [(opened[one.who.customer_id], one.owner_id) for one in chosen]
    due_on = today + timedelta(days=playbook.due_days)
    bulk.run(connection, GIVE, [playbook.kind, due_on, at, *bulk.columns(given, ("bigint", "bigint"))])
    bulk.run(connection, MARK, [*bulk.columns(sorted(opened.items()), ("bigint", "bigint")), playbook.id])
