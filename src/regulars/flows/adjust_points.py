"""Grant or deduct by hand, or have a second person decide about it: whole, and again after a lost race."""

from datetime import datetime

from regulars.flows.transactions import again_if_contended
from regulars.loyalty.risk import actions as risk
from regulars.loyalty.risk.actions import Adjusted
from regulars.loyalty.risk.rules import Adjustment
from regulars.loyalty.rules import Policies
from regulars.staff.rules import Actor


def adjust_points(
    *, wanted: Adjustment, by: Actor, policies: Policies, at: datetime, alone_up_to: int, proposing: bool
) -> Adjusted:
    """Do it, or write it down for a second person; the same key and wish again gives the same answer."""
    return again_if_contended(
        lambda: risk.adjust(
            wanted=wanted, by=by, policies=policies, at=at, alone_up_to=alone_up_to, proposing=proposing
        )
    )  # fmt: skip
