"""What the picture says of one customer: scores with their reasons, in the reader's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from regulars.console import figures, reader
from regulars.console.access import StaffRequest
from regulars.console.behind import people_url
from regulars.console.condition_words import Speaker
from regulars.console.context import business_of
from regulars.console.picture import churn_radar, contract_lines
from regulars.console.picture.churn_radar import Reason
from regulars.console.picture.contract_lines import Line
from regulars.console.picture.people_list import RFM, STAGE_TONES, TONES
from regulars.console.picture.scores import SCORES, Score, scores_of
from regulars.core.bilingual import Text
from regulars.core.conditions import Comparison, Op
from regulars.insight import contracts
from regulars.insight import queries as insight
from regulars.insight.compute import contribution, lifecycle, loyalty_index, rfm
from regulars.insight.compute.browse import Row
from regulars.insight.compute.fields import formatter
from regulars.insight.compute.pictures import Picture

GROUPS: Mapping[str, Mapping[str, rfm.Group]] = {"rfm_eight": rfm.EIGHT, "rfm_ten": rfm.TEN}


@dataclass(frozen=True, slots=True)
class Named:
    """A label in the reader's language, and what it means here.

    `url` is where everybody with it is listed, '' for who may not look at all customers.
    """

    name: str
    said: str
    url: str
    tone: str = "mute"


@dataclass(frozen=True, slots=True)
class Stage:
    """The stage of the lifecycle with its cause and what to do in it."""

    label: Named
    strategy: str


@dataclass(frozen=True, slots=True)
class Churn:
    """The churn risk in percent, None where only the rule's level is told; the reasons in words, strongest first."""

    risk: float | None
    level: str
    label: str
    tone: str
    reasons: list[Reason]


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is expected of the next 12 months, with the range that holds nine times of ten; amounts in minor units."""

    orders: float
    orders_low: int
    orders_high: int
    value: int
    value_low: int
    value_high: int

    @property
    def is_nothing(self) -> bool:
        """Whether most likely nothing comes any more."""
        return not self.orders_high


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Days that usually lie between visits, whose they are ('own', 'shop', 'default'), and days since the last one."""

    usual_days: int
    basis: str
    silent_days: int
    quiet_from_days: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the loyalty index, 0 to 100."""

    label: str
    meaning: str
    value: int


@dataclass(frozen=True, slots=True)
class Scores:
    """Everything that the card shows; what cannot be known is None or empty."""

    day: date
    stage: Stage | None
    churn: Churn | None
    ahead: Ahead | None
    scores: list[Score]
    group: Named | None
    contribution: Named | None
    rhythm: Rhythm | None
    loyalty: int | None
    parts: list[Part]
    contracts: list[Line]


def plain_speaker(request: StaffRequest) -> Speaker:
    """A speaker that knows no choices of the shop's own, which cost a few statements to read."""
    currency = business_of(request).currency
    language = reader.language()
    return Speaker({}, language, currency, formatter(lambda minor: figures.money(minor, currency)))


def scores(request: StaffRequest, customer_id: int) -> Scores | None:
    """What the picture says; None if it does not know the customer, or there is no picture."""
    seen, row = insight.picture(), insight.picture_of(customer_id)
    if seen is None or row is None:
        return None
    told, words = row.values, plain_speaker(request)
    links = "insight.view" in request.capabilities
    return Scores(
        day=seen.day,
        stage=_stage(told, words, links),
        churn=churn_of(told, words),
        ahead=_ahead(told),
        scores=scores_of(told),
        group=_group(told, words, links),
        contribution=_contribution(told, words, links),
        rhythm=_rhythm(told),
        loyalty=told.get("loyalty_index"),
        parts=_parts(told, words),
        contracts=_contracts(seen, row, words),
    )


def churn_of(told: Mapping[str, Any], words: Speaker) -> Churn | None:
    """The churn risk in a row of the picture, with its reasons."""
    level, risk = told.get("churn_level") or "", told.get("churn_risk")
    if not level:
        return None
    return Churn(
        risk=None if risk is None else 100 * risk,
        level=level,
        label=str(churn_radar.LEVELS.get(level, level)),
        tone=TONES.get(level, "mute"),
        reasons=[churn_radar.reason(one, words) for one in told.get("churn_reasons") or ()],
    )


def stage_name(code: str, words: Speaker) -> str:
    """What a stage is called."""
    return words.text(lifecycle.STAGES[code].name) if code in lifecycle.STAGES else code


def cause_said(cause: str, numbers: Mapping[str, Any], words: Speaker) -> str:
    """Why somebody is in a stage; '' where the numbers are not known any more."""
    if cause not in lifecycle.CAUSES:
        return ""
    try:
        return lifecycle.said(words.language, cause, numbers)
    except KeyError:
        return ""


def _stage(told: Mapping[str, Any], words: Speaker, links: bool) -> Stage | None:
    code = told.get("stage") or ""
    if code not in lifecycle.STAGES:
        return None
    cause = cause_said(told.get("stage_cause") or "", told, words)
    label = Named(stage_name(code, words), cause, _url(links, "stage", code), STAGE_TONES.get(code, "mute"))
    return Stage(label, words.text(lifecycle.STAGES[code].strategy))


def _ahead(told: Mapping[str, Any]) -> Ahead | None:
    names = ("expected_orders", "expected_orders_low", "expected_orders_high")
    amounts = ("value_minor", "value_low_minor", "value_high_minor")
    found: list[Any] = [told.get(name) for name in (*names, *amounts)]
    return None if None in found else Ahead(*found)


def _group(told: Mapping[str, Any], words: Speaker, links: bool) -> Named | None:
    column = RFM[words.language]
    code = told.get(column) or ""
    group = GROUPS[column].get(code)
    return Named(words.text(group.name), words.text(group.advice), _url(links, column, code)) if group else None


def _contribution(told: Mapping[str, Any], words: Speaker, links: bool) -> Named | None:
    code = told.get("contribution") or ""
    if code not in contribution.CLASSES:
        return None
    meaning: Text = contribution.MEANINGS[code]
    said = meaning.said(
        words.language,
        core_percent=contribution.CORE_PERCENT,
        important_percent=contribution.IMPORTANT_PERCENT,
    )
    return Named(words.text(contribution.CLASSES[code]), said, _url(links, "contribution", code))


def _rhythm(told: Mapping[str, Any]) -> Rhythm | None:
    usual, silent = told.get("usual_gap_days"), told.get("recency_days")
    if usual is None or silent is None:
        return None
    return Rhythm(round(usual), told.get("usual_gap_basis") or "", silent, told.get("at_risk_after_days"))


def _parts(told: Mapping[str, Any], words: Speaker) -> list[Part]:
    return [
        Part(words.text(part.label), words.text(part.meaning), value)
        for name, part in loyalty_index.PARTS.items()
        if (value := told.get(f"loyalty_{name}")) is not None
    ]


def _contracts(seen: Picture, row: Row, words: Speaker) -> list[Line]:
    told = contracts.contracts(seen) if row.values.get("contracts_running") is not None else None
    if told is None:
        return []
    return contract_lines.lines(contracts.of_customer(seen, row.customer_id), told, seen.day, words)


def _url(links: bool, field: str, code: str) -> str:
    return people_url(Comparison(field, Op.IN, (code,))) if links else ""


@dataclass(frozen=True, slots=True)
class Short:
    """What a row of the members list says of somebody: scores, stage, and the risk with its strongest reason."""

    scores: list[Score]
    stage: str
    stage_tone: str
    churn: Churn | None

    @property
    def reason(self) -> Reason | None:
        """The strongest one."""
        return self.churn.reasons[0] if self.churn and self.churn.reasons else None


COLUMNS = (*(column for _letter, column in SCORES), "stage", "churn_risk", "churn_level", "churn_reasons")


def short(request: StaffRequest, customer_ids: Sequence[int]) -> dict[int, Short]:
    """The same in short for the customers of a page, in one question to the picture; empty without a picture."""
    if not customer_ids:
        return {}
    words = plain_speaker(request)
    found = {}
    for row in insight.pictures(among=customer_ids, columns=COLUMNS, limit=len(customer_ids)):
        told = row.values
        code = told.get("stage") or ""
        stage = stage_name(code, words) if code else ""
        found[row.customer_id] = Short(
            scores_of(told), stage, STAGE_TONES.get(code, "mute"), churn_of(told, words)
        )  # fmt: skip
    return found
