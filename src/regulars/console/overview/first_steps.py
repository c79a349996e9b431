"""What a new shop does first; each step is done when the data say so."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.experiments import queries as experiments
from regulars.facts import figures as facts
from regulars.insight import queries as insight
from regulars.loyalty import programme_view
from regulars.loyalty.coupons import queries as coupons
from regulars.outreach.campaigns import queries as campaigns
from regulars.outreach.campaigns.rules import State
from regulars.staff import queries as staff
from regulars.staff.rules import BusinessProfile

Where: TypeAlias = Callable[[str, str], str]
STARTED: Final = (State.RUNNING, State.PAUSED, State.STOPPED, State.DONE)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: `note` says why, `url` is where (empty if this person may not), `template` a file to fill in."""

    icon: str
    label: Promise
    note: Promise
    url: str
    done: bool
    template: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far somebody is: the steps, how many are done, and the next one."""

    steps: list[Step]

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(step.done for step in self.steps)

    @property
    def next(self) -> Step | None:
        """The first that is not; None at the end."""
        return next((step for step in self.steps if not step.done), None)


def steps(capabilities: frozenset[str], business: BusinessProfile) -> Progress:
    """The steps as they stand: a small shop is led to its first result, any other gets everything set up."""

    def where(page: str, capability: str) -> str:
        try:
            return reverse(page) if capability in capabilities else ""
        except NoReverseMatch:
            return ""

    return Progress(_small(where, business) if business.trade else _whole(where, business))


def _import(where: Where) -> Step:
    return Step(
        "upload",
        _("Import your orders"),
        _("One spreadsheet from your till or shop is enough."),
        where("imports", "imports.run"),
        facts.newest_day() is not None,
        template=where("import_template", "imports.run"),
    )


def _small(where: Where, business: BusinessProfile) -> list[Step]:
    """From a spreadsheet to knowing whether a coupon brought anybody back."""
    started = campaigns.campaigns(states=STARTED, most=1)
    seen = started or insight.last_good() is not None
    used = bool(started) and bool(coupons.latest_uses(most=1))
    return [
        _import(where),
        Step(
            "users",
            _("See your regulars"),
            _("Who comes often, who stopped coming, and who came only once."),
            where("today", "overview.view"),
            bool(seen),
        ),
        Step(
            "heart-handshake",
            _("Ask somebody back"),
            _("A kind note and a small coupon, ready to be copied into WeChat."),
            where("today", "overview.view"),
            bool(started),
        ),
        Step(
            "scan-line",
            _("Take a coupon at the till"),
            _("Type the code that a guest shows you; each is good once."),
            where("redeem", "coupons.redeem"),
            used,
        ),
        Step(
            "chart-line",
            _("Look at what it brought"),
            _("Some guests were left alone on purpose: only so can anybody tell."),
            where("campaigns", "campaigns.view"),
            bool(started) and bool(experiments.finished_campaigns(most=1)),
        ),
    ]


def _whole(where: Where, business: BusinessProfile) -> list[Step]:
    return [
        Step(
            "store",
            _("Say who you are"),
            _("Name, time zone and currency."),
            where("settings", "settings.edit"),
            bool(business.name),
        ),
        Step(
            "scroll-text",
            _("Look at the programme"),
            _("Points for spending and four tiers are set up; change what does not suit you."),
            where("settings_programme", "settings.edit"),
            programme_view.current() is not None,
        ),
        _import(where),
        Step(
            "users",
            _("Add your colleagues"),
            _("Each sees what the role needs, and no more."),
            where("settings_people", "staff.manage"),
            staff.has_colleagues(),
        ),
    ]
