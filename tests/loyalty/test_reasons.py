"""Every entry answers why, in both languages, whatever made it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from string import Formatter

import pytest

from regulars.core.calendar import zone
from regulars.facts.figures import FactView
from regulars.ledger.rules import Account, Currency, OriginKind, Purpose
from regulars.ledger.statements import Entry
from regulars.loyalty import reasons
from regulars.loyalty.queries import CommandView
from regulars.loyalty.reason_words import SAY, TITLES
from regulars.loyalty.reasons import Wording
from regulars.loyalty.rules import ItemKind, Policies, Policy, preset_terms

SHANGHAI = zone("Asia/Shanghai")
AT = datetime(2026, 3, 5, 10, 0, tzinfo=SHANGHAI)
YEAR_END = datetime(2028, 1, 1, tzinfo=SHANGHAI)
POLICIES = Policies([(datetime(2000, 1, 1, tzinfo=UTC), Policy.from_terms(1, preset_terms(2), SHANGHAI))])
NAMES = {"stores": {7: "静安店"}, "products": {"LATTE": "燕麦拿铁"}, "people": {"user:3": "林晓"}}
ZH = Wording("zh", "CNY", SHANGHAI, **NAMES)  # type: ignore[arg-type]
EN = Wording("en", "CNY", SHANGHAI, **NAMES)  # type: ignore[arg-type]
LINES = [["1", "LATTE", 1, 3_200], ["2", "", 1, 8_800]]


def order(paid: int = 12_600, base: int = 12_000, channel: str = "store") -> FactView:
    body = {"currency": "CNY", "paid": paid, "base": base, "channel": channel, "lines": LINES}
    return FactView(11, 1, "till", "A17", None, AT, paid, 7, body)


def refund(amount: int | None = None, lines: list[list[object]] | None = None, kind: int = 2) -> FactView:
    return FactView(12, kind, "till", "R1", "A17", AT, amount, None, {"currency": "CNY", "lines": lines or []})


def command(kind: ItemKind, note: str = "", actor: str = "") -> CommandView:
    return CommandView(5, kind, 1, 300, AT, actor, note, None)


def entry(
    purpose: Purpose, source: int, target: int, amount: int = 120, *, currency: int = Currency.POINTS,
    corrects: int | None = None, effective_at: datetime | None = AT, expires_at: datetime | None = YEAR_END,
    recorded_at: datetime = AT, origin: OriginKind = OriginKind.FACT, at: datetime = AT,
) -> Entry:  # fmt: skip
    return Entry(
        90,
        1,
        currency,
        source,
        target,
        amount,
        at,
        origin,
        11,
        purpose,
        corrects,
        expires_at,
        effective_at,
        recorded_at,
    )


def why(one: Entry, origin: FactView | CommandView | None, wording: Wording = EN, **more: object) -> list[str]:
    return reasons.why(one, origin, policies=POLICIES, wording=wording, **more)  # type: ignore[arg-type]


EARN = entry(Purpose.EARN, Account.ISSUED, Account.AVAILABLE)


def test_what_an_order_earned() -> None:
    assert why(EARN, order()) == [
        "Order A17 (静安店, 5 Mar 2026): ¥126.00 was paid; less ¥6.00 of freight, vouchers and stored value, "
        "¥120.00 counts.",
        "¥1 = 1 point, which makes 120 points (programme version 1).",
        "They can be used through 31 Dec 2027.",
    ]
    assert why(EARN, order(), ZH) == [
        "订单 A17（静安店，2026-03-05）实付 ¥126.00，减去运费、优惠券和储值 ¥6.00，按 ¥120.00 计算。",
        "每满 ¥1 得 1 积分，共 120 积分（会员计划第 1 版）。",
        "有效期至 2027-12-31。",
    ]
    assert "and all of it counts" in why(EARN, order(12_000))[0]


def test_points_that_wait_say_until_when() -> None:
    waiting = entry(Purpose.EARN, Account.ISSUED, Account.PENDING, effective_at=AT + timedelta(days=7))
    assert "pending until then, spendable from 12 Mar 2026." in why(waiting, order(channel="online"))[2]
    assert "线上订单有 7 天退货期，期间待生效，2026-03-12 起可用。" in why(waiting, order(channel="online"), ZH)


def test_points_that_never_expire_say_so() -> None:
    assert why(entry(Purpose.EARN, 11, 2, expires_at=None), order())[-1] == "They do not expire."


def test_growth_counts_until_a_year_later() -> None:
    growth = entry(Purpose.EARN, Account.ISSUED, Account.EARNED, currency=Currency.GROWTH)
    assert "it counts for tiers until 5 Mar 2027" in why(growth, order())[1]
    assert "2027-03-05 前计入等级" in why(growth, order(), ZH)[1]


@pytest.mark.parametrize(
    ("told", "zh", "en"),
    [
        (refund(lines=[["1", 3_200]]), "订单 A17 退了 燕麦拿铁 ¥32.00。", "Sent back from order A17: 燕麦拿铁 ¥32.00."),
        (refund(lines=[["2", 800]]), "订单 A17 退了 第 2 行商品 ¥8.00。", "Sent back from order A17: line 2 ¥8.00."),
        (
            refund(5_000),
            "订单 A17 退款 ¥50.00，按比例分摊到各商品。",
            "¥50.00 of order A17 was given back, spread over its lines.",
        ),
        (refund(12_600), "订单 A17 全部退款。", "All of order A17 was given back."),
        (refund(), "订单 A17 全部退款。", "All of order A17 was given back."),
        (refund(kind=3), "订单 A17 已取消，视同没有下单。", "Order A17 was cancelled and counts as never made."),
    ],
)  # fmt: skip
def test_a_clawback_names_what_was_sent_back(told: FactView, zh: str, en: str) -> None:
    taken = entry(Purpose.CLAWBACK, Account.AVAILABLE, Account.REVOKED)
    assert why(taken, told, ZH, order=order())[0] == zh
    assert why(taken, told, EN, order=order())[0] == en


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Account.PENDING, "still pending"),
        (Account.AVAILABLE, "from what can be spent"),
        (Account.BREAKAGE, "had expired already"),
        (Account.DEBT, "must be repaid"),
    ],
)
def test_a_clawback_says_where_the_points_came_from(source: Account, words: str) -> None:
    assert words in why(entry(Purpose.CLAWBACK, source, Account.REVOKED), refund())[1]


@pytest.mark.parametrize(
    ("regrouped", "retracted", "words"),
    [
        (False, False, "Corrects entry 7: on 9 Mar 2026 something came in that had happened earlier."),
        (True, False, "Correction: customers were merged or parted"),
        (False, True, "Correction: the import that told of this was undone"),
    ],
)
def test_a_correction_says_what_made_it_necessary(regrouped: bool, retracted: bool, words: str) -> None:
    later = AT + timedelta(days=4)
    told = order()
    if retracted:
        told = replace(told, retracted_at=later)
    corrected = entry(Purpose.EARN, Account.AVAILABLE, Account.ISSUED, corrects=7, recorded_at=later)
    found = why(corrected, told, regrouped_at={later} if regrouped else set())
    assert found[0].startswith(words)
    assert found[1:] == ["120 points less than before."]
    assert reasons.title(corrected, told, EN) == "Earned (correction) · order A17"
    assert reasons.title(corrected, told, ZH) == "消费获得（更正） · 订单 A17"


def test_a_correction_that_adds_explains_what_it_adds_to() -> None:
    added = entry(Purpose.EARN, Account.ISSUED, Account.AVAILABLE, 20, corrects=7)
    assert why(added, order())[1] == "20 points more than before."
    assert why(added, order())[2].startswith("Order A17")
    back = entry(Purpose.MATURE, Account.AVAILABLE, Account.PENDING, 64, corrects=7)
    assert why(back, order(), ZH)[1:] == ["比原来少 64 积分。"]


def test_a_command_tells_its_reason_and_who_did_it() -> None:
    spent = entry(Purpose.REDEEM, Account.AVAILABLE, Account.REDEEMED, 300, origin=OriginKind.COMMAND)
    assert why(spent, command(ItemKind.REDEEM, "随行杯", "user:3")) == [
        "Redeemed 300 points.",
        "What expires soonest goes first: these were good through 31 Dec 2027.",
        "Reason: 随行杯",
        "By 林晓",
    ]
    owed = entry(Purpose.REDEEM, Account.DEBT, Account.REDEEMED, 1, origin=OriginKind.COMMAND, expires_at=None)
    assert why(owed, command(ItemKind.REDEEM))[:2] == [
        "Redeemed 1 point.",
        "What was missing is owed and is repaid from the next points earned.",
    ]


ORIGINS: list[FactView | CommandView | None] = [
    order(),
    refund(),
    command(ItemKind.GRANT, "生日"),
    command(ItemKind.RELEASE),
    None,
]
ACCOUNTS = [(11, 2), (11, 1), (1, 2), (2, 13), (2, 14), (4, 14), (13, 14), (12, 4), (2, 15), (3, 2)]


@pytest.mark.parametrize("wording", [ZH, EN], ids=["zh", "en"])
@pytest.mark.parametrize("purpose", list(Purpose), ids=lambda purpose: purpose.name)
def test_whatever_it_is_something_is_said(wording: Wording, purpose: Purpose) -> None:
    for origin, accounts, currency, corrects in product(ORIGINS, ACCOUNTS, Currency, (None, 4)):
        one = entry(purpose, *accounts, currency=currency, corrects=corrects)
        said = why(one, origin, wording)
        assert said, (origin, accounts, currency)
        assert all(sentence.strip() and "{" not in sentence for sentence in said)
        assert reasons.title(one, origin, wording)


def test_both_languages_name_the_same_things() -> None:
    def fields(text: str) -> set[str]:
        return {name for _text, name, _spec, _conversion in Formatter().parse(text) if name}

    assert [key for key, (zh, en) in SAY.items() if fields(zh) != fields(en)] == []
    assert set(TITLES) == set(Purpose)
    assert [key for key, (zh, _en) in SAY.items() if zh.isascii() and key != "refund.line"] == []
