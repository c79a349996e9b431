"""Simulate the programme: terms that nobody has promised yet, replayed over what really happened."""

from collections.abc import Callable, Generator
from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.flows.lanes import Lanes, lanes_for
from regulars.flows.settings import programme, today
from regulars.flows.transactions import again_if_contended
from regulars.insight.segments import insiders
from regulars.loyalty.actions import drafts
from regulars.loyalty.simulation import actions as simulation
from regulars.loyalty.simulation import queries, replay
from regulars.loyalty.simulation.budgets import Claims
from regulars.loyalty.simulation.past import Past
from regulars.loyalty.simulation.replay import Moment, Portion
from regulars.loyalty.simulation.rounds import Rounds, Turn, played
from regulars.loyalty.simulation.rules import Question
from regulars.loyalty.simulation.tally import Tally
from regulars.staff import actions as staff
from regulars.staff.rules import Actor, Once


def ask_simulation(*, question: Question, by: Actor, key: str, at: datetime, once: Once | None = None) -> int:
    """Keep a question, for `simulate_programme`, a job, to answer; returns its id.

    Args:
        key: Who asks, as the simulation keeps it.
        once: The same one asks for the same simulation.
    Raises:
        InvalidPolicy, InvalidQuestion: The terms contradict themselves, or the question makes no sense.
    """
    _, zone = programme()
    replay.terms(question, zone, at)

    def step() -> int:
        if once and (made := staff.done_before(by=by, action="programme.simulate", once=once)):
            return int(made)
        asked = simulation.ask(question=question, today=today(at), actor=key, at=at)
        staff.record(
            by=by, action="programme.simulate", at=at, subject_kind="simulation", subject_id=asked,
            detail=once.detail if once else None,
        )  # fmt: skip
        return asked

    return again_if_contended(step)


def simulate_programme(
    *, simulation_id: int, clock: Callable[[], datetime], lanes: int | None = None
) -> Generator[tuple[int, int], None, None]:
    """Answer a question that waits; yields (members replayed so far, all of them). Broken off, it starts again.

    Args:
        lanes: Processes that replay side by side; by the number of orders otherwise.
    """
    with simulation.answering(simulation_id=simulation_id, clock=clock) as wanted:
        if not wanted:
            return
        asked, (_, zone) = queries.run(simulation_id), programme()
        with replay.moment(asked.asked_at) as moment:
            with replay.seen(moment):
                under, portions = replay.terms(asked.question, zone, moment.at), replay.portions()
            rounds = Rounds(under, sum(portion.members for portion in portions))
            count = lanes or lanes_for(sum(portion.orders for portion in portions))
            told = {"question": asked.question, "moment": moment, "zone": zone}
            with Lanes(count, take=rounds.take) as side_by_side:
                for turn in rounds:
                    for place, portion in enumerate(portions):
                        simulation.note(simulation_id=simulation_id, done=rounds.done, whole=rounds.members)
                        yield rounds.done, rounds.members
                        side_by_side.put(place % count, replay_portion, portion=portion, turn=turn, **told)
                    side_by_side.finish()
        found, at = rounds.answer(asked.question), clock()

        def once() -> None:
            simulation.finish(simulation_id=simulation_id, found=found, at=at)
            drafts.mark_simulated(digest=asked.digest, actor=asked.asked_by, at=at)

        again_if_contended(once)
        yield rounds.members, rounds.members


def replay_portion(
    *, portion: Portion, question: Question, moment: Moment, zone: ZoneInfo, turn: Turn
) -> Claims | Tally:
    """One portion of a simulation; a lane's work. It reads the terms itself: rules do not travel between processes."""
    with replay.seen(moment):
        under = replay.terms(question, zone, moment.at, turn.shared)
        past = Past(*insiders.on_record(portion.after, portion.upto, under.draft.segments))
        return played(turn, portion, under, moment.at, past)
