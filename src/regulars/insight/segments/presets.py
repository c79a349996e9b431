"""Segments for a new shop: what an owner asks about first, made once and then the shop's own to change."""

from dataclasses import dataclass, replace
from typing import Any, Final

from regulars.core.bilingual import Text

QUIET_DAYS: Final = 30
"""Nobody was away for long before so many days have passed, however often they came; each trade has its own."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A segment as it is made for a new shop. `tree` is JSON; its numbers are there to be changed."""

    code: str
    name: Text
    tree: dict[str, Any]


def _is(field: str, op: str, value: Any = None) -> dict[str, Any]:
    told = {"field": field, "op": op}
    return told if value is None else {**told, "value": value}


def _all(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"all": list(parts)}


PRESETS = (
    Preset(
        "regulars",
        Text("熟客", "My regulars"),
        _all(_is("purchase_days", "ge", 4), _is("silence_ratio", "le", 2)),
    ),
    Preset(
        "newcomers",
        Text("新客", "Newcomers"),
        _all(_is("orders", "ge", 1), _is("buying_days", "le", 30)),
    ),
    Preset(
        "came_once",
        Text("只来过一次", "Came only once"),
        _all(_is("purchase_days", "eq", 1), _is("recency_days", "gt", QUIET_DAYS)),
    ),
    Preset(
        "not_seen",
        Text("好久没来", "Not here for long"),
        _all(_is("purchase_days", "ge", 2), _is("silence_ratio", "gt", 3), _is("recency_days", "gt", QUIET_DAYS)),
    ),
    Preset("win_back", Text("重要挽留", "Worth winning back"), _all(_is("rfm_eight", "in", ["key_win_back"]))),
    Preset("big_spenders", Text("消费大户", "Biggest spenders"), _all(_is("contribution", "in", ["core"]))),
    Preset("say_hello", Text("该问候一声了", "Time to say hello"), _all(_is("stage", "in", ["at_risk"]))),
    Preset("may_leave", Text("可能要流失", "Likely to leave"), _all(_is("churn_level", "in", ["high"]))),
    Preset(
        "bargain_hunters",
        Text("有优惠才来", "Here for the discounts"),
        _all(_is("orders", "ge", 3), _is("discounted_orders_share", "ge", 0.8)),
    ),
    Preset(
        "registered_only",
        Text("注册了还没买过", "Joined but never bought"),
        _all(_is("last_purchase_day", "missing"), _is("tenure_days", "gt", 7)),
    ),
)


def presets(quiet_days: int = QUIET_DAYS) -> tuple[Preset, ...]:
    """The presets of a shop whose customers may be silent for so many days before anybody wonders."""
    return tuple(replace(one, tree=_waiting(one.tree, quiet_days)) for one in PRESETS)


def _waiting(tree: dict[str, Any], quiet_days: int) -> dict[str, Any]:
    """The condition with other days where it asks how long ago somebody was here."""
    if "all" in tree:
        return _all(*(_waiting(part, quiet_days) for part in tree["all"]))
    return {**tree, "value": quiet_days} if tree["field"] == "recency_days" else tree
