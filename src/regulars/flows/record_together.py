"""Record single orders together: those that arrive while others are being written share the next transaction."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.core.turns import Turns
from regulars.facts.rules import Answer, NewFact
from regulars.flows.record_facts import record_facts
from regulars.loyalty.rules import Policies

FEW = 100
"""Facts in a request; more than that are a batch already and go alone."""

Asked = tuple[Sequence[NewFact], Policies, ZoneInfo, datetime]


def record_together(*, facts: Sequence[NewFact], policies: Policies, zone: ZoneInfo, at: datetime) -> list[Answer]:
    """What `record_facts` does, in one transaction with whatever other threads bring meanwhile."""
    if len(facts) > FEW:
        return record_facts(facts=facts, policies=policies, zone=zone, at=at)
    return turns.take((facts, policies, zone, at), kind=(id(policies), zone.key))


def _record(group: Sequence[Asked]) -> list[list[Answer]]:
    _, policies, zone, _ = group[0]
    facts = [fact for one in group for fact in one[0]]
    answers = iter(record_facts(facts=facts, policies=policies, zone=zone, at=max(at for *_, at in group)))
    return [[next(answers) for _ in one[0]] for one in group]


turns: Turns[Asked, list[Answer]] = Turns(_record)
