"""The churn radar's list: whom somebody asks for, and each customer as the page shows them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.console import behind, figures
from regulars.console.behind import Named, Unreadable, people_url
from regulars.console.condition_words import Speaker
from regulars.console.lines import customer_url, shown_phone
from regulars.console.picture.people_list import STAGE_TONES, TONES
from regulars.core.bilingual import Text
from regulars.core.conditions import AllOf, Comparison, Op, Tree
from regulars.customers import queries as customers
from regulars.flows.picture_fields import picture_fields
from regulars.insight import queries as insight
from regulars.insight.compute import radar
from regulars.insight.compute.churn.columns import MODELLED
from regulars.insight.compute.churn.reasons import RAISES
from regulars.insight.compute.churn.words import ARROWS, LOWERS_ARROW
from regulars.insight.compute.churn.words import sentence as reason_words
from regulars.insight.compute.contribution import CLASSES
from regulars.insight.compute.features import FEATURES
from regulars.insight.compute.lifecycle import STAGES
from regulars.loyalty.membership import number_of

LEVELS: dict[str, Promise] = {
    "high": gettext_lazy("High"),
    "medium": gettext_lazy("Medium"),
    "low": gettext_lazy("Low"),
    "lost": gettext_lazy("Already away"),
    "unknown": gettext_lazy("Not known yet"),
}
"""By the picture's own codes: 'lost' are those who were silent for longer than the horizon before anybody asked."""
TABS: dict[str, tuple[Promise, tuple[str, ...]]] = {
    "": (gettext_lazy("High and medium"), radar.WATCHED),
    **{code: (name, (code,)) for code, name in LEVELS.items()},
}
USUAL_SORT = "exposure"
PORTION, SHOWN_REASONS = 20_000, 3
REASON = "churn_reason"
"""The parameter of `people` that chooses those whom one reason drives away."""
COLUMNS = (
    radar.RISK, radar.LEVEL, radar.REASONS, radar.VALUE, radar.STAGE, "tier", "contribution", "last_purchase_day",
    radar.SILENT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter and order of the list, as in the address; '' leaves a part open."""

    level: str = ""
    stage: str = ""
    value: str = ""
    reason: str = ""
    sort: str = USUAL_SORT

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Asked":
        """What an address asks for; what makes no sense is left open."""

        def one_of(name: str, known: Mapping[str, object]) -> str:
            asked = query.get(name, "")
            return asked if asked in known else ""

        reason = query.get("reason", "")
        return cls(
            one_of("level", TABS),
            one_of("stage", STAGES),
            one_of("value", CLASSES),
            reason if reason in MODELLED else "",
            one_of("sort", radar.SORTS) or USUAL_SORT,
        )

    @property
    def query(self) -> str:
        """The address's part after the question mark, without what is left open."""
        given = {name: getattr(self, name) for name in self.__slots__}
        return urlencode({name: value for name, value in given.items() if value and (name, value) != USUAL})

    @property
    def tree(self) -> Tree:
        """The condition that says the same, but for the reason."""
        levels = TABS[self.level][1]
        parts = [Comparison("churn_level", Op.IN, levels)]
        parts += [Comparison("stage", Op.IN, (self.stage,))] if self.stage else []
        parts += [Comparison("contribution", Op.IN, (self.value,))] if self.value else []
        return AllOf(tuple(parts)) if len(parts) > 1 else parts[0]

    @property
    def people_url(self) -> str:
        """Where exactly these customers are listed."""
        return people_url(self.tree, **({REASON: self.reason} if self.reason else {}))

    def wanted(self, words: Speaker) -> radar.Wanted:
        """The same for the picture."""
        return radar.Wanted(self.tree, words.fields, self.reason)

    def changed(self, **parts: str) -> "Asked":
        """The same with some parts changed."""
        return replace(self, **parts)

    @property
    def kinds(self) -> list[str]:
        """Which filters are set, for the audit trail."""
        return [f"{name}={value}" for name in ("level", "stage", "value", "reason") if (value := getattr(self, name))]


USUAL = ("sort", USUAL_SORT)


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in words; `raises` the risk, or lowers it."""

    words: str
    raises: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A customer in the list. `risk` is a percentage, None where no model tells it; amounts in minor units."""

    url: str
    number: str
    name: str
    phone: str
    risk: float | None
    level: str
    tone: str
    reasons: list[Reason]
    stake: int
    last_day: date | None
    silent: int | None
    stage: str
    stage_tone: str
    todo: str
    tier: str
    contribution: str


def lines(rows: Sequence[Mapping[str, Any]], words: Speaker, *, whole: bool = False) -> list[Line]:
    """Rows of the picture with the names and phones of their customers."""
    ids = [row["customer_id"] for row in rows]
    names, phones = customers.names(ids), customers.phones(ids)
    return [_line(row, names, phones, words, whole) for row in rows]


def portions(found: Iterator[list[dict[str, Any]]], words: Speaker, *, whole: bool) -> Iterator[list[Line]]:
    """The whole list for a file."""
    for rows in found:
        yield lines(rows, words, whole=whole)


def _line(
    row: Mapping[str, Any], names: Mapping[int, tuple[int, str]], phones: Mapping[int, str], words: Speaker, whole: bool
) -> Line:
    who, risk, level, stage = row["customer_id"], row.get(radar.RISK), row.get(radar.LEVEL) or "", row.get(radar.STAGE)
    return Line(
        url=customer_url(who),
        number=number_of(who),
        name=names.get(who, (who, ""))[1] or _("No name yet"),
        phone=shown_phone(phones.get(who, ""), whole=whole),
        risk=None if risk is None else 100 * risk,
        level=str(LEVELS.get(level, level)),
        tone=TONES.get(level, "mute"),
        reasons=[reason(one, words) for one in (row.get(radar.REASONS) or ())],
        stake=row[radar.STAKE],
        last_day=row.get("last_purchase_day"),
        silent=row.get(radar.SILENT),
        stage=words.text(STAGES[stage].name) if stage in STAGES else "",
        stage_tone=STAGE_TONES.get(stage or "", "mute"),
        todo=words.text(STAGES[stage].strategy) if stage in STAGES else "",
        tier=words.choice("tier", row.get("tier")),
        contribution=words.choice("contribution", row.get("contribution")),
    )


def reason(told: Mapping[str, Any], words: Speaker) -> Reason:
    """A reason in words, without its arrow."""
    text = reason_words(
        told,
        money=lambda minor: figures.money(minor, words.currency),
        labels={told["feature"]: label_of(told["feature"])},
    )
    said = words.text(text)
    for arrow in (*ARROWS.values(), LOWERS_ARROW):
        said = said.removesuffix(f" {arrow}")
    return Reason(said, told["direction"] == RAISES)


def label_of(feature: str) -> Text:
    """What a column that models look at is called."""
    return FEATURES[feature].label if feature in FEATURES else Text(feature, feature)


def _driven(told: Mapping[str, str]) -> Named:
    feature, picture = told.get(REASON, ""), insight.picture()
    if feature not in MODELLED or picture is None:
        raise Unreadable("There is no such reason.")
    label = label_of(feature)
    title = Text(f"“{label.zh}”抬高了流失风险", f"“{label.en}” raises the churn risk")
    return Named(title, lambda: radar.driven_by(picture, picture_fields(), feature))


behind.NAMED[REASON] = _driven
