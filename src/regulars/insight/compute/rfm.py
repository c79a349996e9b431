"""RFM: recency, frequency and money, each scored 1 to 5, and two systems of names over the scores.

A score says in which fifth of the customers a value falls, so equal values score alike on every run. Frequency and
money: 6 - ceil(5 × cume_dist()) over the values from the largest down, so a tie gets the lowest fifth it reaches: when
half of all customers came once, once scores 1. Recency: ceil(5 × cume_dist()) over the days from the longest silence
down, by which a tie gets the best. These are the bins of the R package rfm.

The Chinese eight (重要价值 … 一般挽留) ask of each score whether it is above the mean score of all customers. The mean
and not the median: scores have only five values, so the median often is the top of its own tie and nobody is above.
The ten international names are cells of the grid recency × frequency; each of the 25 cells has one name.
"""

from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from regulars.insight.compute.cards import Text, Verdict

FIFTHS = 5


class Group(NamedTuple):
    """What a group of customers is called, and what to do for them."""

    name: Text
    advice: Text


# Above the mean in (recency, frequency, money).
EIGHT_OF: dict[tuple[bool, bool, bool], str] = {
    (True, True, True): "key_value",
    (True, False, True): "key_develop",
    (False, True, True): "key_keep",
    (False, False, True): "key_win_back",
    (True, True, False): "general_value",
    (True, False, False): "general_develop",
    (False, True, False): "general_keep",
    (False, False, False): "general_win_back",
}
EIGHT: dict[str, Group] = {
    "key_value": Group(
        Text("重要价值客户", "Key customers to treasure"),
        Text(
            "近来常来，花得也多：用专属服务和优先权留住，不必打折。",
            "Here lately, often, and spending well: thank them with service and early access, not with discounts.",
        ),
    ),
    "key_develop": Group(
        Text("重要发展客户", "Key customers to develop"),
        Text(
            "近来来过，花得多但来得少：给一个很快再来的理由。",
            "Here lately and spending well, but seldom: give them a reason to come again soon.",
        ),
    ),
    "key_keep": Group(
        Text("重要保持客户", "Key customers to keep"),
        Text(
            "以前常来，花得也多，最近没来：主动问候，看看出了什么问题。",
            "They came often and spent well, but not lately: get in touch and find out what went wrong.",
        ),
    ),
    "key_win_back": Group(
        Text("重要挽留客户", "Key customers to win back"),
        Text(
            "花得多，来得少，也很久没来：值得打个电话，或送一份像样的礼。",
            "They spent well, came seldom and have been away for long: worth a call or a real gift.",
        ),
    ),
    "general_value": Group(
        Text("一般价值客户", "Regulars who spend little"),
        Text(
            "近来常来，但每次花得不多：推荐搭配和更合适的商品。",
            "Here lately and often, but spending little: suggest what goes with what they buy.",
        ),
    ),
    "general_develop": Group(
        Text("一般发展客户", "Newer customers to develop"),
        Text("近来来过，还不常来：用新客礼引导第二次。", "Here lately, not often yet: invite them to a second visit."),
    ),
    "general_keep": Group(
        Text("一般保持客户", "Small regulars to keep"),
        Text(
            "以前常来，花得不多，最近没来：发一条轻松的提醒就好。",
            "They came often for little, but not lately: a light reminder is enough.",
        ),
    ),
    "general_win_back": Group(
        Text("一般挽留客户", "Customers who drifted away"),
        Text(
            "来得少，花得少，也很久没来：只用低成本的方式联系。",
            "They came seldom for little, long ago: reach out only where it costs next to nothing.",
        ),
    ),
}

TEN: dict[str, Group] = {
    "champions": Group(
        Text("冠军客户", "Champions"),
        Text(
            "刚来过，来得最勤：请他们先试新品，请他们推荐朋友。",
            "Here just now and most often: let them try first and bring friends.",
        ),
    ),
    "loyal": Group(
        Text("忠诚客户", "Loyal"),
        Text(
            "来得勤：给会员权益，听听他们的意见。",
            "They come often: offer membership benefits and ask for their views.",
        ),
    ),
    "potential_loyalist": Group(
        Text("潜在忠诚客户", "Potential loyalists"),
        Text(
            "近来来过几次：介绍会员计划，推荐下一件。",
            "Here a few times lately: tell them about membership, suggest what comes next.",
        ),
    ),
    "new": Group(
        Text("新客户", "New customers"),
        Text(
            "刚来第一回：好好欢迎，帮他们用好买到的东西。",
            "Here just now, hardly before: welcome them and help them enjoy what they bought.",
        ),
    ),
    "promising": Group(
        Text("有希望的客户", "Promising"),
        Text(
            "不久前来过，次数还少：保持印象，送一点小惊喜。",
            "Here not long ago, seldom so far: stay in mind, offer a small surprise.",
        ),
    ),
    "need_attention": Group(
        Text("需要关注的客户", "Need attention"),
        Text(
            "都在中间：限时的贴心建议能让他们再来。",
            "In the middle in both: a timely personal suggestion brings them back.",
        ),
    ),
    "about_to_sleep": Group(
        Text("即将沉睡的客户", "About to sleep"),
        Text("有一阵没来，次数也少：提醒他们喜欢过什么。", "A while ago and seldom: remind them of what they liked."),
    ),
    "at_risk": Group(
        Text("有流失风险的客户", "At risk"),
        Text(
            "以前来得多，很久没来：发个人化的问候，给出回来的理由。",
            "They came more often, but long ago: a personal note and a reason to return.",
        ),
    ),
    "cannot_lose": Group(
        Text("不能失去的客户", "Cannot lose them"),
        Text(
            "以前最勤，很久没来：由人联系，先听再给优惠。",
            "They came most often, but long ago: have a person call, listen first, offer second.",
        ),
    ),
    "hibernating": Group(
        Text("冬眠客户", "Hibernating or lost"),
        Text(
            "很久没来，次数也少：换季时联系一次，没有回应就放下。",
            "Long ago and seldom: write once a season, and let go if nothing comes back.",
        ),
    ),
}  # fmt: skip
# Rows: recency score 1 to 5; columns: frequency score 1 to 5.
GRID: tuple[tuple[str, ...], ...] = (
    ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    ("about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"),
    ("promising", "potential_loyalist", "potential_loyalist", "loyal", "loyal"),
    ("new", "potential_loyalist", "potential_loyalist", "champions", "champions"),
)


def scores(features: ir.Table) -> ir.Table:
    """Scores and names of everybody who bought; who did not has no row.

    Args:
        features: With customer_id, recency_days, orders, spent_minor.
    Returns:
        customer_id, recency_score, frequency_score, monetary_score, rfm (like 543), rfm_eight (see EIGHT), rfm_ten
        (see TEN).
    """
    bought = features.filter(features.orders > 0)
    scored = bought.select(
        customer_id=bought.customer_id,
        recency_score=_fifth(bought.recency_days),
        frequency_score=FIFTHS + 1 - _fifth(bought.orders),
        monetary_score=FIFTHS + 1 - _fifth(bought.spent_minor),
    )
    names = ("recency_score", "frequency_score", "monetary_score")
    sums = scored.aggregate(customers=scored.count(), **{f"{name}_sum": scored[name].sum() for name in names})
    beside = scored.cross_join(sums)
    recency, frequency, monetary = (beside[name] for name in names)
    # Above the mean, on whole numbers: score × customers > sum of the scores.
    high = [beside[name] * beside.customers > beside[f"{name}_sum"] for name in names]
    return beside.select(
        "customer_id", *names, rfm=recency * 100 + frequency * 10 + monetary, rfm_eight=_eight(*high),
        rfm_ten=_ten(recency, frequency),
    )  # fmt: skip


def verdict(features: ir.Table) -> Verdict:
    """Whether the scores can tell customers apart. Reads the features once."""
    bought = features.filter(features.orders > 0)
    numbers = bought.aggregate(
        customers=bought.count(), recencies=bought.recency_days.nunique(), frequencies=bought.orders.nunique(),
        amounts=bought.spent_minor.nunique(),
    ).to_pyarrow().to_pylist()[0]  # fmt: skip
    if not numbers["customers"]:
        words = Text(
            "还没有顾客买过东西，没有可以打分的。", "Nobody has bought anything yet, so there is nothing to score."
        )
        return Verdict(False, "no_orders", words, numbers)
    if max(numbers["recencies"], numbers["frequencies"], numbers["amounts"]) == 1:
        words = Text(
            "{customers} 位顾客的购买情况完全一样，分数分不出高低。",
            "All {customers} customers bought alike, so scores cannot tell them apart.",
        )
        return Verdict(False, "alike", words, numbers)
    if numbers["customers"] < FIFTHS:
        words = Text(
            "只有 {customers} 位顾客买过，分五档还太少，仅供参考。",
            "Only {customers} customers have bought: too few for fifths, so take the scores lightly.",
        )
        return Verdict(False, "too_few", words, numbers)
    words = Text("按 {customers} 位买过的顾客打分。", "Scored over the {customers} customers who bought.")
    return Verdict(True, "serves", words, numbers)


def _fifth(value: ir.Value) -> ir.Value:
    """ceil(5 × cume_dist()) from the largest value down: 1 for the largest fifth, 5 for the smallest."""
    return (ibis.cume_dist().over(order_by=value.desc()) * FIFTHS).ceil().cast("int64")


def _eight(recency: ir.Value, frequency: ir.Value, monetary: ir.Value) -> ir.Value:
    key = recency.ifelse(4, 0) + frequency.ifelse(2, 0) + monetary.ifelse(1, 0)
    return ibis.cases(*((key == 4 * r + 2 * f + m, code) for (r, f, m), code in EIGHT_OF.items()))


def _ten(recency: ir.Value, frequency: ir.Value) -> ir.Value:
    cells = [
        ((recency == r) & (frequency == f), code) for r, row in enumerate(GRID, 1) for f, code in enumerate(row, 1)
    ]
    return ibis.cases(*cells)
