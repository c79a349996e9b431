"""Lifecycle stages from each customer's own rhythm, and moves between them.

The stage is a pure function of the history before the day. Limits of silence, in whole days, follow from the usual gap
and its spread (see features/rhythm.py; with fewer than 3 purchase days these are the shop's):

    at risk after  max(7,  usual gap + 2 spreads)
    dormant after  max(30, usual gap + 4 spreads)
    churned after  max(90, usual gap + 8 spreads)

The first that holds is the stage:

1. new 获取: has never bought (a lead).
2. churned 流失, dormant 沉睡, at risk 挽留: silent for as many days as the limit or more.
3. won back 已挽回: came back in the last 90 days after an absence as long as the dormant limit.
4. new 获取: has bought on one day only.
5. growing 成长: 2 or 3 purchase days, or clearly more in the last 90 days than in the 90 before. Clearly: the
   difference of the two counts is at least twice the root of their sum, which chance alone brings once in 44 times.
6. active 维护: everybody else.

As few as 2 % of gaps exceed the churned limit whatever their distribution (Cantelli's inequality: 1 / (1 + k²) for k
spreads), 6 % the dormant and 20 % the at-risk limit.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir
import pyarrow

from regulars.insight.compute.cards import Text, Verdict
from regulars.insight.compute.features import build
from regulars.insight.compute.tables import Tables

LIMITS: dict[str, tuple[int, int]] = {"at_risk": (7, 2), "dormant": (30, 4), "churned": (90, 8)}  # least days, spreads
FORMING_DAYS = 3  # purchase days
CLEARLY = 2  # standard deviations: two Poisson counts of one rate differ by about the root of their sum


class Stage(NamedTuple):
    """A stage of the lifecycle: its name and what to do in it."""

    name: Text
    strategy: Text


STAGES: dict[str, Stage] = {
    "new": Stage(
        Text("获取", "New"),
        Text(
            "好好欢迎，让第一次、第二次购买顺顺利利。",
            "Welcome them well and make the first and second purchase easy.",
        ),
    ),
    "growing": Stage(
        Text("成长", "Growing"),
        Text(
            "趁热推荐别的品类，介绍会员权益。",
            "While they are keen, suggest other categories and show what membership gives.",
        ),
    ),
    "active": Stage(
        Text("维护", "Active"),
        Text("兑现承诺，答谢常客，少打扰。", "Keep promises, thank them for coming, and do not overdo messages."),
    ),
    "at_risk": Stage(
        Text("挽留", "At risk"),
        Text(
            "比平时久没来了：这几天就问候一声，给一个回来的理由。",
            "Quiet for longer than usual: get in touch now, with a reason to return.",
        ),
    ),
    "dormant": Stage(
        Text("沉睡", "Dormant"),
        Text("用他们喜欢过的东西唤醒，优惠给足一次。", "Wake them with what they used to like, and one good offer."),
    ),
    "churned": Stage(
        Text("流失", "Churned"),
        Text(
            "问清离开的原因；只对价值高的花力气赢回。",
            "Ask why they left; spend effort only on those who were worth much.",
        ),
    ),
    "won_back": Stage(
        Text("已挽回", "Won back"),
        Text(
            "回来不易：道声谢，别让上次的问题重演。",
            "They came back: thank them, and make sure the old trouble is gone.",
        ),
    ),
}  # fmt: skip
CAUSES: dict[str, Text] = {
    "never_bought": Text("认识 {tenure_days} 天了，还没买过。", "Known for {tenure_days} days, has not bought yet."),
    "first_purchase": Text("{recency_days} 天前第一次购买。", "Bought for the first time {recency_days} days ago."),
    "forming": Text(
        "已在 {purchase_days} 天里买过，习惯正在形成。", "Has bought on {purchase_days} days; a habit is forming."
    ),
    "more_often": Text(
        "近 90 天有 {purchase_days_90} 天来买，之前 90 天有 {purchase_days_90_before} 天。",
        "Bought on {purchase_days_90} of the last 90 days, on {purchase_days_90_before} of the 90 before.",
    ),
    "in_rhythm": Text(
        "{recency_days} 天前来过，通常每 {usual_gap_days} 天来一次。",
        "Came {recency_days} days ago, usually comes every {usual_gap_days}.",
    ),
    "came_back": Text(
        "离开 {absence_days} 天后，{back_days} 天前回来了。",
        "Came back {back_days} days ago after {absence_days} days away.",
    ),
    "silent_own": Text(
        "已 {recency_days} 天没来，通常每 {usual_gap_days} 天来一次。",
        "Silent for {recency_days} days, usually comes every {usual_gap_days}.",
    ),
    "silent_shop": Text(
        "已 {recency_days} 天没来，本店顾客通常隔 {usual_gap_days} 天再来。",
        "Silent for {recency_days} days; customers here usually return after {usual_gap_days}.",
    ),
    "silent_default": Text(
        "已 {recency_days} 天没来；本店还没有回头客，暂按 {usual_gap_days} 天判断。",
        "Silent for {recency_days} days; nobody has returned here yet, so {usual_gap_days} days are assumed.",
    ),
}
NUMBERS = (
    "recency_days", "usual_gap_days", "tenure_days", "purchase_days", "purchase_days_90", "purchase_days_90_before",
    "absence_days", "back_days",
)  # fmt: skip


def stage_of(features: ir.Table) -> ir.Table:
    """The stage of every customer.

    Columns: customer_id, stage, cause, at_risk_after_days, dormant_after_days, churned_after_days. The limits are null
    for who never bought. The numbers in the words of CAUSES are features of the same name.
    """
    limits = {f"{name}_after_days": _limit(features, *limit) for name, limit in LIMITS.items()}
    known = features.mutate(**limits)
    silence, came = known.recency_days, known.purchase_days
    silent = ibis.cases(
        (known.usual_gap_basis == "own", "silent_own"), (known.usual_gap_basis == "shop", "silent_shop"),
        else_="silent_default",
    )  # fmt: skip
    rise = known.purchase_days_90 - known.purchase_days_90_before
    both = known.purchase_days_90 + known.purchase_days_90_before
    more = (rise > 0) & (rise * rise >= both * CLEARLY**2)
    rules = (
        (came == 0, "new", ibis.literal("never_bought")),
        (silence >= known.churned_after_days, "churned", silent),
        (silence >= known.dormant_after_days, "dormant", silent),
        (silence >= known.at_risk_after_days, "at_risk", silent),
        ((known.absence_days >= known.dormant_after_days).fill_null(False), "won_back", ibis.literal("came_back")),
        (came == 1, "new", ibis.literal("first_purchase")),
        (came <= FORMING_DAYS, "growing", ibis.literal("forming")),
        (more, "growing", ibis.literal("more_often")),
    )
    return known.select(
        "customer_id",
        stage=ibis.cases(*((holds, stage) for holds, stage, _ in rules), else_="active"),
        cause=ibis.cases(*((holds, cause) for holds, _, cause in rules), else_="in_rhythm"),
        **{name: known[name] for name in limits},
    )


def stages(told: Tables, day: date) -> ir.Table:
    """The stage of every customer known by a day, with the numbers of its cause: reads the orders once.

    Columns: those of `stage_of` and NUMBERS.
    """
    features = build(told, day, ("recency", "tenure", "rhythm"))
    staged = stage_of(features)
    return staged.inner_join(features.select("customer_id", *NUMBERS), "customer_id")


def moves(before: ir.Table, after: ir.Table) -> ir.Table:
    """Who changed stage between two results of `stages`: customer_id, from_stage, to_stage, cause and its numbers.

    Who was not known before has a null from_stage. Who is not known any more (merged, erased) is left out.
    """
    earlier = before.select("customer_id", from_stage=before.stage)
    both = after.left_join(earlier, "customer_id").drop("customer_id_right")
    moved = both.filter(both.from_stage.isnull() | (both.from_stage != both.stage))
    return moved.select("customer_id", "from_stage", "cause", *NUMBERS, to_stage=moved.stage)


def history(told: Tables, days: Iterable[date]) -> Iterator[tuple[date, pyarrow.Table]]:
    """The moves up to each of these days, in order, from the second on: one reading of the orders for each day."""
    before: ir.Table | None = None
    for day in days:
        after = ibis.memtable(stages(told, day).to_pyarrow())
        if before is not None:
            yield day, moves(before, after).to_pyarrow()
        before = after


def flows(before: ir.Table, after: ir.Table) -> ir.Table:
    """How many went from which stage to which, those who stayed too.

    Columns: from_stage (null: not known yet), to_stage, customers.
    """
    earlier = before.select("customer_id", from_stage=before.stage)
    both = after.left_join(earlier, "customer_id").drop("customer_id_right").rename(to_stage="stage")
    return both.group_by("from_stage", "to_stage").aggregate(customers=both.count())


def said(language: str, cause: str, numbers: Mapping[str, Any]) -> str:
    """Why a customer is in the stage, in words, with the numbers of their row."""
    whole = {name: round(value) if isinstance(value, float) else value for name, value in numbers.items()}
    return CAUSES[cause].said(language, **whole)


def verdict(features: ir.Table) -> Verdict:
    """Whose rhythm the stages rest on. Reads the features once."""
    bought = features.filter(features.purchase_days > 0)
    numbers = bought.aggregate(
        customers=bought.count(),
        own=(bought.usual_gap_basis == "own").sum().fill_null(0),
        default=(bought.usual_gap_basis == "default").sum().fill_null(0),
    ).to_pyarrow().to_pylist()[0]  # fmt: skip
    if not numbers["customers"]:
        words = Text("还没有顾客买过东西，大家都在获取阶段。", "Nobody has bought anything yet: everybody is new.")
        return Verdict(False, "no_orders", words, numbers)
    if numbers["default"]:
        words = Text(
            "还没有顾客来过第二天，看不出节奏，暂按默认间隔判断。",
            "Nobody has come on a second day yet, so no rhythm is known and a default gap is assumed.",
        )
        return Verdict(False, "no_rhythm", words, numbers)
    words = Text(
        "{customers} 位顾客中有 {own} 位按自己的节奏判断，其余按本店的。",
        "Of {customers} customers {own} are judged by their own rhythm, the others by the shop's.",
    )
    return Verdict(True, "serves", words, numbers)


def _limit(features: ir.Table, least: int, spreads: int) -> ir.Value:
    limit = (features.usual_gap_days + features.usual_spread_days * spreads).ceil().cast("int64")
    return ibis.cases((features.purchase_days > 0, ibis.greatest(limit, least)))
