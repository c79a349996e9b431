"""Post a checked import in portions that can resume, in as many lanes as its size is worth."""

from collections import Counter
from collections.abc import Generator
from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.catalogue import actions as catalogue
from regulars.facts import actions as facts
from regulars.facts import queries as fact_queries
from regulars.flows.lanes import Lanes, lanes_for
from regulars.flows.record_facts import record_facts
from regulars.flows.transactions import again_if_contended
from regulars.loyalty.rules import Policies

BATCH = 5000


def post_import(
    *, import_id: int, policies: Policies, zone: ZoneInfo, at: datetime, lanes: int | None = None
) -> Generator[int, None, None]:
    """Post the staged facts of an import, from where it stopped; yields how many are posted so far.

    Args:
        lanes: Processes that post side by side when it begins; by its size otherwise.
    """
    again_if_contended(lambda: facts.move_to(import_id=import_id, status="posting", allowed=["ready", "posting"]))
    catalogue.describe_products(facts.staged_products(import_id))
    progress = fact_queries.import_progress(import_id)
    wanted = lanes or lanes_for(progress.staged)
    reached = again_if_contended(lambda: facts.open_lanes(import_id=import_id, lanes=wanted))
    with Lanes(len(reached)) as side_by_side:
        for portion in facts.staged_portions(import_id=import_id, reached=reached, most=BATCH):
            side_by_side.put(portion.lane, post_portion, portion=portion, policies=policies, zone=zone, at=at)
            yield progress.posted + side_by_side.done
        side_by_side.finish()
    yield progress.posted + side_by_side.done
    again_if_contended(lambda: facts.move_to(import_id=import_id, status="done", allowed=["posting"], at=at))


def post_portion(*, portion: facts.Portion, policies: Policies, zone: ZoneInfo, at: datetime) -> int:
    """Record the facts of a portion, and that it is posted; returns how many."""
    told = [facts.retold(text) for text in portion.told]

    def also(answers: list[facts.Answer]) -> None:
        facts.advance(portion=portion, outcome=Counter(answer.outcome.name.lower() for answer in answers))

    record_facts(facts=told, policies=policies, zone=zone, at=at, import_id=portion.import_id, also=also)
    return len(told)
