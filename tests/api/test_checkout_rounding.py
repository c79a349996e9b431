"""A programme that rounds up: what a till is quoted is what the order earns, and the answer says so."""

from datetime import UTC, datetime

import pytest

from regulars.loyalty import actions as programme
from regulars.loyalty.rules import preset_terms

from .test_checkout import quote, spendable


@pytest.mark.parametrize(("rounding", "points"), [("down", 402), ("nearest", 402), ("up", 403)])
def test_the_order_earns_what_was_quoted_and_no_float_dust_appears(new_till, order, rounding, points):
    more = {"code": "half", "then": {"kind": "multiply", "percent": 150}}
    terms = {**preset_terms(2), "rules": [more], "rounding": rounding}
    live_from = datetime(2024, 1, 1, tzinfo=UTC)
    programme.launch(terms=terms, live_from=live_from, time_zone="Asia/Shanghai", actor="", at=live_from)
    till = new_till("checkout.write", "facts.write")
    told = quote(till, 268.28, timestamp="2026-03-01T12:00:00+08:00")["earns"]  # x 1.5 = 402.42
    assert (told["points"], type(told["points"])) == (points, int)
    base = told["awards"][0]
    assert base["amount"] + told["awards"][-1]["amount"] == points
    en, zh = {"down": ("", ""), "nearest": (", rounded to the nearest", "，零头四舍五入"),
              "up": (", rounded up", "，零头进一")}[rounding]  # fmt: skip
    assert f"¥1 = 1 point{en}, which makes" in base["said"]["en"]
    assert f"每满 ¥1 得 1 积分{zh}，基础" in base["said"]["zh"]
    till.post("/track", order("A-1", total=268.28, timestamp="2026-03-01T12:00:00+08:00"))
    assert spendable(till) == points
