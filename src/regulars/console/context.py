"""What every page needs besides its own content."""

from dataclasses import dataclass

from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from regulars.console import figures, navigation, reader
from regulars.console.kept import kept
from regulars.console.overview import first_steps
from regulars.loyalty import membership
from regulars.playbooks import queries as playbooks
from regulars.staff import queries
from regulars.staff.rules import BusinessProfile, StaffMember

ROLE_LABELS = {
    "owner": _("Owner"),
    "marketer": _("Marketing"),
    "service": _("Customer service"),
    "store_manager": _("Store manager"),
    "cashier": _("Cashier"),
    "viewer": _("Viewer"),
}

ALL_SET, DAY_SECONDS = "first-steps-done", 86_400


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
    frame: dict[str, object] = {"business_name": business.name, "is_zh": reader.is_zh(), "nav": [], "notices": []}
    frame["due"] = 0  # a part of a page may come with the whole frame around it, which nobody looks at
    if member is None:
        return frame
    capabilities: frozenset[str] = getattr(request, "capabilities", member.capabilities)
    if not request.headers.get("HX-Request"):
        small = has_small_menu(member, business)
        badges = _badges(member, capabilities)
        frame |= {
            "nav": navigation.groups(capabilities, request.path, badges, small=small),
            "small_menu": small,
            "due": _due(member, capabilities),
            "first_steps": _first_steps(member, capabilities, business),
        }
    return frame | {
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


def has_small_menu(member: StaffMember, business: BusinessProfile) -> bool:
    """Whether somebody sees the menu of a small shop; counted only for those it depends on."""
    asks = not member.menu and bool(business.trade)
    return navigation.is_small(chosen=member.menu, trade=business.trade, members=_members() if asks else 0)


def _members() -> int:
    return kept("members", make=membership.everybody)


def _badges(member: StaffMember, capabilities: frozenset[str]) -> dict[str, str]:
    """How many members there are, for those who see all of them."""
    if "customers.view" not in capabilities or member.store_codes is not None:
        return {}
    everybody = _members()
    return {"customers": figures.count(everybody)} if everybody else {}


def _due(member: StaffMember, capabilities: frozenset[str]) -> int:
    """How many tasks of this person are due. Asked on every page and not kept: it reads the few entries of one index,
    which is as quick as asking whether a kept count still holds."""
    return playbooks.due(owner_id=member.id, today=timezone.localdate()) if "tasks.do" in capabilities else 0


def _first_steps(
    member: StaffMember, capabilities: frozenset[str], business: BusinessProfile
) -> first_steps.Progress | None:
    """What is left to do in a new shop, for those who can do it; nothing more once all is done or put away."""
    if "settings.edit" not in capabilities or member.steps_hidden or cache.get(ALL_SET):
        return None
    progress = first_steps.steps(capabilities, business)
    if progress.next is None:
        cache.set(ALL_SET, True, DAY_SECONDS)
        return None
    return progress


def _notices(business: BusinessProfile) -> list[Notice]:
    text = business.notice(get_language() or "zh-hans")
    return [Notice(tone="info", icon="flask-conical", text=text)] if text else []
