"""What the simulator found about a draft, as its page shows it: who gains and loses, tiers, points and their cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from regulars.console import figures
from regulars.console.lines import customer_url
from regulars.console.programme.words import name_of, rules
from regulars.console.reader import said
from regulars.customers import queries as customers
from regulars.loyalty.badges.rules import badges as read_badges
from regulars.loyalty.currencies import counted_of
from regulars.loyalty.earning.rules import Counted, Earns
from regulars.loyalty.membership import number_of
from regulars.loyalty.simulation.queries import Run
from regulars.loyalty.simulation.rules import Bar, BudgetUse, Change, OtherPoints, Result, Side


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of both sides as it is written, and by how much they differ."""

    name: str
    today: str
    draft: str
    difference: str


@dataclass(frozen=True, slots=True)
class Budget:
    """What all members together would have got of a rule and what they may, and the day of the last of it, or ''."""

    name: str
    used: str
    most: str
    ended: str


@dataclass(frozen=True, slots=True)
class Person:
    """A member who would gain or lose much."""

    name: str
    url: str
    today: int
    draft: int
    difference: int


def shown(run: Run, live: Mapping[str, Any], currency: str, *, names: bool) -> dict[str, Any]:
    """Everything that the page shows of a finished simulation.

    Args:
        live: Terms of the version that is live, for the names of its rules.
        names: Whether its reader may see who gains and loses.
    """
    found = run.result
    assert found is not None
    ends = (found.most_gaining[:5], found.most_losing[:5]) if names else ((), ())
    known = customers.names(change.customer_id for some in ends for change in some)
    return {
        "result": found,
        "headline": headline(found),
        "assumed": _assumed(found, currency),
        "cards": _cards(found, currency),
        "compared": _points(found, run.question.terms, live, currency),
        "budgets": _budgets(found, run.question.terms, currency),
        "bars": [(_range(bar), bar.members) for bar in _told(found)],
        "chart": _chart(found),
        "rungs": [name_of(rung.names) or rung.code for rung in found.rungs_draft],
        "matrix": [
            (name_of(rung.names) or rung.code, list(row))
            for rung, row in zip(found.rungs_today, found.tiers, strict=True)
        ],
        "gaining": _people(ends[0], known),
        "losing": _people(ends[1], known),
    }


def headline(found: Result) -> str:
    """The answer in a sentence."""
    text = gettext(
        "More points for %(gaining)s of %(all)s members, fewer for %(losing)s, as many for %(same)s. "
        "%(up)s would be in a higher tier, %(down)s in a lower one."
    )
    moved = found.moved
    return text % {
        "gaining": figures.count(found.gaining), "all": figures.count(found.members),
        "losing": figures.count(found.losing),
        "same": figures.count(found.same), "up": figures.count(moved.up), "down": figures.count(moved.down),
    }  # fmt: skip


def _assumed(found: Result, currency: str) -> list[str]:
    """What was replayed, and what the figures take for granted."""
    orders = ngettext("%(n)s order", "%(n)s orders", found.orders) % {"n": figures.count(found.orders)}
    until = date_format(found.until, "SHORT_DATE_FORMAT")
    if found.since:
        window = gettext("As if these terms had been live from %(since)s to %(until)s, over %(orders)s.") % {
            "since": date_format(found.since, "SHORT_DATE_FORMAT"), "until": until, "orders": orders,
        }  # fmt: skip
    else:
        window = gettext("As if these terms had always been live, until %(until)s, over %(orders)s.") % {
            "until": until, "orders": orders,
        }  # fmt: skip
    behaviour = found.behaviour
    return [
        window,
        gettext("A thousand points are taken to cost %(money)s; what will expire is left out.")
        % {"money": figures.money(found.thousand_cost, currency)},
        gettext(
            "Everybody is taken to buy as they did. If those who gain spent %(percent)s%% less or more, the draft "
            "would cost %(low)s to %(high)s."
        )
        % {
            "percent": behaviour.percent, "low": figures.compact_money(behaviour.low_cost, currency),
            "high": figures.compact_money(behaviour.high_cost, currency),
        },
        *_guessed(found),
    ]  # fmt: skip


def _guessed(found: Result) -> list[str]:
    """That a draft asked for segments before anybody counted them."""
    if not found.guessed:
        return []
    told = ngettext(
        "For %(n)s order or event it is not on record who was in these segments then; it counts who is in them now.",
        "For %(n)s orders and events it is not on record who was in these segments then; it counts who is in them now.",
        found.guessed,
    )
    return [told % {"n": figures.count(found.guessed)}]


def _cards(found: Result, currency: str) -> list[Compared]:
    today, draft = found.today, found.draft

    def money(name: str, one: int, other: int) -> Compared:
        return Compared(
            name, figures.compact_money(one, currency), figures.compact_money(other, currency),
            _signed_money(other - one, currency),
        )  # fmt: skip

    return [
        Compared(
            gettext("Points given"), figures.compact(today.issued), figures.compact(draft.issued),
            figures.signed(draft.issued - today.issued),
        ),
        money(gettext("What they cost"), today.cost, draft.cost),
        Compared(gettext("Of net revenue"), _share(today), _share(draft), ""),
        money(gettext("Liability at the end"), today.liability, draft.liability),
    ]  # fmt: skip


def _points(found: Result, terms: Mapping[str, Any], live: Mapping[str, Any], currency: str) -> list[Compared]:
    called = {rule.code: rule.name for told in (live, terms) for rule in rules(told, currency)}
    today, draft = ({rule.code: rule.given for rule in side.rules} for side in (found.today, found.draft))
    rows = [(gettext("By the base"), today.get("", 0), draft.get("", 0))]
    rows += [
        (called.get(code, code), today.get(code, 0), draft.get(code, 0))
        for code in dict.fromkeys([*today, *draft])
        if code
    ]
    if found.today.capped or found.draft.capped:
        rows.append((gettext("Cut by caps"), -found.today.capped, -found.draft.capped))
    one, other = found.today, found.draft
    rows += [
        (gettext("Taken back with returns"), -one.clawed_back, -other.clawed_back),
        (gettext("Points spent"), one.redeemed, other.redeemed),
        (gettext("Expired"), one.expired, other.expired),
        (gettext("Left at the end"), one.outstanding, other.outstanding),
        *_others(found, {**counted_of(live), **counted_of(terms)}),
        *_badges(found, live, terms),
    ]
    return [
        Compared(name, figures.count(before), figures.count(after), figures.signed(after - before))
        for name, before, after in rows
    ]


def _budgets(found: Result, terms: Mapping[str, Any], currency: str) -> list[Budget]:
    """How far budgets for all members would have been used up, and when the last of them was given."""
    called = {rule.code: rule.name for rule in rules(terms, currency)} if found.budgets else {}
    earns = {str(rule["code"]): rule.get("earns", Earns.POINTS) for rule in terms.get("rules", ())}
    written = counted_of(terms)

    def counted(number: int, use: BudgetUse) -> str:
        if use.times:
            return ngettext("%(n)s time", "%(n)s times", number) % {"n": figures.count(number)}
        return said(written[earns[use.code]].of(number))

    return [
        Budget(
            called.get(one.code, one.code), figures.count(one.used), counted(one.most, one),
            date_format(one.ended, "SHORT_DATE_FORMAT") if one.ended else "",
        )
        for one in found.budgets
    ]  # fmt: skip


def _others(found: Result, counted: Mapping[str, Counted]) -> list[tuple[str, int, int]]:
    """What members got, used and lost of the programme's own currencies."""
    sides = [{one.code: one for one in side.others} for side in (found.today, found.draft)]
    rows = []
    for code in dict.fromkeys([*sides[0], *sides[1]]):
        what = {"what": said(counted[code].name) if code in counted else code}
        one, other = (side.get(code, OtherPoints(code, 0, 0, 0)) for side in sides)
        rows += [
            (gettext("%(what)s: given") % what, one.issued, other.issued),
            (gettext("%(what)s: spent") % what, one.redeemed, other.redeemed),
            (gettext("%(what)s: expired") % what, one.expired, other.expired),
        ]
    return rows


def _badges(found: Result, *told: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    """How many members have each badge at the end."""
    names = {one.code: said(one.name) for terms in told for one in read_badges(terms.get("badges", ())).values()}
    today, draft = ({one.code: one.members for one in side.badges} for side in (found.today, found.draft))
    return [
        (gettext("Members with the badge “%(name)s”") % {"name": names.get(code, code)}, today.get(code, 0),
         draft.get(code, 0))
        for code in dict.fromkeys([*today, *draft])
    ]  # fmt: skip


def _share(side: Side) -> str:
    return "—" if side.share is None else f"{side.share / 100:.2f}%"


def _signed_money(minor: int, currency: str) -> str:
    text = figures.compact_money(minor, currency)
    return f"+{text}" if minor > 0 else text


def _range(bar: Bar) -> str:
    """Which differences a bar counts: +100 to +999."""
    if bar.low == bar.high == 0:
        return gettext("the same")
    low, high = (None if end is None else figures.signed(end) for end in (bar.low, bar.high))
    if low is None:
        return gettext("%(high)s and less") % {"high": high}
    if high is None:
        return gettext("%(low)s and more") % {"low": low}
    return low if low == high else gettext("%(low)s to %(high)s") % {"low": low, "high": high}


def _told(found: Result) -> list[Bar]:
    """The bars from the first to the last that anybody stands in."""
    places = [place for place, bar in enumerate(found.histogram) if bar.members]
    return list(found.histogram[places[0] : places[-1] + 1]) if places else []


def _chart(found: Result) -> dict[str, Any]:
    bars = _told(found)
    return {
        "x": [_range(bar) for bar in bars],
        "series": [{"name": gettext("Members"), "data": [bar.members for bar in bars]}],
        "flat": True,
    }


def _people(changes: Sequence[Change], known: Mapping[int, tuple[int, str]]) -> list[Person]:
    return [
        Person(
            known[one.customer_id][1] or number_of(one.customer_id), customer_url(one.customer_id), one.today,
            one.draft, one.difference,
        )
        for one in changes
        if one.customer_id in known
    ]  # fmt: skip
