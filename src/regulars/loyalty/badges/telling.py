"""A member's badges as people and programs are told of them."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.core.bilingual import Text
from regulars.core.calendar import business_date
from regulars.loyalty.badges import queries
from regulars.loyalty.badges.queries import MemberBadge
from regulars.loyalty.badges.rules import Badge
from regulars.loyalty.reason_words import MONTHS
from regulars.loyalty.rules import Policies


@dataclass(frozen=True, slots=True)
class BadgeShown:
    """A badge with its picture and words; `why` says since when and by which rule."""

    code: str
    name: Text
    says: Text
    icon: str
    why: Text
    at: datetime
    fact_id: int


def badges_of(canonical_id: int, policies: Policies | None, zone: ZoneInfo) -> list[BadgeShown]:
    """The badges of a member, the latest first; as the last version that has them calls them."""
    if policies is None or not policies.gives_badges:
        return []
    return [_shown(one, policies, zone) for one in queries.of_members([canonical_id]).get(canonical_id, ())]


def _shown(one: MemberBadge, policies: Policies, zone: ZoneInfo) -> BadgeShown:
    badge = policies.badges.get(one.code, Badge(one.code, Text(one.code, one.code)))
    rules = (rule for rules in policies.at(one.at).earning.values() for rule in rules)
    names = next((rule.names for rule in rules if rule.code == one.rule), {})
    zh, en = names.get("zh", ""), names.get("en", "")
    day = business_date(one.at, zone)
    why = Text(
        f"{day.isoformat()} 获得，依据规则“{zh or en or one.rule}”。",
        f"Since {day.day} {MONTHS[day.month - 1]} {day.year}, by the rule “{en or zh or one.rule}”.",
    )
    return BadgeShown(one.code, badge.name, badge.says, badge.icon, why, one.at, one.fact_id)
