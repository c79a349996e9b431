"""Export what a simulation means for each member, and record that it was done."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from regulars.core import tabular
from regulars.flows.settings import programme
from regulars.insight.segments import insiders
from regulars.loyalty.simulation import queries, replay
from regulars.loyalty.simulation.budgets import Sharing
from regulars.loyalty.simulation.past import Past
from regulars.loyalty.simulation.replay import Portion, Terms
from regulars.loyalty.simulation.rules import Question
from regulars.staff import actions as staff
from regulars.staff.rules import Actor

FIELDS: list[tuple[str, pa.DataType]] = [
    ("customer_id", pa.int64()), ("member", pa.string()), ("points_today", pa.int64()), ("points_draft", pa.int64()),
    ("difference", pa.int64()), ("tier_today", pa.string()), ("tier_draft", pa.string()),
]  # fmt: skip


def export_simulation(*, simulation_id: int, file: Path, actor: Actor, at: datetime) -> int:
    """Write a line for each member to whom anything happened, .csv or .parquet; returns how many.

    The history is replayed for it, up to the moment at which the simulation was asked for.

    Raises:
        NoSimulation: There is none.
        UnknownFormat: Another ending.
    """
    asked = queries.run(simulation_id)
    count = tabular.write(file, pa.schema(FIELDS), _rows(asked.question, asked.asked_at))
    staff.record(by=actor, action="books.export", at=at, subject_kind="simulation", detail={"rows": count})
    return count


def member_lines(*, simulation_id: int, after: int = 0) -> Iterator[tuple[Any, ...]]:
    """The same lines by customer id, in the order of `FIELDS`, while they are found; whoever hands them out records it.

    Args:
        after: Only those of customers with a higher id.
    Raises:
        NoSimulation: There is none.
    """
    asked = queries.run(simulation_id)
    return _rows(asked.question, asked.asked_at, after)


def _rows(question: Question, until: datetime, after: int = 0) -> Iterator[tuple[Any, ...]]:
    _, zone = programme()
    with replay.moment(until) as moment:
        with replay.seen(moment):
            under, portions = replay.terms(question, zone, moment.at), replay.portions()
        sharing = Sharing(under.version, under.shared)
        for shared in sharing.rounds():
            for portion in portions:
                with replay.seen(moment):
                    sharing.take(
                        replay.collect(portion, replace(under, shared=shared), moment.at, _past(portion, under))
                    )
        under = replace(under, shared=sharing.decided)
        for portion in (one for one in portions if one.upto > after):
            with replay.seen(moment):
                lines = replay.lines(portion, under, moment.at, _past(portion, under))
            yield from (line for line in lines if line[0] > after)


def _past(portion: Portion, under: Terms) -> Past:
    return Past(*insiders.on_record(portion.after, portion.upto, under.draft.segments))
