"""Badge: what members are proud of, as for a tenth visit; each member has it once, and nobody can spend it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regulars.core.bilingual import Text
from regulars.loyalty.earning import taking
from regulars.loyalty.earning.rules import Counted, Deal, Exact, InvalidRule


@dataclass(frozen=True, slots=True)
class GivesBadge:
    """The badge with this code; a member who has it keeps the one they have."""

    badge: str

    def worth(self, deal: Deal) -> Exact:
        """One, whatever the order."""
        return 1, 1

    def by_line(self, deal: Deal) -> list[int] | None:
        """It belongs to the order as a whole."""
        return None

    def said(self, what: Counted, products: Mapping[str, str]) -> Text:
        """The badge by its name."""
        name = products.get(badge_name(self.badge), self.badge)
        return Text(f"获得勋章“{name}”", f"the badge “{name}”")


def badge_name(code: str) -> str:
    """What a badge is called among the names of what rules give for; product ids have no line break."""
    return f"badge\n{code}"


def read(told: Mapping[str, Any]) -> GivesBadge:
    """`{"kind": "badge", "badge": "regular"}`; the badge by its code in the same terms."""
    code = taking.text(told, "badge", longest=20)
    if not code:
        raise InvalidRule("A rule that gives a badge names it by its code.", field="then")
    return GivesBadge(code)
