"""The command palette: everything a person can jump to, found by a few letters in either language."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.console import lines, navigation, sight
from regulars.console.access import StaffRequest, requires
from regulars.console.customers.wanted import LONGEST_WORDS
from regulars.console.lines import MemberLine
from regulars.loyalty import membership
from regulars.loyalty.membership import Filter

MOST_MEMBERS = 6
FEWEST_LETTERS = 2
"""A single Latin letter or digit means nothing yet; a single Chinese character is half a name."""


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
    """The members and commands that match what was typed."""
    typed = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:LONGEST_WORDS]
    context = {"commands": commands(request.capabilities, typed.casefold()), "members": members(request, typed)}
    return render(request, "partials/palette.html", context)


def members(request: StaffRequest, typed: str) -> list[MemberLine]:
    """Members by name, phone ending or number, those who bought last first."""
    enough = len(typed) >= FEWEST_LETTERS or not typed.isascii()
    if not typed or not enough or "customers.view" not in request.capabilities:
        return []
    today = timezone.localdate()
    found = membership.find(
        Filter(words=typed, among=sight.own_customers(request)),
        today=today,
        at=timezone.now(),
        sort="recent",
        offset=0,
        most=MOST_MEMBERS,
    )
    return lines.member_lines(found, lines.tier_names(sight.policies_of(request), today))


def commands(capabilities: frozenset[str], typed: str) -> list[Command]:
    """Pages and actions whose name or search words contain the text; all of them for an empty one."""
    offered = [
        (f"{page.label} {page.words}", Command(page.icon, str(page.label), _address(page.name)))
        for page in [*navigation.pages_for(capabilities), navigation.TODAY]
        if page.capability in capabilities
    ]
    offered += [
        (f"{label} {words}", Command(icon, label, reverse(name)))
        for name, icon, capability, label, words in (
            (
                "import_balances",
                "import",
                "imports.run",
                _("Take over a programme"),
                "migrate 接管 迁移 jieguan qianyi",
            ),
            ("compare", "git-compare", "insight.view", _("Old and new side by side"), "compare 对账 新旧 duizhang"),
        )
        if capability in capabilities
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


def _address(page: str) -> str:
    """Where a page is. Whoever names the overview means it, also where the menu opens with Today instead."""
    return f"{reverse(page)}?days=30" if page == "overview" else reverse(page)
