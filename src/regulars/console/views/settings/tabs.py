"""The tabs over every page of the settings, and how such a page is drawn."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.console.access import StaffRequest

TABS: tuple[tuple[str, str, Promise], ...] = (
    ("settings", "settings.view", _("Business")),
    ("settings_programme", "settings.view", _("Programme")),
    ("settings_joining", "settings.view", _("Joining")),
    ("settings_outreach", "settings.view", _("Reaching out")),
    ("settings_follow_up", "settings.view", _("Follow-up")),
    ("settings_risk", "settings.view", _("Risk control")),
    ("settings_email", "settings.edit", _("Sending e-mail")),
    ("settings_people", "staff.manage", _("Staff")),
    ("settings_keys", "apikeys.manage", _("API keys")),
    ("settings_webhooks", "webhooks.manage", _("Webhooks")),
    ("settings_audit", "audit.view", _("Audit")),
)
"""Name of the page, the capability it takes, and its label."""


def page(
    request: StaffRequest, template: str, *, tab: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """A page under one of the tabs that this person may open."""
    tabs = [
        {"label": label, "url": reverse(name), "current": name == tab}
        for name, capability, label in TABS
        if capability in request.capabilities
    ]
    return render(request, f"settings/{template}.html", {"tabs": tabs, **(context or {})}, status=status)
