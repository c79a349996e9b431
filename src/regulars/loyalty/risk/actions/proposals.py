"""Four eyes 双人复核: above a limit one person proposes, another one approves, and only then it is done."""

from datetime import datetime

from django.db import IntegrityError, transaction

from regulars.core.errors import DomainError
from regulars.facts.rules import KeyReused
from regulars.loyalty.actions import commands
from regulars.loyalty.currencies import POINTS
from regulars.loyalty.models import PointsProposal
from regulars.loyalty.risk import queries
from regulars.loyalty.risk.actions import cases
from regulars.loyalty.rules import ItemKind, Policies
from regulars.staff import queries as staff

COMMANDS = {"grant": ItemKind.GRANT, "deduct": ItemKind.DEDUCT}
RELEASE = "release"
KEY = "api:"


class OwnProposal(DomainError):
    """Somebody else has to approve what one proposed."""

    code = "own_proposal"


class ProposalEnded(DomainError):
    """It was approved, refused or withdrawn meanwhile, or never was there."""

    code = "proposal_ended"


def propose(
    *, kind: str, customer_id: int, amount: int, note: str, key: str, actor: str, at: datetime,
    case_id: int | None = None, currency: int = POINTS,
) -> int:  # fmt: skip
    """Write down what a second person is to approve; returns its id. The same key again gives the same proposal.

    Raises:
        KeyReused: The key was used for another proposal.
    """
    asked = {
        "kind": kind, "customer_id": customer_id, "amount": amount, "case_id": case_id, "currency": currency
    }  # fmt: skip
    try:
        with transaction.atomic():
            return PointsProposal.objects.create(**asked, key=key, note=note, proposed_by=actor, proposed_at=at).pk
    except IntegrityError as error:
        row = PointsProposal.objects.filter(key=key).first()
        if row is None or any(getattr(row, name) != value for name, value in asked.items()):
            raise KeyReused(f"The key {key} was used for another proposal.") from error
        return row.pk


def approve(*, proposal_id: int, actor: str, policies: Policies, at: datetime) -> queries.ProposalView:
    """Do what was proposed, in the proposer's name with the approver's beside it. To be called inside a transaction.

    Raises:
        ProposalEnded, OwnProposal: As they say.
        InsufficientPoints: There are fewer points by now; nothing was done, and the proposal still waits.
        CaseEnded: The case was decided meanwhile.
    """
    row = _waiting(proposal_id)
    if actor in (row.proposed_by, *_makers(row.proposed_by)):
        raise OwnProposal("Somebody else has to approve what you proposed.")
    if row.kind == RELEASE:
        cases.release(case_id=row.case_id or 0, actor=actor, note=row.note, policies=policies, at=at)
    elif row.case_id is not None:
        cases.reverse(
            case_id=row.case_id, points=row.amount, key=f"proposal:{row.pk}", actor=actor, note=row.note,
            policies=policies, at=at,
        )  # fmt: skip
    else:
        commands.decide(
            kind=COMMANDS[row.kind], customer_id=row.customer_id, amount=row.amount, key=f"proposal:{row.pk}", at=at,
            policies=policies, actor=row.proposed_by, note=row.note, currency=row.currency,
        )  # fmt: skip
    return _decided(row, "approved", actor, at)


def refuse(*, proposal_id: int, actor: str, at: datetime) -> queries.ProposalView:
    """Nothing is done; who proposed it takes it back in this way.

    Raises:
        ProposalEnded: As it says.
    """
    row = _waiting(proposal_id)
    return _decided(row, "withdrawn" if row.proposed_by == actor else "refused", actor, at)


def _makers(proposer: str) -> set[str]:
    """Who made the API keys of this name: whoever has a key propose something does not approve it either."""
    name = proposer.removeprefix(KEY)
    if name == proposer:
        return set()
    return {f"user:{one.created_by_id}" for one in staff.api_keys() if one.name == name and one.created_by_id}


def _waiting(proposal_id: int) -> PointsProposal:
    row = PointsProposal.objects.select_for_update(no_key=True).filter(pk=proposal_id, state="waiting").first()
    if row is None:
        raise ProposalEnded("Somebody decided about this meanwhile.")
    return row


def _decided(row: PointsProposal, state: str, actor: str, at: datetime) -> queries.ProposalView:
    row.state, row.decided_by, row.decided_at = state, actor, at
    row.save(update_fields=["state", "decided_by", "decided_at"])
    return queries.proposal_of(row)
