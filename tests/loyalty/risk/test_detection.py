"""Each risk rule on the shape that it looks for, and on honest people who look like it."""

from datetime import date, timedelta
from typing import Any

import pytest

from regulars.loyalty.risk.detection import RISK_RULES, signs_of
from regulars.loyalty.risk.rules import (
    LOOKS_BACK,
    Activity,
    Bought,
    Circle,
    Judged,
    Lent,
    MarkKind,
    Moved,
    Said,
    Sign,
    joined_signs,
    needs_second,
    score_of,
)
from regulars.loyalty.risk.words import sign_said
from tests.flows.world import when

FIGURES = (
    *("orders", "minutes", "days", "refunds", "percent", "spent", "many", "products", "times", "points"),
    *("accounts", "alike", "codes", "events", "most", "stamps"),
)
NOW = when("2026-06-30 20:00")
DRINKS = ("latte", "mocha", "tea", "juice", "espresso", "cocoa", "soda", "chai")


def activity(**more: Any) -> Activity:
    told: dict[str, Any] = {"joined": date(2024, 1, 1), **more}
    return Activity(1, at=NOW, since=NOW - LOOKS_BACK, **told)


def bought(days_ago: float, minute: float = 0, amount: int = 30_00, **more: Any) -> Bought:
    at = NOW - timedelta(days=days_ago) + timedelta(minutes=minute)
    return Bought(int(at.timestamp()), at, at.date(), amount, **{"store": 1, "product": "latte", **more})


def found(rule: str, told: Activity) -> Sign | None:
    signs = RISK_RULES[rule].find(told)
    return signs[0] if signs else None


def test_seven_orders_in_ten_minutes_are_no_table_of_friends() -> None:
    told = activity(bought=[bought(1, 1.5 * n) for n in range(7)])
    sign = found("velocity", told)
    assert sign is not None
    assert sign.score >= 70
    assert sign.figures == {"orders": 7, "minutes": 9}
    assert len(sign.facts) == 7
    assert found("velocity", activity(bought=[bought(1, 4 * n) for n in range(5)])) is None, "five at a table"
    assert found("velocity", activity(bought=[bought(1, 30 * n) for n in range(9)])) is None, "all day long"


def test_one_basket_rung_up_as_many_orders_on_many_days() -> None:
    rows = [bought(day, n) for day in (20, 15, 9, 4) for n in range(3)]
    sign = found("split_orders", activity(bought=rows))
    assert sign is not None
    assert sign.figures == {"days": 4, "orders": 12}
    assert found("split_orders", activity(bought=rows[:6])) is None, "twice a month friends pay alone"
    large = [one._replace(pieces=3) for one in rows]
    assert found("split_orders", activity(bought=large)) is None, "nothing was split"
    elsewhere = [one._replace(store=n % 3) for n, one in enumerate(rows)]
    assert found("split_orders", activity(bought=elsewhere)) is None, "one visit is one shop"


def test_who_brings_back_what_earned_the_points_that_were_spent() -> None:
    dear = [bought(day, amount=200_00)._replace(back=200_00, back_at=NOW - timedelta(days=day - 2)) for day in (20, 12)]
    spent = [Moved(NOW - timedelta(days=19.9), 200, True), Moved(NOW - timedelta(days=11.9), 200, True)]
    sign = found("refund_farming", activity(bought=dear, moved=spent))
    assert sign is not None
    assert sign.score >= 70
    assert sign.figures == {"refunds": 2, "percent": 100, "spent": 2}
    assert found("refund_farming", activity(bought=dear[:1], moved=spent)) is None, "once is a matter of taste"
    many = [bought(30 - n) for n in range(30)]
    assert found("refund_farming", activity(bought=[*many, *dear])) is not None
    cheap = [one._replace(amount=20_00, back=20_00) for one in dear]
    assert found("refund_farming", activity(bought=[*many, *cheap])) is None, "a regular's two cold cups"


def test_a_card_that_buys_the_whole_menu_hours_apart() -> None:
    shift = [
        bought(day, hour * 60, product=DRINKS[(3 * day + hour) % 8]) for day in (22, 17, 10, 6, 3) for hour in (0, 3, 5)
    ]
    sign = found("staff_scans", activity(bought=shift))
    assert sign is not None
    assert sign.score >= 60
    assert sign.figures["days"] == 5
    lover = [one._replace(product="latte" if n % 3 else "tea") for n, one in enumerate(shift)]
    assert found("staff_scans", activity(bought=lover)) is None, "people have favourites"
    online = [one._replace(online=True) for one in shift]
    assert found("staff_scans", activity(bought=online)) is None, "nobody scans a card online"


def test_one_busy_day_among_a_whole_menu_is_enough_and_a_favourite_is_not() -> None:
    busy = [bought(9, -200 * n, product=DRINKS[n]) for n in range(3)][::-1]
    others = [bought(6 - n, product=DRINKS[3 + n]) for n in range(3)]
    sign = found("staff_scans", activity(bought=[*busy, *others]))
    assert sign is not None
    assert (sign.score, sign.figures) == (51, {"days": 1, "many": 1, "orders": 6, "products": 6})
    assert sorted(sign.facts) == [one.fact_id for one in busy], "what is taken back is of the odd days alone"
    assert found("staff_scans", activity(bought=busy)) is None, "three visits say nothing of what somebody likes"
    regular = [one._replace(product="latte") for one in others]
    assert found("staff_scans", activity(bought=[*busy, *regular])) is None, "people have favourites"
    once = [bought(9 - n, product=DRINKS[n]) for n in range(8)]
    assert found("staff_scans", activity(bought=once)) is None, "somebody who tries the whole menu, a cup a day"


def test_points_that_staff_grant_to_themselves() -> None:
    sign = found("own_grants", activity(moved=[Moved(NOW, 500, False, own=True), Moved(NOW, 500, False)]))
    assert sign is not None
    assert sign.figures == {"times": 1, "points": 500}
    assert found("own_grants", activity(moved=[Moved(NOW, 500, False)])) is None


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ("shared_device", MarkKind.DEVICE),
        ("shared_address", MarkKind.ADDRESS),
        ("phones_in_a_row", MarkKind.PHONE),
    ],
)
def test_accounts_made_one_after_the_other_that_share_something(rule: str, kind: MarkKind) -> None:
    day = NOW.date() - timedelta(days=8)
    ring = Circle(kind, "x", tuple(day + timedelta(days=n % 3) for n in range(5)))
    sign = found(rule, activity(joined=day, circles=[ring]))
    assert sign is not None
    assert sign.score >= 70
    assert sign.figures == {"accounts": 5, "alike": 5}
    family = Circle(kind, "x", (date(2024, 1, 1), day, day))
    assert found(rule, activity(joined=day, circles=[family])) is None
    office = Circle(kind, "x", tuple(date(2025, 1, 1) + timedelta(days=20 * n) for n in range(20)) + (day,) * 5)
    assert found(rule, activity(joined=day, circles=[office])) is None, "five newcomers in a large office"
    assert found(rule, activity(joined=date(2024, 1, 1), circles=[ring])) is None, "who is here for long is no ring"
    crowd = Circle(kind, "x", (day,) * 61)
    assert found(rule, activity(joined=day, circles=[crowd])) is None, "the tablet at the door, on opening day"


def test_wrong_codes_beyond_typing_errors() -> None:
    tries = [(NOW - timedelta(minutes=6 * n), 1) for n in range(12)][::-1]
    sign = found("code_guessing", activity(wrong_codes=tries))
    assert sign is not None
    assert sign.figures == {"codes": 12}
    assert found("code_guessing", activity(wrong_codes=tries[:4])) is None
    days = [(NOW - timedelta(days=1.1 * n), 3) for n in range(5)][::-1]
    assert found("code_guessing", activity(wrong_codes=days)) is None, "a bad printer, day after day"


def test_personal_coupons_that_turn_up_with_many_others() -> None:
    lent = [Lent(NOW - timedelta(days=2 * n), 10 + n) for n in range(5)]
    sign = found("coupon_sharing", activity(lent=lent))
    assert sign is not None
    assert (sign.score, sign.figures, sign.facts) == (70, {"accounts": 5, "times": 5}, ())
    family = [Lent(NOW - timedelta(days=n), 10 + n % 2) for n in range(9)]
    assert found("coupon_sharing", activity(lent=family)) is None, "however often, they are two"
    long_ago = [one._replace(at=one.at - timedelta(days=28)) for one in lent]
    assert found("coupon_sharing", activity(lent=long_ago)) is None


def test_check_ins_by_the_dozen() -> None:
    said = [Said(n, NOW - timedelta(minutes=5 * n), NOW.date(), "Checked In") for n in range(14)]
    sign = found("event_floods", activity(said=said))
    assert sign is not None
    assert sign.score >= 80
    assert sign.figures == {"events": 14, "most": 14, "orders": 0}
    daily = [Said(n, NOW - timedelta(days=n), (NOW - timedelta(days=n)).date(), "Checked In") for n in range(7)]
    assert found("event_floods", activity(said=daily)) is None
    keen = [Said(n, NOW, NOW.date(), "Product Reviewed") for n in range(9)]
    assert found("event_floods", activity(said=keen, bought=[bought(0)])) is None, "a review of everything on the table"


def test_who_never_saves_is_not_odd_for_that_alone() -> None:
    told = activity(bought=[bought(9), bought(5)], moved=[Moved(NOW - timedelta(days=n), 50, True) for n in (9, 5)])
    assert found("drained", told) is not None
    assert signs_of(told, Judged()) == []


def test_what_was_judged_is_not_judged_again() -> None:
    burst = [bought(3, 1.5 * n) for n in range(7)]
    told = activity(bought=burst)
    [sign] = signs_of(told, Judged())
    later = Judged(NOW - timedelta(days=1), {("velocity", ""): (sign.score, NOW - timedelta(days=1))})
    assert signs_of(told, later) == []
    told.since = later.until  # type: ignore[assignment]
    assert signs_of(told, Judged()) == [], "nothing has happened since"
    worse = activity(bought=[bought(0.5, n) for n in range(12)])
    assert signs_of(worse, later), "much more than what was dismissed"
    long_ago = Judged(None, {("velocity", ""): (99, NOW - timedelta(days=200))})
    assert signs_of(activity(bought=burst), long_ago)


def test_signs_together_say_more_than_one() -> None:
    one, other = Sign("velocity", 60, {}, (1, 2)), Sign("drained", 15, {})
    assert score_of([one]) == 60 < score_of([one, other]) == 66
    assert score_of([]) == 0
    stronger = Sign("velocity", 75, {"orders": 7, "minutes": 9}, (2, 3))
    [both] = joined_signs([one], [stronger])
    assert (both.score, both.facts) == (75, (1, 2, 3))
    assert joined_signs([stronger], [one])[0].score == 75


def test_every_rule_speaks_both_languages() -> None:
    figures = dict.fromkeys(FIGURES, 3)
    for code, rule in RISK_RULES.items():
        said = sign_said(Sign(code, 50, figures))
        assert all("3" in words and "{" not in words for words in said), code
        assert rule.name.zh
        assert rule.name.en
    assert sign_said(Sign("gone", 50, {})).en == "gone"


def test_the_limit_for_one_person() -> None:
    assert [needs_second(points, 100) for points in (99, 100, 101)] == [False, False, True]
    assert not needs_second(10**9, 0), "no limit is set"
