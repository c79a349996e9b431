"""Camellia Coffee: what its generator promises about numbers, seasons, labels and the planted effect."""

import hashlib
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

import orjson
import pytest

from regulars.core.calendar import zone
from regulars.customers.identities import IdentityKind
from regulars.customers.rules import PLACEHOLDER_MOBILES, normalise_phone
from regulars.facts.connectors.camellia import Camellia
from regulars.facts.connectors.camellia.baskets import Basket
from regulars.facts.connectors.camellia.menu import BY_SKU, COLD, HOT
from regulars.facts.connectors.camellia.people import FAULTY_STORE, STORES
from regulars.facts.connectors.camellia.seasons import SPRING_FESTIVALS, busy
from regulars.facts.connectors.camellia.truth import FILE, Planted, planted_in
from regulars.facts.connectors.camellia.win_back import COUPON_LEAST_MINOR, COUPON_MINOR, PLANTED, WINDOW_DAYS
from regulars.facts.kinds import FACT_KINDS, order_cancelled, order_completed, order_refunded
from regulars.facts.rules import NewFact

pytest.importorskip("faker")
ON = date(2026, 11, 22)
SHANGHAI = zone("Asia/Shanghai")


@pytest.fixture(scope="module")
def cafe() -> Camellia:
    """Half a café: enough for shares, and quick."""
    return Camellia(on=ON, members=600)


@pytest.fixture(scope="module")
def facts(cafe: Camellia) -> list[NewFact]:
    return list(cafe.facts())


@pytest.fixture(scope="module")
def baskets(cafe: Camellia) -> list[Basket]:
    return list(cafe.baskets())


def days_of(cafe: Camellia) -> dict[str, list[date]]:
    """The days on which each member came, by number, earliest first."""
    found: dict[str, list[date]] = defaultdict(list)
    for member, visit in cafe.visits():
        found[member.number].append(visit.day)
    return found


def lapsed(cafe: Camellia) -> list[str]:
    """Who had come twice before the win-back and then not for long."""
    start, found = cafe.win_back_on, []
    for number, days in days_of(cafe).items():
        before = sorted({day for day in days if day < start})
        if len(before) < 2:
            continue
        gap = (before[-1] - before[0]).days / (len(before) - 1)
        if (start - before[-1]).days > max(30, 3 * gap):
            found.append(number)
    return sorted(found)


def digest(facts: list[NewFact]) -> str:
    told = [
        [
            one.kind,
            one.key,
            one.occurred_at.isoformat(),
            one.body,
            one.amount,
            one.store,
            list(map(list, one.identities)),
        ]
        for one in facts
    ]
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


def test_counts_and_days(cafe: Camellia, facts: list[NewFact]) -> None:
    kinds = Counter(one.kind for one in facts)
    assert len(cafe.members) == 600
    assert 13_500 < kinds[order_completed.CODE] < 16_500
    assert 100 < kinds[order_refunded.CODE] < 250
    assert 2 < kinds[order_cancelled.CODE] < 30
    days = [one.occurred_at.astimezone(SHANGHAI).date() for one in facts]
    assert (min(days), max(days)) == (date(2025, 5, 19), date(2026, 11, 15)), "78 weeks, which end last week"
    assert {one.store for one in facts} == set(STORES)
    assert [one.occurred_at for one in facts] == sorted(one.occurred_at for one in facts)
    assert len({(one.kind, one.key) for one in facts}) == len(facts)
    assert {one.kind for one in facts} <= set(FACT_KINDS)
    assert all(one.body["currency"] == "CNY" for one in facts if one.kind != order_cancelled.CODE)


def test_the_same_everywhere() -> None:
    small = Camellia(on=ON, members=40)
    told = digest(list(small.facts()))
    assert told == "9a884f0406decb88bf3baeda15d390d97703648b81e57f745c7b24d5d5ba5afa"
    assert digest(list(Camellia(on=ON + timedelta(days=6), members=40).facts())) != told, "the next week"
    assert digest(list(Camellia(on=ON - timedelta(days=6), members=40).facts())) == told, "any day of the week"


def test_what_happens_before_the_win_back_does_not_depend_on_it() -> None:
    alone, written = Camellia(on=ON, members=60), Camellia(on=ON, members=60)
    start = alone.win_back_on
    written.write_to(treated={member.number: "" for member in written.members if member.comes})
    before, after = list(written.facts(until=start)), list(written.facts(since=start))
    assert digest(before) == digest(list(alone.facts(until=start)))
    assert digest(after) != digest(list(alone.facts(since=start)))
    assert sorted(one.key for one in written.facts()) == sorted(one.key for one in [*before, *after])


def test_members_are_made_up_and_say_so(cafe: Camellia) -> None:
    members = cafe.members
    phones = [normalise_phone(one.phone) for one in members]
    assert all(one.joins and one.value.startswith("+86143") for one in phones), "a range no operator has been given"
    assert not {one.phone.removeprefix("+86") for one in members} & PLACEHOLDER_MOBILES
    assert len({one.phone for one in members}) == len({one.number for one in members}) == 600
    with_email = [one for one in members if one.email]
    assert all(one.email.endswith("@example.com") for one in with_email)
    assert 0.66 < len(with_email) / 600 < 0.78
    assert 0.76 < sum(one.agrees for one in members) / 600 < 0.88
    assert 0.03 < sum(one.language == "en" for one in members) / 600 < 0.09
    assert 0.38 < sum(one.birthday is not None for one in members) / 600 < 0.52
    assert sum(any("\u4e00" <= letter <= "\u9fff" for letter in one.name) for one in members) > 550
    assert [identity.kind for identity in with_email[0].identities] == [
        IdentityKind.MEMBER_NUMBER, IdentityKind.PHONE, IdentityKind.EMAIL,
    ]  # fmt: skip
    assert sum(not one.comes for one in members) == 27, "some joined and never bought"


def test_orders_add_up_and_refunds_belong_to_orders(facts: list[NewFact]) -> None:
    orders = {one.key: one for one in facts if one.kind == order_completed.CODE}
    for one in facts:
        if one.kind == order_completed.CODE:
            assert one.amount == one.body["paid"] == sum(line[3] for line in one.body["lines"])
            listed = sum(BY_SKU[line[1]].price * line[2] for line in one.body["lines"])
            assert listed - one.body.get("discount", 0) == one.amount
        else:
            order = orders[str(one.subject)]
            assert order.occurred_at < one.occurred_at
            assert order.identities == one.identities
            if one.kind == order_refunded.CODE:
                (line, amount), *_ = one.body["lines"]
                assert amount == one.amount == order.body["lines"][int(line) - 1][3]


def test_seasons(baskets: list[Basket]) -> None:
    drinks: dict[int, Counter[str]] = defaultdict(Counter)
    for basket in baskets:
        drinks[basket.at.month].update(line[0].category for line in basket.lines)

    def cold(month: int) -> float:
        return drinks[month][COLD] / (drinks[month][COLD] + drinks[month][HOT])

    assert cold(7) > 0.75
    assert cold(1) < 0.2
    days = Counter(basket.at.date() for basket in baskets)
    festival = SPRING_FESTIVALS[2026]
    assert not any(days[festival + timedelta(days=n)] for n in range(-1, 3)), "closed"
    week = sum(days[festival + timedelta(days=n)] for n in range(-3, 4))
    usual = sum(days[festival + timedelta(days=n)] for n in range(-31, -24))
    assert week < 0.35 * usual
    assert busy(date(2026, 6, 10)) > busy(date(2026, 5, 10))


def test_habits_show_in_the_week(cafe: Camellia, baskets: list[Basket]) -> None:
    by_habit: dict[str, Counter[bool]] = defaultdict(Counter)
    for basket in baskets:
        if basket.member is not None:
            by_habit[cafe.members[basket.member].habit][basket.at.weekday() >= 5] += 1
    assert by_habit["weekender"][True] > by_habit["weekender"][False]
    assert by_habit["commuter"][False] > 7 * by_habit["commuter"][True]


def test_rhythms_differ_as_in_a_real_cafe(cafe: Camellia) -> None:
    orders = sorted(len(days) for days in days_of(cafe).values())
    assert orders[len(orders) // 2] < 15
    assert orders[-6] > 80, "one in a hundred comes several times a week"
    last = cafe.calendar.last
    here = sum(days[-1] > last - timedelta(days=45) for days in days_of(cafe).values())
    assert 225 < here < 375


def test_the_bad_beans_drive_people_away(cafe: Camellia, baskets: list[Basket]) -> None:
    truth = cafe.truth()
    assert truth.fault_store == STORES[FAULTY_STORE]
    assert (cafe.calendar.last - truth.fault_from).days in range(195, 225), "about seven months before the end"
    seen = {"faulty": Counter[bool](), "others": Counter[bool]()}
    back = {"faulty": Counter[bool](), "others": Counter[bool]()}
    days = days_of(cafe)
    for basket in baskets:
        if basket.member is None or not truth.fault_from <= basket.at.date() < truth.fault_until:
            continue
        where = "faulty" if basket.store == FAULTY_STORE else "others"
        mine = days[cafe.members[basket.member].number]
        seen[where][any(truth.fault_until <= day < truth.fault_until + timedelta(days=60) for day in mine)] += 1
        back[where][basket.back is not None] += 1

    def share(found: Counter[bool]) -> float:
        return found[False] / found.total()

    assert share(seen["faulty"]) > 2.5 * share(seen["others"]), "who was there stayed away"
    assert back["faulty"][True] / back["faulty"].total() > 4 * back["others"][True] / back["others"].total()
    why = Counter(one.why for one in truth.left.values())
    assert why["fault"] > 10
    assert why["rhythm"] > 150


def test_who_left_is_gone(cafe: Camellia) -> None:
    truth, days = cafe.truth(), days_of(cafe)
    assert 0.35 < len(truth.left) / 600 < 0.55
    assert all(days[number][-1] == one.on for number, one in truth.left.items())
    here = [number for number in days if number not in truth.left]
    silent = sum(days[number][-1] < truth.last - timedelta(days=60) for number in here)
    assert silent / len(here) < 0.15, "who did not leave still comes, but for the slow"


def test_cheats_collect_on_orders_of_others(cafe: Camellia, baskets: list[Basket]) -> None:
    truth = cafe.truth()
    assert len(truth.cheats) == 2
    assert not truth.cheats & truth.left.keys()
    most_a_day: Counter[str] = Counter()
    for (number, _), count in Counter(
        (cafe.members[one.member].number, one.at.date()) for one in baskets if one.member is not None
    ).items():
        most_a_day[number] = max(most_a_day[number], count)
    assert all(most_a_day[number] >= 4 for number in truth.cheats)
    assert all(count <= 1 for number, count in most_a_day.items() if number not in truth.cheats)


@pytest.mark.parametrize("on", [ON, date(2026, 5, 6), date(2027, 3, 3)])
def test_the_win_back_does_what_is_planted(on: date) -> None:
    cafe = Camellia(on=on)
    found = lapsed(cafe)
    alone = days_of(cafe)
    treated, held_out = [number for place, number in enumerate(found) if place % 3], found[::3]
    cafe.write_to(treated=dict.fromkeys(treated, ""), held_out=held_out)
    after, truth = days_of(cafe), cafe.truth()
    start, end = truth.win_back_on, truth.win_back_on + timedelta(days=WINDOW_DAYS)

    def came(group: list[str], days: dict[str, list[date]]) -> float:
        return sum(any(start <= day < end for day in days[number]) for number in group) / len(group)

    assert len(treated) > 200
    assert came(held_out, after) == came(held_out, alone), "whoever is held out does what they would have done"
    lift = came(treated, after) - came(treated, alone)
    assert lift == pytest.approx(len(truth.brought) / len(treated))
    assert abs(lift - PLANTED) < 2.6 * (PLANTED * (1 - PLANTED) / len(treated)) ** 0.5
    assert set(truth.brought) <= set(treated)
    assert all(after[number].count(day) == 1 for number, day in truth.brought.items())
    assert all(start < day < end for day in truth.brought.values())


def test_coupons_are_shown_by_treated_members_once() -> None:
    cafe = Camellia(on=ON, members=600)
    treated = {number: f"code of {number}" for number in lapsed(cafe)}
    cafe.write_to(treated=treated)
    start = cafe.win_back_on
    shown = [one for one in cafe.facts(since=start) if "coupons" in one.body]
    assert len(shown) > 20
    assert len({one.identities for one in shown}) == len(shown)
    for one in shown:
        assert one.body["coupons"] == [treated[one.identities[0].value]]
        assert start < one.occurred_at.astimezone(SHANGHAI).date() < start + timedelta(days=WINDOW_DAYS)
        assert one.body["discount"] >= COUPON_MINOR
        assert one.amount is not None
        assert one.amount + COUPON_MINOR >= COUPON_LEAST_MINOR
    assert not any("coupons" in one.body for one in cafe.facts(until=start))


def test_the_truth_can_be_kept_and_asked(cafe: Camellia, tmp_path: Path) -> None:
    told = cafe.truth().to_json()
    assert orjson.loads(orjson.dumps(told)) == told
    assert told["fault"]["store"] == STORES[FAULTY_STORE]
    assert planted_in(tmp_path, 7) is None, "no demo at all"
    told["win_back"] |= {"campaign_id": 7, "treated": 100, "brought": {"CM0001": "2026-08-20"}}
    (tmp_path / FILE).write_bytes(orjson.dumps(told))
    assert planted_in(tmp_path, 7) == Planted(share=PLANTED, brought=1, treated=100)
    assert planted_in(tmp_path, 8) is None, "another campaign"
    (tmp_path / FILE).write_text("{}")
    assert planted_in(tmp_path, 7) is None


def test_the_report_counts_what_is_there() -> None:
    small = Camellia(on=ON, members=40)
    report = small.check()
    assert report.orders + report.refunds + report.cancellations == len(list(small.facts()))
    assert report.products == len(list(small.products())) == len(BY_SKU)
