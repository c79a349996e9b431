"""What a risk is called, on the same scale for every model."""

from typing import Any

import numpy as np

from regulars.insight.compute.churn.measures import Flags, Floats

HIGH, MEDIUM = 0.6, 0.3
"""Of ten customers at high risk at least six are expected to leave; below medium fewer than three."""
DIGITS = 6
"""Risks are rounded to so many digits, so that the last bit of a sum makes no difference between imports."""


def levels(risk: Floats, here: Flags, gone: str) -> Any:
    """'low', 'medium' or 'high' for each customer who is here, and the word for those who are gone."""
    level = np.where(risk >= HIGH, "high", np.where(risk >= MEDIUM, "medium", "low"))
    return np.where(here, level, gone)
