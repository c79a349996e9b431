"""Nobody gets a birthday benefit twice in a birthday year: one test for each trick, and none for honest members."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.loyalty.benefits import birthdays
from regulars.loyalty.benefits.kinds import birthday_gift
from regulars.loyalty.benefits.kinds.birthday_gift import BirthdayGift
from regulars.loyalty.benefits.rules import BenefitRefused, BirthdayUnknown, Holder, NotNow, QuotaUsedUp
from tests.flows.world import World, when
from tests.loyalty.benefits import club
from tests.loyalty.benefits.club import AT, CAKE, born, undo, use, uses

BOTH = [CAKE, {**CAKE, "code": "bigger", "tiers": ["silver"]}]

UNHURRIED = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no mistake."""


@pytest.fixture
def books(db: None) -> World:
    found = club.shop(now="2026-12-20 12:00", terms={"benefits": BOTH})
    born(found, "anna", "1990-03-10")
    return found


def gift(**told: object) -> BirthdayGift:
    return birthday_gift.read({"gift": {"zh": "蛋糕", "en": "a cake"}, **told})


def test_the_window_has_its_days_and_no_more(books: World) -> None:
    with pytest.raises(NotNow) as refused:
        use(books, "anna", "cake", at=when("2026-03-02 23:59"))
    assert str(refused.value.context["day"]) == "2026-03-03"
    with pytest.raises(NotNow) as refused:
        use(books, "anna", "cake", at=when("2026-03-18 00:00"))
    assert str(refused.value.context["day"]) == "2027-03-03"
    assert use(books, "anna", "cake", at=when("2026-03-17 23:59")).use.kind == "birthday_gift"


def test_without_a_birthday_there_is_none(books: World) -> None:
    with pytest.raises(BirthdayUnknown):
        use(books, "bo", "cake")


def test_a_changed_date_gives_no_second_one(books: World) -> None:
    use(books, "anna", "cake", "1")
    for day, at in (("1990-03-10", AT), ("1990-05-20", "2026-05-20 10:00"), ("1990-12-01", "2026-12-01 10:00")):
        born(books, "anna", day)
        with pytest.raises(QuotaUsedUp) as refused:
            use(books, "anna", "cake", "2", at=when(at) if isinstance(at, str) else at)
        assert str(refused.value.context["day"]) == "2027-03-03"
    born(books, "anna", "1990-02-20")
    with pytest.raises(QuotaUsedUp):
        use(books, "anna", "cake", "2", at=when("2027-02-20 10:00"))
    assert use(books, "anna", "cake", "2", at=when("2028-02-20 10:00")).use.kind == "birthday_gift"


def test_a_date_that_was_forgotten_and_told_anew_gives_no_second_one(books: World) -> None:
    use(books, "anna", "cake", "1")
    born(books, "anna", None)
    born(books, "anna", "1990-06-01")
    with pytest.raises(QuotaUsedUp):
        use(books, "anna", "cake", "2", at=when("2026-06-01 10:00"))


def test_another_birthday_benefit_is_a_birthday_benefit_too(books: World) -> None:
    """Who rises a tier between has had the small one; a second is no better for being called otherwise."""
    use(books, "anna", "cake", "1")
    with pytest.raises(QuotaUsedUp):
        use(books, "anna", "bigger", "2")


def test_two_people_with_two_dates_who_become_one_have_one(books: World) -> None:
    born(books, "bo", "1990-06-01")
    use(books, "anna", "cake", "1")
    merge = books.merge("anna", "bo")
    for who in ("anna", "bo"):
        with pytest.raises(QuotaUsedUp):
            use(books, who, "cake", "2", at=when("2026-06-01 10:00"))
    books.undo(merge)
    assert use(books, "bo", "cake", "3", at=when("2026-06-01 10:00")).use.kind == "birthday_gift", "he had none"


def test_two_who_had_one_each_wait_for_the_later_once_they_are_one(books: World) -> None:
    born(books, "bo", "1990-06-01")
    use(books, "anna", "cake", "1")
    use(books, "bo", "cake", "2", at=when("2026-06-01 10:00"))
    books.merge("anna", "bo")
    with pytest.raises(QuotaUsedUp) as refused:
        use(books, "anna", "cake", "3", at=when("2027-03-10 10:00"))
    assert str(refused.value.context["day"]) == "2027-05-25"


def test_29_february_is_28_february_in_other_years_and_never_both(books: World) -> None:
    born(books, "anna", "2000-02-29")
    assert use(books, "anna", "cake", "1", at=when("2027-02-28 10:00")).use.at == when("2027-02-28 10:00")
    for day in ("2027-03-01", "2027-03-07"):
        with pytest.raises(QuotaUsedUp):
            use(books, "anna", "cake", "2", at=when(f"{day} 10:00"))
    for year, day in ((2028, "02-29"), (2029, "02-28"), (2030, "02-28"), (2031, "02-28"), (2032, "02-29")):
        use(books, "anna", "cake", str(year), at=when(f"{year}-{day} 10:00"))
    on_the_day = gift()
    assert birthdays.window(on_the_day, date(2000, 2, 29), 2027) == (date(2027, 2, 28), date(2027, 2, 28))


def test_what_is_undone_was_none(books: World) -> None:
    use(books, "anna", "cake", "1")
    undo(books, "1")
    assert use(books, "anna", "cake", "2").use.off_minor == 0
    assert [one[2] for one in uses("cake")] == ["test", ""]


def test_a_window_may_lie_in_two_years_or_be_the_month() -> None:
    around = gift(days_before=7, days_after=7)
    new_year = date(1990, 1, 3)
    assert birthdays.current(around, new_year, date(2026, 12, 28)) == (date(2026, 12, 27), date(2027, 1, 10))
    assert birthdays.current(around, new_year, date(2027, 1, 10)) == (date(2026, 12, 27), date(2027, 1, 10))
    assert birthdays.current(around, new_year, date(2027, 1, 11))[0] == date(2027, 12, 27)
    assert birthdays.window(gift(whole_month=True), date(1990, 2, 3), 2028) == (date(2028, 2, 1), date(2028, 2, 29))
    assert birthdays.window(gift(whole_month=True), date(1990, 12, 31), 2026)[1] == date(2026, 12, 31)


DAYS = st.dates(date(2020, 1, 1), date(2031, 12, 31))


@UNHURRIED
@given(
    birthday=st.dates(date(1960, 1, 1), date(2010, 12, 31)), before=st.integers(0, 60), after=st.integers(0, 60),
    offsets=st.lists(st.integers(0, 120), min_size=8, max_size=8),
)  # fmt: skip
def test_who_never_changes_the_date_has_one_around_every_birthday(
    birthday: date, before: int, after: int, offsets: list[int]
) -> None:
    around, again = gift(days_before=before, days_after=after), None
    for year, offset in enumerate(offsets, start=2024):
        first, last = birthdays.window(around, birthday, year)
        day = min(first + timedelta(days=offset), last)
        holder = Holder(1, "basic", birthday, birthday_again=again)
        birthdays.check(around, holder, day)
        again = birthdays.next_from(around, holder, day)


@UNHURRIED
@given(
    before=st.integers(0, 60), after=st.integers(0, 60),
    tries=st.lists(st.tuples(DAYS, st.integers(0, 120)), max_size=60),
)  # fmt: skip
def test_whatever_dates_somebody_tells_n_of_them_take_n_minus_1_years(
    before: int, after: int, tries: list[tuple[date, int]]
) -> None:
    """The most that shifting the date can win is one window, once and for all."""
    around, again, had = gift(days_before=before, days_after=after), None, []
    for birthday, offset in sorted(tries):
        day = birthday + timedelta(days=min(offset, before + after) - before)
        holder = Holder(1, "basic", birthday, birthday_again=again)
        try:
            birthdays.check(around, holder, day)
        except BenefitRefused:
            continue
        again = birthdays.next_from(around, holder, day)
        had.append(day)
    for first in range(len(had)):
        for last in range(first + 1, len(had)):
            assert (had[last] - had[first]).days >= 365 * (last - first) - before - after
