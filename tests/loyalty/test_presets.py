"""Ready programmes: each can be read in every currency, and its numbers are those that it is sold with."""

import pytest

from regulars.core.calendar import zone
from regulars.loyalty.benefits.rules import Bill
from regulars.loyalty.presets import PRESETS, first_terms
from regulars.loyalty.previews import Sample, earned_by
from regulars.loyalty.rules import Policy
from regulars.staff.trades import TRADES
from tests.flows.world import when

SHANGHAI = zone("Asia/Shanghai")
DAY = when("2026-03-10 10:00")


def policy(code: str, digits: int = 2) -> Policy:
    return Policy.from_terms(1, PRESETS[code].terms(digits), SHANGHAI)


def takes_off(code: str, benefit: str, bill: Bill) -> int:
    return next(one for one in policy(code).benefits if one.code == benefit).effect.takes_off(bill).off_minor


@pytest.mark.parametrize("digits", [0, 2, 3])
@pytest.mark.parametrize("code", PRESETS)
def test_each_can_be_read_in_every_currency(code: str, digits: int) -> None:
    found = policy(code, digits)
    assert all(one.names.get("zh") and one.names.get("en") for one in found.benefits)


def test_every_trade_begins_with_terms_that_can_be_read() -> None:
    for trade in TRADES.values():
        Policy.from_terms(1, first_terms(trade.programme, 2, pending_days=trade.pending_days), SHANGHAI)
    bank = first_terms(TRADES["bank"].programme, 2, pending_days=TRADES["bank"].pending_days)
    assert bank == PRESETS["bank"].terms(2)


def test_retail_gives_gold_two_per_cent_and_black_five() -> None:
    assert takes_off("retail", "member_price", Bill(188_50)) == 3_77
    assert takes_off("retail", "black_price", Bill(5000_00)) == 200_00
    assert takes_off("retail", "free_shipping", Bill(188_50, 15_00)) == 12_00


def test_a_bank_gives_no_points_on_what_is_moved_online() -> None:
    card = Sample(1000_00, "classic", DAY)
    online = Sample(1000_00, "classic", DAY, channel="online")
    assert [earned_by(one, policy("bank")).points for one in (card, online)] == [50, 0]
    eighth = Sample(1000_00, "gold", when("2026-03-08 10:00"))
    assert earned_by(eighth, policy("bank")).points == 100
    assert earned_by(Sample(1_000_000_00, "classic", DAY), policy("bank")).points == 10_000, "the monthly cap"


def test_a_bank_lowers_fees_by_tier() -> None:
    assert takes_off("bank", "transfers", Bill(fees={"transfer": 5_00})) == 2_50
    assert takes_off("bank", "transfers", Bill(fees={"transfer": 1_50})) == 50, "1 is charged at least"
    assert takes_off("bank", "free_transfers", Bill(fees={"transfer": 50_00})) == 50_00
    assert takes_off("bank", "fund_fee_upper", Bill(fees={"fund_subscription": 1500_00})) == 1350_00
