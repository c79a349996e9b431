"""Who did what: the audit trail, newest first."""

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from regulars.console import audit_words
from regulars.console.access import StaffRequest, requires
from regulars.console.typed import whole_number
from regulars.console.views.settings.tabs import page
from regulars.staff import queries

PAGE = 50


@requires("audit.view")
@require_safe
def audit(request: StaffRequest) -> HttpResponse:
    """A page of the trail, perhaps of one person or one area."""
    who, area, before = (request.GET.get(name, "") for name in ("who", "area", "before"))
    user_id, before_id = whole_number(who), whole_number(before)
    area = area if area in audit_words.AREAS else ""
    lines = queries.audit_trail(before_id=before_id, user_id=user_id, area=area, limit=PAGE + 1)
    shown = lines[:PAGE]
    subjects = audit_words.subject_words(shown)
    found = [
        {
            "at": line.at,
            "who": line.actor_name or gettext("The system"),
            "what": audit_words.action_words(line.action),
            "subject": subjects.get(line.id, ""),
            "details": audit_words.detail_words(line.detail),
        }
        for line in shown
    ]
    context = {
        "lines": found,
        "people": [{"id": str(one.id), "name": one.name or one.email} for one in queries.staff()],
        "areas": audit_words.AREAS.items(),
        "who": who,
        "area": area,
        "older": str(shown[-1].id) if len(lines) > PAGE else "",
        "filtered": bool(user_id or area or before_id),
    }
    return page(request, "audit", tab="settings_audit", context=context)


urlpatterns = [path("settings/audit/", audit, name="settings_audit")]
