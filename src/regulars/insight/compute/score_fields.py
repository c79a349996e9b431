"""Labels and scores of the picture as fields: what RFM, contribution, lifecycle, value and churn say of a customer."""

from collections.abc import Mapping

from regulars.core.bilingual import Text
from regulars.core.conditions import Choice, Field, FieldType
from regulars.insight.compute.contribution import CLASSES
from regulars.insight.compute.lifecycle import STAGES
from regulars.insight.compute.pictures import BIRTHDAY, SEGMENTS, TAGS
from regulars.insight.compute.rfm import EIGHT, TEN

LEVELS = {
    "low": Text("低", "low"),
    "medium": Text("中", "medium"),
    "high": Text("高", "high"),
    "lost": Text("已离开较久", "already away"),
    "unknown": Text("还看不出", "not known yet"),
}

CONTRACT_LEVELS = {
    **{code: LEVELS[code] for code in ("low", "medium", "high", "unknown")},
    "ended": Text("都已结束", "all ended"),
}


MONTHS = tuple(
    Text(*words)
    for words in (
        ("一月", "January"), ("二月", "February"), ("三月", "March"), ("四月", "April"), ("五月", "May"),
        ("六月", "June"), ("七月", "July"), ("八月", "August"), ("九月", "September"), ("十月", "October"),
        ("十一月", "November"), ("十二月", "December"),
    )
)  # fmt: skip


def _number(name: str, unit: str, family: str, label: Text, meaning: Text) -> Field:
    return Field(name, FieldType.NUMBER, unit, label, family=family, meaning=meaning)


def _choice(name: str, family: str, label: Text, meaning: Text, labels: Mapping[str, Text] | None = None) -> Field:
    choices = tuple(Choice(code, words) for code, words in (labels or {}).items())
    return Field(name, FieldType.CHOICE, "code", label, choices, family=family, meaning=meaning)


SCORES: tuple[Field, ...] = (
    _number(
        "recency_score",
        "score",
        "rfm",
        Text("R 分", "R score"),
        Text("最近来过的程度，5 分最近。", "How lately they came; 5 is the latest fifth."),
    ),
    _number(
        "frequency_score",
        "score",
        "rfm",
        Text("F 分", "F score"),
        Text("来得多勤，5 分最勤。", "How often they came; 5 is the top fifth."),
    ),
    _number(
        "monetary_score",
        "score",
        "rfm",
        Text("M 分", "M score"),
        Text("花得多少，5 分最多。", "How much they spent; 5 is the top fifth."),
    ),
    _choice(
        "rfm_eight",
        "rfm",
        Text("RFM 八类", "RFM group of eight"),
        Text(
            "最近、次数、金额各看是否高于平均，共八类。",
            "Eight groups, by whether recency, frequency and money are above the mean.",
        ),
        {code: group.name for code, group in EIGHT.items()},
    ),
    _choice(
        "rfm_ten",
        "rfm",
        Text("RFM 十类", "RFM group of ten"),
        Text("按 R 分和 F 分分成十类。", "Ten groups, by R and F score."),
        {code: group.name for code, group in TEN.items()},
    ),
    _choice(
        "stage",
        "lifecycle",
        Text("生命周期阶段", "Lifecycle stage"),
        Text("按本人的购买节奏判断。", "Judged by the customer's own rhythm."),
        {code: stage.name for code, stage in STAGES.items()},
    ),
    _choice(
        "contribution",
        "value",
        Text("贡献", "Contribution"),
        Text("近一年净消费里的分量；近一年没消费则为空。", "Their part in a year's net spend; empty without any."),
        CLASSES,
    ),
    _number(
        "loyalty_index",
        "score",
        "value",
        Text("忠诚度", "Loyalty index"),
        Text("0 到 100，由几部分行为加权而成。", "0 to 100, weighed from several parts of behaviour."),
    ),
    _number(
        "expected_orders",
        "orders",
        "value",
        Text("未来一年预计订单", "Orders expected in a year"),
        Text("模型预计未来 12 个月的订单数。", "What the model expects over the next 12 months."),
    ),
    _number(
        "value_minor",
        "minor",
        "value",
        Text("未来一年价值", "Value of the year ahead"),
        Text("预计订单今天值多少。", "What the expected orders are worth today."),
    ),
    _number(
        "p_alive",
        "share",
        "value",
        Text("仍是顾客的可能", "Chance of still being a customer"),
        Text("模型估计还会再来的概率。", "How likely the model thinks it that they have not left for good."),
    ),
    _number(
        "churn_risk",
        "share",
        "churn",
        Text("流失风险", "Churn risk"),
        Text(
            "不再来的概率；已流失或模型未启用则为空。",
            "How likely they are to stay away; empty if already away, or where no model serves.",
        ),
    ),
    _choice(
        "churn_level",
        "churn",
        Text("流失风险高低", "Level of churn risk"),
        Text("风险的高低，没有模型时按规则判断。", "The risk in a word; by a rule where no model serves."),
        LEVELS,
    ),
    _choice(
        "contract_level",
        "contract",
        Text("合同流失风险高低", "Level of contract risk"),
        Text("进行中的合同里风险最高的一份；没有合同则为空。", "Of their riskiest contract; empty without any."),
        CONTRACT_LEVELS,
    ),
    _number(
        "contract_risk",
        "share",
        "contract",
        Text("合同流失风险", "Contract risk"),
        Text(
            "进行中的合同终止的概率，取最高的一份。", "How likely a contract that runs is to end; the highest counts."
        ),
    ),
    _number(
        "contract_days_left",
        "days",
        "contract",
        Text("离合同到期", "Days to the contract's end"),
        Text(
            "离最近一份合同到期的天数；没有约定到期日则为空。",
            "To the soonest end agreed; empty where none lies ahead.",
        ),
    ),
    _number(
        "contracts_running",
        "count",
        "contract",
        Text("进行中的合同", "Contracts that run"),
        Text("刷新那天进行中的合同份数。", "How many run on the day of the refresh."),
    ),
    _choice(
        "tier",
        "programme",
        Text("等级", "Tier"),
        Text("截至刷新日前一天的会员等级。", "The tier at the end of the day before the refresh."),
    ),
    Field(
        BIRTHDAY,
        FieldType.ANNIVERSARY,
        "",
        Text("生日", "Birthday"),
        tuple(Choice(number, name) for number, name in enumerate(MONTHS, 1)),
        live=True,
        family="person",
        meaning=Text(
            "从今天起算；2 月 29 日出生的人，平年在 2 月 28 日过。",
            "Counted from today; 29 February is 28 February in other years.",
        ),
    ),
    Field(
        SEGMENTS,
        FieldType.SET,
        "",
        Text("所在人群", "Segments"),
        family="segments",
        meaning=Text("最近一次刷新时在哪些人群里。", "The segments that they were in at the last refresh."),
    ),
    Field(
        TAGS,
        FieldType.SET,
        "",
        Text("标签", "Tags"),
        live=True,
        family="tags",
        meaning=Text("现在挂着的标签，随时更新。", "The tags that hang there at this moment."),
    ),
)
"""What stands beside the features; choices of 'tier', 'segments' and 'tags' are the shop's own."""
