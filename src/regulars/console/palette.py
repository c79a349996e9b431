"""The command palette: everything a person can jump to, found by a few letters in either language."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from regulars.console import navigation
from regulars.console.access import StaffRequest, requires


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the palette. `command` names what the browser does itself; otherwise `url` is opened."""

    icon: str
    label: str
    url: str
    key: str = ""
    command: str = ""


@requires("profile.own")
def palette(request: StaffRequest) -> HttpResponse:
    """The commands that match what was typed."""
    typed = request.GET.get("q", "").strip().casefold()
    return render(request, "partials/palette.html", {"commands": commands(request.capabilities, typed), "typed": typed})


def commands(capabilities: frozenset[str], typed: str) -> list[Command]:
    """Pages and actions whose name or search words contain the text; all of them for an empty one."""
    offered = [
        (f"{page.label} {page.words}", Command(page.icon, str(page.label), reverse(page.name)))
        for page in navigation.pages_for(capabilities)
    ]
    theme = Command("sun-moon", _("Switch between light and dark"), "#", key="T", command="theme")
    password = Command("key-round", _("Change password"), reverse("account_change_password"))
    leave = Command("log-out", _("Sign out"), reverse("account_logout"))
    offered += [
        (f"{theme.label} theme dark light 主题 深色 浅色 zhuti", theme),
        (f"{password.label} password 密码 mima", password),
        (f"{leave.label} sign out log out 退出 tuichu", leave),
    ]
    return [command for words, command in offered if typed in words.casefold()]
