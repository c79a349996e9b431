"""The people who work here: added, changed, shut out, let in again."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.catalogue import queries as catalogue
from regulars.console import choices
from regulars.console.access import StaffRequest, requires
from regulars.console.context import ROLE_LABELS
from regulars.console.sayings import explained
from regulars.console.views.settings.tabs import page
from regulars.core.errors import DomainError
from regulars.staff import actions, queries
from regulars.staff.rules import StaffMember

TAB = "settings_people"
FIELD_OF = {"bad_email": "email", "email_taken": "email", "last_owner": "role", "unknown_role": "role"}


class MemberForm(forms.Form):
    """What is said of a person besides the e-mail."""

    name = forms.CharField(label=_("Name"), max_length=100)
    role = forms.ChoiceField(label=_("Role"), choices=choices.ROLES)
    stores = forms.MultipleChoiceField(
        label=_("Stores"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: every store."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = catalogue.store_codes()
        kept = (kwargs.get("initial") or {}).get("stores") or ()
        offered = [*known.items(), *((code, code) for code in kept if code not in known)]
        if offered:
            cast(forms.MultipleChoiceField, self.fields["stores"]).choices = offered
        else:
            del self.fields["stores"]

    @property
    def store_codes(self) -> list[str] | None:
        """Chosen stores, None for all."""
        return self.cleaned_data.get("stores") or None


class NewMemberForm(MemberForm):
    """Somebody new."""

    email = forms.EmailField(
        label=_("E-mail"), help_text=_("To sign in with."), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    field_order = ("name", "email", "role", "stores")


@requires("staff.manage")
@require_safe
def people(request: StaffRequest) -> HttpResponse:
    """Everybody who was added."""
    stores = catalogue.store_codes()
    found = [
        {
            "member": member,
            "name": member.name or member.email,
            "role": ROLE_LABELS[member.role],
            "stores": [stores.get(code, code) for code in member.store_codes or ()],
            "url_id": str(member.id),
        }
        for member in queries.staff()
    ]
    return page(request, "people", tab=TAB, context={"people": found})


@requires("staff.manage")
@never_cache
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    """Add somebody; the password to hand over is shown on the answer to this one request and nowhere else."""
    form = NewMemberForm(request.POST or None, initial={"role": "viewer"})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            new = actions.create_user(
                email=given["email"], role=given["role"], name=given["name"], store_codes=form.store_codes,
                by=request.actor, at=timezone.now(),
            )  # fmt: skip
        except DomainError as error:
            form.add_error(FIELD_OF.get(error.code), explained(error))
        else:
            return _show_password(request, given["name"], new.email, new.password)
    status = 422 if request.method == "POST" else 200
    return page(request, "person_add", tab=TAB, context={"form": form, "roles": _roles()}, status=status)


@requires("staff.manage")
@require_http_methods(["GET", "POST"])
def person(request: StaffRequest, user_id: int) -> HttpResponse:
    """Change somebody's name, role and stores."""
    member = _member(user_id)
    start = {"name": member.name, "role": member.role, "stores": list(member.store_codes or ())}
    form = MemberForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            _change(request, member, form)
        except DomainError as error:
            form.add_error(FIELD_OF.get(error.code), explained(error))
        else:
            messages.success(request, gettext("Saved."))
            return redirect(TAB)
    context = {
        "form": form,
        "person": member,
        "roles": _roles(),
        "url_id": str(member.id),
        "is_self": _is_self(request, member),
    }
    return page(request, "person", tab=TAB, context=context, status=422 if request.method == "POST" else 200)


def _change(request: StaffRequest, member: StaffMember, form: MemberForm) -> None:
    """Only what is different, so that the audit says what was done. The role first: it may be refused."""
    given, by, at = form.cleaned_data, request.actor, timezone.now()
    if given["role"] != member.role:
        actions.change_role(user_id=member.id, role=given["role"], by=by, at=at)
    wanted = form.store_codes
    if "stores" in form.fields and (tuple(sorted(wanted)) if wanted else None) != member.store_codes:
        actions.change_stores(user_id=member.id, store_codes=wanted, by=by, at=at)
    if given["name"] != member.name:
        actions.change_profile(user_id=member.id, name=given["name"], by=by, at=at)


@requires("staff.manage")
@never_cache
@require_POST
def new_password(request: StaffRequest, user_id: int) -> HttpResponse:
    """Give somebody a new password to hand over; wherever they are signed in, they are signed out."""
    member = _member(user_id)
    password = actions.set_password(user_id=member.id, by=request.actor, at=timezone.now())
    return _show_password(request, member.name or member.email, member.email, password)


@requires("staff.manage")
@require_POST
def switch(request: StaffRequest, user_id: int) -> HttpResponse:
    """Shut somebody out, or let them in again, as the form says."""
    member = _member(user_id)
    try:
        if request.POST.get("active") == "yes":
            actions.reactivate(user_id=member.id, by=request.actor, at=timezone.now())
            messages.success(request, gettext("They can sign in again."))
        elif _is_self(request, member):
            messages.error(request, gettext("You cannot switch your own account off. Ask another owner."))
        else:
            actions.deactivate(user_id=member.id, by=request.actor, at=timezone.now())
            messages.success(request, gettext("They can no longer sign in."))
    except DomainError as error:
        messages.error(request, explained(error))
    return redirect(TAB)


def _show_password(request: StaffRequest, name: str, email: str, password: str) -> HttpResponse:
    return page(request, "password_once", tab=TAB, context={"name": name, "email": email, "password": password})


def _member(user_id: int) -> StaffMember:
    member = queries.member(user_id)
    if member is None:
        raise Http404
    return member


def _is_self(request: StaffRequest, member: StaffMember) -> bool:
    return member.id == request.member.id


def _roles() -> list[dict[str, object]]:
    return [{"label": label, "note": choices.ROLE_NOTES[code]} for code, label in choices.ROLES]


urlpatterns = [
    path("settings/staff/", people, name=TAB),
    path("settings/staff/add/", add, name="settings_person_add"),
    path("settings/staff/<int:user_id>/", person, name="settings_person"),
    path("settings/staff/<int:user_id>/password/", new_password, name="settings_person_password"),
    path("settings/staff/<int:user_id>/switch/", switch, name="settings_person_switch"),
]
