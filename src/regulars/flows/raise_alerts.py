"""Raise alerts: whoever came back needs none, and whoever came into danger becomes somebody's task, with a reason.

A call by the staff is care, not promotion, so nobody is held out.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from regulars.decisions import actions as decisions
from regulars.decisions.rules import About, AboutKind, NewDecision, Outcome
from regulars.insight import queries as insight
from regulars.playbooks import actions as playbooks
from regulars.playbooks import danger, queries
from regulars.playbooks.rules import CHURN_ALERT, Choice, Endangered, PlaybookView


def raise_alerts(*, zone: ZoneInfo, at: datetime) -> int:
    """Look at the picture once; returns how many runs began. Again for the same picture does nothing."""
    playbooks.install_presets(at=at)
    playbooks.close_returned(at=at)
    good = insight.last_good()
    if good is None:
        return 0
    found = danger.endangered()
    return sum(
        _round(playbook, good.day, found, zone=zone, at=at) for playbook in queries.playbooks(trigger=CHURN_ALERT)
    )


@transaction.atomic
def _round(playbook: PlaybookView, day: date, found: list[Endangered], *, zone: ZoneInfo, at: datetime) -> int:
    raised = playbooks.raise_many(
        playbook_id=playbook.id,
        day=day,
        found=found,
        floor_minor=danger.floor_minor(playbook),
        tell=danger.reasons,
        zone=zone,
        at=at,
    )
    about = About(AboutKind.ALERT, raised.round_id)
    decisions.record_many(about=about, decisions=[_decision(choice) for choice in raised.choices], at=at)
    return raised.runs


def _decision(choice: Choice) -> NewDecision:
    outcome = Outcome.CHOSEN if choice.is_chosen else Outcome.SUPPRESSED
    return NewDecision(choice.who.customer_id, outcome, choice.reason, choice.numbers)
