"""What a badge is: its name, what it says, its picture. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from regulars.core.bilingual import Text
from regulars.core.errors import DomainError

MOST: Final = 30
CODE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")
LONGEST_NAME: Final = 30
LONGEST_SAYING: Final = 120
NOTHING: Final = Text("", "")
ICONS: Final[Mapping[str, Text]] = {
    "award": Text("奖章", "Award"),
    "trophy": Text("奖杯", "Trophy"),
    "star": Text("星星", "Star"),
    "heart": Text("爱心", "Heart"),
    "crown": Text("皇冠", "Crown"),
    "gem": Text("宝石", "Gem"),
    "flame": Text("火焰", "Flame"),
    "sprout": Text("新芽", "Sprout"),
    "coffee": Text("咖啡杯", "Cup"),
    "cake": Text("蛋糕", "Cake"),
    "gift": Text("礼物", "Gift"),
    "rocket": Text("火箭", "Rocket"),
    "flag": Text("旗帜", "Flag"),
    "sparkles": Text("闪光", "Sparkles"),
}
"""Pictures of the lucide set, and what they are called."""


class InvalidBadge(DomainError):
    """A badge of the terms cannot be read; `badge` in the context says which."""

    code = "invalid_badge"


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge of one version: `says` tells the member what it is for, empty if nobody wrote it."""

    code: str
    name: Text
    says: Text = NOTHING
    icon: str = "award"


class Held(NamedTuple):
    """Since when a member has a badge: the fact that gave it first, by which rule."""

    fact_id: int
    rule: str
    at: datetime


def badges(told: Any) -> dict[str, Badge]:
    """The badges of a version's terms, by code, in their order.

    Raises:
        InvalidBadge: One cannot be read.
    """
    if not isinstance(told, list | tuple) or len(told) > MOST:
        raise InvalidBadge(f"Badges are a list of at most {MOST}.", field="badges")
    found: dict[str, Badge] = {}
    for place, one in enumerate(told):
        badge = _badge(one, str(place + 1))
        if badge.code in found:
            raise InvalidBadge(f"Two badges are called {badge.code}.", badge=badge.code, field="badges")
        found[badge.code] = badge
    return found


def _badge(told: Any, place: str) -> Badge:
    if not isinstance(told, Mapping) or not set(told) <= {"code", "names", "says", "icon"}:
        raise InvalidBadge("A badge has code, names, says and icon.", badge=place, field="badges")
    code = told.get("code")
    if not isinstance(code, str) or not CODE.fullmatch(code):
        why = "A badge has a code of up to 20 small letters, digits and dashes."
        raise InvalidBadge(why, badge=place, field="code")
    name, says = _words(told, "names", code, LONGEST_NAME), _words(told, "says", code, LONGEST_SAYING)
    if not any(name):
        raise InvalidBadge(f"The badge {code} has no name.", badge=code, field="names")
    icon = told.get("icon", "award")
    if not isinstance(icon, str) or icon not in ICONS:
        raise InvalidBadge(f"The picture of a badge is one of {', '.join(ICONS)}.", badge=code, field="icon")
    return Badge(code, name, says, icon)


def _words(told: Mapping[str, Any], field: str, code: str, longest: int) -> Text:
    """Words in both languages; where one is missing, the other stands in for it."""
    words = told.get(field, {})
    if not isinstance(words, Mapping) or not set(words) <= {"zh", "en"}:
        raise InvalidBadge(f"{field} of the badge {code} holds the words in zh and en.", badge=code, field=field)
    if not all(isinstance(one, str) and len(one) <= longest and "\x00" not in one for one in words.values()):
        raise InvalidBadge(f"{field} of the badge {code} has at most {longest} letters.", badge=code, field=field)
    zh, en = words.get("zh", "").strip(), words.get("en", "").strip()
    return Text(zh or en, en or zh)
