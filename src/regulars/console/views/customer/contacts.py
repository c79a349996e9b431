"""How a customer is known: masked, until somebody who may asks to see more, which is recorded."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console.access import StaffRequest, requires
from regulars.console.lines import shown_phone
from regulars.console.views.customer.found import profile_or_404
from regulars.customers.identities import Identity, IdentityKind
from regulars.customers.queries import Profile
from regulars.customers.rules import mask_email
from regulars.staff import actions

KINDS: dict[int, tuple[str, Promise]] = {
    IdentityKind.MEMBER_NUMBER: ("id-card", _("Member number")),
    IdentityKind.UNIONID: ("message-circle", _("WeChat unionid")),
    IdentityKind.OPENID: ("message-circle", _("WeChat openid")),
    IdentityKind.EXTERNAL_USER: ("message-circle", _("WeCom contact")),
    IdentityKind.EXTERNAL_ID: ("hash", _("Customer number")),
    IdentityKind.PHONE: ("phone", _("Phone")),
    IdentityKind.EMAIL: ("mail", _("E-mail")),
    IdentityKind.ANONYMOUS: ("globe", _("Browser")),
}
PERSONAL = (IdentityKind.PHONE, IdentityKind.EMAIL)
ORDER = (IdentityKind.PHONE, IdentityKind.EMAIL, IdentityKind.MEMBER_NUMBER)
LONGEST_SHOWN = 24


@dataclass(frozen=True, slots=True)
class Contact:
    """One way in which a customer is known; `space` says in which system, `masked` whether more could be shown."""

    icon: str
    label: Promise
    value: str
    space: str
    masked: bool


def contacts_of(profile: Profile, *, whole: bool) -> list[Contact]:
    """Every way in which a customer is known, what people ask for first."""

    def place(identity: Identity) -> tuple[int, int, str, str]:
        rank = ORDER.index(IdentityKind(identity.kind)) if identity.kind in ORDER else len(ORDER)
        return (rank, identity.kind, identity.space, identity.value)

    return [_contact(identity, whole) for identity in sorted(profile.identities, key=place)]


def _contact(identity: Identity, whole: bool) -> Contact:
    icon, label = KINDS[identity.kind]
    masked = identity.kind in PERSONAL and not whole
    if identity.kind == IdentityKind.PHONE:
        value = shown_phone(identity.value, whole=not masked)
    elif identity.kind == IdentityKind.EMAIL and masked:
        value = mask_email(identity.value)
    else:
        value = identity.value if len(identity.value) <= LONGEST_SHOWN else f"{identity.value[: LONGEST_SHOWN - 1]}…"
    return Contact(icon, label, value, identity.space, masked)


@requires("customers.reveal")
@require_POST
@never_cache
def reveal(request: StaffRequest, number: str) -> HttpResponse:
    """Phones and e-mails whole, and a line in the audit trail."""
    profile = profile_or_404(request, number)
    actions.record(
        by=request.actor,
        action="customers.reveal",
        at=timezone.now(),
        subject_kind="customer",
        subject_id=profile.customer_id,
    )
    contacts = contacts_of(profile, whole=True)
    return render(request, "customer/contacts.html", {"contacts": contacts, "number": number, "revealed": True})


urlpatterns = [path("customers/<str:number>/contacts/", reveal, name="customer_contacts")]
