"""Decide about a case of risk control, or about what a second person is asked: whole, and again after a lost race."""

from datetime import datetime

from regulars.flows.settings import programme
from regulars.flows.transactions import again_if_contended
from regulars.loyalty.risk import actions as risk
from regulars.loyalty.risk.queries import ProposalView


def freeze_account(*, case_id: int, actor: str, note: str, at: datetime) -> None:
    """Freeze the account that a case is about."""
    policies, _ = programme()
    again_if_contended(lambda: risk.freeze(case_id=case_id, actor=actor, note=note, policies=policies, at=at))


def release_account(*, case_id: int, actor: str, note: str, at: datetime, alone_up_to: int = 0) -> None:
    """Release it."""
    policies, _ = programme()
    again_if_contended(
        lambda: risk.release(
            case_id=case_id, actor=actor, note=note, policies=policies, at=at, alone_up_to=alone_up_to
        )
    )  # fmt: skip


def reverse_points(
    *, case_id: int, points: int, key: str, actor: str, note: str, at: datetime, alone_up_to: int = 0
) -> bool:  # fmt: skip
    """Take back points that its evidence names; returns whether that was not done with this key before."""
    policies, _ = programme()
    return again_if_contended(
        lambda: risk.reverse(
            case_id=case_id, points=points, key=key, actor=actor, note=note, policies=policies, at=at,
            alone_up_to=alone_up_to,
        )
    )  # fmt: skip


def dismiss_case(*, case_id: int, actor: str, note: str, at: datetime) -> None:
    """Nothing is wrong."""
    again_if_contended(lambda: risk.dismiss(case_id=case_id, actor=actor, note=note, at=at))


def approve_proposal(*, proposal_id: int, actor: str, at: datetime) -> ProposalView:
    """Do what somebody else proposed."""
    policies, _ = programme()
    return again_if_contended(lambda: risk.approve(proposal_id=proposal_id, actor=actor, policies=policies, at=at))
