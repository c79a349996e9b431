"""The page on which a campaign is written: what somebody typed, as they typed it, and what it comes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext as _

from regulars.console.campaigns.words import problem_of
from regulars.console.coupons import offer_form
from regulars.console.reader import language
from regulars.console.typed import Mistakes, TypedForm, whole_number
from regulars.core.bilingual import Text
from regulars.loyalty.coupons.rules import Terms
from regulars.outreach.campaigns import content, ready
from regulars.outreach.campaigns.content import InvalidContent
from regulars.outreach.campaigns.rules import LANGUAGES, CampaignView, InvalidCampaign, Message, Plan, checked
from regulars.outreach.channels import CHANNELS

LIST: Final = "list"
NEW: Final = "new"
LONGEST_TYPED: Final = 10_000
HELD_OUT: Final = ("5", "10", "15", "20", "30", "50")
WINDOWS: Final = ("7", "14", "30", "60", "90")
OTHER_OFFER: Final = 0
"""Stands for the coupon that is made together with the campaign, while its plan is looked at."""


@dataclass(slots=True)
class Typed(TypedForm):
    """Every field of the page. `for_whom` is a segment's id or 'list', `offer` an id, 'new' or ''."""

    name: str = ""
    guess: str = ""
    for_whom: str = ""
    goal: str = "win_back"
    channel: str = "copy_list"
    offer: str = ""
    offer_kind: str = "amount_off"
    offer_value: str = ""
    offer_gift: str = ""
    offer_min_spend: str = ""
    offer_unit_cost: str = ""
    offer_days_valid: str = "14"
    subject_zh: str = ""
    body_zh: str = ""
    subject_en: str = ""
    body_en: str = ""
    held_out: str = "10"
    no_hold_out_reason: str = ""
    window: str = "30"
    most_messages: str = ""
    most_coupons: str = ""
    pace_per_hour: str = ""
    sends_from: str = "08:00"
    sends_until: str = "21:00"
    revision: str = "0"

    @property
    def has_offer(self) -> bool:
        """Whether a coupon goes with it."""
        return self.offer != ""

    @property
    def segment_id(self) -> int | None:
        """The segment, if it is one."""
        return whole_number(self.for_whom)

    @property
    def offer_id(self) -> int | None:
        """The coupon, if it exists already."""
        return whole_number(self.offer)

    def message(self, code: str) -> Message:
        """What is said in a language, as it stands."""
        return Message(getattr(self, f"subject_{code}"), getattr(self, f"body_{code}"))

    def say(self, code: str, told: Message) -> None:
        """Put words in."""
        setattr(self, f"subject_{code}", told.subject)
        setattr(self, f"body_{code}", told.body)

    def settle_texts(self) -> list[str]:
        """Let ready-made words follow whether there is a coupon; the languages in which they changed."""
        changed = []
        for code in LANGUAGES:
            told = ready.settled(code, self.message(code), has_offer=self.has_offer)
            if told != self.message(code):
                self.say(code, told)
                changed.append(code)
        return changed


def read(post: Mapping[str, str]) -> Typed:
    """What a browser sent."""
    return Typed().take(post, _cleaned)


def _cleaned(name: str, text: str) -> str:
    text = text.replace("\r\n", "\n")[:LONGEST_TYPED]
    return text if name in ("body_zh", "body_en") else text.strip()


def of_view(view: CampaignView) -> Typed:
    """A draft as it was saved."""
    plan = view.plan
    typed = Typed(
        name=plan.name.said(language()),
        for_whom=LIST if plan.customers is not None else str(plan.segment_id),
        goal=plan.goal,
        channel=plan.channel,
        offer="" if plan.offer_id is None else str(plan.offer_id),
        held_out=f"{plan.held_out_percent.normalize():f}",
        no_hold_out_reason=plan.no_hold_out_reason,
        window=str(plan.window_days),
        sends_from=f"{plan.sends_from:%H:%M}",
        sends_until=f"{plan.sends_until:%H:%M}",
        revision=str(view.revision),
    )
    for name in ("most_messages", "most_coupons", "pace_per_hour"):
        setattr(typed, name, "" if (told := getattr(plan, name)) is None else str(told))
    for code, message in plan.content.items():
        typed.say(code, message)
    return typed


def plan_of(typed: Typed, view: CampaignView | None, name: Text) -> Plan:
    """What it comes to; a coupon that is to be made has the id OTHER_OFFER.

    Args:
        view: The draft as it was saved, which knows the customers of its list.
    Raises:
        Mistakes: Something cannot be so.
    """
    problems: dict[str, str] = {}
    said = {code: typed.message(code) for code in LANGUAGES if typed.message(code).body.strip()}
    plan = Plan(
        name=name,
        goal=typed.goal,
        channel=typed.channel,
        content=said,
        segment_id=typed.segment_id,
        customers=view.plan.customers if view and typed.for_whom == LIST else None,
        offer_id=OTHER_OFFER if typed.offer == NEW else typed.offer_id,
        held_out_percent=_decimal(typed.held_out, "held_out", problems),
        no_hold_out_reason=typed.no_hold_out_reason,
        window_days=_whole(typed.window, "window", problems) or 0,
        most_messages=_whole(typed.most_messages, "most_messages", problems),
        most_coupons=_whole(typed.most_coupons, "most_coupons", problems),
        pace_per_hour=_whole(typed.pace_per_hour, "pace_per_hour", problems),
        sends_from=_time(typed.sends_from, "sends_from", problems),
        sends_until=_time(typed.sends_until, "sends_until", problems),
    )
    if problems:
        raise Mistakes(problems)
    for check in (
        lambda: checked(plan, channels=CHANNELS),
        lambda: content.check(said, has_offer=typed.has_offer),
    ):
        try:
            check()
        except (InvalidCampaign, InvalidContent) as error:
            where, what = problem_of(error)
            problems[FIELDS.get(where, where)] = what
    if problems:
        raise Mistakes(problems)
    return plan


FIELDS: Final = {"held_out_percent": "held_out", "window_days": "window"}


def terms_of(typed: Typed, currency: str) -> Terms:
    """The terms of the coupon that is to be made.

    Raises:
        Mistakes: They cannot be so.
    """
    told = offer_form.Typed(
        kind=typed.offer_kind,
        value=typed.offer_value,
        gift_zh=typed.offer_gift,
        gift_en=typed.offer_gift,
        min_spend=typed.offer_min_spend,
        unit_cost=typed.offer_unit_cost,
        days_valid=typed.offer_days_valid,
    )
    try:
        return offer_form.terms_of(told, currency)
    except Mistakes as error:
        gift = {"gift_zh": "gift", "gift_en": "gift"}
        raise Mistakes({f"offer_{gift.get(one, one)}": what for one, what in error.problems.items()}) from error


def _whole(text: str, name: str, problems: dict[str, str]) -> int | None:
    text = text.replace(",", "").replace("，", "")
    if not text:
        return None
    if (found := whole_number(text)) is None or found > 10**9:
        problems[name] = _("Write a whole number.")
        return None
    return found


def _decimal(text: str, name: str, problems: dict[str, str]) -> Decimal:
    try:
        found = Decimal(text)
        if found.is_finite() and len(text) < 9:
            return found
    except InvalidOperation:
        pass
    problems[name] = _("Write a number.")
    return Decimal(10)


def _time(text: str, name: str, problems: dict[str, str]) -> time:
    try:
        return time.fromisoformat(text).replace(tzinfo=None, second=0, microsecond=0)
    except ValueError:
        problems[name] = _("Write a time such as 08:00.")
        return time(8)


def context(typed: Typed) -> dict[str, Any]:
    """The lists that the page offers, with what was chosen among them even if it is unusual."""
    return {
        "typed": typed,
        "problems": typed.problems,
        "shares": _with(HELD_OUT, typed.held_out),
        "windows": _with(WINDOWS, typed.window),
    }


def _with(usual: tuple[str, ...], chosen: str) -> list[str]:
    return [*usual, *([chosen] if chosen and chosen not in (*usual, "0") else [])]
