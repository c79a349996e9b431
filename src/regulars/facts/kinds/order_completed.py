"""Order Completed: somebody bought and paid.

Body: currency, paid (实付, minor units), base (paid less freight, vouchers and stored value: what earns), channel
('store' or 'online'), and lines [[line id, product id, quantity, amount in minor units], …]. Where the source tells,
discount: what the shop took off the price, which was never paid; coupons: the codes that were presented; device and
address: the marks (`marks`) of what it was ordered from and where it went.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from regulars.core.money import LARGEST_MINOR
from regulars.facts.kinds import fields, marks
from regulars.facts.rules import Body, MalformedFact

CODE = 1
NAME = "Order Completed"
MOST_LINES = 2000
MOST_COUPONS = 20
ONLINE = frozenset(
    {
        "online",
        "web",
        "app",
        "mini",
        "miniprogram",
        "mini-program",
        "wechat",
        "ecommerce",
        "e-commerce",
        "shopify",
        "taobao",
        "tmall",
        "jd",
        "douyin",
        "pinduoduo",
        "meituan",
        "eleme",
        "amazon",
        "ebay",
        "线上",
        "网店",
        "网上",
        "网上商城",
        "商城",
        "小程序",
        "公众号",
        "淘宝",
        "天猫",
        "京东",
        "抖音",
        "快手",
        "拼多多",
        "小红书",
        "有赞",
        "微店",
        "美团",
        "饿了么",
    }
)
"""Names of channels from which goods may be sent back."""


def channel_of(name: str) -> str:
    """'online' goods may be sent back, so their points wait; everything else counts as bought in a shop."""
    return "online" if name.strip().lower() in ONLINE else "store"


def make_body(
    *,
    currency: str,
    paid: int,
    lines: Sequence[Sequence[str | int]],
    freight: int = 0,
    vouchers: int = 0,
    stored_value: int = 0,
    channel: str = "store",
    discount: int = 0,
    coupons: Sequence[str] = (),
    device: str = "",
    address: str = "",
) -> Body:
    """The body of an order from checked values, minor units throughout.

    `lines` are (line id, product id, quantity, amount); an order without lines is one line of its own. A discount of 0
    and no coupons leave no trace, so that an order told without them is the same fact; nor do marks that are ''.

    Raises:
        MalformedFact: More money than an order can come to.
    """
    if max(paid, discount, sum(int(line[3]) for line in lines)) > LARGEST_MINOR:
        why = "products come to more than any order does: check quantity, price and total."
        raise MalformedFact(why, field="products")
    base = max(0, paid - freight - vouchers - stored_value)
    body: Body = {"currency": currency, "paid": paid, "base": base, "channel": channel}
    body["lines"] = [list(line) for line in lines] or [["1", "", 1, base]]
    if discount:
        body["discount"] = discount
    if coupons:
        body["coupons"] = list(coupons)
    if device:
        body["device"] = device
    if address:
        body["address"] = address
    return body


def normalise(properties: Mapping[str, Any], currency: str) -> Body:
    """The body of Segment's Order Completed properties.

    Takes `total` (or `revenue`) as paid, `discount`, `shipping`, `vouchers`, `stored_value`, `channel`, `coupon` or
    `coupons`, `shipping_address`, and `products` with product_id (or sku), quantity, and `total` of the line or `price`
    of one.

    Raises:
        MalformedFact: A field is missing or wrong, or the currency is not the programme's.
    """
    fields.check_currency(properties, currency)
    lines = _lines(properties.get("products"), currency)
    paid = fields.money(properties, "total", currency)
    if paid is None:
        paid = fields.money(properties, "revenue", currency)
    if paid is None:
        if not lines:
            raise MalformedFact("total is missing, and there are no products to add up.", field="total")
        paid = sum(int(line[3]) for line in lines)
    return make_body(
        currency=currency,
        paid=paid,
        lines=lines,
        freight=fields.money(properties, "shipping", currency) or 0,
        vouchers=fields.money(properties, "vouchers", currency) or 0,
        stored_value=fields.money(properties, "stored_value", currency) or 0,
        channel=channel_of(fields.text(properties, "channel")),
        discount=fields.money(properties, "discount", currency) or 0,
        coupons=_coupons(properties),
        address=marks.address_of(properties),
    )


def _coupons(properties: Mapping[str, Any]) -> list[str]:
    """The codes as they were told, each once; whether they mean anything here is not asked."""
    several = properties.get("coupons")
    if several is None:
        several = []
    if not isinstance(several, list) or len(several) > MOST_COUPONS:
        raise MalformedFact(f"coupons must be a list of at most {MOST_COUPONS} codes.", field="coupons")
    found = [fields.text({"coupons": code}, "coupons") for code in several]
    return list(dict.fromkeys(filter(None, [fields.text(properties, "coupon"), *found])))


def _lines(products: Any, currency: str) -> list[list[str | int]]:
    if products is None:
        return []
    if not isinstance(products, list) or len(products) > MOST_LINES:
        raise MalformedFact(f"products must be a list of at most {MOST_LINES}.", field="products")
    lines: list[list[str | int]] = []
    seen: set[str] = set()
    for position, product in enumerate(products, start=1):
        if not isinstance(product, Mapping):
            raise MalformedFact(f"products[{position - 1}] must be an object.", field="products")
        line_id = fields.text(product, "line_id") or str(position)
        if line_id in seen:
            raise MalformedFact(f"line_id {line_id} stands twice in products.", field="products")
        seen.add(line_id)
        amount = fields.money(product, "total", currency)
        how_many = fields.quantity(product)
        if amount is None:
            amount = _price_times(fields.money(product, "price", currency) or 0, how_many)
        lines.append([line_id, fields.text(product, "product_id") or fields.text(product, "sku"), how_many, amount])
    return lines


def _price_times(price_minor: int, how_many: int | str) -> int:
    return int((price_minor * Decimal(how_many)).quantize(Decimal(1), ROUND_HALF_UP))
