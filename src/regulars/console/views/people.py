"""The customers behind a number: who they are, to take along, to tag, or to keep as a segment."""

from collections.abc import Iterator, Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console import actors, behind, downloads, figures, fragments
from regulars.console.access import StaffRequest, requires
from regulars.console.behind import Selection, Unreadable
from regulars.console.condition_words import Speaker, speaker
from regulars.console.pages import Counted
from regulars.console.picture import people_list
from regulars.console.picture.people_list import PER_PAGE
from regulars.console.picture.state import picture_state
from regulars.console.sayings import explained
from regulars.core.conditions import EVERYBODY, used_fields
from regulars.core.errors import DomainError
from regulars.core.money import to_major
from regulars.insight import queries as insight
from regulars.insight.compute import listing
from regulars.insight.compute.pictures import Picture
from regulars.insight.tags import actions as tagging
from regulars.insight.tags import queries as tags
from regulars.staff import actions as staff


@requires("insight.view")
@never_cache
def people(request: StaffRequest) -> HttpResponse:
    """The page; for somebody who sorts or turns pages, only the list."""
    words, picture = speaker(request), insight.picture()
    context: dict[str, object] = {"has_picture": picture is not None, **picture_state(request)}
    if picture is not None:
        try:
            context |= shown(request, behind.read_selection(request, words.fields), picture, words)
        except Unreadable as error:
            context["unreadable"] = explained(error)
        else:
            context["tags"] = _tags(words) if "customers.tag" in request.capabilities else []
    part = fragments.asked(request) == "people" and "selected" in context
    return fragments.shown(request, "people/list.html" if part else "people/page.html", context)


def _tags(words: Speaker) -> list[dict[str, object]]:
    return [
        {"id": tag.id, "name": words.text(tag.name), "customers": tag.customers} for tag in tags.tags(at=timezone.now())
    ]


def shown(request: StaffRequest, selected: Selection, picture: Picture, words: Speaker) -> dict[str, object]:
    """What the list shows of a selection: how many, what they come to, and a page of them."""
    chosen = people_list.chosen_of(selected, words)
    summary = people_list.summary(picture, chosen)
    pages = Paginator(Counted(summary.customers), PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    sort = people_list.sort_of(request.GET.get("sort", ""))
    return {
        "selected": selected,
        "title": people_list.title_of(selected, words),
        "is_everybody": selected.tree == EVERYBODY and not selected.named,
        "summary": summary,
        "share": 100 * summary.customers / summary.everybody if summary.everybody else 0,
        "total_spent": summary.sums.get(people_list.SPENT),
        "total_value": summary.sums.get(people_list.VALUE),
        "median_value": _whole(summary.medians.get(people_list.VALUE)),
        "page": page,
        "people": people_list.page(picture, chosen, words, sort=sort, number=page.number) if summary.customers else [],
        "sort": sort,
        "columns": people_list.sort_links(sort),
        "list_url": f"{reverse(behind.PAGE)}?{selected.query}",
    }


def _whole(amount: float | None) -> int | None:
    return None if amount is None or amount != amount else round(amount)


@requires("insight.export")
@require_POST
def export(request: StaffRequest, form: str) -> HttpResponseBase:
    """Everybody whom a selection means, as CSV or XLSX; phones are whole only for those who may see them."""
    if form not in downloads.FORMS:
        raise Http404
    words, picture = speaker(request), insight.picture()
    if picture is None:
        return redirect(behind.PAGE)
    try:
        selected = behind.read_selection(request, words.fields)
    except Unreadable as error:
        messages.error(request, explained(error))
        return redirect(behind.PAGE)
    chosen = people_list.chosen_of(selected, words)
    whole = "customers.reveal" in request.capabilities
    detail = {
        "rows": people_list.summary(picture, chosen).customers,
        "format": form,
        "filter": sorted(
            {*used_fields(selected.tree), *(name for name in behind.NAMED if name in selected.parameters)}
        ),
        "phones": "whole" if whole else "masked",
    }
    staff.record(by=request.actor, action="insight.export", at=timezone.now(), subject_kind="customers", detail=detail)
    portions = people_list.everybody(picture, chosen, words, whole=whole)
    heading, rows = _heading(words.currency), _rows(portions, words.currency)
    return downloads.sent(f"customers-{timezone.localdate()}", form, heading, rows)


def _heading(currency: str) -> list[str]:
    return [
        _("Member number"),
        _("Name"),
        _("Phone"),
        _("Stage"),
        _("RFM group"),
        _("Last purchase"),
        _("Orders"),
        _("Lifetime spend (%(currency)s)") % {"currency": currency},
        _("Churn risk (%)"),
        _("Level of risk"),
        _("Strongest reason"),
        _("Value of the year ahead (%(currency)s)") % {"currency": currency},
    ]


def _rows(portions: Iterator[list[people_list.Person]], currency: str) -> Iterator[Sequence[downloads.Cell]]:
    for portion in portions:
        for person in portion:
            yield [
                person.number,
                person.name,
                person.phone,
                person.stage,
                person.rfm,
                person.last_day,
                person.orders,
                None if person.spent is None else to_major(person.spent, currency),
                None if person.risk is None else f"{person.risk:.0f}",
                person.level,
                person.reason,
                None if person.value is None else to_major(person.value, currency),
            ]


@requires("customers.tag")
@require_POST
def tag(request: StaffRequest) -> HttpResponse:
    """Hang a tag on everybody whom a selection means, or take it off."""
    if "insight.view" not in request.capabilities:
        raise PermissionDenied  # somebody who sees the customers of some stores would reach those of all
    words, picture = speaker(request), insight.picture()
    try:
        selected = behind.read_selection(request, words.fields)
        if picture is not None:
            chosen = people_list.chosen_of(selected, words)
            messages.success(request, _tag(request, listing.ids(picture, chosen)))
    except DomainError as error:
        messages.error(request, explained(error))
        return redirect(behind.PAGE)
    return redirect(f"{reverse(behind.PAGE)}?{selected.query}")


@transaction.atomic
def _tag(request: StaffRequest, customer_ids: list[int]) -> str:
    asked, now = request.POST.get("tag", ""), timezone.now()
    known = {str(one.id): one for one in tags.tags(at=now)}
    if asked not in known:
        raise tagging.NoTag("There is no such tag.")
    takes = request.POST.get("do") == "take"
    change = tagging.take if takes else tagging.give
    changed = change(tag_id=known[asked].id, customer_ids=customer_ids, actor=actors.key_of(request.actor), at=now)
    staff.record(
        by=request.actor,
        action="tags.take" if takes else "tags.give",
        at=now,
        subject_kind="tag",
        subject_id=asked,
        detail={"rows": changed},
    )
    if takes:
        said = ngettext("The tag came off %(n)s customer.", "The tag came off %(n)s customers.", changed)
    else:
        said = ngettext("%(n)s customer got the tag.", "%(n)s customers got the tag.", changed)
    return said % {"n": figures.count(changed)}


urlpatterns = [
    path("people/", people, name=behind.PAGE),
    path("people/export/<str:form>/", export, name="people_export"),
    path("people/tag/", tag, name="people_tag"),
]
