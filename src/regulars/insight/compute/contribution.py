"""Core, important and ordinary customers 核心 / 重要 / 普通, by what they contribute to a year's net spend.

Customers are lined up by net spend of the last 365 days, the largest first. A customer is core as long as those who
spent more bring less than half of the total, important as long as they bring less than four fifths, else ordinary.
Only those who spent strictly more are counted, so equal values share a class, and a single customer is core. Who spent
nothing in that time has no class.
"""

import ibis
import ibis.expr.types as ir

from regulars.insight.compute.cards import Text, Verdict
from regulars.insight.compute.features.feature import ratio

CORE_PERCENT = 50
IMPORTANT_PERCENT = 80
CLASSES: dict[str, Text] = {
    "core": Text("核心客户", "Core"),
    "important": Text("重要客户", "Important"),
    "ordinary": Text("普通客户", "Ordinary"),
}
MEANINGS: dict[str, Text] = {
    "core": Text(
        "花得最多的少数人，合起来占近一年净消费的前 {core_percent}%。",
        "The few who spent most: together the first {core_percent}% of a year's net spend.",
    ),
    "important": Text(
        "接下来的一批，到 {important_percent}% 为止。", "Those who come next, up to {important_percent}%."
    ),
    "ordinary": Text("其余近一年消费过的顾客。", "All others who spent in the last year."),
}


def classes(
    features: ir.Table, *, core_percent: int = CORE_PERCENT, important_percent: int = IMPORTANT_PERCENT
) -> ir.Table:
    """The class of everybody who spent in the last 365 days: customer_id, contribution, contribution_share.

    Args:
        features: With customer_id and spent_365_minor.
        core_percent, important_percent: Where core and important end, 0 < core < important <= 100.
    Raises:
        ValueError: The boundaries are out of order.
    """
    if not 0 < core_percent < important_percent <= 100:
        raise ValueError("0 < core_percent < important_percent <= 100 is needed")
    spent = features.filter(features.spent_365_minor > 0).select("customer_id", spent=features.spent_365_minor)
    # By value first: a class is a matter of the value alone, and there are fewer values than customers.
    values = spent.group_by("spent").aggregate(amount=spent.spent.sum().cast("int64"))
    so_far = values.amount.sum().over(ibis.window(order_by=values.spent.desc(), preceding=(None, 0)))
    total = values.amount.sum().over(ibis.window())
    lined_up = values.mutate(above=so_far.cast("int64") - values.amount, total=total.cast("int64"))
    per_cent = lined_up.above * 100
    placed = lined_up.select(
        "spent",
        contribution=ibis.cases(
            (per_cent < lined_up.total * core_percent, "core"),
            (per_cent < lined_up.total * important_percent, "important"),
            else_="ordinary",
        ),
        contribution_share=ratio(lined_up.spent, lined_up.total, 6),
    )
    return spent.inner_join(placed, "spent").select("customer_id", "contribution", "contribution_share")


def verdict(features: ir.Table) -> Verdict:
    """Whether contribution tells customers apart. Reads the features once."""
    spent = features.filter(features.spent_365_minor > 0)
    numbers = (
        spent.aggregate(customers=spent.count(), amounts=spent.spent_365_minor.nunique()).to_pyarrow().to_pylist()[0]
    )
    if not numbers["customers"]:
        words = Text("近一年没有消费，分不出核心与普通。", "Nothing was spent in the last year, so nobody stands out.")
        return Verdict(False, "no_spend", words, numbers)
    if numbers["amounts"] == 1:
        words = Text(
            "近一年 {customers} 位顾客花得一样多，都算核心。",
            "All {customers} customers spent the same in the last year: all count as core.",
        )
        return Verdict(False, "alike", words, numbers)
    words = Text(
        "按近一年消费过的 {customers} 位顾客划分。", "Over the {customers} customers who spent in the last year."
    )
    return Verdict(True, "serves", words, numbers)
