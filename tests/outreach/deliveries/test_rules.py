"""When a message may leave, when it is tried again, and which addresses in it are counted."""

from datetime import UTC, datetime, time, timedelta

import pytest

from regulars.outreach.deliveries.rules import chosen_language, is_open, links_in, next_try, room_at

AT = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "windows", "found"),
    [
        (time(8), [(time(8), time(21))], True),
        (time(21), [(time(8), time(21))], False),
        (time(7, 59), [(time(8), time(21))], False),
        (time(19), [(time(8), time(21)), (time(10), time(18))], False),
        (time(12), [], True),
    ],
)
def test_hours_are_half_open_and_all_of_them_hold(now: time, windows: list[tuple[time, time]], found: bool) -> None:
    assert is_open(now, *windows) is found


@pytest.mark.parametrize(
    ("pace", "hour", "minute", "room"),
    [(None, 9, 9, 50), (60, 0, 0, 1), (60, 0, 1, 0), (60, 60, 0, 0), (6000, 0, 40, 50), (600, 597, 0, 3), (1, 0, 0, 1)],
)
def test_a_pace_is_kept_by_the_hour_and_by_the_minute(pace: int | None, hour: int, minute: int, room: int) -> None:
    assert room_at(pace, last_hour=hour, last_minute=minute, most=50) == room


def test_tries_come_at_growing_distances_and_end() -> None:
    waits = [next_try(tries, AT) for tries in range(1, 6)]
    assert waits[:2] == [AT + timedelta(minutes=2), AT + timedelta(minutes=10)]
    assert waits[3:] == [AT + timedelta(hours=4), None]


@pytest.mark.parametrize(
    ("content", "told", "found"),
    [
        (["zh", "en"], ("en", "zh"), "en"), (["zh"], ("en", "zh-hans"), "zh"), (["en"], ("zh-hans", ""), "en"),
        ([], ("en",), ""),
    ],
)  # fmt: skip
def test_a_customer_reads_the_first_of_their_languages_in_which_there_are_words(
    content: list[str], told: tuple[str, ...], found: str
) -> None:
    assert chosen_language(content, *told) == found


def test_links_end_where_people_end_them_and_none_carries_a_customers_data() -> None:
    body = (
        "看（https://a.example/x?y=1），https://a.example/x?y=1. http://b.example/{{name}} javascript:alert(1) ftp://c"
    )
    assert links_in(body) == ("https://a.example/x?y=1",)
