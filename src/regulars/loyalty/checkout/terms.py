"""What a version of the programme says about the checkout: what goes together, and what tills may do alone. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from regulars.core.errors import DomainError

MOST_COUPONS: Final = 3
MOST_OFFLINE_DAYS: Final = 90
MOST_OFFLINE_DEBT: Final = 10**12


class InvalidCheckout(DomainError):
    """The terms on the checkout cannot be read or are out of range; `field` in the context says which."""

    code = "invalid_checkout"


@dataclass(frozen=True, slots=True)
class CheckoutTerms:
    """How coupons, benefits and points go together, and how far a till may go that was offline.

    Attributes:
        coupons: How many coupons one basket may use.
        with_benefits: Whether a coupon goes together with benefits; one that stands alone never does.
        points_percent: The most of what is left to pay, after coupons and benefits, that points may pay.
        offline_days: So late may a till tell what it did while it was offline; 0: never.
        offline_debt: So many points may a member owe because of it; beyond that it is refused.
    """

    coupons: int = 1
    with_benefits: bool = True
    points_percent: int = 100
    offline_days: int = 7
    offline_debt: int = 1000

    @classmethod
    def read(cls, told: Any) -> "CheckoutTerms":
        """The terms as they are kept in JSON; missing ones are as usual.

        Raises:
            InvalidCheckout: A term is unknown or out of range.
        """
        known = ("coupons", "with_benefits", "points_percent", "offline_days", "offline_debt")
        if not isinstance(told, Mapping) or not set(told) <= set(known):
            raise InvalidCheckout("The checkout's terms are an object with " + ", ".join(known) + ".", field="checkout")
        terms = cls(**told)
        for name, least, most in (
            ("coupons", 0, MOST_COUPONS),
            ("points_percent", 0, 100),
            ("offline_days", 0, MOST_OFFLINE_DAYS),
            ("offline_debt", 0, MOST_OFFLINE_DEBT),
        ):
            value = getattr(terms, name)
            if type(value) is not int or not least <= value <= most:
                why = f"{name} must be a whole number from {least} to {most}."
                raise InvalidCheckout(why, field=f"checkout.{name}")
        if type(terms.with_benefits) is not bool:
            raise InvalidCheckout("with_benefits is yes or no.", field="checkout.with_benefits")
        return terms


USUAL: Final = CheckoutTerms()
