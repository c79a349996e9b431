"""What every page needs besides its own content."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from regulars.console import figures, navigation
from regulars.staff import queries
from regulars.staff.rules import BusinessProfile, StaffMember

ROLE_LABELS = {
    "owner": _("Owner"),
    "marketer": _("Marketing"),
    "service": _("Customer service"),
    "cashier": _("Cashier"),
    "viewer": _("Viewer"),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A line above every page."""

    tone: str
    icon: str
    text: str


def shell(request: HttpRequest) -> dict[str, object]:
    """The frame of the page: sidebar, names, notices. A visitor gets the business's name and nothing else."""
    business = business_of(request)
    member = _member_of(request)
    frame: dict[str, object] = {"business_name": business.name, "is_zh": figures.is_zh(), "nav": [], "notices": []}
    if member is None:
        return frame
    capabilities: frozenset[str] = getattr(request, "capabilities", member.capabilities)
    return frame | {
        "nav": navigation.groups(capabilities, request.path),
        "notices": _notices(business),
        "currency": business.currency,
        "user_name": member.name or member.email,
        "role_label": ROLE_LABELS[member.role],
        "can": capabilities,
    }


def business_of(request: HttpRequest) -> BusinessProfile:
    """The business, read once a request."""
    known = getattr(request, "business", None)
    return known if isinstance(known, BusinessProfile) else queries.business()


def _member_of(request: HttpRequest) -> StaffMember | None:
    known = getattr(request, "member", None)
    return known if isinstance(known, StaffMember) else queries.as_member(getattr(request, "user", None))


def _notices(business: BusinessProfile) -> list[Notice]:
    text = business.notice(get_language() or "zh-hans")
    return [Notice(tone="info", icon="flask-conical", text=text)] if text else []
