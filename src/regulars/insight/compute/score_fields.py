"""Labels and scores of the picture as fields: what RFM, contribution, lifecycle, value and churn say of a customer."""

from collections.abc import Mapping

from regulars.core.bilingual import Text
from regulars.core.conditions import Choice, Field, FieldType
from regulars.insight.compute.contribution import CLASSES
from regulars.insight.compute.lifecycle import STAGES
from regulars.insight.compute.pictures import TAGS
from regulars.insight.compute.rfm import EIGHT, TEN

LEVELS = {
    "low": Text("低", "low"),
    "medium": Text("中", "medium"),
    "high": Text("高", "high"),
    "lost": Text("已离开较久", "already away"),
    "unknown": Text("还看不出", "not known yet"),
}


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
        "tier",
        "programme",
        Text("等级", "Tier"),
        Text("刷新那天的会员等级。", "The tier on the day of the refresh."),
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
"""What stands beside the features; choices of 'tier' and 'tags' are the shop's own."""
