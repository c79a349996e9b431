"""Deciding about a case: take it on, freeze, release, dismiss, and take back what its evidence earned.

Freezing and releasing are commands of the one fold, so late facts, merges and `verify` know of them.
"""

from datetime import datetime

from regulars.customers import queries as customers
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty.actions import commands
from regulars.loyalty.actions.commands import NothingToRelease, Receipt
from regulars.loyalty.models import RiskCase, RiskStep
from regulars.loyalty.risk import queries
from regulars.loyalty.risk.rules import UNSETTLED, WAITING, CaseEnded, CaseState, NoCase, NothingToReverse
from regulars.loyalty.rules import ItemKind, Policies


def take_on(*, case_id: int, actor: str, at: datetime) -> None:
    """Somebody looks at a case; from now on the rules alone do not freeze it.

    Raises:
        NoCase, CaseEnded: As they say.
    """
    row = _locked(case_id, WAITING)
    if row.state == CaseState.REVIEWED and row.assignee == actor:
        return
    row.state, row.assignee = CaseState.REVIEWED, actor
    _keep(row, "taken", actor, at)


def freeze(*, case_id: int, actor: str, note: str, policies: Policies, at: datetime) -> None:
    """Freeze the account: what is earned stays pending, and nothing is spent. To be called inside a transaction.

    Raises:
        NoCase, CaseEnded: As they say.
    """
    row = _locked(case_id, WAITING)
    commands.decide(
        kind=ItemKind.FREEZE, customer_id=row.customer_id, amount=None, key=f"risk:{case_id}:freeze", at=at,
        policies=policies, actor=actor, note=note,
    )  # fmt: skip
    row.state, row.decided_at, row.decided_by = CaseState.FROZEN, at, actor
    _keep(row, "frozen", actor, at, note)


def release(*, case_id: int, actor: str, note: str, policies: Policies, at: datetime) -> None:
    """Release a frozen account; what waited matures now. To be called inside a transaction.

    Raises:
        NoCase, CaseEnded: As they say.
    """
    row = _locked(case_id, (CaseState.FROZEN,))
    canonical_id = customers.canonicals([row.customer_id])[row.customer_id]
    for one in sorted(queries.frozen([canonical_id]).get(canonical_id, {row.customer_id: None})):
        try:
            commands.decide(
                kind=ItemKind.UNFREEZE, customer_id=one, amount=None, key=f"risk:{case_id}:release:{one}", at=at,
                policies=policies, actor=actor, note=note,
            )  # fmt: skip
        except NothingToRelease:
            continue  # it was released in another way, which is what was asked for
    row.state, row.decided_at, row.decided_by = CaseState.RELEASED, at, actor
    _keep(row, "released", actor, at, note)


def dismiss(*, case_id: int, actor: str, note: str, at: datetime) -> None:
    """Nothing is wrong. The same evidence opens no other case.

    Raises:
        NoCase, CaseEnded: As they say.
    """
    row = _locked(case_id, WAITING)
    row.state, row.decided_at, row.decided_by = CaseState.DISMISSED, at, actor
    _keep(row, "dismissed", actor, at, note)


def reverse(
    *, case_id: int, points: int, key: str, actor: str, note: str, policies: Policies, at: datetime
) -> Receipt | None:
    """Take points back that the evidence earned, at most so many as it named. To be called inside a transaction.

    Raises:
        NoCase, CaseEnded: As they say.
        NothingToReverse: The customer cannot spend so many by now; `points` in the context says how many.
    """
    row = _locked(case_id, UNSETTLED)
    try:
        receipt = commands.decide(
            kind=ItemKind.DEDUCT, customer_id=row.customer_id, amount=points, key=f"risk:{case_id}:{key}", at=at,
            policies=policies, actor=actor, note=note,
        )  # fmt: skip
    except InsufficientPoints as error:
        raise NothingToReverse("So many points are not there any more.", points=error.context["spendable"]) from error
    if receipt.at >= at:  # the second click of two gets the first one's receipt
        _keep(row, "reversed", actor, at, note, points=points)
    return receipt


def _locked(case_id: int, states: tuple[CaseState, ...]) -> RiskCase:
    """A case in one of these states, locked: of two people at once the second sees what the first did."""
    row = RiskCase.objects.select_for_update(no_key=True).filter(pk=case_id).first()
    if row is None:
        raise NoCase("There is no such case.")
    if row.state not in states:
        raise CaseEnded("This case was decided meanwhile.", state=row.state)
    return row


def _keep(row: RiskCase, action: str, actor: str, at: datetime, note: str = "", *, points: int = 0) -> None:
    row.changed_at = at
    row.save()
    RiskStep.objects.create(case=row, at=at, action=action, actor=actor, note=note, points=points)
