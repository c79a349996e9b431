"""Reading cases, their history, proposals, and who is frozen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Q

from regulars.core import bulk
from regulars.loyalty.currencies import POINTS
from regulars.loyalty.models import PointsProposal, RiskCase, RiskStep
from regulars.loyalty.risk.rules import UNSETTLED, WAITING, CaseState, Judged, Sign
from regulars.loyalty.rules import ItemKind

PAGE = 20


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case; `customer_id` stood for the group when it was opened."""

    id: int
    customer_id: int
    state: CaseState
    score: int
    evidence: tuple[Sign, ...]
    opened_at: datetime
    changed_at: datetime
    assignee: str
    decided_at: datetime | None
    decided_by: str

    @property
    def facts(self) -> list[int]:
        """The facts that its evidence names."""
        return sorted({fact for sign in self.evidence for fact in sign.facts})


@dataclass(frozen=True, slots=True)
class StepView:
    """What was done about a case; `points` that were taken back."""

    at: datetime
    action: str
    actor: str
    note: str
    points: int


@dataclass(frozen=True, slots=True)
class ProposalView:
    """Points, or a release, that wait for a second person, or that one has decided about."""

    id: int
    kind: str
    customer_id: int
    case_id: int | None
    amount: int
    note: str
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    currency: int = POINTS


@dataclass(frozen=True, slots=True)
class Frozen:
    """Since when an account is frozen, by whom, and why."""

    at: datetime
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class Found:
    """What came of the cases that were opened in some time: how many, by state, and by rule."""

    cases: int
    by_state: dict[str, int]
    by_rule: dict[str, int]


def view_of(row: RiskCase) -> CaseView:
    """A row as it is read."""
    return CaseView(
        row.pk, row.customer_id, CaseState(row.state), row.score, tuple(Sign.read(one) for one in row.evidence),
        row.opened_at, row.changed_at, row.assignee, row.decided_at, row.decided_by,
    )  # fmt: skip


def case(case_id: int) -> CaseView | None:
    """One case."""
    row = RiskCase.objects.filter(pk=case_id).first()
    return view_of(row) if row else None


def waiting_count() -> int:
    """How many wait for somebody."""
    return RiskCase.objects.filter(state__in=WAITING).count()


def cases(states: Sequence[CaseState], *, offset: int = 0, most: int = PAGE) -> list[CaseView]:
    """Cases in these states, those with the highest score first."""
    rows = RiskCase.objects.filter(state__in=states).order_by("-score", "pk")
    return [view_of(row) for row in rows[offset : offset + most]]


def latest_cases(
    *, states: Sequence[CaseState] = (), rule: str = "", before: int | None = None, most: int = PAGE
) -> list[CaseView]:
    """Cases, the newest first: in these states, with a sign of this rule, older than a case; without, all."""
    rows = RiskCase.objects.order_by("-pk")
    if states:
        rows = rows.filter(state__in=states)
    if rule:
        rows = rows.filter(evidence__contains=[{"rule": rule}])
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [view_of(row) for row in rows[:most]]


def counts() -> dict[CaseState, int]:
    """How many cases are in each state; none in those that are left out."""
    rows = RiskCase.objects.values("state").annotate(n=Count("pk"))
    return {CaseState(row["state"]): row["n"] for row in rows}


def cases_of(customer_ids: Iterable[int], *, most: int = PAGE) -> list[CaseView]:
    """The cases of these customers (give the whole group), newest first."""
    rows = RiskCase.objects.filter(customer_id__in=set(customer_ids)).order_by("-opened_at", "-pk")
    return [view_of(row) for row in rows[:most]]


def unsettled_ids(customer_ids: Sequence[int]) -> dict[int, int]:
    """customer id → the case that stands about them."""
    rows = RiskCase.objects.filter(customer_id__in=customer_ids, state__in=UNSETTLED).order_by("pk")
    return dict(rows.values_list("customer_id", "pk"))


def steps(case_id: int) -> list[StepView]:
    """What was done about a case, oldest first."""
    rows = RiskStep.objects.filter(case_id=case_id).order_by("at", "pk")
    return [StepView(*row) for row in rows.values_list("at", "action", "actor", "note", "points")]


def found_since(since: datetime) -> Found:
    """What the rules found from an instant on. One case may show signs of several rules."""
    rows = list(RiskCase.objects.filter(opened_at__gte=since).values_list("state", "evidence"))
    by_state: dict[str, int] = {}
    by_rule: dict[str, int] = {}
    for state, evidence in rows:
        by_state[state] = by_state.get(state, 0) + 1
        for code in {sign["rule"] for sign in evidence}:
            by_rule[code] = by_rule.get(code, 0) + 1
    return Found(len(rows), by_state, by_rule)


def judged(groups: dict[int, int]) -> dict[int, Judged]:
    """Who stands for a group → what people released or dismissed about it.

    Args:
        groups: Every member of the groups → who stands for it.
    """
    rows = RiskCase.objects.filter(
        customer_id__in=list(groups), state__in=[CaseState.RELEASED, CaseState.DISMISSED]
    ).order_by("decided_at", "pk")
    found: dict[int, tuple[datetime, dict[tuple[str, str], tuple[int, datetime]]]] = {}
    for customer_id, at, evidence in rows.values_list("customer_id", "decided_at", "evidence"):
        if at is None:
            continue
        signs = found.get(groups[customer_id], (at, {}))[1]
        for sign in map(Sign.read, evidence):
            signs[sign.rule, sign.key] = (sign.score, at)
        found[groups[customer_id]] = (at, signs)
    return {who: Judged(*told) for who, told in found.items()}


def frozen(canonical_ids: Sequence[int]) -> dict[int, dict[int, Frozen]]:
    """Who stands for a group → those of the group whose account is frozen, and since when."""
    rows = bulk.run(
        connection,
        f"""SELECT DISTINCT ON (k.customer_id) c.canonical_id, k.customer_id, k.kind, k.at, k.actor, k.note
            FROM customers_customer c JOIN loyalty_command k ON k.customer_id = c.id
              AND k.kind IN ({int(ItemKind.FREEZE)}, {int(ItemKind.UNFREEZE)})
            WHERE c.canonical_id = ANY(%b::bigint[]) ORDER BY k.customer_id, k.at DESC, k.id DESC""",
        [bulk.Column("bigint", sorted(set(canonical_ids)))],
    )
    found: dict[int, dict[int, Frozen]] = {}
    for canonical_id, customer_id, kind, at, actor, note in rows:
        if kind == ItemKind.FREEZE:
            found.setdefault(canonical_id, {})[customer_id] = Frozen(at, actor, note)
    return found


def proposal(proposal_id: int) -> ProposalView | None:
    """One proposal."""
    row = PointsProposal.objects.filter(pk=proposal_id).first()
    return proposal_of(row) if row else None


def proposal_with(key: str) -> ProposalView | None:
    """The proposal that was made with this key."""
    row = PointsProposal.objects.filter(key=key).first()
    return proposal_of(row) if row else None


def waiting_proposals(*, customer_ids: Iterable[int] | None = None, most: int = 100) -> list[ProposalView]:
    """What waits for a second person, oldest first; of these customers only, if they are named."""
    about = Q() if customer_ids is None else Q(customer_id__in=set(customer_ids))
    rows = PointsProposal.objects.filter(about, state="waiting").order_by("proposed_at", "pk")
    return [proposal_of(row) for row in rows[:most]]


def proposal_of(row: PointsProposal) -> ProposalView:
    """A row as it is read."""
    return ProposalView(
        row.pk, row.kind, row.customer_id, row.case_id, row.amount, row.note, row.state, row.proposed_by,
        row.proposed_at, row.decided_by, row.decided_at, row.currency,
    )  # fmt: skip
