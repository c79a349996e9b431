"""Limits: never exceeded within any window, counted exactly, given back, swept."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.limits import actions, queries
from regulars.limits.models import Use
from regulars.limits.rules import EVER, Kind, Limit, Take, decide, seconds_until_room

AT = datetime(2026, 3, 1, 10, 0, 30, tzinfo=UTC)
WEEKLY = Limit(Kind.MESSAGES, 2, timedelta(days=7))
ONCE = Limit(Kind.COUPON_USES, 1)
SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))


def take(limit: Limit, *subjects: int, at: datetime = AT, amount: int = 1) -> list[bool]:
    return actions.take([Take(limit, subject, amount) for subject in subjects], at=at)


class TestRules:
    @pytest.mark.parametrize(
        ("ceiling", "window", "step"),
        [(-1, None, MINUTE), (1, timedelta(seconds=90), MINUTE), (1, SECOND, MINUTE), (1, None, timedelta())],
    )
    def test_a_limit_makes_sense(self, ceiling: int, window: timedelta | None, step: timedelta) -> None:
        with pytest.raises(ValueError, match="ceiling"):
            Limit(Kind.MESSAGES, ceiling, window, step)

    def test_a_refused_take_leaves_its_room_to_a_smaller_one(self) -> None:
        limit = Limit(Kind.MESSAGES, 5)
        takes = [Take(limit, 1, 4), Take(limit, 1, 3), Take(limit, 1), Take(limit, 1), Take(limit, 2, 5)]
        assert decide(takes, {limit: {2: 1}}) == [True, False, True, False, False]

    def test_two_limits_of_a_kind_count_the_same_uses(self) -> None:
        takes = [Take(Limit(Kind.MESSAGES, 2), 1), Take(Limit(Kind.MESSAGES, 1, DAY), 1)]
        assert decide(takes, {}) == [True, False]

    def test_when_room_comes_back(self) -> None:
        limit = Limit(Kind.CODE_GUESSES, 2, 5 * MINUTE, SECOND)
        used = [(AT - 4 * MINUTE, 1), (AT - MINUTE, 1)]
        assert seconds_until_room(limit, used[:1], AT) == 0
        assert seconds_until_room(limit, used, AT) == 61
        assert seconds_until_room(limit, [(AT - 4 * MINUTE, 1), (AT - MINUTE, 5)], AT) == 241
        assert seconds_until_room(ONCE, [(EVER, 1)], AT) is None
        assert seconds_until_room(Limit(Kind.MESSAGES, 0, DAY), [], AT) is None

    @given(
        st.lists(st.integers(0, 3000), max_size=40).map(sorted),
        st.integers(1, 4),
        st.sampled_from([(MINUTE, SECOND), (10 * MINUTE, MINUTE), (MINUTE, MINUTE)]),
    )
    def test_no_window_wherever_it_begins_ever_holds_more(
        self, seconds: list[int], ceiling: int, spans: tuple[timedelta, timedelta]
    ) -> None:
        limit = Limit(Kind.MESSAGES, ceiling, *spans)
        buckets: dict[datetime, int] = {}
        served: list[datetime] = []
        for at in (AT + second * SECOND for second in seconds):
            used = sum(amount for start, amount in buckets.items() if start >= limit.counts_from(at))
            if decide([Take(limit, 1)], {limit: {1: used}}) == [True]:
                buckets[limit.bucket(at)] = buckets.get(limit.bucket(at), 0) + 1
                served.append(at)
        for begin in served:
            assert sum(begin <= at < begin + spans[0] for at in served) <= ceiling


@pytest.mark.django_db
class TestCounting:
    def test_up_to_the_ceiling_and_not_beyond(self) -> None:
        assert take(WEEKLY, 1, 2, 1, 1, 2, 2, 3) == [True, True, True, False, True, False, True]
        assert queries.room_left(WEEKLY, [1, 2, 3, 4], at=AT) == {1: 0, 2: 0, 3: 1, 4: 2}
        assert queries.had(Kind.MESSAGES, [1, 3, 4], at=AT, window=7 * DAY) == {1: 2, 3: 1}
        assert actions.take([], at=AT) == []

    def test_a_window_rolls_and_room_comes_back_at_most_a_step_late(self) -> None:
        assert take(WEEKLY, 1, 1) == [True, True]
        for later, free in ((6 * DAY, 0), (7 * DAY, 0), (7 * DAY + MINUTE, 2)):
            assert queries.room_left(WEEKLY, [1], at=AT + later)[1] == free
        wait = queries.retry_after(WEEKLY, 1, at=AT + 6 * DAY)
        assert wait is not None
        assert take(WEEKLY, 1, at=AT + 6 * DAY + (wait - 1) * SECOND) == [False]
        assert take(WEEKLY, 1, at=AT + 6 * DAY + wait * SECOND) == [True]

    def test_for_ever_is_for_ever(self) -> None:
        assert take(ONCE, 7) == [True]
        assert take(ONCE, 7, at=AT + 3650 * DAY) == [False]
        assert queries.retry_after(ONCE, 7, at=AT) is None
        assert queries.kept(Kind.COUPON_USES) == {7: 1}

    def test_kinds_and_subjects_do_not_mix(self) -> None:
        take(WEEKLY, 7, 7)
        assert take(ONCE, 7) == [True]
        assert take(WEEKLY, 8) == [True]

    def test_what_was_given_back_can_be_taken_again(self) -> None:
        take(ONCE, 7)
        take(WEEKLY, 1, 1)
        actions.give_back([Take(ONCE, 7), Take(WEEKLY, 1)], taken_at=AT)
        assert take(ONCE, 7, 7) == [True, False]
        assert take(WEEKLY, 1, 1, at=AT + DAY) == [True, False]
        actions.give_back([], taken_at=AT)

    def test_more_than_was_taken_is_never_given_back(self) -> None:
        take(ONCE, 7)
        actions.give_back([Take(ONCE, 7), Take(ONCE, 7, 5)], taken_at=AT)
        assert take(ONCE, 7, 7) == [True, False]

    def test_the_sweep_takes_old_buckets_and_leaves_what_counts(self) -> None:
        take(WEEKLY, 1, 2)
        take(WEEKLY, 1, at=AT + DAY)
        take(ONCE, 7)
        assert actions.sweep(before=AT + HOUR) == 2
        assert queries.had(Kind.MESSAGES, [1, 2], at=AT + DAY, window=7 * DAY) == {1: 1}
        assert take(ONCE, 7) == [False]
        actions.give_back([Take(WEEKLY, 2)], taken_at=AT)
        assert not Use.objects.filter(used__lt=0).exists()

    def test_all_together_for_an_alarm(self) -> None:
        guesses = Limit(Kind.CODE_GUESSES, 5, 5 * MINUTE, SECOND)
        take(guesses, 1, 1, 2)
        take(guesses, 3, at=AT + HOUR)
        assert queries.taken(Kind.CODE_GUESSES, since=AT) == [
            (1, AT, 2), (2, AT, 1), (3, AT + HOUR, 1),
        ]  # fmt: skip
        assert queries.taken(Kind.CODE_GUESSES, since=AT + MINUTE) == [(3, AT + HOUR, 1)]

    @pytest.mark.parametrize("few", [queries.FEW, 1])
    def test_many_are_read_as_few_are(self, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(queries, "FEW", few)
        take(WEEKLY, *range(1, 9), *range(1, 5))
        take(ONCE, 1, 2)
        wanted: Sequence[int] = range(3, 20)
        assert queries.had(Kind.MESSAGES, wanted, at=AT, window=DAY) == {3: 2, 4: 2, 5: 1, 6: 1, 7: 1, 8: 1}
        assert queries.used(ONCE, [1, 5, 6], at=AT) == {1: 1}
