"""Which column holds what: guessed from names and values, confirmed by a person, kept for files of the same shape."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import get_close_matches
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from regulars.core.errors import DomainError
from regulars.facts.reading.amounts import read_amount
from regulars.facts.reading.dates import MomentReader, read_clock
from regulars.facts.reading.headers import ENDINGS, FOREIGN, LOOKS, NAMES, Field, Look
from regulars.facts.reading.table import Cell, text_of
from regulars.facts.reading.values import Refusal, is_blank, plain

__all__ = ["Field", "Mapping", "UnknownColumn", "UnknownField", "fingerprint", "guess"]

LEAST_CONFIDENCE = 0.4
_MARKS = re.compile(r"[\s_\-./:：,，#*'\"“”?？!！]+")
_UNIT = re.compile(r"[(\[【（][^)\]】）]*[)\]】）]")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_PHONE = re.compile(r"\+?[\d\s()*-]{7,20}(?:\.0)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class UnknownField(DomainError):
    """No such field of an order."""

    code = "unknown_field"


class UnknownColumn(DomainError):
    """The file has no such column."""

    code = "unknown_column"


class UnreadableMapping(DomainError):
    """A kept mapping is not one."""

    code = "unreadable_mapping"


@dataclass(frozen=True, slots=True)
class Mapping:
    """Fields and the names of their columns, each field and each column once; `confidence` 0–1 where it was guessed."""

    columns: Dictionary[Field, str]
    confidence: Dictionary[Field, float] = field(default_factory=dict, compare=False)

    def choose(self, field_name: str, column: str | None, names: Sequence[str]) -> "Mapping":
        """The mapping with one field given to a column (None: to no column); the column leaves any other field.

        Raises:
            UnknownField: No such field.
            UnknownColumn: Not among `names`.
        """
        try:
            wanted = Field(field_name)
        except ValueError as error:
            near = get_close_matches(field_name, list(Field), 1)
            hint = f" Did you mean {near[0]}?" if near else f" Fields: {', '.join(Field)}."
            raise UnknownField(f"Orders have no field {field_name!r}.{hint}", field=field_name) from error
        if column is not None and column not in names:
            near = get_close_matches(column, names, 1)
            hint = f" Did you mean {near[0]!r}?" if near else f" It has: {', '.join(names)[:300]}."
            raise UnknownColumn(f"The file has no column {column!r}.{hint}", column=column)
        kept = {key: name for key, name in self.columns.items() if key != wanted and name != column}
        if column is not None:
            kept[wanted] = column
        return replace(
            self,
            columns=kept,
            confidence={k: v for k, v in self.confidence.items() if kept.get(k) == self.columns.get(k)},
        )

    def fits(self, names: Sequence[str]) -> bool:
        """Whether every column is there."""
        return set(self.columns.values()) <= set(names)

    def to_json(self) -> dict[str, str]:
        """Field names and column names."""
        return {str(key): name for key, name in self.columns.items()}

    @classmethod
    def from_json(cls, kept: Any) -> "Mapping":
        """The mapping of `to_json`.

        Raises:
            UnreadableMapping: It is not one.
        """
        if not isinstance(kept, Dictionary) or len(set(map(str, kept.values()))) != len(kept):
            raise UnreadableMapping("A mapping is an object of field names and column names, each column once.")
        try:
            columns = {Field(key): name for key, name in kept.items()}
        except ValueError as error:
            raise UnreadableMapping(f"A kept mapping names a field that orders do not have: {error}.") from error
        if not all(isinstance(name, str) and name for name in columns.values()):
            raise UnreadableMapping("A mapping gives each field the name of a column.")
        return cls(columns)


def fingerprint(names: Sequence[str]) -> str:
    """The same for files with the same column names in the same order, whatever their case and spaces."""
    told = "\x1f".join(unicodedata.normalize("NFKC", name).strip().lower() for name in names)
    return blake2b(told.encode(), digest_size=16).hexdigest()


def guess(names: Sequence[str], sample: Sequence[Sequence[Cell]] = ()) -> Mapping:
    """The likeliest meaning of columns, from their names and some rows. No field and no column is used twice."""
    looks = [_look([row[place] for row in sample]) for place in range(len(names))]
    candidates = []
    for place, name in enumerate(names):
        for wanted, belief in _meanings(name).items():
            score = belief * _fit(wanted, looks[place])
            if wanted is Field.DISCOUNT and _are_shares(row[place] for row in sample):
                continue
            if score >= LEAST_CONFIDENCE:
                candidates.append((-round(score, 3), place, list(Field).index(wanted), wanted))
        if not any(place == candidate[1] for candidate in candidates) and (told := _meaning_of_values(looks[place])):
            candidates.append((-LEAST_CONFIDENCE, place, list(Field).index(told), told))
    columns: dict[Field, str] = {}
    confidence: dict[Field, float] = {}
    used: set[int] = set()
    for minus_score, place, _, wanted in sorted(candidates):
        if place not in used and wanted not in columns:
            used.add(place)
            columns[wanted], confidence[wanted] = names[place], -minus_score
    if Field.TIME_OF_DAY in columns and Field.OCCURRED_AT not in columns:
        del columns[Field.TIME_OF_DAY], confidence[Field.TIME_OF_DAY]
    return Mapping(columns, confidence)


def _normal(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).lower()
    return _MARKS.sub("", _UNIT.sub("", text)) or _MARKS.sub("", text)


_KNOWN: dict[str, dict[Field, float]] = {}
for _field, _names in NAMES.items():
    for _rank, _name in enumerate(_names.split()):
        _KNOWN.setdefault(_name.replace("_", ""), {})[_field] = 0.98 - 0.004 * _rank
# One-word names mean too much to be sure of.
for _name in (
    "name",
    "customer",
    "order",
    "item",
    "product",
    "state",
    "total",
    "amount",
    "金额",
    "客户",
    "订单",
    "商品",
    "会员",
    "合计",
    "来源",
    "平台",
    "discount",
    "优惠",
):
    _KNOWN[_name] = {_field: belief - 0.15 for _field, belief in _KNOWN[_name].items()}
_CONTAINED = sorted((name for name in _KNOWN if len(name) >= (2 if not name.isascii() else 3)), key=len, reverse=True)


def _meanings(name: str) -> dict[Field, float]:
    """What a column name may mean, and how surely."""
    normal = _normal(name)
    if normal in _KNOWN:
        return _KNOWN[normal]
    if any(word in normal for word in FOREIGN):
        return {}
    parts = _parts(name)
    ending = max((end for end in ENDINGS if normal.endswith(end)), key=len, default="")
    found: dict[Field, float] = {}
    for known in _CONTAINED:
        if known in parts if known.isascii() else known in normal:
            share = len(known) / len(normal)
            for wanted, belief in _KNOWN[known].items():
                if not ending or LOOKS.get(wanted, Look.AMOUNT) in ENDINGS[ending]:
                    found.setdefault(wanted, belief * (0.55 + 0.35 * share))
    return found


def _parts(name: str) -> set[str]:
    """Words of a name, and words that follow each other run together: 'count' is no part of Country."""
    words = [word.lower() for word in _WORD.findall(name)]
    return {"".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, min(i + 4, len(words)) + 1)}


def _look(cells: Sequence[Cell]) -> dict[Look, float] | None:
    """The share of filled cells that look like each kind; None if all are blank."""
    texts = [(cell, plain(cell)) for cell in cells]
    filled = [(cell, text) for cell, text in texts if not is_blank(text)]
    if not filled:
        return None
    moments = MomentReader(ZoneInfo("UTC"), day_first=True)
    lenient = MomentReader(ZoneInfo("UTC"), day_first=False)
    counts = dict.fromkeys(Look, 0)
    for cell, text in filled:
        amount = not isinstance(read_amount(cell), Refusal) or not isinstance(
            read_amount(cell, decimal_comma=True), Refusal
        )
        moment = any(not isinstance(reader.read(cell), Refusal) for reader in (moments, lenient))
        clock = not moment and not isinstance(read_clock(cell), Refusal)
        counts[Look.AMOUNT] += amount
        counts[Look.MOMENT] += moment
        counts[Look.CLOCK] += clock and (":" in text or not amount or 0 < float(text) < 1)
        counts[Look.PHONE] += _PHONE.fullmatch(text) is not None or "e+" in text.lower()
        counts[Look.EMAIL] += _EMAIL.fullmatch(text) is not None
        counts[Look.WORDS] += not amount and not moment
        counts[Look.KEY] += len(text_of(cell)) <= 64 and not (moment and not amount) and "@" not in text
    return {look: count / len(filled) for look, count in counts.items()}


def _are_shares(cells: Iterable[Cell]) -> bool:
    """Whether no filled cell is an amount above 1: shares of the price, not money."""
    amounts = [amount for cell in cells if isinstance(amount := read_amount(cell), Decimal) and amount]
    return bool(amounts) and all(abs(amount) <= 1 for amount in amounts)


def _fit(wanted: Field, look: dict[Look, float] | None) -> float:
    """How well values suit a field: 1 if nothing speaks against it."""
    if look is None:
        return 0.9
    kind = LOOKS.get(wanted, Look.AMOUNT)
    share = look[kind]
    if wanted in (Field.NAME, Field.PRODUCT_NAME, Field.CATEGORY, Field.BRAND, Field.CHANNEL, Field.STATUS):
        share = max(share, 0.6)
    if kind is Look.KEY and wanted is not Field.STORE:
        share = max(share, 0.3)
    if wanted is Field.OCCURRED_AT and look[Look.CLOCK] > 0.5:
        return 0.1
    return 0.25 + 0.75 * share if share >= 0.5 else 0.5 * share


def _meaning_of_values(look: dict[Look, float] | None) -> Field | None:
    """What a column with a foreign name holds, where values alone can tell."""
    if look is None:
        return None
    if look[Look.EMAIL] > 0.8:
        return Field.EMAIL
    if look[Look.MOMENT] > 0.9 and look[Look.AMOUNT] < 0.1:
        return Field.OCCURRED_AT
    return None
