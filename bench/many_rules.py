"""Earning rules by the dozen, each with three conditions and a cap, for benches that ask what many rules cost."""

from datetime import UTC, datetime
from typing import Any


def many_rules(count: int) -> list[dict[str, Any]]:
    """So many rules, which differ in the amount, the weekdays and the hour that they ask for."""
    return [_rule(place) for place in range(count)]


def launch_rules(count: int) -> None:
    """The retail programme with so many rules goes live, before anything was bought."""
    from bench.instance import ZONE
    from regulars.loyalty.actions import launch
    from regulars.loyalty.rules import preset_terms

    terms = {**preset_terms(2), "rules": many_rules(count)}
    at = datetime.now(UTC)
    launch(terms=terms, live_from=datetime(2000, 1, 2, tzinfo=UTC), time_zone=ZONE, actor="", at=at)


def _rule(place: int) -> dict[str, Any]:
    return {
        "code": f"rule-{place}", "names": {"zh": f"规则{place}", "en": f"Rule {place}"}, "on": "order",
        "if": {"all": [
            {"field": "paid", "op": "ge", "value": 1_000 * place},
            {"field": "weekday", "op": "in", "value": [1 + place % 7, 1 + (place + 3) % 7]},
            {"field": "hour", "op": "ge", "value": place % 24},
        ]},
        "then": {"kind": "multiply", "percent": 150},
        "limits": [{"period": "month", "most": 500}],
    }  # fmt: skip
