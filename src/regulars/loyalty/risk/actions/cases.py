"""Deciding about a case: take it on, freeze, release, dismiss, and take back what its evidence earned.

Freezing and releasing are commands of the one fold, so late facts, merges and `verify` know of them.
"""

from datetime import datetime

from regulars.customers import queries as customers
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty.actions import commands
from regulars.loyalty.actions.commands import NothingToRelease
from regulars.loyalty.models import Command, RiskCase, RiskStep
from regulars.loyalty.risk import queries
from regulars.loyalty.risk.reach import reach_of
from regulars.loyalty.risk.rules import (
    UNSETTLED,
    WAITING,
    CaseEnded,
    CaseState,
    NoCase,
    NothingToReverse,
    SecondPersonNeeded,
    needs_second,
)
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


def release(
    *, case_id: int, actor: str, note: str, policies: Policies, at: datetime, alone_up_to: int = 0
) -> None:  # fmt: skip
    """Release a frozen account; what waited matures now. To be called inside a transaction.

    Args:
        alone_up_to: An account with more points takes a second person; 0: none does.
    Raises:
        NoCase, CaseEnded, SecondPersonNeeded: As they say.
    """
    row = _locked(case_id, (CaseState.FROZEN,))
    if alone_up_to:
        _check_alone(reach_of(queries.view_of(row), at=at).released, alone_up_to)
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
    *, case_id: int, points: int, key: str, actor: str, note: str, policies: Policies, at: datetime,
    alone_up_to: int = 0,
) -> bool:  # fmt: skip
    """Take points back that the evidence earned, at most so many as it named. To be called inside a transaction.

    Args:
        key: The same key and points again change nothing, however the case stands by then.
        alone_up_to: More than this, with what was taken back before, takes a second person; 0: nothing does.
    Returns:
        Whether it was done now, not with this key before.
    Raises:
        NoCase, CaseEnded, SecondPersonNeeded: As they say.
        NothingToReverse: The evidence names fewer points, or the customer cannot spend so many by now; `points` in the
            context says how many.
        KeyReused: The key was used for other points.
    """
    row, whole = _locked(case_id, tuple(CaseState)), f"risk:{case_id}:{key}"
    again = Command.objects.filter(key=whole).exists()
    if not again:
        _check_state(row, UNSETTLED)
        reach = reach_of(queries.view_of(row), at=at)
        if points > reach.takes:
            raise NothingToReverse("So many points cannot be taken back.", points=reach.takes)
        _check_alone(points + reach.taken_back, alone_up_to)
    try:
        commands.decide(
            kind=ItemKind.DEDUCT, customer_id=row.customer_id, amount=points, key=whole, at=at, policies=policies,
            actor=actor, note=note,
        )  # fmt: skip
    except InsufficientPoints as error:
        raise NothingToReverse("So many points are not there any more.", points=error.context["spendable"]) from error
    if not again:
        _keep(row, "reversed", actor, at, note, points=points)
    return not again


def _check_alone(points: int, limit: int) -> None:
    if needs_second(points, limit):
        raise SecondPersonNeeded(f"More than {limit} points are moved by two people.", most=limit)


def _locked(case_id: int, states: tuple[CaseState, ...]) -> RiskCase:
    """A case in one of these states, locked: of two people at once the second sees what the first did."""
    row = RiskCase.objects.select_for_update(no_key=True).filter(pk=case_id).first()
    if row is None:
        raise NoCase("There is no such case.")
    _check_state(row, states)
    return row


def _check_state(row: RiskCase, states: tuple[CaseState, ...]) -> None:
    if row.state not in states:
        raise CaseEnded("This case was decided meanwhile.", state=row.state)


def _keep(row: RiskCase, action: str, actor: str, at: datetime, note: str = "", *, points: int = 0) -> None:
    row.changed_at = at
    row.save()
    RiskStep.objects.create(case=row, at=at, action=action, actor=actor, note=note, points=points)
