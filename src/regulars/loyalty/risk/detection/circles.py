"""Many accounts on one device, at one address, or with phones in a row: made one after the other, and hardly used.

A family's tablet has few accounts, an office's door many that joined over the years, a shop's tablet everybody's.
"""

from collections.abc import Iterator
from typing import Final

from regulars.core.bilingual import Text
from regulars.loyalty.risk.detection.velocity import scored
from regulars.loyalty.risk.rules import ALIKE, CROWD, YOUNG, Activity, MarkKind, Sign

DEVICE: Final = Text("一机多号", "Many accounts on one device")
ADDRESS: Final = Text("同址多号", "Many accounts at one address")
PHONES: Final = Text("连号手机", "Phones in a row")
DEVICE_SAYS: Final = Text(
    "同一台设备上有 {accounts} 个账号，其中 {alike} 个在 14 天内先后注册。",
    "{accounts} accounts on one device, {alike} of them made within 14 days of one another.",
)
ADDRESS_SAYS: Final = Text(
    "同一个收货地址有 {accounts} 个账号，其中 {alike} 个在 14 天内先后注册。",
    "{accounts} accounts at one address, {alike} of them made within 14 days of one another.",
)
PHONES_SAYS: Final = Text(
    "{alike} 个手机号几乎相连的账号在 14 天内先后注册。",
    "{alike} accounts with phones close to one another, made within 14 days.",
)
SCORES: Final = ((4, 60), (5, 78), (6, 88), (7, 94))
MOST_OF: Final = 60
"""Per cent of all who share it that have to be alike."""


def devices(activity: Activity) -> list[Sign]:
    """Rings on a device."""
    return list(_rings(activity, MarkKind.DEVICE, "shared_device"))


def addresses(activity: Activity) -> list[Sign]:
    """Rings at an address."""
    return list(_rings(activity, MarkKind.ADDRESS, "shared_address"))


def phones(activity: Activity) -> list[Sign]:
    """Rings of phones in a row."""
    return list(_rings(activity, MarkKind.PHONE, "phones_in_a_row"))


def _rings(activity: Activity, kind: MarkKind, code: str) -> Iterator[Sign]:
    if activity.at.date() - activity.joined > YOUNG:
        return
    for circle in activity.circles:
        if circle.kind != kind or len(circle.joined) > CROWD:
            continue
        alike = sum(abs(day - activity.joined) <= ALIKE for day in circle.joined)
        score = scored(SCORES, alike)
        if score and alike * 100 >= MOST_OF * len(circle.joined):
            facts = [one.fact_id for one in activity.bought if one.at > activity.since]
            yield Sign(code, score, {"accounts": len(circle.joined), "alike": alike}, facts, key=circle.mark)
