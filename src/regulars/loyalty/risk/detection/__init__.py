"""The risk rules: each looks at what one customer did lately, and says how odd it is. A new one is one file, one line.

Pure: the same activity gives the same signs, whenever and wherever it is looked at. No rule accuses: a score is a
reason for a person to look. Thresholds were set on made-up cafés and checked on others (`bench/risk.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from regulars.core.bilingual import Text
from regulars.loyalty.risk.detection import (
    circles,
    code_guessing,
    coupon_sharing,
    drained,
    event_floods,
    own_grants,
    own_till,
    refund_farming,
    split_orders,
    staff_scans,
    velocity,
)
from regulars.loyalty.risk.rules import Activity, Judged, Sign


@dataclass(frozen=True, slots=True)
class RiskRule:
    """A rule: its name, what a sign of it says, and how it finds them. `alone`: one sign of it can open a case."""

    name: Text
    says: Text
    find: Callable[[Activity], list[Sign]]
    alone: bool = True


RISK_RULES: Final[Mapping[str, RiskRule]] = {
    "velocity": RiskRule(velocity.NAME, velocity.SAYS, velocity.find),
    "split_orders": RiskRule(split_orders.NAME, split_orders.SAYS, split_orders.find),
    "refund_farming": RiskRule(refund_farming.NAME, refund_farming.SAYS, refund_farming.find),
    "staff_scans": RiskRule(staff_scans.NAME, staff_scans.SAYS, staff_scans.find),
    "own_grants": RiskRule(own_grants.NAME, own_grants.SAYS, own_grants.find),
    "own_till": RiskRule(own_till.NAME, own_till.SAYS, own_till.find),
    "shared_device": RiskRule(circles.DEVICE, circles.DEVICE_SAYS, circles.devices),
    "shared_address": RiskRule(circles.ADDRESS, circles.ADDRESS_SAYS, circles.addresses),
    "phones_in_a_row": RiskRule(circles.PHONES, circles.PHONES_SAYS, circles.phones),
    "code_guessing": RiskRule(code_guessing.NAME, code_guessing.SAYS, code_guessing.find),
    "coupon_sharing": RiskRule(coupon_sharing.NAME, coupon_sharing.SAYS, coupon_sharing.find),
    "event_floods": RiskRule(event_floods.NAME, event_floods.SAYS, event_floods.find),
    "drained": RiskRule(drained.NAME, drained.SAYS, drained.find, alone=False),
}
"""By code."""


def signs_of(activity: Activity, judged: Judged) -> list[Sign]:
    """Everything odd that nobody has judged yet, the oddest first; nothing if only rules speak that never do alone."""
    found = [sign for rule in RISK_RULES.values() for sign in rule.find(activity) if judged.is_new(sign, activity.at)]
    if not any(RISK_RULES[sign.rule].alone for sign in found):
        return []
    return sorted(found, key=lambda sign: (-sign.score, sign.rule, sign.key))
