"""Taking a step of the till once, and marking it undone."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from regulars.core.calendar import business_date
from regulars.core.errors import DomainError
from regulars.customers import actions as customers
from regulars.customers import queries as customer_queries
from regulars.facts.rules import Answer, KeyReused, Outcome
from regulars.ledger import statements as ledger
from regulars.loyalty.checkout.rules import Step as CheckoutStep
from regulars.loyalty.checkout.rules import TooFarAhead, TooLate
from regulars.loyalty.currencies import FIRST_OWN, POINTS
from regulars.loyalty.models import TillStep
from regulars.loyalty.rewards.rules import Claim
from regulars.loyalty.rules import POINTS as POINTS_CODE
from regulars.loyalty.rules import Policies
from regulars.loyalty.till import queries
from regulars.loyalty.till.rules import (
    SKEW,
    ManagerNeeded,
    NothingToUndo,
    OffChanged,
    Serve,
    Shop,
    Step,
    check,
    needs_manager,
)


class AlreadyTaken(DomainError):
    """The same key was used at the same moment; what it came to can be read now."""

    code = "already_taken"


def earlier(serve: Serve) -> Step | None:
    """The step that was taken with this key, if it was this very step; undone or not.

    Raises:
        KeyReused: It was another one.
    """
    if (kept := queries.of_key(serve.key)) is None:
        return None
    step, digest = kept
    group = customer_queries.canonicals([step.customer_id, serve.customer_id])
    if digest != serve.digest or group.get(step.customer_id) != group.get(serve.customer_id):
        raise KeyReused("This key was used for something else; nothing was changed.")
    return step


def just_taken(serve: Serve) -> Step:
    """The step that somebody else took with this key at the same moment.

    Raises:
        KeyReused: The key stands for something else.
    """
    if (known := earlier(serve)) is None:
        raise KeyReused("This key was used for something else; nothing was changed.")
    return known


def check_now(serve: Serve, *, policies: Policies, at: datetime) -> None:
    """Whether a step can be taken, as far as that can be said before.

    Raises:
        TooFarAhead, TooLate: It has not happened yet, or is told too long after it did.
        NothingToRecord, TooManyStamps, NoSuchStamp, TillKeyMissing: As they say.
    """
    if serve.at > at + SKEW:
        raise TooFarAhead("This time lies ahead; check the till's clock.", field="at")
    days = policies.at(at).checkout.offline_days
    if serve.at < at - timedelta(days=days):
        raise TooLate(f"A till may tell at most {days} days later what it did while it was offline.", days=days)
    check(serve, events=policies.at(serve.at).earning)


def check_recorded(answers: Sequence[Answer]) -> None:
    """Whether all facts of a step were told for the first time.

    Raises:
        AlreadyTaken: Somebody told one of them before.
    """
    if any(one.outcome is not Outcome.RECORDED for one in answers):
        raise AlreadyTaken("This was done at the same moment.")


def take(
    serve: Serve,
    *,
    shop: Shop,
    at: datetime,
    store_id: int | None = None,
    facts: Sequence[int] = (),
    claim: Claim | None = None,
    used: CheckoutStep | None = None,
    off_minor: int = 0,
) -> Step:
    """Keep what was done with what it came to. To be called inside the transaction that does it.

    Args:
        used: The coupons and benefits that were used; `off_minor` what the order was told without.
    Raises:
        ManagerNeeded: Nobody has allowed it, so all of it is taken back with the transaction. What is told late was
            done already, and is only shown to managers.
        OffChanged: They take something else off than a moment before.
        AlreadyTaken: The key was used at the same moment.
    """
    if used is not None and sum(one.off_minor for one in (*used.coupons, *used.benefits)) != off_minor:
        raise OffChanged("What is taken off changed meanwhile; look at it again.")
    commands = [claim.command_id] if claim else []
    given = _given(serve.customer_id, list(facts), commands, shop.policies)
    points = given.get(POINTS_CODE, 0)
    if needs_manager(points, shop.limit) and not serve.allowed_by and not serve.told_late:
        raise ManagerNeeded(f"This moves {points} points; a manager allows it.", points=abs(points), most=shop.limit)
    try:
        with transaction.atomic():
            made = TillStep.objects.create(
                key=serve.key, kind=serve.kind, digest=serve.digest, customer_id=serve.customer_id,
                actor=serve.actor, allowed_by=serve.allowed_by, store_id=store_id, at=serve.at,
                business_date=business_date(serve.at, shop.zone), recorded_at=at, is_late=serve.told_late,
                amount=serve.amount, off_minor=off_minor, stamps=dict(serve.stamps), given=given,
                facts=list(facts), claim_id=claim.id if claim else None, checkout_id=used.id if used else None,
            )  # fmt: skip
    except IntegrityError as error:
        raise AlreadyTaken("This was done at the same moment.") from error
    found = queries.of_id(made.pk)
    assert found is not None
    return found


def lock_to_undo(step_id: int, *, actor: str, minutes: int, at: datetime) -> Step:
    """The step, with its customer's lock, if it is the last one of this person and fresh enough.

    Raises:
        NothingToUndo: It is not, or somebody was faster.
    """
    step = queries.of_id(step_id)
    if step is not None:
        customers.lock_groups([step.customer_id])
        last = queries.last_of(actor)
        fresh = last is not None and at - last.recorded_at <= timedelta(minutes=minutes)
        if last is not None and last.id == step_id and fresh:
            return last
    raise NothingToUndo(f"Only your own last step can be undone, for {minutes} minutes.", minutes=minutes)


def mark_undone(step: Step, *, actor: str, allowed_by: str, limit: int, at: datetime) -> None:
    """Keep that a step was undone. To be called inside the transaction that undoes it.

    Raises:
        ManagerNeeded: It moved so many points that a manager allows it.
    """
    points = step.given.get(POINTS_CODE, 0)
    if needs_manager(points, limit) and not allowed_by:
        raise ManagerNeeded(f"This moves {points} points; a manager allows it.", points=abs(points), most=limit)
    TillStep.objects.filter(pk=step.id, undone_at=None).update(
        undone_at=at, undone_by=actor, undo_allowed_by=allowed_by
    )


def _given(customer_id: int, facts: list[int], commands: list[int], policies: Policies) -> dict[str, int]:
    """What facts and commands gave and took, as the books say, by the currency's code."""
    who = customer_queries.canonicals([customer_id]).get(customer_id, customer_id)
    found: Counter[str] = Counter()
    for entry in ledger.of_origins(who, fact_ids=facts, command_ids=commands):
        if entry.currency == POINTS or entry.currency >= FIRST_OWN:
            found[policies.code_of(entry.currency)] += entry.change
    return {code: amount for code, amount in found.items() if amount}
