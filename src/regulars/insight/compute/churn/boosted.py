"""The challenger: a small gradient boosting, kept as plain numbers and read without scikit-learn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from regulars.insight.compute.churn.design import KINDS, RARE, Attributes
from regulars.insight.compute.churn.logistic import platt, sigmoid
from regulars.insight.compute.churn.measures import Flags, Floats, Whole

TREES = 60
LEAVES = 6
LEARNING_RATE = 0.1
SMALLEST_LEAF = 30
RIDGE = 1.0
SEED = 20240229
DIGITS = 9
"""Columns are rounded to so many digits, since a bin's edge must not hang on the last bit of a sum."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the trees see it: a number, or 1 where the choice is `choice`."""

    feature: str
    choice: str | None

    def read(self, told: Attributes) -> Floats:
        """NaN where not known."""
        if self.choice is None:
            return np.round(told.numbers[self.feature], DIGITS)
        return told.choices[self.feature].is_kind(self.choice).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree as columns, a row a node: which column is split where, the nodes on both sides, and what a leaf adds."""

    column: NDArray[np.int64]
    threshold: Floats
    missing_left: NDArray[np.bool_]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    leaf: NDArray[np.bool_]
    value: Floats

    def read(self, columns: Floats) -> Floats:
        """What the tree adds to each row's log odds."""
        node = np.zeros(len(columns), dtype=np.int64)
        rows = np.arange(len(columns))
        while not self.leaf[node].all():
            seen = columns[rows, self.column[node]]
            goes_left = np.where(np.isnan(seen), self.missing_left[node], seen <= self.threshold[node])
            node = np.where(self.leaf[node], node, np.where(goes_left, self.left[node], self.right[node]))
        return self.value[node]

    def as_json(self) -> list[list[float]]:
        """A row a node."""
        parts = (self.column, self.threshold, self.missing_left, self.left, self.right, self.leaf, self.value)
        return [[float(part[node]) for part in parts] for node in range(len(self.leaf))]

    @classmethod
    def from_json(cls, rows: Any) -> "Tree":
        """The tree of `as_json`."""
        kept = np.array(rows, dtype=np.float64).T
        column, left, right = (kept[place].astype(np.int64) for place in (0, 3, 4))
        return cls(column, kept[1], kept[2] > 0, left, right, kept[5] > 0, kept[6])


@dataclass(frozen=True, slots=True)
class Boosted:
    """log odds = shift + slope × (start + what the trees add)."""

    columns: tuple[Column, ...]
    trees: tuple[Tree, ...]
    start: float
    slope: float
    shift: float

    @property
    def features(self) -> tuple[str, ...]:
        """The columns it looks at, once each."""
        return tuple(dict.fromkeys(column.feature for column in self.columns))

    def _matrix(self, told: Attributes) -> Floats:
        columns = [column.read(told) for column in self.columns]
        return np.column_stack(columns) if columns else np.zeros((len(told), 0))

    def _read(self, columns: Floats, trees: tuple[Tree, ...]) -> Floats:
        added = np.zeros(len(columns))
        for tree in trees:
            added += tree.read(columns)
        return added * self.slope

    def log_odds(self, told: Attributes) -> Floats:
        """Before the sigmoid."""
        return self._read(self._matrix(told), self.trees) + self.start * self.slope + self.shift

    def risk(self, told: Attributes) -> Floats:
        """The probability of leaving."""
        return sigmoid(self.log_odds(told))

    def effects(self, told: Attributes) -> Floats:
        """Customers × features: how far the log odds move against the same customer with this feature as usual.

        Usual is the median of these customers, or their commonest kind. Exact for the question it asks, but no sum of
        parts: effects of features that act together need not add up to the whole.
        """
        columns = self._matrix(told)
        names = self.features
        effects = np.zeros((len(told), len(names)))
        for place, name in enumerate(names):
            owned = [index for index, column in enumerate(self.columns) if column.feature == name]
            touched = tuple(tree for tree in self.trees if np.isin(tree.column[~tree.leaf], owned).any())
            usual = columns.copy()
            usual[:, owned] = self._usual(told, owned)
            effects[:, place] = self._read(columns, touched) - self._read(usual, touched)
        return effects

    def _usual(self, told: Attributes, owned: list[int]) -> list[float]:
        first = self.columns[owned[0]]
        if first.choice is None:
            known = first.read(told)[~np.isnan(told.numbers[first.feature])]
            return [float(np.median(known)) if len(known) else float("nan")]
        commonest = told.choices[first.feature].common(1, 0)
        return [float(self.columns[index].choice in commonest) for index in owned]

    def parameters(self) -> dict[str, float]:
        """For the model card."""
        sizes = {"trees": len(self.trees), "leaves": LEAVES, "learning_rate": LEARNING_RATE}
        return {**sizes, "calibration_slope": self.slope, "calibration_shift": self.shift}

    def as_json(self) -> dict[str, Any]:
        """Plain numbers and words, from which `from_json` makes the same model."""
        return {
            "kind": "boosted",
            "columns": [[column.feature, column.choice] for column in self.columns],
            "trees": [tree.as_json() for tree in self.trees],
            "start": self.start, "slope": self.slope, "shift": self.shift,
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Boosted":
        """The model of `as_json`."""
        columns = tuple(Column(feature, choice) for feature, choice in kept["columns"])
        trees = tuple(Tree.from_json(rows) for rows in kept["trees"])
        return cls(columns, trees, float(kept["start"]), float(kept["slope"]), float(kept["shift"]))


def fit(told: Attributes, lost: Flags, fold: Whole) -> Boosted:
    """Fit, then calibrate on predictions for folds that were held back. See `logistic.fit`."""
    held = np.zeros(len(lost))
    for one in np.unique(fold):
        here = fold == one
        if not here.all():
            held[here] = fit_raw(told[~here], lost[~here]).log_odds(told[here])
    slope, shift = platt(held, lost)
    raw = fit_raw(told, lost)
    return Boosted(raw.columns, raw.trees, raw.start, slope, shift)


def fit_raw(told: Attributes, lost: Flags) -> Boosted:
    """Fit without calibrating, which changes no order among customers and so no AUC."""
    columns = _columns(told)
    blank = Boosted(columns, (), 0.0, 1.0, 0.0)
    if lost.all() or not lost.any() or not columns:
        return Boosted(columns, (), float(np.log((lost.sum() + 1) / ((~lost).sum() + 1))), 1.0, 0.0)
    fitted = HistGradientBoostingClassifier(
        max_iter=TREES, max_leaf_nodes=LEAVES, learning_rate=LEARNING_RATE, min_samples_leaf=SMALLEST_LEAF,
        l2_regularization=RIDGE, early_stopping=False, random_state=SEED,
    ).fit(blank._matrix(told), lost)  # fmt: skip
    # scikit-learn has no public way to read the trees; a test holds what is read here equal to its own predictions.
    trees = tuple(_tree(step[0].nodes) for step in fitted._predictors)
    return Boosted(columns, trees, float(fitted._baseline_prediction.ravel()[0]), 1.0, 0.0)


def _columns(told: Attributes) -> tuple[Column, ...]:
    made = [Column(name, None) for name, column in told.numbers.items() if not np.isnan(column).all()]
    made += [Column(name, kind) for name, chosen in told.choices.items() for kind in chosen.common(KINDS, RARE)]
    return tuple(made)


def _tree(nodes: Any) -> Tree:
    return Tree(
        column=nodes["feature_idx"].astype(np.int64),
        threshold=nodes["num_threshold"].astype(np.float64),
        missing_left=nodes["missing_go_to_left"].astype(bool),
        left=nodes["left"].astype(np.int64),
        right=nodes["right"].astype(np.int64),
        leaf=nodes["is_leaf"].astype(bool),
        value=nodes["value"].astype(np.float64),
    )
