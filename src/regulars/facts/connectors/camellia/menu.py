"""What the café sells. Prices in fen; drinks come hot, cold, or both."""

from datetime import date
from math import cos, pi
from random import Random
from typing import NamedTuple

from regulars.facts.connectors.camellia.dice import pick, weighted

HOT = "热饮 Hot drinks"
COLD = "冷饮 Cold drinks"
BITES = "轻食 Bites"
HOME = "咖啡豆与器具 Beans and gear"
HOUSE = "山茶咖啡"


class Item(NamedTuple):
    """Something on the menu; `weight` says how often it is ordered among its kind."""

    sku: str
    name: str
    category: str
    price: int
    weight: float


MENU = (
    Item("H01", "热美式 Americano", HOT, 18_00, 5),
    Item("H02", "热拿铁 Latte", HOT, 24_00, 8),
    Item("H03", "山茶拿铁 Camellia latte", HOT, 29_00, 6),
    Item("H04", "燕麦拿铁 Oat latte", HOT, 28_00, 4),
    Item("H05", "卡布奇诺 Cappuccino", HOT, 24_00, 3),
    Item("H06", "澳白 Flat white", HOT, 25_00, 4),
    Item("H07", "云南手冲 Yunnan pour-over", HOT, 36_00, 2),
    Item("H08", "热巧克力 Hot chocolate", HOT, 26_00, 1.5),
    Item("H09", "红枣姜茶 Jujube ginger tea", HOT, 22_00, 1.5),
    Item("C01", "冰美式 Iced Americano", COLD, 18_00, 8),
    Item("C02", "冰拿铁 Iced latte", COLD, 24_00, 7),
    Item("C03", "冰山茶拿铁 Iced Camellia latte", COLD, 29_00, 5),
    Item("C04", "冰燕麦拿铁 Iced oat latte", COLD, 28_00, 4),
    Item("C05", "冷萃 Cold brew", COLD, 26_00, 4),
    Item("C06", "气泡美式 Sparkling Americano", COLD, 23_00, 3),
    Item("C07", "杨梅冰咖 Bayberry iced coffee", COLD, 27_00, 2),
    Item("C08", "青提柠檬茶 Green grape lemon tea", COLD, 22_00, 2),
    Item("C09", "抹茶星冰 Iced matcha", COLD, 28_00, 2),
    Item("B01", "黄油可颂 Butter croissant", BITES, 16_00, 5),
    Item("B02", "巴斯克 Basque cheesecake", BITES, 32_00, 3),
    Item("B03", "鸡肉三明治 Chicken sandwich", BITES, 28_00, 3),
    Item("B04", "海盐司康 Sea salt scone", BITES, 15_00, 3),
    Item("B05", "芝士贝果 Cheese bagel", BITES, 22_00, 3),
    Item("B06", "提拉米苏 Tiramisu", BITES, 34_00, 1.5),
    Item("R01", "山茶拼配豆 227g Camellia blend", HOME, 88_00, 3),
    Item("R02", "云南单品豆 227g Yunnan single origin", HOME, 108_00, 1.5),
    Item("R03", "挂耳十片装 Drip bags, 10", HOME, 69_00, 3),
    Item("R04", "马克杯 Mug", HOME, 98_00, 1),
)
KINDS = {kind: tuple(item for item in MENU if item.category == kind) for kind in (HOT, COLD, BITES, HOME)}
TWINS = {"H01": "C01", "H02": "C02", "H03": "C03", "H04": "C04"}
"""The cold sister of a hot drink: whoever likes one takes the other in summer."""
BY_SKU = {item.sku: item for item in MENU}
FAVOURITE = 0.62


def cold_share(day: date) -> float:
    """How many of a day's drinks are cold: about one in eight in January, four in five in July."""
    warmth = 0.5 - 0.5 * cos(2 * pi * (day.timetuple().tm_yday - 20) / 365)
    return 0.12 + 0.70 * warmth


def favourite(chance: Random) -> Item:
    """Somebody's usual drink, told by its hot form where it has one."""
    return weighted(chance, KINDS[HOT], [item.weight for item in KINDS[HOT]])


def drink(chance: Random, day: date, usual: Item | None) -> Item:
    """A drink on a day: the usual one more often than not, hot or cold by the season."""
    kind = COLD if chance.random() < cold_share(day) else HOT
    if usual is not None and chance.random() < FAVOURITE:
        twin = TWINS.get(usual.sku)
        if kind == HOT or twin:
            return BY_SKU[twin] if kind == COLD and twin else usual
    return weighted(chance, KINDS[kind], [item.weight for item in KINDS[kind]])


def beside(chance: Random, bites: float) -> list[Item]:
    """What is taken beside the drink: something to eat, a second drink for somebody else, something for home.

    Args:
        bites: How likely something to eat is.
    """
    found = []
    if chance.random() < bites:
        found.append(weighted(chance, KINDS[BITES], [item.weight for item in KINDS[BITES]]))
    if chance.random() < 0.02:
        found.append(weighted(chance, KINDS[HOME], [item.weight for item in KINDS[HOME]]))
    if chance.random() < 0.03:
        found.append(pick(chance, KINDS[BITES]))
    return found
