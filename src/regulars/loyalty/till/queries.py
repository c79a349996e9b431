"""Reading what was done at tills."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from regulars.loyalty.models import TillStep
from regulars.loyalty.till.rules import Step, StepKind

MOST = 500
STEPS = TillStep.objects.select_related("store")


@dataclass(slots=True)
class Total:
    """What one person did on a day: sales with their money, stamps, rewards, steps undone, told late, allowed."""

    actor: str
    sales: int = 0
    paid: int = 0
    stamps: int = 0
    rewards: int = 0
    undone: int = 0
    late: int = 0
    given: Counter[str] = field(default_factory=Counter)


def of_key(key: str) -> tuple[Step, bytes] | None:
    """The step that was taken with this key, and the digest of what was asked."""
    row = STEPS.filter(key=key).first()
    return (_view([row])[0], bytes(row.digest)) if row else None


def of_id(step_id: int) -> Step | None:
    """One step."""
    return next(iter(_view(STEPS.filter(pk=step_id))), None)


def last_of(actor: str) -> Step | None:
    """The last step of a person that stands."""
    rows = STEPS.filter(actor=actor, undone_at=None).order_by("-pk")[:1]
    return next(iter(_view(rows)), None)


def of_day(day: date, *, stores: Sequence[int] | None, most: int = MOST) -> list[Step]:
    """Steps of a business day in these stores, the latest first; of every store if None."""
    rows = STEPS.filter(business_date=day)
    if stores is not None:
        rows = rows.filter(store_id__in=stores)
    return _view(rows.order_by("-at", "-pk")[:most])


def served_between(customer_ids: Iterable[int], *, since: datetime, until: datetime) -> list[tuple[int, Step]]:
    """(customer, step) of what stands and was done for these customers in (since, until], in the order of time."""
    rows = STEPS.filter(customer_id__in=list(customer_ids), at__gt=since, at__lte=until, undone_at=None)
    return [(one.customer_id, one) for one in _view(rows.order_by("at", "pk"))]


def totals(steps: Iterable[Step]) -> list[Total]:
    """What each person did, who did most first."""
    found: dict[str, Total] = {}
    for step in steps:
        one = found.setdefault(step.actor, Total(step.actor))
        one.late += step.is_late
        if step.undone_at is not None:
            one.undone += 1
            continue
        one.sales += step.kind is StepKind.SALE and step.amount is not None
        one.paid += step.paid or 0
        one.stamps += step.stamped
        one.rewards += step.kind is StepKind.REWARD
        one.given.update(step.given)
    return sorted(found.values(), key=lambda one: (-one.sales - one.stamps - one.rewards, one.actor))


def _view(rows: Iterable[TillStep]) -> list[Step]:
    return [
        Step(
            row.pk, row.key, StepKind(row.kind), row.customer_id, row.actor, row.allowed_by,
            row.store.code if row.store else "", row.at, row.recorded_at, row.is_late, row.amount, row.off_minor,
            row.stamps, row.given, tuple(row.facts), row.claim_id, row.checkout_id, row.undone_at, row.undone_by,
        )
        for row in rows
    ]  # fmt: skip
