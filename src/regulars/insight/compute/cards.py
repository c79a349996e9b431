"""Model cards: what a model saw, what it found, how well it did on time it had not seen, and whether it serves."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from regulars.core.bilingual import Text as Text


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a model serves or a simpler rule does: a code for machines, words for a shop owner, numbers for the words."""

    serves: bool
    code: str
    words: Text
    numbers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bin:
    """A bin of a calibration curve: how many customers, what was predicted on average, what happened."""

    count: int
    predicted: float
    actual: float


@dataclass(frozen=True, slots=True)
class Card:
    """One model, on one refresh.

    Attributes:
        model: 'bg_nbd', 'mbg_nbd', 'gamma_gamma', 'churn_logistic', 'churn_boosted', 'churn_contract', or a rule's.
        unit: What time is counted in: 'day' or 'week'; '' where it does not matter.
        first_day, last_day: The data window, the last day exclusive.
        parameters: By name, as numbers.
        backtest: Figures on held-back time by name, those of the baseline under 'baseline_…'.
        tracking: For value models [(period, actual cumulative, predicted cumulative)].
    """

    model: str
    purpose: str  # 'value' or 'churn'
    unit: str
    first_day: date | None
    last_day: date
    customers: int
    parameters: dict[str, float]
    verdict: Verdict
    log_likelihood: float | None = None
    backtest: dict[str, float] = field(default_factory=dict)
    calibration: tuple[Bin, ...] = ()
    tracking: tuple[tuple[int, float, float], ...] = ()
