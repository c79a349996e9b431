"""Customers whom no condition can tell: those behind the cells of cohorts and retention, and who buys less often."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any, Literal, TypeAlias, get_args

from django.utils.translation import get_language

from regulars.catalogue import queries as catalogue
from regulars.console import behind
from regulars.console.behind import Named, Unreadable
from regulars.console.kept import kept
from regulars.core.bilingual import Text
from regulars.insight import queries as insight
from regulars.insight.compute import cohorts, retention, segment_retention
from regulars.insight.compute.periods import Unit, first_day, number_of
from regulars.insight.compute.retention import Figure
from regulars.insight.compute.visits import Part, Trait
from regulars.insight.segments import queries as segments

Grouped: TypeAlias = Trait | Literal["segment"]
"""What retention can be grouped by."""
GROUPED: tuple[Grouped, ...] = (*get_args(Trait), "segment")
COHORT, RETENTION, DECLINING = "cohort", "retention", "declining"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CHANNELS: Mapping[str, Text] = {"store": Text("门店", "In store"), "online": Text("线上", "Online")}
UNITS: Mapping[Unit, Text] = {
    Unit.WEEK: Text("周", "week"), Unit.MONTH: Text("个月", "month"), Unit.QUARTER: Text("个季度", "quarter"),
}  # fmt: skip
FIGURES: Mapping[str, Text] = {
    "active": Text("{period}买过", "bought in {period}"),
    "new": Text("{period}首次购买", "first bought in {period}"),
    "returned": Text("隔了一阵，{period}又回来", "came back in {period} after a break"),
    "before": Text("{period}的上一期买过", "bought in the period before {period}"),
    "retained": Text("上一期买过，{period}又买", "bought in the period before and again in {period}"),
    "retained_here": Text(
        "上一期买过，{period}又在同一处买", "bought in the period before and in the same place in {period}"
    ),
    "lost": Text("上一期买过，{period}没来", "bought in the period before, but not in {period}"),
}


def period_text(day: date, unit: Unit) -> Text:
    """The name of the period that begins on a day."""
    if unit is Unit.QUARTER:
        quarter = (day.month + 2) // 3
        return Text(f"{day.year} 年第 {quarter} 季度", f"Q{quarter} {day.year}")
    month = MONTHS[day.month - 1]
    if unit is Unit.MONTH:
        return Text(f"{day.year} 年 {day.month} 月", f"{month} {day.year}")
    return Text(f"{day.year}-{day.month:02}-{day.day:02} 起的一周", f"the week of {day.day} {month} {day.year}")


def period_label(day: date, unit: Unit) -> str:
    """The same for the heading of a row, as short as it can be."""
    if unit is Unit.WEEK:
        month = MONTHS[day.month - 1]
        return Text(f"{day.year}-{day.month:02}-{day.day:02}", f"{day.day} {month} {day.year}").said(language())
    return period_text(day, unit).said(language())


def language() -> str:
    """The reader's."""
    return get_language() or "zh"


def names_of(by: Grouped | None) -> Mapping[int, Text]:
    """The names of stores or segments; segments that were put away have none."""
    if by == "store":
        return {key: Text(name, name) for key, name in catalogue.store_names().items() if name}
    return {one.id: one.name for one in segments.segments()} if by == "segment" else {}


def part_text(part: Part, by: Grouped, names: Mapping[int, Text]) -> Text:
    """The name of a group."""
    if part is None:
        return Text("未知", "Not known")
    if isinstance(part, date):
        return period_text(part, Unit.MONTH)
    if isinstance(part, int) and by in ("store", "segment"):
        unnamed = Text(f"门店 {part}", f"Store {part}") if by == "store" else Text(f"人群 {part}", f"Segment {part}")
        return names.get(part, unnamed)
    return CHANNELS.get(str(part), Text(str(part), str(part)))


def _cohort(told: Mapping[str, str]) -> Named:
    unit, day = _unit(told), _day(told.get(COHORT, ""))
    again, after = told.get("again") == "1", told.get("after", "")
    if after and not (after.isdecimal() and len(after) < 4):
        raise Unreadable("There is no such cohort.")
    period = int(after) if after else None
    name, one = period_text(first_day(number_of(day, unit), unit), unit), UNITS[unit]
    zh, en = f"{name.zh}首次购买", f"First bought in {name.en}"
    if again:
        zh += "，之后又来过" if period is None else f"，到之后第 {period} {one.zh}为止又来过"
        en += ", came again" if period is None else f", came again by {one.en} {period} after it"
    elif period is not None:
        zh, en = f"{zh}，之后第 {period} {one.zh}来过", f"{en}, bought in {one.en} {period} after it"
    choose = partial(_members, unit=unit, day=day, period=period, again=again)
    return Named(Text(zh, en), lambda: _ids((COHORT, unit, day, period, again), choose))


def _members(told: Any, today: date, *, unit: Unit, day: date, period: int | None, again: bool) -> Any:
    return cohorts.members(told, today, unit, day, period=period, again=again)


def _retention(told: Mapping[str, str]) -> Named:
    figure, unit, day = told.get(RETENTION, ""), _unit(told), _day(told.get("of", ""))
    by = told.get("by") or None
    if figure not in get_args(Figure) or by not in (None, *GROUPED):
        raise Unreadable("There is no such figure.")
    part: Part = _part(told.get("part", ""), by)
    period = period_text(first_day(number_of(day, unit), unit), unit)
    zh, en = FIGURES[figure].zh.format(period=period.zh), FIGURES[figure].en.format(period=period.en)
    title = Text(zh, en[0].upper() + en[1:])
    if by is not None:
        name = part_text(part, by, names_of(by))
        title = Text(f"{name.zh}：{title.zh}", f"{name.en}: {en}")
    choose = partial(_behind, unit=unit, day=day, figure=figure, by=by, part=part)
    return Named(title, lambda: _ids((RETENTION, figure, unit, day, by, part), choose))


def _behind(told: Any, today: date, *, unit: Unit, day: date, figure: Any, by: Any, part: Part) -> Any:
    if by == "segment":
        return segment_retention.behind(told, today, unit, day, figure, segment_id=part if isinstance(part, int) else 0)
    return retention.behind(told, today, unit, day, figure, by=by, part=part)


def _part(asked: str, by: str | None) -> Part:
    if by is None or not asked:
        return None
    if by == "cohort":
        return _day(asked)
    if by in ("store", "segment"):
        if not (asked.isdecimal() and len(asked) < 19):
            raise Unreadable("There is no such store or segment.")
        return int(asked)
    return asked


def _declining(_told: Mapping[str, str]) -> Named:
    title = Text("近来买得比以往少", "Buy less often than they used to")

    def customers() -> list[int]:
        found = insight.decline()
        ids: list[int] = found.customers["customer_id"].to_pylist() if found else []
        return ids

    return Named(title, customers)


def _ids(key: tuple[object, ...], choose: Callable[..., Any]) -> list[int]:
    """Those whom the lake chooses, kept, since turning a page of the list asks for them again."""
    good = insight.last_good()
    name = good.set_name if good else ""
    return kept("behind", name, *key, make=lambda: insight.customers_behind(choose), version=())


def _unit(told: Mapping[str, str]) -> Unit:
    try:
        return Unit(told.get("unit", Unit.MONTH))
    except ValueError as error:
        raise Unreadable("There is no such period.") from error


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Unreadable("This is no day.") from error
    if not date(1971, 1, 1) <= day <= date(9000, 1, 1):
        raise Unreadable("This is no day of a shop.")
    return day


def last_day_of(first: date, unit: Unit) -> date:
    """The last day of the period that begins on a day."""
    return first_day(number_of(first, unit) + 1, unit) - timedelta(days=1)


behind.NAMED[COHORT] = _cohort
behind.NAMED[RETENTION] = _retention
behind.NAMED[DECLINING] = _declining
