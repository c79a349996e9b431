"""Watch for what is odd: follow what happens, and freeze at once what the rules alone are sure of."""

from collections.abc import Callable, Iterator
from datetime import datetime

from regulars.flows.transactions import again_if_contended
from regulars.loyalty.risk import actions as risk
from regulars.loyalty.risk.rules import CaseEnded, Thresholds
from regulars.loyalty.rules import Policies
from regulars.staff import queries as staff


def watch_risk(*, policies: Policies, at: datetime) -> Iterator[risk.Round]:
    """Look at whoever did something since the last time, round by round; yields what each round did."""
    business = staff.business()
    thresholds = Thresholds(business.risk_review_score, business.risk_freeze_score)
    more = True
    while more:
        done = again_if_contended(lambda: risk.look(thresholds=thresholds, at=at))
        for case_id in risk.to_freeze(thresholds=thresholds):
            again_if_contended(_freezing(case_id, policies, at))
        yield done
        more = done.more


def _freezing(case_id: int, policies: Policies, at: datetime) -> Callable[[], None]:
    def once() -> None:
        try:
            risk.freeze(case_id=case_id, actor="", note="", policies=policies, at=at)
        except CaseEnded:
            return  # somebody has just decided about it

    return once
