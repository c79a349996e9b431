"""The points ledger: what every account holds, whether it adds up, and every entry with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from regulars.console import fragments, lines, reader, sight
from regulars.console.access import StaffRequest, requires
from regulars.console.customers.wanted import LONGEST_WORDS
from regulars.console.kept import is_kept, kept
from regulars.console.overview import books
from regulars.console.typed import whole_number
from regulars.customers import queries as customers
from regulars.ledger import statements
from regulars.ledger.rules import Account, Currency, Purpose
from regulars.ledger.statements import TrialBalance
from regulars.loyalty import membership
from regulars.loyalty.membership import Filter
from regulars.loyalty.reason_words import TITLES
from regulars.loyalty.rules import Policies

PER_PAGE = 30
TRIAL = "trial-balances"
MOST_FOUND = 200
"""Members whose entries a search looks through."""

ACCOUNTS: tuple[tuple[Account, Promise, Promise], ...] = (
    (Account.PENDING, _("Pending"), _("earned, waiting for the return period")),
    (Account.AVAILABLE, _("Spendable"), _("members may use them now")),
    (Account.HELD, _("Held"), _("reserved for checkouts under way")),
    (Account.DEBT, _("Owed"), _("spent before a refund, repaid from what is earned next")),
    (Account.REDEEMED, _("Redeemed"), _("used for rewards")),
    (Account.BREAKAGE, _("Expired"), _("not used in time")),
    (Account.REVOKED, _("Clawed back"), _("taken back after refunds, or deducted by hand")),
    (Account.ISSUED, _("Issued"), _("every point ever given, with the opposite sign")),
)


@dataclass(frozen=True, slots=True)
class Row:
    """An account in the trial balance."""

    label: Promise
    note: Promise
    balance: int
    is_members: bool


@dataclass(frozen=True, slots=True)
class OtherBooks:
    """A currency of the programme's own over all members: `issued` is with members, or redeemed, expired or revoked.

    `total` is zero if it adds up.
    """

    name: str
    issued: int
    members: int
    redeemed: int
    expired: int
    revoked: int
    total: int


@requires("ledger.view")
@never_cache
def ledger(request: StaffRequest) -> HttpResponse:
    """The page, or for somebody who filters or goes on, only the entries."""
    purpose, words, policies = _purpose(request), _words(request), sight.policies_of(request)
    currency = _currency(request, policies)
    stores, before = sight.stores_of(request), request.GET.get("before", "")
    whose = _whose(request, words)
    entries = statements.newest(
        most=PER_PAGE + 1,
        before_id=whole_number(before),
        purposes=[purpose] if purpose else [],
        customer_ids=whose,
        currency=currency,
    )
    page = lines.entry_lines(request, entries[:PER_PAGE], policies, explained=True)
    code = policies.code_of(currency) if policies is not None and currency != Currency.POINTS else ""
    rest = {"purpose": str(purpose) if purpose else "", "q": words, "currency": code}
    if len(entries) > PER_PAGE:
        rest["before"] = str(entries[PER_PAGE - 1].id)
    language = not reader.is_zh()
    context: dict[str, object] = {
        "entries": page,
        "purpose": str(purpose) if purpose else "",
        "currency_code": code,
        "currencies": _currencies(policies),
        "words": words,
        "purposes": [(str(int(kind)), names[language]) for kind, names in TITLES.items()],
        "more": f"{reverse('ledger')}?{urlencode({k: v for k, v in rest.items() if v})}" if "before" in rest else "",
    }
    part = fragments.asked(request)
    if part in ("entries", "more"):
        return fragments.shown(request, f"ledger/{part}.html", context)
    context["shows_books"] = stores is None
    if stores is None:
        context |= {"outstanding": statements.outstanding(at=timezone.now()), "books": books.state()}
        context |= _trial(policies) if is_kept(TRIAL) else {}
    return fragments.shown(request, "ledger/page.html", context)


@requires("ledger.view")
@never_cache
def trial_balance(request: StaffRequest) -> HttpResponse:
    """The trial balance by itself, since adding everything up takes a while in large books."""
    if sight.stores_of(request) is not None:
        raise PermissionDenied
    return render(request, "ledger/trial.html", _trial(sight.policies_of(request)))


def _trial(policies: Policies | None) -> dict[str, object]:
    trials: dict[int, TrialBalance] = kept(TRIAL, make=statements.trial_balances)
    trial = trials.get(Currency.POINTS, TrialBalance({}))
    rows = [
        Row(label, note, trial.accounts.get(account, 0), account < Account.ISSUED) for account, label, note in ACCOUNTS
    ]
    transit = trial.accounts.get(Account.TRANSIT, 0)
    others = _others(trials, policies) if policies is not None else []
    return {"rows": rows, "transit": transit, "total": sum(row.balance for row in rows) + transit, "others": others}


def _others(trials: Mapping[int, TrialBalance], policies: Policies) -> list[OtherBooks]:
    """The same of every currency of the programme's own in a line: what members have and owe, and where it went."""
    found = []
    for one in policies.currencies.values():
        accounts = trials.get(one.number, TrialBalance({})).accounts
        members = sum(amount for account, amount in accounts.items() if account < Account.ISSUED)
        redeemed, expired, revoked = (
            accounts.get(account, 0) for account in (Account.REDEEMED, Account.BREAKAGE, Account.REVOKED)
        )
        issued, total = -accounts.get(Account.ISSUED, 0), sum(accounts.values())
        found.append(OtherBooks(reader.said(one.name), issued, members, redeemed, expired, revoked, total))
    return found


def _currencies(policies: Policies | None) -> list[tuple[str, str]]:
    """(code, name) of the programme's own currencies; none where there are only points."""
    own = policies.currencies if policies is not None else {}
    return [("", gettext("Points")), *((code, reader.said(one.name)) for code, one in own.items())] if own else []


def _currency(request: StaffRequest, policies: Policies | None) -> int:
    asked = request.GET.get("currency", "")
    own = policies.currencies if policies is not None else {}
    return own[asked].number if asked in own else int(Currency.POINTS)


def _purpose(request: StaffRequest) -> Purpose | None:
    asked = request.GET.get("purpose", "")
    return next((purpose for purpose in Purpose if str(int(purpose)) == asked), None)


def _words(request: StaffRequest) -> str:
    return " ".join(request.GET.get("q", "").replace("\x00", "").split())[:LONGEST_WORDS]


def _whose(request: StaffRequest, words: str) -> list[int] | None:
    """The customers whose entries are looked for, merged ones included; None for everybody's."""
    among = sight.own_customers(request)
    if words:
        found = membership.find(
            Filter(words=words, among=among),
            today=timezone.localdate(),
            at=timezone.now(),
            sort="recent",
            offset=0,
            most=MOST_FOUND,
        )
        among = tuple(member.customer_id for member in found)
    return None if among is None else list(customers.members(among))


urlpatterns = [
    path("ledger/", ledger, name="ledger"),
    path("ledger/trial/", trial_balance, name="trial_balance"),
]
