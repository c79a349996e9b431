"""What stands beside a campaign while it is written: how many it is for, who can be reached, how it will read."""

from collections.abc import Mapping, Sequence

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console.access import StaffRequest, requires
from regulars.console.behind import people_url
from regulars.console.campaigns import form as campaign_form
from regulars.console.campaigns.form import LIST, NEW, Typed
from regulars.console.campaigns.people import NOBODY, Audience, Reachable, audience_of
from regulars.console.campaigns.words import channel, problem_of
from regulars.console.condition_words import speaker
from regulars.console.context import business_of
from regulars.console.lines import customer_url
from regulars.console.reader import language, said
from regulars.console.typed import Mistakes, whole_number
from regulars.console.views.campaigns.found import campaign_or_404
from regulars.core.calendar import zone
from regulars.insight.segments import queries as segments
from regulars.insight.segments.queries import NoSegment, SegmentView
from regulars.loyalty.coupons import offers
from regulars.loyalty.coupons.offers import NoOffer
from regulars.loyalty.coupons.rules import Terms, end_of, last_day
from regulars.loyalty.coupons.words import terms_said
from regulars.outreach import personal
from regulars.outreach.campaigns import content, ready
from regulars.outreach.campaigns.content import InvalidContent
from regulars.outreach.campaigns.rules import LANGUAGES
from regulars.outreach.campaigns.samples import SAMPLE_CODE
from regulars.outreach.campaigns.words import short_of
from regulars.outreach.channels import CHANNELS, email_settings


@requires("campaigns.edit")
@require_POST
@never_cache
def live(request: StaffRequest) -> HttpResponse:
    """The fragment; it also corrects what follows from a choice: ready-made words, and a name that was only guessed."""
    asked = whole_number(request.GET.get("campaign", ""))
    view = campaign_or_404(asked) if asked is not None else None
    typed, words = campaign_form.read(request.POST), speaker(request)
    changed = typed.settle_texts()
    segment = _segment(typed)
    listed = view.plan.customers if view and typed.for_whom == LIST else None
    audience = audience_of(segment, listed, words, at=timezone.now())
    place = whole_number(request.POST.get("other", "")) or 0
    told = _terms(typed, business_of(request).currency)
    name = ready.name_for(segment.name) if segment else None
    guess = said(name) if name else typed.guess
    context = {
        "typed": typed,
        "audience": audience or NOBODY,
        "is_known": audience is not None,
        "sentence": words.say_json(segment.tree) if segment else "",
        "people_url": people_url(segment.tree) if segment else "",
        "reach": _reach(audience or NOBODY, typed),
        "previews": _previews(request, typed, audience or NOBODY, told, place),
        "next": place + 1,
        "swapped": [(code, typed.message(code)) for code in changed],
        "problems": _text_problems(typed),
        "new_name": guess if guess != typed.guess and typed.name in ("", typed.guess) else None,
        "guess": guess,
    }
    return render(request, "campaigns/live.html", context)


def _segment(typed: Typed) -> SegmentView | None:
    try:
        return segments.segment(typed.segment_id) if typed.segment_id is not None else None
    except NoSegment:
        return None


def _terms(typed: Typed, currency: str) -> Terms | None:
    try:
        if typed.offer == NEW:
            return campaign_form.terms_of(typed, currency)
        return offers.offer(typed.offer_id).terms if typed.offer_id is not None else None
    except (Mistakes, NoOffer):
        return None


def _reach(audience: Audience, typed: Typed) -> list[dict[str, object]]:
    """Each channel with about how many it reaches, and why not the others."""
    found = []
    for code in CHANNELS:
        one = audience.channels.get(code, Reachable(0, 0, {}, {}))
        times = audience.customers / one.looked_at if one.looked_at else 0
        found.append(
            {
                "code": code,
                "name": channel(code),
                "chosen": code == typed.channel,
                "reached": audience.reached(code),
                "note": _note(code),
                "refused": [
                    (said(short_of(reason)), round(count * times)) for reason, count in sorted(one.refused.items())
                ],
            }
        )
    return found


def _note(code: str) -> str:
    """What has to be said about a channel as it is set up now."""
    if CHANNELS[code].by_hand:
        return ""
    if email_settings.kept().provider == email_settings.MAILBOX:
        return _("No mail server is set up yet: messages stay in the mailbox here, where you can read them.")
    if email_settings.trouble():
        return _("The mail server does not work at the moment; messages wait until it does.")
    return ""


def _previews(
    request: StaffRequest, typed: Typed, audience: Audience, terms: Terms | None, place: int
) -> list[dict[str, object]]:
    """The message in each of its languages as a real customer would read it."""
    people = audience.some.get(typed.channel, ())
    who = people[place % len(people)] if people else None
    found: list[dict[str, object]] = []
    for code in sorted(LANGUAGES, key=lambda one: one != language()):
        message = typed.message(code)
        if not message.body.strip():
            continue
        values = _values(request, who, code, terms)
        try:
            filled = content.fill(message, values)
        except InvalidContent:
            continue
        found.append(
            {
                "code": code,
                "subject": filled.subject if not CHANNELS[typed.channel].by_hand else "",
                "body": filled.body,
                "name": values.get("name", ""),
                "url": customer_url(who) if who else "",
            }
        )
    return found


def _values(request: StaffRequest, who: int | None, code: str, terms: Terms | None) -> Mapping[str, str]:
    business, now = business_of(request), timezone.now()
    known: Mapping[str, str] = {"shop": business.name}
    if who is not None:
        known = personal.values({who: code}, business=business, at=now).get(who, known)
    if terms is None:
        return known
    in_zone = zone(business.time_zone)
    until = last_day(end_of(now, terms.days_valid, in_zone), in_zone)
    said_terms = terms_said(terms, business.currency)
    return {**known, **personal.coupon_values(code, offer=said_terms, code=SAMPLE_CODE, last_day=until)}


def _text_problems(typed: Typed) -> Sequence[tuple[str, str]]:
    """What is wrong with the texts as they stand, for each part; '' where nothing is."""
    found = {f"{part}_{code}": "" for code in LANGUAGES for part in ("subject", "body")}
    for code in LANGUAGES:
        if typed.message(code).body.strip():
            try:
                content.check({code: typed.message(code)}, has_offer=typed.has_offer)
            except InvalidContent as error:
                where, what = problem_of(error)
                found[where] = what
    return list(found.items())


urlpatterns = [path("campaigns/live/", live, name="campaign_live")]
