"""Verbs of risk control: follow what happens, decide about cases, and let a second person decide with one."""

from regulars.loyalty.risk.actions.adjusting import Adjusted, adjust
from regulars.loyalty.risk.actions.cases import dismiss, freeze, release, reverse, take_on
from regulars.loyalty.risk.actions.proposals import OwnProposal, ProposalEnded, approve, propose, refuse
from regulars.loyalty.risk.actions.watching import Round, look, to_freeze

__all__ = [
    "Adjusted",
    "OwnProposal",
    "ProposalEnded",
    "Round",
    "adjust",
    "approve",
    "dismiss",
    "freeze",
    "look",
    "propose",
    "refuse",
    "release",
    "reverse",
    "take_on",
    "to_freeze",
]
