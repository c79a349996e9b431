"""Comparing an old programme with this one: what differs, and what is likely behind it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntFlag, StrEnum
from typing import Any

from regulars.core.bilingual import Text

SHORTLY_BEFORE_DAYS = 31
"""A refund or an expiry so long before the day may be what the old programme has not heard of."""


class Kind(StrEnum):
    """Where a member stands."""

    DIFFER = "differ"
    ONLY_OLD = "only_old"
    ONLY_NEW = "only_new"


class What(IntFlag):
    """What of a member differs."""

    POINTS = 1
    EXPIRY = 2
    GROWTH = 4
    TIER = 8
    COUPON = 16


class Reason(StrEnum):
    """What is likely behind a difference; the first that fits."""

    MISSING = "missing"
    NOT_IN_TABLE = "not_in_table"
    NOT_TAKEN = "not_taken"
    PENDING = "pending"
    AFTER = "after"
    REFUND = "refund"
    EXPIRED = "expired"
    ROUNDING = "rounding"
    MORE = "more"
    LESS = "less"
    EXPIRY = "expiry"
    GROWTH = "growth"
    TIER = "tier"
    COUPON = "coupon"


SAID: Mapping[str, Text] = {
    Reason.MISSING: Text(
        "这里没有这位会员：可能还没导入，或者原表里的号码不同。",
        "Nobody here has this number, phone or e-mail: not imported yet, or written differently.",
    ),
    Reason.NOT_IN_TABLE: Text(
        "原表里没有这位会员：可能是新入会的，或者导出时漏了。",
        "The old table does not have them: a new member, or left out of the export.",
    ),
    Reason.NOT_TAKEN: Text("这位会员的余额还没有转入。", "The balance of this member was never taken over."),
    Reason.PENDING: Text(
        "相差的正好是这里尚待生效的积分，原系统已经算作可用。",
        "Exactly what is still pending here; the old programme counts it as spendable.",
    ),
    Reason.AFTER: Text(
        "相差的正好是这一天之后发生的变动：原表可能导出得晚了。",
        "Exactly what happened after that day: the old table was probably written later.",
    ),
    Reason.REFUND: Text(
        "相差的正好是近一个月的退货扣回，原系统可能还没扣。",
        "Exactly what was clawed back within a month; the old programme may not have heard of the refund.",
    ),
    Reason.EXPIRED: Text(
        "相差的正好是近一个月到期的积分，原系统可能还没清零。",
        "Exactly what expired within a month; the old programme may not have cleared it.",
    ),
    Reason.ROUNDING: Text(
        "每笔消费相差不到 1 分，多半是取整方式不同。",
        "Less than one point for each purchase: probably another way of rounding.",
    ),
    Reason.MORE: Text(
        "这里的积分更多：原系统可能少记了订单，或者规则不同。看看这位会员的明细。",
        "More here: an order that the old programme lacks, or another rule. Look at the member's statement.",
    ),
    Reason.LESS: Text(
        "这里的积分更少：可能有订单没导入，或者规则不同。看看这位会员的明细。",
        "Less here: an order that was not imported, or another rule. Look at the member's statement.",
    ),
    Reason.EXPIRY: Text(
        "总数相同，到期日不同：两边的有效期规则不一样。",
        "The same points with other last days: the two programmes let points expire by different rules.",
    ),
    Reason.GROWTH: Text(
        "积分相同，成长值不同：成长值的规则或统计周期不一样。",
        "The same points and another growth value: other rules for growth, or another window.",
    ),
    Reason.TIER: Text(
        "只有等级不同：门槛或保级规则不一样。",
        "Only the tier differs: other thresholds, or another way of keeping tiers.",
    ),
    Reason.COUPON: Text(
        "只有优惠券不同：有的券只在一边能用。看看列出的券码。",
        "Only coupons differ: some can be used in one programme alone. Look at the codes that are listed.",
    ),
}
"""Reason → what is said of it."""


CODES: Mapping[str, Text] = {
    "missing": Text("这里没有", "not here"),
    "other": Text("这里是别人的", "somebody else's here"),
    "voided": Text("这里已作废", "taken back here"),
    "used": Text("这里已用掉", "used here"),
    "expired": Text("这里已过期", "ended here"),
    "only_here": Text("只有这里能用", "good here alone"),
}
"""What of an old code differs → how it is said."""


@dataclass(frozen=True, slots=True)
class Run:
    """One comparison. `problems` are [code, how often, first rows] of rows that could not be read."""

    id: int
    source: str
    as_of: date
    file_name: str
    made_at: datetime
    made_by: str
    compared: tuple[str, ...]
    rows: int
    refused: int
    problems: tuple[tuple[str, int, tuple[int, ...]], ...]
    agree: int
    differ: int
    only_old: int
    only_new: int
    old_points: int
    new_points: int

    @property
    def members(self) -> int:
        """Members that either programme knows of."""
        return self.agree + self.differ + self.only_old + self.only_new

    @property
    def apart(self) -> int:
        """Members of whom the two do not say the same."""
        return self.members - self.agree

    @property
    def points_apart(self) -> int:
        """Points more (or less) here, of members in both."""
        return self.new_points - self.old_points

    @property
    def share(self) -> float:
        """Per cent of the members of whom both say the same."""
        return 100 * self.agree / self.members if self.members else 100.0


@dataclass(frozen=True, slots=True)
class Difference:
    """One member of whom they do not; None where one of them says nothing. `expiries` is [(last day, old, new)].

    `codes` are (old code of a coupon, one of `CODES`).
    """

    id: int
    kind: Kind
    customer_id: int | None
    name: str
    row: int | None
    number: str
    what: What
    old_points: int | None
    new_points: int | None
    old_growth: int | None
    new_growth: int | None
    old_tier: int | None
    new_tier: int | None
    expiries: tuple[tuple[date | None, int, int], ...]
    reason: str
    codes: tuple[tuple[str, str], ...] = ()

    @property
    def points_apart(self) -> int | None:
        """Points more (or less) here."""
        if self.old_points is None or self.new_points is None:
            return None
        return self.new_points - self.old_points


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which differences: of a kind, of what (0: anything), for a reason; empty means all."""

    kind: str = ""
    what: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many differences there are by kind, by what, and by reason."""

    kinds: Mapping[str, int] = field(default_factory=dict)
    whats: Mapping[int, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)


def expiries_of(told: Any) -> tuple[tuple[date | None, int, int], ...]:
    """What is kept of expiries as dates, soonest first, never last."""
    found = [(date.fromisoformat(day) if day else None, int(old), int(new)) for day, old, new in told]
    return tuple(sorted(found, key=lambda one: one[0] or date.max))
