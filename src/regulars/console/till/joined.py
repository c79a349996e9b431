"""Enrolling a guest at the till in five seconds: the phone, a name if they like, and nothing ticked for them."""

from datetime import date
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.console import actors, sight
from regulars.console.access import StaffRequest
from regulars.console.sayings import explained
from regulars.console.till_store import store_of
from regulars.core.errors import DomainError
from regulars.customers.enrolling.queries import current_versions
from regulars.customers.enrolling.rules import Joining
from regulars.customers.identities import Identity, IdentityKind
from regulars.customers.rules import normalise_phone
from regulars.flows.enrol import enrol
from regulars.flows.settings import programme
from regulars.loyalty import membership

LONGEST_NAME: Final = 60


class NotAPhone(DomainError):
    """Nobody can be reached by this number."""

    code = "not_a_phone"


def join(request: StaffRequest) -> str:
    """The member number of who was enrolled; of somebody known, the one that they have.

    Raises:
        NotAPhone: What was typed is no phone that stands for one person.
        DomainError: As enrolling refuses it.
    """
    post = request.POST
    read = normalise_phone(post.get("phone", ""))
    if not read.value or not read.joins:
        raise NotAPhone("This is no phone that stands for one person.")
    charter, privacy = current_versions()
    joining = Joining(
        identities=(Identity(IdentityKind.PHONE, "", read.value),), charter=charter, privacy=privacy, place="till",
        name=" ".join(post.get("name", "").replace("\x00", "").split())[:LONGEST_NAME],
        birthday=_birthday(post.get("birthday", "")), guardian=post.get("guardian", "").strip()[:LONGEST_NAME],
        marketing=frozenset({"copy_list"} if post.get("marketing") == "yes" else ()), store=store_of(request),
        actor=actors.key_of(request.actor),
    )  # fmt: skip
    policies, _zone = programme()
    made = enrol(joining=joining, policies=policies, zone=sight.zone_of(request), at=timezone.now())
    return membership.number_of(made.customer_id)


def refused(error: DomainError) -> str:
    """Why somebody was not enrolled."""
    if error.code == "not_a_phone":
        return _("This is not a phone that can be used.")
    if error.code == "guardian_needed":
        return _("Somebody under 14 joins together with a parent or guardian.")
    return explained(error)


def _birthday(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
