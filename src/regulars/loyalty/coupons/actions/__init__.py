"""Verbs of coupons: offers, issuing, looking codes up, using and undoing."""

from regulars.loyalty.coupons.actions.batches import NobodyThere, issue_portion, order_batch
from regulars.loyalty.coupons.actions.guessing import TooManyGuesses, UnknownCode, look_up, look_up_all
from regulars.loyalty.coupons.actions.issuing import Issued, NewCoupon, OfferArchived, issue, issue_many, void
from regulars.loyalty.coupons.actions.offers import OfferChanged, archive, bring_back, change, create, rename
from regulars.loyalty.coupons.actions.orders import Told, concerned, follow_facts
from regulars.loyalty.coupons.actions.returns import undo_import
from regulars.loyalty.coupons.actions.using import NoUse, Quote, Receipt, quote, redeem, undo

__all__ = [
    "Issued",
    "NewCoupon",
    "NoUse",
    "NobodyThere",
    "OfferArchived",
    "OfferChanged",
    "Quote",
    "Receipt",
    "Told",
    "TooManyGuesses",
    "UnknownCode",
    "archive",
    "bring_back",
    "change",
    "concerned",
    "create",
    "follow_facts",
    "issue",
    "issue_many",
    "issue_portion",
    "look_up",
    "look_up_all",
    "order_batch",
    "quote",
    "redeem",
    "rename",
    "undo",
    "undo_import",
    "void",
]
