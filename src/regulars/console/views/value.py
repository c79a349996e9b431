"""Value and lifecycle: what customers are worth, how they come, and how they move from stage to stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import path

from regulars.console import fragments
from regulars.console.access import StaffRequest, requires
from regulars.console.behind import people_url
from regulars.console.kept import kept
from regulars.console.picture.model_cards import tracking_chart
from regulars.console.picture.stage_bands import Bar, bands
from regulars.console.picture.state import picture_state
from regulars.console.picture.value_groups import (
    MAP_HEIGHT,
    MAP_WIDTH,
    SYSTEMS,
    in_order,
    known,
    lines_of,
    mapped,
    usual_system,
)
from regulars.console.reader import said
from regulars.insight import queries as insight
from regulars.insight.compute import contribution, figures, lifecycle
from regulars.insight.compute.browse import Group
from regulars.insight.compute.cards import Card

FLOW_WIDTH, FLOW_HEIGHT = 640.0, 300.0
PERIODS = (30, 90, 365)
STAGE_TONES: Mapping[str, str] = {
    "new": "d", "growing": "c", "active": "a", "won_back": "b", "at_risk": "f", "dormant": "h", "churned": "g",
}  # fmt: skip
"""Tones of stages, as of groups."""
VALUE_MODELS = ("bg_nbd", "mbg_nbd", "own_rate")


@dataclass(frozen=True, slots=True)
class Cell:
    """Customers with these scores; `heat` from 0 to 8."""

    recency: int
    frequency: int
    customers: int
    heat: int
    url: str


@dataclass(frozen=True, slots=True)
class FlowLine:
    """Customers who went from one stage to another; `path` is their band."""

    start: str
    end: str
    customers: int
    path: str
    tone: str


@requires("insight.view")
def value(request: StaffRequest) -> HttpResponse:
    """The page; for another period, only the moves between stages."""
    folder, good = insight.folder(), insight.last_good()
    context: dict[str, object] = {**picture_state(request), "has_picture": folder is not None}
    if folder is not None and good is not None:
        days = _days(request)
        context |= _moves(days) if fragments.asked(request) == "moves" else _page(request, days)
    part = fragments.asked(request) == "moves"
    return fragments.shown(request, "value/moves.html" if part else "value/page.html", context)


def _page(request: StaffRequest, days: int) -> dict[str, object]:
    system = _system(request)
    column, _names = SYSTEMS[system]
    good, folder = insight.last_good(), insight.folder()
    assert good is not None
    assert folder is not None
    found = kept("value", good.set_name, system, make=lambda: _counted(column), version=())
    verdicts = figures.verdicts_of(folder)
    lines = mapped(found["groups"], system)
    stages = {code: (one.name, one.strategy) for code, one in lifecycle.STAGES.items()}
    stage_lines = in_order(lines_of(found["stages"], "stage", stages, STAGE_TONES), list(lifecycle.STAGES))
    classes = {code: (name, contribution.MEANINGS[code]) for code, name in contribution.CLASSES.items()}
    numbers = {"core_percent": contribution.CORE_PERCENT, "important_percent": contribution.IMPORTANT_PERCENT}
    customers = sum(group.customers for group in found["stages"])
    loyalty = sum(group.sums["loyalty_index"] for group in found["stages"])
    buyers = sum(line.customers for line in lines)
    return {
        "system": system,
        "lines": lines,
        "map": (MAP_WIDTH, MAP_HEIGHT),
        "cells": _cells(found["cells"]),
        "classes": in_order(lines_of(found["classes"], "contribution", classes, {}, numbers), list(classes)),
        "stage_lines": stage_lines,
        "customers": customers,
        "buyers": buyers,
        "value": sum(group.sums["value_minor"] for group in found["stages"]),
        "loyalty": round(loyalty / buyers) if buyers else None,
        "watched": [line for line in stage_lines if line.code in ("at_risk", "dormant")],
        "doubts": [_said(one) for name in ("rfm", "lifecycle") if (one := verdicts.get(name)) and not one.serves],
        **_model(insight.cards()),
        **_moves(days),
    }  # fmt: skip


def _counted(column: str) -> dict[str, list[Group]]:
    return {
        "groups": known(insight.counts_by([column], sums=["spent_365_minor", "value_minor"])),
        "cells": known(insight.counts_by(["recency_score", "frequency_score"])),
        "classes": known(insight.counts_by(["contribution"], sums=["spent_365_minor", "value_minor"])),
        "stages": known(insight.counts_by(["stage"], sums=["spent_365_minor", "value_minor", "loyalty_index"])),
    }


def _cells(groups: list[Group]) -> list[list[Cell]]:
    """Rows from the most frequent down, columns from the longest silence to the shortest."""
    counts = {(int(group.key[0]), int(group.key[1])): group.customers for group in groups}
    most = max(counts.values(), default=0)

    def cell(recency: int, frequency: int) -> Cell:
        customers = counts.get((recency, frequency), 0)
        tree = {"all": [
            {"field": "recency_score", "op": "eq", "value": recency},
            {"field": "frequency_score", "op": "eq", "value": frequency},
        ]}  # fmt: skip
        return Cell(recency, frequency, customers, round(8 * customers / most) if most else 0, people_url(tree))

    return [[cell(recency, frequency) for recency in range(1, 6)] for frequency in range(5, 0, -1)]


def _moves(days: int) -> dict[str, object]:
    good = insight.last_good()
    assert good is not None
    since, until = good.day - timedelta(days=days), good.day + timedelta(days=1)
    found = kept("moves", good.id, days, make=lambda: insight.stage_flows(since=since, until=until), version=())
    names = {code: said(stage.name) for code, stage in lifecycle.STAGES.items()}
    moves = [(flow.from_stage, flow.to_stage, flow.customers) for flow in found if flow.from_stage in names]
    bars, drawn = bands(moves, list(lifecycle.STAGES), width=FLOW_WIDTH, height=FLOW_HEIGHT)
    flows = [
        FlowLine(names[b.start], names[b.end], b.customers, b.path, STAGE_TONES[b.end]) for b in drawn
    ]  # fmt: skip
    came = sum(flow.customers for flow in found if not flow.from_stage)
    return {
        "days": days,
        "periods": PERIODS,
        "flows": sorted(flows, key=lambda flow: -flow.customers),
        "bars": [(bar, names[bar.stage], STAGE_TONES[bar.stage], _label_at(bar)) for bar in bars],
        "moved": sum(flow.customers for flow in flows),
        "came": came,
        "flow": (FLOW_WIDTH, FLOW_HEIGHT),
    }


def _label_at(bar: Bar) -> tuple[float, float, str]:
    """Where a bar's name stands: beside it, towards the middle."""
    y = min(max(round(bar.y + bar.height / 2 + 4, 1), 10.0), FLOW_HEIGHT - 2)
    return (16.0, y, "start") if bar.x == 0 else (FLOW_WIDTH - 16, y, "end")


def _model(cards: list[Card]) -> dict[str, object]:
    """What the value model says of itself, and how its forecast ran on time it had not seen."""
    of_value = [card for card in cards if card.purpose == "value" and card.model in VALUE_MODELS]
    serving = next((card for card in of_value if card.verdict.serves), None)
    shown = serving or (of_value[0] if of_value else None)
    if shown is None:
        return {"model": None}
    rows = [(period, round(actual), round(predicted)) for period, actual, predicted in shown.tracking]
    chart = tracking_chart(rows)
    return {"model": shown, "model_said": _said(shown.verdict), "tracking": rows, "tracking_chart": chart}


def _said(verdict: Any) -> str:
    return said(verdict.words, **verdict.numbers)


def _system(request: StaffRequest) -> str:
    """One system of names a page: the eight are what Chinese shops know, the ten what others do."""
    asked = request.GET.get("names", "")
    return asked if asked in SYSTEMS else usual_system()


def _days(request: StaffRequest) -> int:
    asked = request.GET.get("days", "")
    return int(asked) if asked in {str(days) for days in PERIODS} else PERIODS[1]


urlpatterns = [path("value/", value, name="value")]
