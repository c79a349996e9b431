"""The models page: every card in plain words and in numbers, those that serve first, and as JSON."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from regulars.console.picture import model_cards, model_words
from regulars.insight.compute.cards import Bin, Card
from regulars.insight.compute.churn import columns
from regulars.insight.compute.features import FEATURES
from regulars.insight.compute.refresh import Made
from regulars.staff.queries import audit_trail

from .shop import staff
from .test_churn_pages import MODEL, served, text_of  # noqa: F401

pytestmark = pytest.mark.django_db


def test_without_a_picture_the_page_says_what_to_do() -> None:
    assert "There is no picture yet" in staff().get("/models/").content.decode()


def test_those_that_serve_come_first_and_say_why(pictured: Made) -> None:
    page = staff().get("/models/")
    text = text_of(page)
    assert page.context["serving"][0].code == "rule_own_rhythm"
    assert all(card.said in text.replace("&#x27;", "'").replace("&quot;", '"') for card in page.context["others"])
    assert "Log-likelihood" in text
    assert text.index("serves") < text.index("Tried, but not serving")


def test_a_card_compares_with_the_simple_rule(served: Path) -> None:  # noqa: F811
    page = staff().get("/models/")
    card = page.context["serving"][0]
    assert card.name == "Churn: logistic regression"
    assert card.said == "It did better (AUC 0.810), so it gives the scores."
    better = {one.label: one.better for one in card.measured}
    assert better["AUC"] == "model"
    assert better["Log loss"] == "baseline"
    assert better["Forecasts tested"] == ""
    meaning = {one.name: one.meaning for one in card.parameters}
    assert meaning["silence_ratio:log"].startswith("Weight of “")
    assert "being online" in meaning["main_channel=online"]


def test_what_comes_near_is_better_for_figures_with_an_aim() -> None:
    figures = {"actual_orders": 100.0, "predicted_orders": 95.0, "baseline_predicted_orders": 102.0}
    card = replace(MODEL, model="bg_nbd", purpose="value", backtest=figures)
    told = {one.label: one.better for one in model_cards.shown([card], "CNY")[0].measured}
    assert told == {"Orders foreseen": "baseline", "Orders that came": ""}


def test_a_curve_on_the_diagonal_is_a_forecast_that_comes_true() -> None:
    found = model_cards.curve([Bin(10, 0.0, 0.0), Bin(10, 0.25, 0.25), Bin(5, 0.5, 0.5)], as_shares=True)
    assert found is not None
    assert all(point.x - found.edge + point.y - 8 == found.size for point in found.points)
    assert found.end == "50.0%"
    assert model_cards.curve([], as_shares=True) is None
    assert model_cards.curve([Bin(3, 0.0, 0.0)], as_shares=False) is not None


def test_every_parameter_and_figure_of_the_picture_has_words(served: Path) -> None:  # noqa: F811
    context = staff().get("/models/").context
    cards = [*context["serving"], *context["others"]]
    assert [one.name for card in cards for one in card.parameters if not one.meaning] == []
    assert [one.label for card in cards for one in card.measured if not one.meaning] == []
    assert all(column in FEATURES for column in columns.MODELLED)
    assert all(model_words.meaning_of(f"{column}:missing") for column in columns.MODELLED)


def test_a_model_without_words_is_still_shown() -> None:
    unknown: Card = replace(MODEL, model="new_one", backtest={"odd": 1.0}, parameters={"z": 2.0}, calibration=())
    (card,) = model_cards.shown([unknown], "CNY")
    assert (card.name, card.purpose, card.measured[0].label, card.parameters[0].value) == ("new_one", "", "odd", "2")


def test_the_json_holds_every_number_and_is_recorded(served: Path) -> None:  # noqa: F811
    owner = staff()
    sent = owner.get("/models/cards.json")
    cards = json.loads(sent.content)
    assert cards[-1]["parameters"] == MODEL.parameters
    assert cards[-1]["verdict"]["words"][0].startswith("它更准")
    assert audit_trail(limit=1)[0].action == "insight.export"
    assert staff("viewer").get("/models/cards.json").status_code == 403
