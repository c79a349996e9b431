"""API keys for programs: made, shown once, revoked."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from regulars.console.access import StaffRequest, requires
from regulars.console.changes import carry_out
from regulars.console.sayings import explained
from regulars.console.views.settings.tabs import page
from regulars.core.errors import DomainError
from regulars.staff import actions, queries

TAB = "settings_keys"
SCOPES: dict[str, Promise] = {
    "facts.write": _("Send orders and events"),
    "customers.read": _("Read customers"),
    "customers.write": _("Change customers"),
    "customers.merge": _("See duplicates, merge them, part them again"),
    "coupons.redeem": _("Check and redeem coupons"),
    "checkout.write": _("Quote baskets, and hold and spend points"),
    "coupons.manage": _("Write coupon offers, and issue coupons"),
    "rewards.claim": _("List rewards, claim them, hand them over"),
    "ledger.read": _("Read points"),
    "points.adjust": _("Grant and deduct points, with a reason"),
    "reports.read": _("Read reports: liability, programme health, versions, comparisons"),
    "webhooks.manage": _("Manage webhooks"),
    "programme.read": _("Read the programme: tiers, rules and benefits"),
    "programme.write": _("Write drafts of the programme and simulate them"),
    "programme.launch": _("Put drafts of the programme live; it never stands in for a second person"),
    "rewards.manage": _("Make, change and retire rewards"),
    "risk.read": _("See cases of risk control"),
    "risk.manage": _("Freeze and release accounts, and take points back"),
}
FIELD_OF = {"name_missing": "name", "name_taken": "name", "unknown_scope": "scopes"}


class KeyForm(forms.Form):
    """A new key."""

    name = forms.CharField(
        label=_("What is it for?"), max_length=100, help_text=_("For instance: till in the main shop.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one thing that the key may do.")},
    )


@requires("apikeys.manage")
@never_cache
@require_http_methods(["GET", "POST"])
def keys(request: StaffRequest) -> HttpResponse:
    """Every key, and making one; its secret is on the answer to this one request and nowhere else."""
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            new = actions.create_api_key(
                name=form.cleaned_data["name"], scopes=form.cleaned_data["scopes"], by=request.actor, at=timezone.now()
            )
        except DomainError as error:
            form.add_error(FIELD_OF.get(error.code), explained(error))
        else:
            context = {"name": form.cleaned_data["name"], "secret": new.secret}
            return page(request, "key_once", tab=TAB, context=context)
    found = [
        {"key": key, "scopes": [SCOPES[scope] for scope in SCOPES if scope in key.scopes], "url_id": str(key.id)}
        for key in queries.api_keys()
    ]
    status = 422 if request.method == "POST" else 200
    return page(request, "keys", tab=TAB, context={"keys": found, "form": form}, status=status)


@requires("apikeys.manage")
@require_POST
def revoke(request: StaffRequest, key_id: int) -> HttpResponse:
    """End a key at once."""
    carry_out(
        request, lambda: actions.revoke_api_key(api_key_id=key_id, by=request.actor, at=timezone.now()),
        gettext("The key is revoked."),
    )  # fmt: skip
    return redirect(TAB)


urlpatterns = [
    path("settings/keys/", keys, name=TAB),
    path("settings/keys/<int:key_id>/revoke/", revoke, name="settings_key_revoke"),
]
