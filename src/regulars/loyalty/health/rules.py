"""The programme's health in figures, and what they suggest. Pure; money in minor units, shares between 0 and 1."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from regulars.core.bilingual import Text

FEW_MEMBERS = 30
"""Fewer active members say nothing about shares."""
LOW_PARTICIPATION, LOW_USE, LOW_ACTIVITY, HIGH_COST, HIGH_LAPSE = 0.5, 0.2, 0.4, 0.05, 0.3


@dataclass(frozen=True, slots=True)
class HealthMonth:
    """A month: points earned, used and lapsed; members who bought, and those who used points; sales to members and in
    all, net."""

    month: date
    earned: int
    used: int
    expired: int
    buyers: int
    users: int
    members_sales: int
    sales: int


@dataclass(frozen=True, slots=True)
class Costs:
    """What the programme gave in the period: points used at what they are worth, coupons, benefits; minor units."""

    points: int
    coupons: int
    benefits: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.points + self.coupons + self.benefits


@dataclass(frozen=True, slots=True)
class Health:
    """The programme over a period.

    Attributes:
        since, until: The business days, half open.
        members, joined: How many there are at the end, and how many of them came in the period.
        buyers, users: Members who bought in the period, and those who used points in it; a merged group is one.
        tiers: Members by tier, from the lowest to the highest.
        unspent: Points that members hold now.
    """

    since: date
    until: date
    members: int
    joined: int
    buyers: int
    users: int
    months: tuple[HealthMonth, ...]
    costs: Costs
    tiers: tuple[int, ...]
    unspent: int

    @property
    def members_sales(self) -> int:
        """Net sales to members in the period."""
        return sum(month.members_sales for month in self.months)

    @property
    def sales(self) -> int:
        """All net sales in the period."""
        return sum(month.sales for month in self.months)

    @property
    def participation(self) -> float | None:
        """参与率: the members' share of all sales; None without sales."""
        return _share(self.members_sales, self.sales)

    @property
    def activity(self) -> float | None:
        """活跃率: the share of all members who bought in the period."""
        return _share(self.buyers, self.members)

    @property
    def use(self) -> float | None:
        """The share of those who bought who used points."""
        return _share(self.users, self.buyers)

    @property
    def earned(self) -> int:
        """Points earned in the period, less those clawed back."""
        return sum(month.earned for month in self.months)

    @property
    def burnt(self) -> int:
        """Points used in the period."""
        return sum(month.used for month in self.months)

    @property
    def lapsed(self) -> int:
        """Points that expired in the period."""
        return sum(month.expired for month in self.months)

    @property
    def burn(self) -> float | None:
        """兑换率: points used for each point earned in the same period."""
        return _share(self.burnt, self.earned)

    @property
    def cost(self) -> float | None:
        """What the programme gave, as a share of what members spent."""
        return _share(self.costs.total, self.members_sales)


class Finding(StrEnum):
    """What a figure suggests to look at."""

    PARTICIPATION = "participation"
    ACTIVITY = "activity"
    USE = "use"
    LAPSE = "lapse"
    COST = "cost"
    ONE_TIER = "one_tier"


SUGGESTIONS: dict[Finding, Text] = {
    Finding.PARTICIPATION: Text(
        "会员消费不到一半：收银时多问一句“是会员吗”，或给入会送点小礼。",
        "Less than half of the sales are members': ask for membership at the till, or give a small welcome.",
    ),
    Finding.ACTIVITY: Text(
        "多数会员这一年没来过：看看流失雷达，先请最有价值的回来。",
        "Most members have not come in this period: open the churn radar and win the most valuable back first.",
    ),
    Finding.USE: Text(
        "很少有人用积分：放一两件多数会员换得起的奖品，快到期前提醒一声。",
        "Few use their points: offer a reward that most can afford, and remind them before points lapse.",
    ),
    Finding.LAPSE: Text(
        "过期的积分太多：会员会觉得白攒了。延长有效期之前，先模拟一下成本。",
        "Many points lapse, and members feel it. Simulate a longer validity before you promise one.",
    ),
    Finding.COST: Text(
        "成本超过会员消费的 5%：模拟调低积分比例，或给规则设上限和预算。",
        "It costs more than 5% of what members spend: simulate fewer points, or give rules caps and budgets.",
    ),
    Finding.ONE_TIER: Text(
        "几乎所有人都在同一等级：门槛可能太高，等级就激励不了人。",
        "Nearly everybody is in one tier: the thresholds may be too far away to move anybody.",
    ),
}


def findings(health: Health) -> list[Finding]:
    """What to look at, the weightiest first; nothing of a programme that is too small to tell."""
    if health.buyers < FEW_MEMBERS:
        return []
    gone = health.burnt + health.lapsed
    asked: Sequence[tuple[Finding, bool]] = (
        (Finding.COST, (health.cost or 0) > HIGH_COST),
        (Finding.USE, health.earned > 0 and (health.use or 0) < LOW_USE),
        (Finding.LAPSE, bool(gone) and health.lapsed / gone > HIGH_LAPSE),
        (Finding.PARTICIPATION, health.participation is not None and health.participation < LOW_PARTICIPATION),
        (Finding.ACTIVITY, health.activity is not None and health.activity < LOW_ACTIVITY),
        (Finding.ONE_TIER, len(health.tiers) > 1 and max(health.tiers) > 0.97 * max(1, health.members)),
    )
    return [finding for finding, is_so in asked if is_so]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None
