"""Reading playbooks, to-do lists, what is being done for a customer, and what came of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from django.db import connection

from regulars.core import bulk
from regulars.core.bilingual import Text
from regulars.playbooks.models import Playbook, Round, Task, TaskChange
from regulars.playbooks.returns import first_orders
from regulars.playbooks.rules import BACK_DAYS, REACHED, PlaybookView


def view(row: Playbook) -> PlaybookView:
    """A playbook as it is now."""
    return PlaybookView(
        row.pk, row.code, _either(row.names, row.code), row.trigger, row.kind, row.due_days, row.open_most,
        row.new_most, row.quiet_days, row.worth_percent, row.is_active, row.owner_id, _script(row.script),
    )  # fmt: skip


def _either(told: Mapping[str, str], otherwise: str = "") -> Text:
    """A name that staff typed; a language that they left out says what the other one says."""
    either = told.get("zh") or told.get("en") or otherwise
    return Text(told.get("zh") or either, told.get("en") or either)


def _script(told: Mapping[str, str]) -> Text:
    return Text(told.get("zh", ""), told.get("en", ""))


def playbooks(*, trigger: str | None = None) -> list[PlaybookView]:
    """All playbooks, oldest first; those with a trigger only when they are active."""
    rows = Playbook.objects.order_by("id")
    return [view(row) for row in (rows.filter(trigger=trigger, is_active=True) if trigger else rows)]


def playbook(playbook_id: int) -> PlaybookView | None:
    """One playbook, active or not."""
    row = Playbook.objects.filter(pk=playbook_id).first()
    return view(row) if row else None


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task with the run that it belongs to.

    Attributes:
        customer_id: Who stands for the group now.
        script: What to say, see words.script.
        cause, numbers: Why the run began, see words.cause.
        at_stake_minor: What is expected to be lost in a year, minor units.
        moved: How often it was put off.
    """

    id: int
    run_id: int
    playbook_id: int
    playbook: Text
    script: Text
    kind: str
    customer_id: int
    customer_name: str
    owner_id: int
    due_on: date
    state: str
    outcome: str
    note: str
    created_at: datetime
    ended_at: datetime | None
    ended_by_id: int | None
    cause: str
    numbers: Mapping[str, Any]
    at_stake_minor: int
    moved: int
    run_outcome: str

    def is_overdue(self, today: date) -> bool:
        """Whether it is open though its day has passed."""
        return self.state == "open" and self.due_on < today


TASKS = """
SELECT t.id, r.id, p.id, p.names::text, p.script::text, t.kind, k.id, k.name, t.owner_id, t.due_on, t.state, t.outcome,
       t.note, t.created_at, t.ended_at, t.ended_by_id, r.cause, r.numbers::text, r.at_stake_minor,
       (SELECT count(*) FROM playbooks_taskchange m WHERE m.task_id = t.id AND m.what = 'moved')::int, r.outcome
FROM playbooks_task t JOIN playbooks_run r ON r.id = t.run_id JOIN playbooks_playbook p ON p.id = r.playbook_id
JOIN customers_customer c ON c.id = r.customer_id JOIN customers_customer k ON k.id = c.canonical_id
"""


def task(task_id: int) -> TaskView | None:
    """One task."""
    found = _tasks("WHERE t.id = %s", [task_id])
    return found[0] if found else None


def todo(
    *, today: date, owner_id: int | None = None, until: date | None = None, most: int = 50, offset: int = 0
) -> list[TaskView]:
    """Open tasks: overdue ones first, then today's, then later ones; of each those with the most at stake first.

    Args:
        owner_id: Only this person's; everybody's if None.
        until: Only those due on this day or before.
    """
    return _tasks(
        """WHERE t.state = 'open' AND (%s::bigint IS NULL OR t.owner_id = %s) AND (%s::date IS NULL OR t.due_on <= %s)
           ORDER BY sign(t.due_on - %s::date), r.at_stake_minor DESC, t.id LIMIT %s OFFSET %s""",
        [owner_id, owner_id, until, until, today, most, offset],
    )


def ended(*, since: datetime, owner_id: int | None = None, most: int = 50) -> list[TaskView]:
    """Tasks that ended since a moment, the latest first: what can be looked at again, or taken back."""
    return _tasks(
        """WHERE t.ended_at >= %s AND (%s::bigint IS NULL OR t.owner_id = %s)
           ORDER BY t.ended_at DESC, t.id DESC LIMIT %s""",
        [since, owner_id, owner_id, most],
    )


def of_customer(canonical_id: int) -> list[TaskView]:
    """Every task about a customer (the whole group), the newest first."""
    return _tasks("WHERE c.canonical_id = %s ORDER BY t.created_at DESC, t.id DESC", [canonical_id])


def _tasks(where: str, parameters: list[Any]) -> list[TaskView]:
    return [_task(row) for row in bulk.run(connection, f"{TASKS} {where}", parameters)]


def _task(row: tuple[Any, ...]) -> TaskView:
    names, script, numbers = (orjson.loads(row[place]) for place in (3, 4, 17))
    return TaskView(*(*row[:3], _either(names), _script(script), *row[5:17], numbers, *row[18:]))


def due(*, owner_id: int, today: date) -> int:
    """How many open tasks of somebody are due today or overdue: what their menu shows on every page."""
    return Task.objects.filter(owner_id=owner_id, state="open", due_on__lte=today).count()


@dataclass(frozen=True, slots=True)
class TodoCounts:
    """Open tasks by when they are due, what they have at stake together, and those done since the day began."""

    overdue: int
    today: int
    later: int
    at_stake_minor: int
    done_today: int

    @property
    def open(self) -> int:
        """All that are open."""
        return self.overdue + self.today + self.later


def todo_counts(*, today: date, today_from: datetime, owner_id: int | None = None) -> TodoCounts:
    """How much there is to do; one person's, or everybody's if None.

    Args:
        today_from: When the business's day began.
    """
    rows = bulk.run(
        connection,
        """SELECT count(*) FILTER (WHERE t.state = 'open' AND t.due_on < %s),
             count(*) FILTER (WHERE t.state = 'open' AND t.due_on = %s),
             count(*) FILTER (WHERE t.state = 'open' AND t.due_on > %s),
             coalesce(sum(r.at_stake_minor) FILTER (WHERE t.state = 'open'), 0)::bigint,
             count(*) FILTER (WHERE t.state = 'done')
           FROM playbooks_task t JOIN playbooks_run r ON r.id = t.run_id
           WHERE (t.state = 'open' OR t.ended_at >= %s) AND (%s::bigint IS NULL OR t.owner_id = %s)""",
        [today, today, today, today_from, owner_id, owner_id],
    )
    return TodoCounts(*rows[0])


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a task, see models.TaskChange; `by_id` empty where it happened by itself."""

    at: datetime
    by_id: int | None
    what: str
    was: str
    became: str


def changes(task_id: int) -> list[Change]:
    """Everything that happened to a task, oldest first."""
    rows = TaskChange.objects.filter(task_id=task_id).order_by("id")
    return [Change(*row) for row in rows.values_list("at", "by_id", "what", "was", "became")]


@dataclass(frozen=True, slots=True)
class Results:
    """What came of runs. These people were not chosen by lot and nobody was held out: it says nothing about why.

    Attributes:
        runs: That began. open: Of them still open. reached: In which somebody spoke with the customer.
        came_back: Whose customer ordered within 30 days after the run began.
        too_early: Who has not come back yet, and whose 30 days are not over.
        by_outcome: Closed runs by outcome, see rules.RUN_OUTCOMES.
    """

    runs: int
    open: int
    reached: int
    came_back: int
    too_early: int
    by_outcome: Mapping[str, int]


def results(*, since: datetime, until: datetime, at: datetime, playbook_id: int | None = None) -> Results:
    """What came, as seen at a moment, of runs that began in [since, until)."""
    rows = bulk.run(
        connection,
        """SELECT id, customer_id, opened_at, outcome FROM playbooks_run
           WHERE opened_at >= %s AND opened_at < %s AND (%s::bigint IS NULL OR playbook_id = %s) ORDER BY opened_at""",
        [since, until, playbook_id, playbook_id],
    )
    came = first_orders(row[:3] for row in rows)
    ends = {row[0]: row[2] + timedelta(days=BACK_DAYS) for row in rows}
    back = {key for key, first in came.items() if first < min(ends[key], at)}
    by_outcome: dict[str, int] = {}
    for row in rows:
        if row[3]:
            by_outcome[row[3]] = by_outcome.get(row[3], 0) + 1
    return Results(
        runs=len(rows),
        open=sum(not row[3] for row in rows),
        reached=sum(by_outcome.get(outcome, 0) for outcome in REACHED),
        came_back=len(back),
        too_early=sum(key not in back and end > at for key, end in ends.items()),
        by_outcome=by_outcome,
    )


@dataclass(frozen=True, slots=True)
class RoundView:
    """A look of a playbook at a picture: what decisions about alerts name."""

    id: int
    playbook: PlaybookView
    day: date
    made_at: datetime
    considered: int
    raised: int


def rounds(round_ids: Iterable[int] | None = None, *, most: int = 30) -> list[RoundView]:
    """Rounds, the latest first: these, or the last ones."""
    books = {one.id: one for one in playbooks()}
    rows = Round.objects.order_by("-id")
    wanted = rows.filter(pk__in=list(round_ids)) if round_ids is not None else rows[:most]
    columns = wanted.values_list("id", "playbook_id", "day", "made_at", "considered", "raised")
    return [RoundView(row[0], books[row[1]], *row[2:]) for row in columns]
