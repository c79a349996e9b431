"""The contract part of a refresh: a risk and its reasons for every contract that runs, and what its holder has.

Two ways, and it says which. Where contracts were watched for long enough, past days teach what follows, and the risk is
that of ending within a horizon (`contract_training.py`). Where there is only one look at them, those that have ended
are told apart from those that run, and there is no horizon (`contract.py`). Else nothing is told, with what is missing;
so too where later days could be foretold no better than by chance, whatever one look would say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow
import pyarrow.compute as pc

from regulars.insight.compute.cards import Card, Text
from regulars.insight.compute.churn import contract, contract_book, contract_training, presets, reasons
from regulars.insight.compute.churn.contract_book import Contract
from regulars.insight.compute.churn.contract_cards import Window
from regulars.insight.compute.churn.levels import DIGITS, levels
from regulars.insight.compute.churn.measures import Floats
from regulars.insight.compute.churn.threshold import Costs
from regulars.insight.compute.tables import Tables

TIME, CUSTOMERS = "time", "customers"
"""What a model was tested on."""
SCORES = pyarrow.schema(
    [
        ("contract", pyarrow.string()),
        ("number", pyarrow.string()),
        ("customer_id", pyarrow.int64()),  # null: nobody was named
        ("started_on", pyarrow.date32()),
        ("ends_on", pyarrow.date32()),  # the last day agreed; null: no end
        ("ended_on", pyarrow.date32()),
        ("seen", pyarrow.bool_()),  # it was only found ended on that day
        ("risk", pyarrow.float64()),  # null: it has ended, or nothing serves
        ("level", pyarrow.string()),  # 'low', 'medium', 'high', 'ended', or 'unknown' where nothing serves
        ("reasons", reasons.REASONS),
    ]
)
WORST = ("high", "medium", "low", "unknown", "ended")


@dataclass(frozen=True, slots=True)
class Assessment:
    """All that a refresh has to say on contracts.

    Attributes:
        scores: `SCORES`, a row a contract, by its name.
        holders: By customer_id how many contracts run, their worst risk and level, and the days to the soonest end.
        tested_on: TIME or CUSTOMERS; '' where nothing serves.
        horizon_days: 0 where there is none.
        labels, units: Of the columns that reasons name.
        model: Hand it to the next refresh as `previous`.
    """

    scores: pyarrow.Table
    holders: pyarrow.Table
    cards: list[Card] = field(default_factory=list)
    tested_on: str = ""
    horizon_days: int = 0
    labels: Mapping[str, Text] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    model: dict[str, Any] | None = None


def assess(
    told: Tables, day: date, *, previous: Mapping[str, Any] | None = None, costs: Costs | None = None
) -> Assessment:
    """Train, test, choose, and score every contract that runs at the start of this day; nothing where there is none.

    Args:
        previous: `Assessment.model` of the last refresh; it stays where the retrained model is worse.
    """
    book = contract_book.read(told, day)
    if not book:
        return Assessment(SCORES.empty_table(), holders(SCORES.empty_table(), day))
    running = [one for one in book if one.ending is None]
    known = presets.fitting(names := list(contract_book.columns((one, day) for one in book))).known(names)
    labels = {**contract_training.LABELS, **{name: one.label for name, one in known.items()}}
    units = {**contract_training.UNITS, **{name: one.unit for name, one in known.items()}}
    window = Window(day, len(book), Text("", ""), costs or Costs(), labels=labels)
    in_time = contract_training.train(book, running, day, previous=previous, window=window)
    if in_time:
        risk, why, tested_on = np.full(len(running), np.nan), reasons.none(len(running)), ""
        if in_time.model:
            risk = np.round(in_time.model.risk(in_time.told), DIGITS)
            why = reasons.reasons(in_time.told, in_time.model.effects(in_time.told), in_time.model.features)
            tested_on = TIME
        scores = _scores(book, day, *_all(book, risk, why))
        return Assessment(
            scores, holders(scores, day), in_time.cards, tested_on, in_time.horizon_days, labels, units, in_time.kept
        )
    at_once = _at_once(book, day, labels, units, window.costs)
    scores = _scores(book, day, at_once.scores["churn_risk"].to_numpy(), at_once.scores["reasons"].combine_chunks())
    tested_on = CUSTOMERS if at_once.model else ""
    return Assessment(scores, holders(scores, day), at_once.cards, tested_on, 0, labels, units)


def _at_once(
    book: Sequence[Contract], day: date, labels: Mapping[str, Text], units: Mapping[str, str], costs: Costs
) -> contract.ContractScores:
    """By one look: what all of them are like, and which have ended."""
    ended = ["yes" if one.ending else "no" for one in book]
    # No header can be called like these two, since a header has no such character.
    own = {"\x1fcontract": [one.contract for one in book], "\x1fended": ended}
    table = contract_book.as_table(((one, day) for one in book), **own)
    read = contract.Contract("\x1fcontract", "\x1fended", frozenset(), labels, units)
    return contract.assess(table, read, day, costs=costs)


def _all(book: Sequence[Contract], risk: Floats, why: pyarrow.Array) -> tuple[Floats, pyarrow.Array]:
    """The same for the whole book: none for those that have ended."""
    runs = np.array([one.ending is None for one in book], dtype=bool)
    whole = np.full(len(book), np.nan)
    whole[runs] = risk
    place = np.where(runs, np.cumsum(runs) - 1, len(why))
    return whole, pyarrow.concat_arrays([why, reasons.none(1)]).take(pyarrow.array(place))


def _scores(book: Sequence[Contract], day: date, risk: Floats, why: pyarrow.Array) -> pyarrow.Table:
    endings = [one.ending for one in book]
    runs = np.array([one is None for one in endings], dtype=bool)
    level = np.where(runs & np.isnan(risk), "unknown", levels(np.nan_to_num(risk), runs, gone="ended"))
    columns = {
        "contract": [one.contract for one in book],
        "number": [one.number for one in book],
        "customer_id": [one.customer_id for one in book],
        "started_on": [one.started_on for one in book],
        "ends_on": [one.agreed_until(day) for one in book],
        "ended_on": [one.day if one else None for one in endings],
        "seen": [one.seen if one else None for one in endings],
        "risk": pyarrow.array(np.where(runs, risk, np.nan), from_pandas=True),
        "level": level.astype(object),
        "reasons": why,
    }
    return pyarrow.table(columns, schema=SCORES)


def holders(scores: pyarrow.Table, day: date) -> pyarrow.Table:
    """What each customer has: how many contracts run, the worst risk of them, and the soonest end that lies ahead."""
    rank = pc.index_in(scores["level"], value_set=pyarrow.array(WORST))
    runs = pc.not_equal(scores["level"], "ended")
    ahead = pc.if_else(
        pc.and_kleene(runs, pc.greater_equal(scores["ends_on"], pyarrow.scalar(day))), scores["ends_on"], None
    )
    named = pyarrow.table(
        {
            "customer_id": scores["customer_id"], "runs": runs.cast(pyarrow.int64()), "risk": scores["risk"],
            "rank": rank, "ahead": ahead,
        }
    ).filter(pc.is_valid(scores["customer_id"]))  # fmt: skip
    found = named.group_by("customer_id").aggregate(
        [("runs", "sum"), ("risk", "max"), ("rank", "min"), ("ahead", "min")]
    )
    return pyarrow.table(
        {
            "customer_id": found["customer_id"],
            "contracts_running": found["runs_sum"],
            "contract_risk": found["risk_max"],
            "contract_level": pyarrow.array(WORST).take(found["rank_min"].combine_chunks()),
            "contract_days_left": pc.days_between(pyarrow.scalar(day), found["ahead_min"]),
        }
    )
