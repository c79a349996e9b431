"""From columns with gaps to standardised terms: a number gives its logarithm (its value where it can be negative) and
whether it is known at all; a choice gives one term a kind. The terms are plain numbers, so a model can be kept as JSON.

One term a number, not value and logarithm both: held-back figures were no worse on three data sets, and a feature
whose effect only rises or only falls can be explained in a sentence.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.insight.compute.churn.measures import Floats

CLIPPED = 0.005
"""At each end, this share of customers is taken in to the last value that is not extreme: one wholesaler among a
thousand households must not bend the line for all."""
KINDS = 12
RARE = 0.01
"""A choice with more kinds than `KINDS`, or kinds rarer than `RARE`, leaves the rare ones without a term; so does a
number that is rarely missing, or rarely known."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A column of words out of a few: for each customer the place of their kind, -1 where it is not known."""

    codes: NDArray[np.int64]
    kinds: tuple[str, ...]

    @classmethod
    def of(cls, words: Iterable[str | None]) -> "Choice":
        """From the words themselves."""
        words = list(words)
        kinds = sorted({word for word in words if word})
        places = {kind: place for place, kind in enumerate(kinds)}
        return cls(np.array([places.get(word or "", -1) for word in words], dtype=np.int64), tuple(kinds))

    def __len__(self) -> int:
        """How many customers."""
        return len(self.codes)

    def __getitem__(self, rows: Any) -> "Choice":
        """The same column for some rows."""
        return Choice(self.codes[rows], self.kinds)

    def is_kind(self, kind: str) -> NDArray[np.bool_]:
        """Who is of this kind."""
        return self.codes == self.kinds.index(kind) if kind in self.kinds else np.zeros(len(self), dtype=bool)

    def words(self, rows: Any) -> NDArray[np.object_]:
        """The words of some rows, None where not known."""
        return np.asarray(np.array([*self.kinds, None], dtype=object)[self.codes[rows]])

    def common(self, most: int, least: float) -> list[str]:
        """The commonest kinds first: at most so many, each the kind of at least this share of customers."""
        counts = np.bincount(self.codes[self.codes >= 0], minlength=len(self.kinds))
        enough = [(-count, kind) for count, kind in zip(counts, self.kinds, strict=True) if count >= least * len(self)]
        return [kind for count, kind in sorted(enough)[:most] if count]


@dataclass(frozen=True, slots=True)
class Attributes:
    """What is known of customers, column by column; rows stand in step. NaN means that a number is not known."""

    numbers: Mapping[str, Floats]
    choices: Mapping[str, Choice]

    def __len__(self) -> int:
        """How many customers."""
        sizes = [len(column) for column in self.numbers.values()] + [len(column) for column in self.choices.values()]
        return sizes[0] if sizes else 0

    def __getitem__(self, rows: Any) -> "Attributes":
        """The same columns for some rows."""
        return Attributes(
            {name: column[rows] for name, column in self.numbers.items()},
            {name: column[rows] for name, column in self.choices.items()},
        )

    @property
    def names(self) -> tuple[str, ...]:
        """All columns."""
        return (*self.numbers, *self.choices)

    def only(self, names: Iterable[str]) -> "Attributes":
        """Some of the columns."""
        kept = set(names)
        return Attributes(
            {name: column for name, column in self.numbers.items() if name in kept},
            {name: column for name, column in self.choices.items() if name in kept},
        )


def stacked(parts: Iterable[Attributes]) -> Attributes:
    """Rows of several one after another; columns that are not in all of them are left out."""
    parts = list(parts)
    numbers = [name for name in parts[0].numbers if all(name in part.numbers for part in parts)]
    choices = [name for name in parts[0].choices if all(name in part.choices for part in parts)]
    return Attributes(
        {name: np.concatenate([part.numbers[name] for part in parts]) for name in numbers},
        {name: _joined([part.choices[name] for part in parts]) for name in choices},
    )


def _joined(parts: list[Choice]) -> Choice:
    kinds = sorted({kind for part in parts for kind in part.kinds})
    # The last place stands for what is not known, and is where code -1 points.
    places = [np.array([kinds.index(kind) for kind in part.kinds] + [-1], dtype=np.int64) for part in parts]
    codes = [place[part.codes] for place, part in zip(places, parts, strict=True)]
    return Choice(np.concatenate(codes), tuple(kinds))


@dataclass(frozen=True, slots=True)
class Term:
    """One standardised column of a model.

    Attributes:
        form: 'value', 'log' (of 1 + value), 'missing' (1 where not known) or 'is' (1 where the choice is `choice`).
        low, high: Numbers are taken in to these ends first.
        mean, scale: Of the customers it was fitted on; what is not known stands at the mean.
    """

    feature: str
    form: str
    choice: str
    low: float
    high: float
    mean: float
    scale: float

    @property
    def name(self) -> str:
        """How the term is called in a model card."""
        return f"{self.feature}={self.choice}" if self.form == "is" else f"{self.feature}:{self.form}"

    def raw(self, told: Attributes) -> Floats:
        """Before standardising; NaN where not known."""
        if self.form == "is":
            return told.choices[self.feature].is_kind(self.choice).astype(np.float64)
        column = told.numbers[self.feature]
        if self.form == "missing":
            return np.isnan(column).astype(np.float64)
        inside = np.clip(column, self.low, self.high)
        return np.log1p(inside) if self.form == "log" else inside

    def standardised(self, told: Attributes) -> Floats:
        """(raw - mean) / scale; 0 where not known."""
        return np.nan_to_num((self.raw(told) - self.mean) / self.scale, nan=0.0)


def terms(told: Attributes) -> tuple[Term, ...]:
    """The terms that these customers can tell apart: what is the same for all of them gets none.

    Of indicators that say the same about everybody ("no internet" told by six columns), only the first stays.
    """
    made: list[Term] = []
    seen: set[bytes] = set()
    for term in _possible(told):
        raw = term.raw(told)
        known = raw[~np.isnan(raw)]
        mean, scale = float(known.mean()), float(known.std())
        told_already = term.form in ("missing", "is") and raw.tobytes() in seen
        if told_already or scale < 1e-9 * max(1.0, abs(mean)):
            continue
        seen.add(raw.tobytes())
        made.append(replace(term, mean=mean, scale=scale))
    return tuple(made)


def _possible(told: Attributes) -> Iterator[Term]:
    for name, column in told.numbers.items():
        known = column[~np.isnan(column)]
        if not len(known):
            continue
        low, high = (float(end) for end in np.quantile(known, [CLIPPED, 1 - CLIPPED]))
        form = "log" if low >= 0 and len(np.unique(known)) > 2 else "value"
        yield Term(name, form, "", low, high, 0.0, 1.0)
        if RARE <= 1 - len(known) / len(column) <= 1 - RARE:
            yield Term(name, "missing", "", low, high, 0.0, 1.0)
    for name, chosen in told.choices.items():
        for kind in chosen.common(KINDS, RARE):
            yield Term(name, "is", kind, 0.0, 1.0, 0.0, 1.0)


def matrix(told: Attributes, shape: Iterable[Term]) -> Floats:
    """Customers × terms, standardised."""
    columns = [term.standardised(told) for term in shape]
    return np.column_stack(columns) if columns else np.zeros((len(told), 0))


def as_json(shape: Iterable[Term]) -> list[dict[str, Any]]:
    """The terms as plain numbers and words."""
    return [asdict(term) for term in shape]


def from_json(kept: Iterable[Mapping[str, Any]]) -> tuple[Term, ...]:
    """The terms of `as_json`."""
    return tuple(Term(**one) for one in kept)
