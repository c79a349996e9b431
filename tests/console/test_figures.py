"""How figures are written, in both languages."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import formats, translation
from hypothesis import given
from hypothesis import strategies as st

from regulars.console import figures
from regulars.console.templatetags import ui

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_numbers_have_groups_in_both_languages(language: str) -> None:
    with translation.override(language):
        assert formats.localize(1234567) == "1,234,567"
        assert figures.money(-123450, "CNY") == "-¥1,234.50"
        assert figures.money(1234, "JPY") == "¥1,234"
        assert figures.money(1234567, "KWD") == "KWD 1,234.567"
        assert figures.signed(1280) == "+1,280"
        assert figures.signed(-300) == "-300"
        assert figures.signed(0) == "0"


@pytest.mark.parametrize(
    ("number", "zh", "en"),
    [
        (99_999, "99,999", "99,999"),
        (402_000, "40.2 万", "402K"),
        (999_950, "100.0 万", "1.00M"),
        (7_862_000, "786.2 万", "7.86M"),
        (99_999_999, "1.00 亿", "100.00M"),
        (-402_000, "-40.2 万", "-402K"),
    ],
)
def test_large_figures_are_short(number: int, zh: str, en: str) -> None:
    with translation.override("zh-hans"):
        assert figures.compact(number).replace("\u2009", " ") == zh
    with translation.override("en"):
        assert figures.compact(number) == en


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_every_figure_can_be_written(number: int) -> None:
    for language in ("zh-hans", "en"):
        with translation.override(language):
            text = figures.compact(number)
            assert text.startswith("-") == (number < 0)
            assert len(text) <= 16


@pytest.mark.parametrize(
    ("before", "zh", "en"),
    [
        (timedelta(seconds=12), "刚刚", "just now"),
        (timedelta(minutes=5), "5 分钟前", "5 min ago"),
        (timedelta(hours=3), "3 小时前", "3 h ago"),
        (timedelta(days=1), "1 天前", "1 day ago"),
        (timedelta(days=12), "12 天前", "12 days ago"),
        (timedelta(days=-3), "3 天后", "in 3 days"),
        (timedelta(days=200), "2025-08-22", "22 Aug 2025"),
    ],
)
def test_how_long_ago(before: timedelta, zh: str, en: str) -> None:
    with translation.override("zh-hans"):
        assert figures.ago(NOW - before, NOW) == zh
    with translation.override("en"):
        assert figures.ago(NOW - before, NOW) == en


def test_avatars() -> None:
    assert ui.initial("林晓") == "林"
    assert ui.initial("Xiao Lin") == "XL"
    assert ui.initial("  ") == "?"
    assert ui.hue("林晓") == ui.hue("林晓") < ui.HUES


def test_sparkline_stays_inside_its_box() -> None:
    svg = ui.spark([3, 9, 1, 7], width=90, height=30)
    dots = svg.split('polyline points="')[1].split('"')[0].split()
    assert len(dots) == 4
    assert all(0 <= float(dot.split(",")[0]) <= 90 and 0 <= float(dot.split(",")[1]) <= 30 for dot in dots)
    assert ui.spark([5]) == ""
