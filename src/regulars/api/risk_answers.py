"""Cases of risk control as the API tells them: ids, codes, figures and sentences; no names and no notes."""

from collections.abc import Iterable, Sequence
from typing import Any

from regulars.api.asked import Asked
from regulars.customers import noted
from regulars.customers import queries as customers
from regulars.loyalty.membership import number_of
from regulars.loyalty.risk import queries, words
from regulars.loyalty.risk.queries import CaseView, ProposalView, StepView
from regulars.loyalty.risk.reach import reach_of
from regulars.loyalty.risk.rules import Sign


def lines(cases: Sequence[CaseView], asked: Asked) -> list[dict[str, Any]]:
    """Cases for a list."""
    who = _people([one.customer_id for one in cases], asked)
    return [_case(one, who, asked) for one in cases]


def whole(case: CaseView, asked: Asked) -> dict[str, Any]:
    """A case with the facts behind it, the points that it reaches, its history, and what waits about the customer."""
    reach = reach_of(case, at=asked.at)
    return {
        **_case(case, _people([case.customer_id], asked), asked),
        "facts": case.facts,
        "points": {"earned": reach.named, "can_be_reversed": reach.takes, "reversed": reach.taken_back},
        "steps": [_step(one, asked) for one in queries.steps(case.id)],
        "proposals": [proposal(one, asked) for one in queries.waiting_proposals(customer_ids=[case.customer_id])],
    }


def proposal(one: ProposalView, asked: Asked) -> dict[str, Any]:
    """What a second person is to approve, or has decided about."""
    return {
        "proposal_id": one.id,
        "kind": "reverse" if one.kind == "deduct" and one.case_id else one.kind,
        "points": one.amount,
        "state": one.state,
        "proposed_by": one.proposed_by,
        "proposed_at": one.proposed_at.astimezone(asked.situation.zone),
    }


def _people(customer_ids: Iterable[int], asked: Asked) -> dict[int, dict[str, Any]]:
    """Customer → how they are called: by member number, and by the ids that the asking source has for them."""
    groups = customers.canonicals(set(customer_ids))
    ids = noted.external_ids(set(groups.values()), [asked.source])
    return {
        one: {"number": number_of(group), "ids": ids.get(group, {}).get(asked.source, [])}
        for one, group in groups.items()
    }


def _case(case: CaseView, who: dict[int, dict[str, Any]], asked: Asked) -> dict[str, Any]:
    zone = asked.situation.zone
    return {
        "case_id": case.id,
        "customer": who[case.customer_id],
        "state": case.state.value,
        "score": case.score,
        "signs": [_sign(one) for one in case.evidence],
        "opened_at": case.opened_at.astimezone(zone),
        "changed_at": case.changed_at.astimezone(zone),
        "looked_at_by": case.assignee or None,
        "decided_at": case.decided_at.astimezone(zone) if case.decided_at else None,
        "decided_by": case.decided_by or None,
    }


def _sign(sign: Sign) -> dict[str, Any]:
    return {
        "kind": sign.rule,
        "name": words.name_of(sign.rule)._asdict(),
        "score": sign.score,
        "said": words.sign_said(sign)._asdict(),
        "facts": list(sign.facts),
    }


def _step(one: StepView, asked: Asked) -> dict[str, Any]:
    at = one.at.astimezone(asked.situation.zone)
    return {"at": at, "action": one.action, "by": one.actor or None, "points": one.points}
