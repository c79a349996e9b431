"""Campaigns in words: for whom, over which channel, what came of it, and what is wrong with what somebody typed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.console import figures
from regulars.console.condition_words import Speaker
from regulars.console.reader import said
from regulars.core.errors import DomainError
from regulars.experiments.queries import OutcomeView
from regulars.experiments.rules import Verdict
from regulars.insight.segments.queries import SegmentView
from regulars.loyalty.coupons import words as coupon_words
from regulars.outreach.campaigns import words
from regulars.outreach.campaigns.rules import CampaignView, Plan, State
from regulars.outreach.channels import CHANNELS

STATE_TONES: Final = {
    State.DRAFT: "mute", State.APPROVED: "info", State.RUNNING: "pri", State.PAUSED: "warn", State.STOPPED: "err",
    State.DONE: "ok",
}  # fmt: skip
OUTCOME_TONES: Final = {"earned": "up", "lost": "down"}
FARTHEST_SHOWN: Final = 10**15
"""Ends of intervals beyond this are nowhere."""


def state(view: CampaignView) -> tuple[str, str]:
    """The name of a campaign's state, and its tone."""
    return said(words.STATES[view.state]), STATE_TONES[view.state]


def channel(code: str) -> str:
    """What a channel is called."""
    return said(CHANNELS[code].name) if code in CHANNELS else code


def for_whom(plan: Plan, segments: Mapping[int, SegmentView], speaker: Speaker) -> str:
    """Whom a campaign is for, in a few words: the segment's name, or how many were chosen by hand."""
    if plan.customers is not None:
        n = len(plan.customers)
        return ngettext("%(n)s chosen by hand", "%(n)s chosen by hand", n) % {"n": figures.count(n)}
    segment = segments.get(plan.segment_id or 0)
    return speaker.text(segment.name) if segment else _("a segment that is not there any more")


def verdict(found: Verdict, currency: str) -> str:
    """What the figures say, with money, shares and days as the console writes them."""
    return said(found.words).format_map(_Written(found.numbers, currency))


class _Written(dict[str, Any]):
    """Numbers of a verdict as they stand in its sentence."""

    def __init__(self, numbers: Mapping[str, Any], currency: str) -> None:
        super().__init__(numbers)
        self._currency = currency

    def __missing__(self, name: str) -> str:
        return "?"

    def __getitem__(self, name: str) -> str:
        value = super().__getitem__(name)
        if value is None:
            return "—"
        if name.endswith("_minor"):
            return money(value, self._currency)
        if name.endswith("_share"):
            return percent(value)
        if isinstance(value, float):
            return f"{value:.1f}".removesuffix(".0")
        return figures.count(value) if isinstance(value, int) else _day(value) if name == "ends" else str(value)


def _day(told: object) -> str:
    try:
        return date_format(datetime.fromisoformat(str(told)), "SHORT_DATE_FORMAT")
    except ValueError:
        return str(told)


def percent(share: float) -> str:
    """A share from 0 to 1: 12.5%."""
    return f"{100 * share:.1f}%"


def money(minor: float, currency: str) -> str:
    """An amount that may be an end of an interval: without cents where it is large, words where it has no end."""
    if minor != minor or abs(minor) >= FARTHEST_SHOWN:
        return _("without end")
    whole = round(minor)
    return figures.compact_money(whole, currency) if abs(whole) >= 100_000 else figures.money(whole, currency)


def result(view: CampaignView, outcome: OutcomeView | None, currency: str) -> tuple[str, str]:
    """What came of a campaign in one phrase, and its tone."""
    if outcome is None or not outcome.is_final:
        return _pending(view, outcome), "mute"
    code, net = outcome.report.verdict.code, money(outcome.report.gain.net_minor, currency)
    phrases = {
        "earned": _("earned %(money)s") % {"money": net},
        "lost": _("lost %(money)s") % {"money": money(-outcome.report.gain.net_minor, currency)},
        "cannot_tell": _("cannot tell yet"),
        "too_few": _("too few to tell"),
        "uneven": _("does not count"),
        "no_hold_out": _("nobody was held out"),
        "nobody": _("nobody got it"),
    }
    return phrases.get(code, code), OUTCOME_TONES.get(code, "mute")


def _pending(view: CampaignView, outcome: OutcomeView | None) -> str:
    if view.started_at is None:
        return ""
    ends = timezone.localtime(view.started_at + timedelta(days=view.plan.window_days))
    if ends > timezone.now() or outcome is not None:
        return _("known on %(day)s") % {"day": date_format(ends, "SHORT_DATE_FORMAT")}
    return _("not measured yet")


def problem_of(error: DomainError) -> tuple[str, str]:
    """The field that a refused plan or text is about, and what to do there."""
    told = error.context
    if error.code == "invalid_content":
        return f"{told.get('part') or 'body'}_{told.get('language') or 'zh'}", _text_problem(told)
    if error.code == "invalid_offer":
        return f"offer_{told.get('field', 'value')}", offer_problem(str(told.get("field", "")))
    return str(told.get("field", "")), _plan_problem(str(told.get("field", "")), str(told.get("problem", "")), told)


def _plan_problem(field: str, problem: str, told: Mapping[str, Any]) -> str:
    found = {
        "name_length": _("Give it a name of 1 to %(most)s letters."),
        "segment_or_list": _("Say whom it is for."),
        "list_length": _("A list has 1 to %(most)s customers; for more, make a segment."),
        "reason_missing": _("Say in a few words why nobody is held out: it cannot be told then what it brought."),
        "hours": _("The hours end before they begin."),
        "unknown_channel": _("Choose how it goes out."),
        "range": _("This number is too small or too large; %(most)s is the most."),
    }
    return found.get(problem, _("This cannot be so.")) % {"most": figures.count(told.get("most") or 0)}


def _text_problem(told: Mapping[str, Any]) -> str:
    word, line = told.get("word", ""), told.get("line")
    found = {
        "languages": _("Write the message in one language at least."),
        "empty": _("There is no text yet."),
        "too_long": _("The text is too long: %(has)s letters, %(most)s fit."),
        "liquid": _("There is a mistake in the curly brackets. Take them out and click the word below instead."),
        "unknown_variable": _("Nothing is known as “%(word)s”. Click one of the words below instead."),
        "no_offer": _("“%(word)s” needs a coupon, and none is chosen."),
        "code_missing": _("The text does not say the coupon's code. Click “Coupon code” where it belongs."),
    }
    numbers = {"word": word, "has": told.get("has", ""), "most": told.get("most", "")}
    sentence = found.get(str(told.get("problem")), _("This text cannot be sent.")) % numbers
    return sentence + (" " + _("(line %(line)s)") % {"line": line} if line and line > 1 else "")


def offer_problem(field: str) -> str:
    """What to do about a field of a coupon's terms."""
    found = {
        "name": _("Give the coupon a name."),
        "gift": _("Say what is given."),
        "value": _("Say what it takes off: an amount above zero, or 1 to 99 percent."),
        "min_spend": _("This amount cannot be so."),
        "min_spend_minor": _("This amount cannot be so."),
        "unit_cost": _("This amount cannot be so."),
        "unit_cost_minor": _("This amount cannot be so."),
        "days_valid": _("It is valid for 1 to 3660 days."),
        "uses_most": _("A coupon can be used once or more often."),
    }
    return found.get(field, _("This cannot be so."))


def terms(told: Any, currency: str) -> str:
    """What a coupon promises, in the reader's language."""
    return said(coupon_words.terms_said(told, currency))
