"""Capabilities, roles and scopes: who may do what, decided without looking anything up."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from regulars.core.errors import DomainError

CAPABILITIES: Final = frozenset(
    {
        "overview.view",
        "customers.view",
        "customers.edit",
        "customers.reveal",
        "customers.export",
        "customers.merge",
        "customers.tag",
        "insight.view",
        "insight.export",
        "insight.refresh",
        "segments.edit",
        "campaigns.view",
        "campaigns.edit",
        "campaigns.approve",
        "coupons.edit",
        "coupons.redeem",
        "benefits.use",
        "till.use",
        "till.day",
        "till.allow",
        "rewards.edit",
        "rewards.claim",
        "programme.edit",
        "programme.approve",
        "tasks.do",
        "tasks.assign",
        "ledger.view",
        "ledger.adjust",
        "tiers.give",
        "finance.view",
        "risk.view",
        "risk.decide",
        "imports.view",
        "imports.run",
        "imports.undo",
        "settings.view",
        "settings.edit",
        "staff.manage",
        "apikeys.manage",
        "webhooks.manage",
        "audit.view",
        "profile.own",
    }
)
"""Everything that a route may ask for. `reveal` shows whole phones and e-mails, which are masked otherwise."""

_LOOKING = frozenset(
    {"overview.view", "customers.view", "ledger.view", "insight.view", "campaigns.view", "profile.own"}
)
_SERVING = (
    _LOOKING
    | {"customers.edit", "customers.reveal", "customers.merge", "customers.tag", "ledger.adjust"}
    | {"tiers.give"}
    | {"coupons.redeem", "rewards.claim", "benefits.use", "tasks.do"}
    | {"till.use"}
)
_RISK = frozenset({"risk.view", "risk.decide"})
_PICTURE = frozenset(
    {"insight.view", "insight.export", "insight.refresh", "segments.edit", "campaigns.view", "campaigns.edit"}
    | {"campaigns.approve", "coupons.edit", "rewards.edit", "programme.edit", "programme.approve", "finance.view"}
    | _RISK
)
"""About all customers at once: not for somebody who sees the customers of some stores only."""

ROLES: Final[Mapping[str, frozenset[str]]] = {
    "owner": CAPABILITIES,
    "marketer": _LOOKING
    | (_PICTURE - {"programme.approve", "finance.view", "risk.decide"})
    | {"customers.edit", "customers.export", "customers.merge", "customers.tag"}
    | {"imports.view", "imports.run", "settings.view", "tasks.do", "tasks.assign", "coupons.redeem"}
    | {"rewards.claim", "benefits.use"},
    "service": _SERVING | _RISK | {"imports.view"},
    "store_manager": frozenset(
        {"till.use", "till.day", "till.allow", "coupons.redeem", "rewards.claim", "benefits.use"}
    )
    | {"profile.own"},
    "cashier": frozenset({"till.use", "coupons.redeem", "rewards.claim", "benefits.use", "profile.own"}),
    "viewer": _LOOKING | {"finance.view"},
}
"""What each role may do; the first is the most powerful."""

SCOPES: Final = frozenset(
    {"facts.write", "customers.read", "customers.write", "coupons.redeem", "checkout.write", "ledger.read"}
    | {"rewards.claim", "reports.read", "webhooks.manage", "risk.read", "risk.manage", "programme.read"}
    | {"programme.write", "programme.launch", "rewards.manage"}
    | {"points.adjust", "coupons.manage", "customers.merge"}
)
"""What an API key may be allowed."""

KEY_MARK: Final = "rgl"
NEVER_FREEZES: Final = 101
"""A score that nobody reaches: only people freeze accounts."""

LAST_USED_EVERY: Final = timedelta(minutes=5)
"""How coarse "last used" is: writing it on every call would turn each read into a write."""


class UnknownRole(DomainError):
    """No such role."""

    code = "unknown_role"


class UnknownScope(DomainError):
    """No such API scope, or none at all."""

    code = "unknown_scope"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something: a person, an API key, or, when both are None, the system itself."""

    user_id: int | None = None
    api_key_id: int | None = None


SYSTEM: Final = Actor()


@dataclass(frozen=True, slots=True)
class Once:
    """A step that a caller may ask for again: the caller's own key for it, and what was asked, both as hashes."""

    key: str
    body: str

    @property
    def detail(self) -> dict[str, object]:
        """As the audit keeps it, beside what was done."""
        return {"key": self.key, "body": self.body}


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person who can sign in. `store_codes` is None for every store; `language` is empty for the business's own.

    `menu` is 'small', 'whole', or '' for whatever suits the business; `steps_hidden`: they put the checklist away.
    `has_pin`: they have said with which number they allow something at a till.
    """

    id: int
    email: str
    name: str
    role: str
    language: str
    store_codes: tuple[str, ...] | None
    is_active: bool
    created_at: datetime
    last_login_at: datetime | None
    menu: str = ""
    steps_hidden: bool = False
    has_pin: bool = False

    @property
    def capabilities(self) -> frozenset[str]:
        """What this person may do: nothing once deactivated, and without a view of all customers in a few stores."""
        if not self.is_active:
            return frozenset()
        capabilities = capabilities_of(self.role)
        return capabilities if self.store_codes is None else capabilities - _PICTURE


@dataclass(frozen=True, slots=True)
class ApiKeyInfo:
    """An API key as it can be shown; its secret is not kept."""

    id: int
    name: str
    prefix: str
    scopes: frozenset[str]
    created_by_id: int | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """The verified holder of an API key; `made_by` is the person who made it, None if that was nobody."""

    api_key_id: int
    name: str
    scopes: frozenset[str]
    made_by: int | None = None

    @property
    def actor(self) -> Actor:
        """The caller as the doer of something."""
        return Actor(api_key_id=self.api_key_id)


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter of a page that somebody keeps; `query` is the address's part after the question mark."""

    id: int
    name: str
    query: str


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the audit trail. `actor_name` is empty for the system."""

    id: int
    at: datetime
    actor: Actor
    actor_name: str
    action: str
    subject_kind: str
    subject_id: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BusinessProfile:
    """The one business of this database. `trade` is a code of `staff.trades`, '' if nobody was asked.

    `programme_by_another`: a change of the programme is approved by somebody else than who wrote it. So many points
    (`worth_points`) are worth `worth_minor` minor units of money; 0 points if nobody has said it. A customer whom the
    risk rules score at `risk_review_score` is looked at, at `risk_freeze_score` frozen at once (`NEVER_FREEZES`: by
    people only). More than `second_person_points` points are moved by hand by two people; 0: by one. A step at the till
    that moves more than `till_points` asks for a manager's PIN (0: never); the last one can be undone for
    `till_undo_minutes`.
    """

    name: str = ""
    time_zone: str = "Asia/Shanghai"
    currency: str = "CNY"
    language: str = "zh-hans"
    is_demo: bool = False
    notice_zh: str = ""
    notice_en: str = ""
    trade: str = ""
    programme_by_another: bool = False
    worth_points: int = 0
    worth_minor: int = 0
    risk_review_score: int = 50
    risk_freeze_score: int = 90
    second_person_points: int = 0
    till_points: int = 0
    till_undo_minutes: int = 15

    def notice(self, language: str) -> str:
        """What every page says above everything else, in this language or the other one."""
        chinese = language.lower().startswith("zh")
        return (self.notice_zh or self.notice_en) if chinese else (self.notice_en or self.notice_zh)


def capabilities_of(role: str) -> frozenset[str]:
    """What a role may do.

    Raises:
        UnknownRole: There is no such role.
    """
    try:
        return ROLES[role]
    except KeyError as error:
        raise UnknownRole(f"There is no role {role!r}; choose one of {', '.join(ROLES)}.") from error


def roles_that_may(capability: str) -> list[str]:
    """The roles that have a capability, the most powerful first."""
    return [role for role, capabilities in ROLES.items() if capability in capabilities]


def checked_scopes(scopes: frozenset[str]) -> frozenset[str]:
    """The scopes themselves, when there is at least one and all are known."""
    if not scopes or scopes - SCOPES:
        unknown = ", ".join(sorted(scopes - SCOPES)) or "none"
        raise UnknownScope(f"Not scopes of an API key: {unknown}. Choose from {', '.join(sorted(SCOPES))}.")
    return scopes


def may_see_store(store_codes: tuple[str, ...] | None, store_code: str) -> bool:
    """Whether somebody with this store scope may see this store."""
    return store_codes is None or store_code in store_codes


def new_key() -> tuple[str, str]:
    """A fresh API key as (prefix, whole secret); the prefix finds it and may be shown."""
    prefix = secrets.token_hex(5)
    return prefix, f"{KEY_MARK}_{prefix}_{secrets.token_urlsafe(32)}"


def prefix_of(secret: str) -> str | None:
    """The prefix of something that is shaped like an API key."""
    mark, _, rest = secret.partition("_")
    prefix, _, tail = rest.partition("_")
    if mark != KEY_MARK or len(prefix) != 10 or not prefix.isalnum() or not tail or len(secret) > 200:
        return None
    return prefix


def key_hash(secret: str) -> str:
    """What is kept of a secret. It has 256 random bits, so a fast hash is enough: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def key_matches(secret: str, kept_hash: str) -> bool:
    """Whether this is the secret behind the hash, in a time that tells nothing."""
    return hmac.compare_digest(key_hash(secret), kept_hash)


def is_use_worth_noting(last_used_at: datetime | None, at: datetime) -> bool:
    """Whether "last used" is old enough to be written again."""
    return last_used_at is None or at - last_used_at >= LAST_USED_EVERY
