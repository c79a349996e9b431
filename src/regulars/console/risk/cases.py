"""Cases and proposals as people read them."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.console import actors, reader
from regulars.customers import queries as customers
from regulars.flows.settings import programme
from regulars.ledger.rules import Currency
from regulars.loyalty.earning.taking import COUNTED
from regulars.loyalty.membership import number_of
from regulars.loyalty.risk import queries, words
from regulars.loyalty.risk.queries import CaseView, ProposalView
from regulars.loyalty.risk.reach import reach_of
from regulars.loyalty.risk.rules import WAITING, CaseState
from regulars.loyalty.rules import POINTS

STATES: Final[dict[CaseState, tuple[Promise, str]]] = {
    CaseState.OPEN: (_("To look at"), "warn"),
    CaseState.REVIEWED: (_("Being looked at"), "info"),
    CaseState.FROZEN: (_("Account frozen"), "err"),
    CaseState.RELEASED: (_("Released"), "ok"),
    CaseState.DISMISSED: (_("Dismissed"), "mute"),
}
"""What a state is called, and the tone of its pill."""
STEPS: Final[dict[str, Promise]] = {
    "opened": _("The rules found it"),
    "grown": _("The rules found more"),
    "taken": _("Taken on"),
    "frozen": _("Account frozen"),
    "released": _("Account released"),
    "dismissed": _("Dismissed: nothing is wrong"),
    "reversed": _("Points taken back"),
}
PROPOSED: Final[dict[str, Promise]] = {
    "grant": _("Grant points"),
    "deduct": _("Deduct points"),
    "release": _("Release an account"),
}


def lines(cases: Sequence[CaseView]) -> list[dict[str, Any]]:
    """Cases for a list: who, how odd, and why, in sentences."""
    names = customers.names(one.customer_id for one in cases)
    people = actors.names_of({one.assignee for one in cases if one.assignee})
    return [
        {
            "case": one,
            "id": str(one.id),
            **who(one.customer_id, names),
            "state": STATES[one.state][0],
            "tone": STATES[one.state][1],
            "says": [reader.said(words.sign_said(sign)) for sign in one.evidence],
            "assignee": people.get(one.assignee, ""),
            "grade": grade(one.score),
        }
        for one in cases
    ]


def who(customer_id: int, names: dict[int, tuple[int, str]]) -> dict[str, str]:
    """The customer a case is about: who stands for the group by now."""
    canonical_id, name = names.get(customer_id, (customer_id, ""))
    number = number_of(canonical_id)
    return {"name": name or number, "number": number}


def grade(score: int) -> str:
    """The tone of a score."""
    return "err" if score >= 90 else "warn" if score >= 70 else "mute"


def whole(case: CaseView) -> dict[str, Any]:
    """Everything about one case: evidence with the points that it earned, history, and what can be done."""
    [line] = lines([case])
    told = queries.steps(case.id)
    people = actors.names_of({one.actor for one in told})
    reach = reach_of(case, at=timezone.now())
    return {
        **line,
        "evidence": [
            {
                "name": reader.said(words.name_of(sign.rule)),
                "says": reader.said(words.sign_said(sign)),
                "score": sign.score,
                "grade": grade(sign.score),
                "facts": len(sign.facts),
            }
            for sign in case.evidence
        ],
        "named": reach.named,
        "taken_back": reach.taken_back,
        "takes": reach.takes,
        "balance": reach.balance,
        "is_waiting": case.state in WAITING,
        "is_frozen": case.state is CaseState.FROZEN,
        "history": [
            {
                "at": one.at,
                "said": STEPS.get(one.action, one.action),
                "by": people.get(one.actor, ""),
                "note": one.note,
                "points": one.points,
            }
            for one in reversed(told)
        ],
        "proposals": proposals(queries.waiting_proposals(customer_ids=[case.customer_id])),
    }


def proposals(found: Iterable[ProposalView]) -> list[dict[str, Any]]:
    """What waits for a second person."""
    found = list(found)
    names = customers.names(one.customer_id for one in found)
    people = actors.names_of({one.proposed_by for one in found})
    policies = programme()[0] if any(one.currency != Currency.POINTS for one in found) else None

    def amount(one: ProposalView) -> str:
        counted = COUNTED[POINTS] if policies is None else policies.counted[policies.code_of(one.currency)]
        return reader.said(counted.of(one.amount)) if one.amount else ""

    return [
        {
            "proposal": one, "amount": amount(one), "id": str(one.id), "what": PROPOSED[one.kind],
            "by": people[one.proposed_by],
            **who(one.customer_id, names),
        }
        for one in found
    ]  # fmt: skip


def frozen_banner(canonical_id: int) -> dict[str, Any] | None:
    """Since when this account is frozen, by whom, and why; None if it is not."""
    found = queries.frozen([canonical_id]).get(canonical_id)
    if not found:
        return None
    first = min(found.values(), key=lambda one: one.at)
    case_id = queries.unsettled_ids(sorted({*found, canonical_id}))
    case = queries.case(next(iter(case_id.values()))) if case_id else None
    return {
        "at": first.at,
        "by": actors.names_of([first.by])[first.by],
        "case": str(case.id) if case else "",
        "says": [reader.said(words.sign_said(sign)) for sign in case.evidence[:2]] if case else [],
    }
