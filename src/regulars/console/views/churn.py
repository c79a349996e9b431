"""The churn radar: who is about to leave, why, what is at stake, and what to do about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console import downloads, fragments, reader
from regulars.console.access import StaffRequest, requires
from regulars.console.behind import people_url
from regulars.console.condition_words import Speaker, speaker
from regulars.console.kept import kept
from regulars.console.pages import Counted
from regulars.console.picture import churn_groups, churn_radar
from regulars.console.picture.churn_radar import Asked, Line
from regulars.console.picture.people_list import STAGE_TONES
from regulars.console.picture.state import picture_state
from regulars.core.money import to_major
from regulars.insight import contracts
from regulars.insight import queries as insight
from regulars.insight.compute import radar
from regulars.insight.compute.cards import Card
from regulars.insight.compute.churn.rhythm import LATE
from regulars.insight.compute.churn.threshold import Costs
from regulars.insight.compute.contribution import CLASSES
from regulars.insight.compute.figures import Churn
from regulars.insight.compute.lifecycle import STAGES
from regulars.insight.compute.pictures import Picture
from regulars.insight.compute.radar import Sky
from regulars.staff import actions as staff

PAGE, PER_PAGE = "churn", 20
SORT_LABELS = {
    "exposure": gettext_lazy("Value × risk"),
    "risk": gettext_lazy("Risk"),
    "value": gettext_lazy("At stake"),
    "silent": gettext_lazy("Longest silence"),
}


@dataclass(frozen=True, slots=True)
class Todo:
    """Customers at risk in one stage, and what to do for them; `stake` in minor units."""

    name: str
    tone: str
    customers: int
    stake: int
    strategy: str
    url: str


@requires("insight.view")
@never_cache
def churn(request: StaffRequest) -> HttpResponse:
    """The page; for somebody who filters, sorts or turns pages, only the list."""
    picture, told = insight.picture(), insight.churn()
    context: dict[str, object] = {**picture_state(request), "has_picture": picture is not None and told is not None}
    context["has_contracts"] = contracts.contracts(picture) is not None if picture else False
    part = fragments.asked(request) == "radar"
    if picture is not None and told is not None:
        words = speaker(request)
        sky = _sky(picture, words)
        if context["has_contracts"] and not sky.parts and "by" not in request.GET:
            return redirect("contracts")
        context |= _list(request, picture, sky, words)
        if not part:
            context |= _answer(sky, told) | _groups(told, words)
    part = part and picture is not None
    return fragments.shown(request, "churn/list.html" if part else "churn/page.html", context)


def _sky(picture: Picture, words: Speaker) -> Sky:
    return kept("churn-sky", str(picture.file), make=lambda: radar.sky(picture, words.fields), version=())


def _answer(sky: Sky, told: Churn) -> dict[str, object]:
    """What the page says first: how many, how much, over which time, and whether a model or the rule says so."""
    serving = next((card for card in insight.cards() if card.purpose == "churn" and card.verdict.serves), None)
    high, watched = Asked(level="high"), Asked(level="")
    closed = not sky.has_risks
    return {
        "horizon": told.horizon_days,
        "has_risks": sky.has_risks,
        "has_levels": bool(sky.customers("high", "medium", "low")),
        "late": f"{LATE:g}",
        "high": sky.customers("high"),
        "high_stake": sky.stake_minor("high"),
        "high_url": high.people_url,
        "medium": sky.customers("medium"),
        "medium_url": Asked(level="medium").people_url,
        "watched": sky.customers(*radar.WATCHED),
        "watched_stake": sky.stake_minor(*radar.WATCHED),
        "watched_url": watched.people_url,
        "away": sky.customers("lost"),
        "away_url": Asked(level="lost").people_url,
        "gate": _said(serving) if closed and serving else _refused() if closed else "",
        **_pays(serving),
    }


def _said(card: Card) -> str:
    return reader.said(card.verdict.words, **card.verdict.numbers)


def _refused() -> str:
    """Why nobody's risk can be told at all."""
    return next((_said(card) for card in insight.cards() if card.purpose == "churn"), "")


def _pays(card: Card | None) -> dict[str, object]:
    """From which risk on it pays to get in touch, by the backtest of the model that serves."""
    threshold = card.backtest.get("threshold") if card else None
    if card is None or threshold is None or not 0 < threshold < 1:
        return {}
    percent = -int(-100 * threshold // 1)
    tree = {"field": "churn_risk", "op": "ge", "value": percent / 100}
    costs = Costs()
    return {
        "pays_from": percent,
        "pays_url": people_url(tree),
        "contact_cost": costs.contact_minor,
        "kept_percent": round(100 * costs.success_rate),
    }


def _groups(told: Churn, words: Speaker) -> dict[str, object]:
    return {
        "moments": churn_groups.moments(told.moments, told.horizon_days, words),
        "groupings": churn_groups.groupings(told.drivers, words),
        "half": churn_groups.HALF,
    }


def _todo(sky: Sky, words: Speaker) -> list[Todo]:
    """The stages of those at risk, the most at stake first."""
    found = []
    for code, stage in STAGES.items():
        parts = [part for part in sky.of(*radar.WATCHED) if part.stage == code]
        if not parts:
            continue
        found.append(
            Todo(
                words.text(stage.name), STAGE_TONES.get(code, "mute"), sum(part.customers for part in parts),
                sum(part.stake_minor for part in parts), words.text(stage.strategy), Asked(stage=code).people_url,
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: -one.stake)


def _list(request: StaffRequest, picture: Picture, sky: Sky, words: Speaker) -> dict[str, object]:
    asked = Asked.read(request.GET)
    wanted = asked.wanted(words)
    count, stake = kept("churn-list", str(picture.file), asked, make=lambda: radar.count(picture, wanted), version=())
    page = Paginator(Counted(count), PER_PAGE).get_page(request.GET.get("page"))

    def look_up() -> list[dict[str, Any]]:
        place = {"limit": PER_PAGE, "offset": (page.number - 1) * PER_PAGE}
        return radar.page(picture, wanted, columns=churn_radar.COLUMNS, sort=asked.sort, **place)

    rows = kept("churn-rows", str(picture.file), asked, page.number, make=look_up, version=())
    return {
        "asked": asked,
        "count": count,
        "stake": stake,
        "page": page,
        "lines": churn_radar.lines(rows, words),
        "shown_reasons": churn_radar.SHOWN_REASONS,
        "tabs": [
            (name, sky.customers(*levels), code == asked.level, asked.changed(level=code).query)
            for code, (name, levels) in churn_radar.TABS.items()
            if code in ("", "high", "medium", "low", asked.level) or sky.customers(*levels)
        ],
        "stages": [(code, words.text(stage.name)) for code, stage in STAGES.items()],
        "classes": [(code, words.text(name)) for code, name in CLASSES.items()],
        "reasons": [(code, words.text(churn_radar.label_of(code)), n) for code, n in sky.reasons],
        "sorts": [(code, label) for code, label in SORT_LABELS.items() if code != "risk" or sky.has_risks],
        "todo": _todo(sky, words),
    }


@requires("insight.export")
@require_POST
def export(request: StaffRequest, form: str) -> HttpResponseBase:
    """The list as filtered, as CSV or XLSX; phones are whole only for those who may see them."""
    if form not in downloads.FORMS:
        raise Http404
    picture = insight.picture()
    if picture is None:
        return redirect(PAGE)
    words, asked = speaker(request), Asked.read(dict(parse_qsl(request.POST.get("query", ""))))
    wanted, whole = asked.wanted(words), "customers.reveal" in request.capabilities
    detail = {
        "rows": radar.count(picture, wanted)[0],
        "format": form,
        "filter": ["churn", *asked.kinds],
        "phones": "whole" if whole else "masked",
    }
    staff.record(by=request.actor, action="insight.export", at=timezone.now(), subject_kind="customers", detail=detail)
    found = radar.portions(
        picture, wanted, columns=churn_radar.COLUMNS, sort=asked.sort, size=churn_radar.PORTION
    )  # fmt: skip
    rows = _rows(churn_radar.portions(found, words, whole=whole), words.currency)
    return downloads.sent(f"churn-{timezone.localdate()}", form, _heading(words.currency), rows)


def _heading(currency: str) -> list[str]:
    return [
        _("Member number"),
        _("Name"),
        _("Phone"),
        _("Level of risk"),
        _("Churn risk (%)"),
        _("Why"),
        _("At stake (%(currency)s)") % {"currency": currency},
        _("Last purchase"),
        _("Days of silence"),
        _("Stage"),
        _("What to do"),
        _("Tier"),
        _("Contribution"),
    ]


def _rows(portions: Iterator[list[Line]], currency: str) -> Iterator[Sequence[downloads.Cell]]:
    for portion in portions:
        for line in portion:
            yield [
                line.number,
                line.name,
                line.phone,
                line.level,
                None if line.risk is None else f"{line.risk:.1f}",
                "; ".join(f"{one.words} {'↑' if one.raises else '↓'}" for one in line.reasons),
                to_major(line.stake, currency),
                line.last_day,
                line.silent,
                line.stage,
                line.todo,
                line.tier,
                line.contribution,
            ]


urlpatterns = [
    path("churn/", churn, name=PAGE),
    path("churn/export/<str:form>/", export, name="churn_export"),
]
