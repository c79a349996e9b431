"""What a new shop does first; each step is done when the data say so."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.facts import figures as facts
from regulars.loyalty import programme_view
from regulars.staff import queries as staff
from regulars.staff.rules import BusinessProfile


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
    """The steps as they stand."""

    def where(page: str, capability: str) -> str:
        try:
            return reverse(page) if capability in capabilities else ""
        except NoReverseMatch:
            return ""

    return Progress(
        [
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
            Step(
                "upload",
                _("Import your orders"),
                _("One spreadsheet from your till or shop is enough."),
                where("imports", "imports.run"),
                facts.newest_day() is not None,
                template=where("import_template", "imports.run"),
            ),
            Step(
                "users",
                _("Add your colleagues"),
                _("Each sees what the role needs, and no more."),
                where("settings_people", "staff.manage"),
                staff.has_colleagues(),
            ),
        ]
    )
