"""The list as a file. That it was taken is recorded, with how many and which filter, never with what stood in it."""

from collections.abc import Iterator
from datetime import date, datetime
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import Http404, HttpResponseBase
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.console import downloads, lines, sight
from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.customers.wanted import Wanted
from regulars.console.lines import TierName
from regulars.core.calendar import business_date
from regulars.core.money import to_major
from regulars.customers import queries as customers
from regulars.loyalty import membership
from regulars.loyalty.membership import Filter
from regulars.staff import actions


@requires("customers.export")
@require_POST
def export(request: StaffRequest, form: str) -> HttpResponseBase:
    """Everybody whom the filter finds, as CSV or XLSX; phones are whole only for those who may see them."""
    if form not in downloads.FORMS:
        raise Http404
    reach, zone, now = sight.reach(), sight.zone_of(request), timezone.now()
    wanted = Wanted.read(dict(parse_qsl(request.POST.get("query", ""))))
    chosen = wanted.filter(reach, zone, sight.own_customers(request))
    whole = "customers.reveal" in request.capabilities
    detail = {
        "rows": membership.totals(chosen, today=reach.day).members,
        "format": form,
        "filter": wanted.kinds(),
        "phones": "whole" if whole else "masked",
    }
    actions.record(by=request.actor, action="customers.export", at=now, subject_kind="customers", detail=detail)
    rows = _rows(
        chosen,
        today=reach.day,
        at=now,
        tiers=lines.tier_names(sight.policies_of(request), reach.day),
        currency=business_of(request).currency,
        zone=zone,
        whole=whole,
    )
    return downloads.sent(f"members-{timezone.localdate()}", form, _heading(business_of(request).currency), rows)


def _heading(currency: str) -> list[str]:
    spent = _("Lifetime spend (%(currency)s)") % {"currency": currency}
    return [
        _("Member number"),
        _("Name"),
        _("Phone"),
        _("Tier"),
        _("Points"),
        _("Orders"),
        spent,
        _("Last order"),
        _("Joined"),
    ]


def _rows(
    wanted: Filter, *, today: date, at: datetime, tiers: list[TierName], currency: str, zone: ZoneInfo, whole: bool
) -> Iterator[list[downloads.Cell]]:
    with transaction.atomic():
        for portion in membership.walk(wanted, today=today, at=at):
            phones = customers.phones(member.customer_id for member in portion)
            for member in portion:
                yield [
                    member.number,
                    member.name,
                    lines.shown_phone(phones.get(member.customer_id, ""), whole=whole),
                    lines.tier_at(tiers, member.tier).name,
                    member.points,
                    member.orders,
                    to_major(member.spent, currency),
                    business_date(member.last_order_at, zone) if member.last_order_at else None,
                    member.joined_on,
                ]


urlpatterns = [path("customers/export/<str:form>/", export, name="customers_export")]
