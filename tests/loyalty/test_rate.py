"""What the programme promises, in plain numbers. ¥1 is one point and one growth value; a year's points last until the
end of the next year; what is bought online is pending for seven days."""

from regulars.ledger.rules import Account, LotKey, Purpose
from regulars.loyalty.rules import ItemKind
from tests.loyalty.histories import ONE_POLICY, TWO_POLICIES, Life, check, check_orders, just_before, midnight, moved

HOLD, CAPTURE, RELEASE = ItemKind.HOLD, ItemKind.CAPTURE, ItemKind.RELEASE
REVERSE, GRANT, DEDUCT = ItemKind.REVERSE, ItemKind.GRANT, ItemKind.DEDUCT


def agrees(life: Life) -> bool:
    check(life.fold, life.now)
    check_orders(life.fold, life.items)
    return True


def test_an_order_earns_points_and_growth() -> None:
    life = Life()
    life.order("A", 120_00)
    assert (life.available, life.growth) == (120, 120)
    life.order("B", 99)
    assert (life.available, life.growth) == (120, 120), "99 fen are less than a point"
    assert agrees(life)


def test_a_refund_of_one_line_takes_back_what_that_line_earned() -> None:
    life = Life()
    life.order("A", 120_00, lines=[50_00, 70_00])
    life.refund("A", lines=[(1, 50_00)])
    assert (life.available, life.growth) == (70, 70)
    life.refund("A", lines=[(2, 35_01)])
    assert (life.available, life.growth) == (35, 35), "70 x 35.01 / 70.00 is 35.01: 35 are taken back"
    life.refund("A", lines=[(2, 34_99)])
    assert (life.available, life.growth) == (0, 0)
    assert agrees(life)


def test_the_award_is_rounded_once_and_divided_over_the_lines() -> None:
    life = Life()
    life.order("A", 10_00, lines=[3_33, 3_33, 3_34])
    assert life.available == 10
    for line, amount, left in ((3, 3_34, 6), (1, 3_33, 3), (2, 3_33, 0)):
        life.refund("A", lines=[(line, amount)])
        assert life.available == left
    assert agrees(life)


def test_a_refund_without_lines_is_spread_in_proportion_to_what_was_paid() -> None:
    life = Life()
    life.order("A", 100_00, lines=[60_00, 40_00], paid=110_00)
    life.refund("A", 55_00)
    assert life.available == 50, "half of what was paid, freight and all, is half of the points"
    life.refund("A", 55_00)
    assert life.available == 0
    assert agrees(life)


def test_a_refund_above_its_order_is_clamped_and_flagged() -> None:
    life = Life()
    life.order("A", 100_00)
    life.order("B", 30_00)
    life.refund("A", 250_00)
    assert (life.available, life.owed) == (30, 0)
    assert [flag.code for flag in life.fold.flags] == ["refund_above_order"]
    life.refund("A")
    assert (life.available, life.owed) == (30, 0)
    assert agrees(life)


def test_a_cancelled_order_counts_as_never_made() -> None:
    life = Life()
    life.order("A", 100_00)
    life.refund("A", 20_00)
    life.cancel("A")
    assert (life.available, life.growth, life.fold.purchases().orders) == (0, 0, 0)
    assert agrees(life)


def test_a_refund_before_its_order_waits_for_it() -> None:
    life = Life()
    life.refund("A", lines=[(1, 40_00)])
    assert life.available == 0
    life.order("A", 100_00, lines=[40_00, 60_00])
    assert (life.available, life.growth) == (60, 60)
    assert agrees(life)


def test_points_spent_before_the_refund_become_debt_that_the_next_order_repays() -> None:
    life = Life()
    life.order("A", 100_00)
    life.redeem(80)
    life.refund("A")
    assert (life.available, life.owed) == (0, 80)
    life.order("B", 50_00)
    assert (life.available, life.owed) == (0, 30)
    life.order("C", 50_00)
    assert (life.available, life.owed, life.growth) == (20, 0, 100)
    assert agrees(life)


def test_debt_is_repaid_even_from_points_that_are_pending() -> None:
    life = Life()
    life.order("A", 100_00)
    life.redeem(100)
    life.refund("A")
    life.order("B", 150_00, channel="online")
    assert (life.available, life.pending, life.owed) == (0, 50, 0)
    assert agrees(life.on("2024-03-20"))
    assert life.available == 50


def test_points_of_an_online_order_are_pending_for_seven_days() -> None:
    life = Life("2024-03-01 23:59")
    life.order("A", 100_00, channel="online")
    assert (life.available, life.pending, life.growth) == (0, 100, 100)
    life.fold.settle(just_before(midnight("2024-03-08")))
    assert life.pending == 100
    assert agrees(life.on("2024-03-08 00:00"))
    assert (life.available, life.pending) == (100, 0)


def test_a_refund_while_pending_takes_pending_points() -> None:
    life = Life()
    life.order("A", 100_00, channel="online")
    life.refund("A", 30_00)
    assert (life.available, life.pending, life.owed) == (0, 70, 0)
    life.on("2024-03-20")
    assert (life.available, moved(life.fold.transfers, Account.REVOKED)) == (70, 30)


def test_a_years_points_last_until_the_end_of_the_next_year_in_the_businesss_zone() -> None:
    life = Life("2024-12-31 23:59")
    life.order("A", 100_00)
    life.on("2025-01-01 00:00").order("B", 40_00)
    life.fold.settle(just_before(midnight("2026-01-01")))
    assert life.available == 140
    assert agrees(life.on("2026-01-01 00:00"))
    assert (life.available, moved(life.fold.transfers, Account.BREAKAGE)) == (40, 100)
    assert agrees(life.on("2027-01-01 00:00"))
    assert life.available == 0


def test_spending_takes_what_expires_first() -> None:
    life = Life("2024-12-31 10:00")
    life.order("A", 100_00)
    life.on("2025-01-02").order("B", 100_00)
    life.redeem(130)
    assert agrees(life.on("2026-01-01 00:00"))
    assert (life.available, moved(life.fold.transfers, Account.BREAKAGE)) == (70, 0)


def test_a_reversed_redemption_gives_back_the_same_points_with_their_dates() -> None:
    life = Life("2024-12-31 10:00")
    life.order("A", 100_00)
    life.on("2025-01-02").order("B", 100_00)
    spent = life.redeem(130)
    life.command(REVERSE, 30, spent)
    assert life.available == 100
    life.on("2026-01-01 00:00")
    assert life.available == 70, "the 30 came back to the lot that expires first"
    assert agrees(life)


def test_points_restored_after_they_expired_last_fourteen_more_days() -> None:
    life = Life("2024-12-31 10:00")
    life.order("A", 100_00)
    spent = life.redeem(100)
    life.on("2026-03-01").command(REVERSE, 100, spent)
    restored = life.fold.lots[LotKey(1, 1, 1, 1)]
    assert (life.available, restored.expires_at) == (100, midnight("2026-03-16"))
    life.redeem(40)
    assert agrees(life.on("2026-03-15 23:59"))
    assert life.available == 60
    assert agrees(life.on("2026-03-16 00:00"))
    assert (life.available, restored.expired) == (0, 60)


def test_a_refund_takes_restored_points_of_its_order_before_it_makes_debt() -> None:
    life = Life("2024-12-31 10:00")
    life.order("A", 100_00)
    spent = life.redeem(100)
    life.on("2026-03-01").command(REVERSE, 100, spent)
    life.refund("A")
    assert (life.available, life.owed) == (0, 0)
    assert agrees(life)


def test_a_refund_after_expiry_takes_back_what_expired_unused() -> None:
    life = Life("2024-03-01 10:00")
    life.order("A", 100_00)
    life.redeem(30)
    life.on("2026-01-02").refund("A")
    assert (life.owed, moved(life.fold.transfers, Account.BREAKAGE)) == (30, 0)
    assert agrees(life)


def test_a_hold_reserves_and_is_captured_or_released_in_parts() -> None:
    life = Life()
    life.order("A", 100_00)
    hold = life.command(HOLD, 80)
    assert (life.available, moved(life.fold.transfers, Account.HELD)) == (20, 80)
    life.command(CAPTURE, 50, hold)
    assert life.fold.left_of(hold) == 30
    life.command(RELEASE, 30, hold)
    assert (life.available, life.fold.left_of(hold)) == (50, 0)
    assert agrees(life)


def test_a_captured_hold_can_be_reversed() -> None:
    life = Life()
    life.order("A", 100_00)
    hold = life.command(HOLD, 80)
    captured = life.command(CAPTURE, 80, hold)
    life.command(REVERSE, 80, captured)
    assert life.available == 100
    assert agrees(life)


def test_held_points_do_not_expire_but_are_gone_when_released_too_late() -> None:
    life = Life()
    life.order("A", 100_00)
    hold = life.command(HOLD, 60)
    life.on("2026-01-01 00:00")
    assert moved(life.fold.transfers, Account.HELD) == 60
    life.command(CAPTURE, 10, hold)
    life.command(RELEASE, 50, hold)
    assert (life.available, moved(life.fold.transfers, Account.BREAKAGE)) == (0, 90)
    assert agrees(life)


def test_what_comes_back_pays_what_is_owed_first() -> None:
    """Otherwise the points could expire while the debt stays, and the customer would pay twice."""
    life = Life()
    life.order("A", 100_00)
    hold = life.command(HOLD, 100)
    life.refund("A")
    assert life.owed == 100
    life.on("2026-02-01").command(RELEASE, 100, hold)
    assert (life.available, life.owed) == (0, 0)
    assert agrees(life)


def test_a_deduction_can_be_reversed() -> None:
    life = Life()
    life.order("A", 100_00)
    taken = life.command(DEDUCT, 70)
    assert (life.available, moved(life.fold.transfers, Account.REVOKED)) == (30, 70)
    life.command(REVERSE, 40, taken)
    assert (life.available, moved(life.fold.transfers, Account.REVOKED)) == (70, 30)
    assert agrees(life)
    life.on("2026-02-01").command(REVERSE, 30, taken)
    assert (life.available, moved(life.fold.transfers, Account.REVOKED)) == (30, 0)
    assert agrees(life)


def test_a_grant_is_a_lot_of_its_own() -> None:
    life = Life()
    life.command(GRANT, 500)
    assert (life.available, life.growth) == (500, 0)
    life.redeem(500)
    assert agrees(life.on("2027-01-01"))
    assert moved(life.fold.transfers, Account.BREAKAGE) == 0


def test_an_order_follows_the_terms_that_were_live_when_it_was_made() -> None:
    life = Life("2024-04-30 23:59", TWO_POLICIES)
    life.order("A", 100_00)
    life.on("2024-05-01 00:00").order("B", 100_00)
    assert (life.available, life.pending) == (100, 200), "from May on, half a yuan is a point, pending for a day"
    life.refund("A")
    life.refund("B", 50_00)
    assert agrees(life.on("2024-05-03"))
    assert (life.available, life.growth) == (100, 50)


def test_a_command_that_was_decided_stays_and_what_it_lacks_is_owed() -> None:
    """The order it spent from turned out never to have been: the fold runs again without it."""
    life = Life()
    order = life.order("A", 100_00)
    life.redeem(60)
    rest = life.without(order)
    assert (rest.available, rest.owed) == (0, 60)
    assert [(t.source, t.amount) for t in rest.fold.transfers] == [(Account.DEBT, 60)]


def test_debt_given_back_is_forgiven_and_what_was_repaid_meanwhile_is_granted() -> None:
    life = Life()
    order = life.order("A", 100_00)
    spent = life.redeem(100)
    rest = life.without(order)
    rest.order("B", 30_00)
    assert (rest.available, rest.owed) == (0, 70)
    rest.command(REVERSE, 100, spent)
    assert (rest.available, rest.owed) == (30, 0)
    assert agrees(rest)


def test_every_transfer_says_why() -> None:
    life = Life(policies=ONE_POLICY)
    life.order("A", 100_00, channel="online")
    life.on("2024-03-20").redeem(40)
    life.refund("A", 50_00)
    points = [Purpose(t.purpose).name for t in life.fold.transfers if t.currency == 1]
    assert points == ["EARN", "MATURE", "REDEEM", "CLAWBACK"]
