"""Change what holds for every campaign: cap, hours, approval, what messages cost, the standing control group."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from regulars.experiments import standing
from regulars.flows.transactions import again_if_contended
from regulars.outreach import actions as outreach
from regulars.outreach import queries
from regulars.outreach.rules import OutreachSettings
from regulars.staff import actions as staff
from regulars.staff.rules import Actor


def change_outreach(
    *, told: OutreachSettings, control_percent: Decimal, costs: Mapping[str, Decimal], by: Actor, key: str, at: datetime
) -> None:
    """Keep these settings, with a line in the audit trail of what changed.

    Args:
        control_percent: How many of all customers no campaign reaches; 0 for no such group.
        costs: What a message costs by channel, minor units with decimals; one that is not named stays as it is.
        key: Who does it, as the control group's history keeps it.
    Raises:
        InvalidSettings, InvalidShare: One is out of range.
    """

    def once() -> None:
        before = {
            **asdict(queries.settings()),
            "control_percent": standing.share_percent(),
            "costs": queries.message_costs(),
        }
        outreach.change_settings(told=told)
        outreach.change_costs(costs=costs)
        standing.set_share(share_percent=control_percent, actor=key, at=at)
        after = {**asdict(told), "control_percent": control_percent, "costs": queries.message_costs()}
        changed = sorted(name for name in after if after[name] != before[name])
        staff.record(by=by, action="outreach.change", at=at, subject_kind="outreach", detail={"fields": changed})

    again_if_contended(once)
