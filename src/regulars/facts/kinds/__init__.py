"""The kinds of fact. A new kind is one file here, one line in FACT_KINDS, one test."""

from collections.abc import Callable, Mapping
from typing import Any

from regulars.facts.kinds import (
    balance_taken_over,
    contract_ended,
    contract_started,
    contract_updated,
    custom,
    member_enrolled,
    order_cancelled,
    order_completed,
    order_refunded,
    product_reviewed,
    product_viewed,
)
from regulars.facts.rules import Body

Normalise = Callable[[Mapping[str, Any], str], Body]

FACT_KINDS: dict[int, tuple[str, Normalise]] = {
    order_completed.CODE: (order_completed.NAME, order_completed.normalise),
    order_refunded.CODE: (order_refunded.NAME, order_refunded.normalise),
    order_cancelled.CODE: (order_cancelled.NAME, order_cancelled.normalise),
    product_viewed.CODE: (product_viewed.NAME, product_viewed.normalise),
    product_reviewed.CODE: (product_reviewed.NAME, product_reviewed.normalise),
    contract_started.CODE: (contract_started.NAME, contract_started.normalise),
    contract_updated.CODE: (contract_updated.NAME, contract_updated.normalise),
    contract_ended.CODE: (contract_ended.NAME, contract_ended.normalise),
    balance_taken_over.CODE: (balance_taken_over.NAME, balance_taken_over.normalise),
    member_enrolled.CODE: (member_enrolled.NAME, member_enrolled.normalise),
    custom.CODE: (custom.NAME, custom.normalise),
}
"""Code → (name in the Segment spec, function from raw properties and the programme currency to a body)."""

BY_FILE = (balance_taken_over.CODE,)
"""Kinds that only an import brings, which somebody confirms and can undo: no key to the API may give points away."""

CODES_BY_NAME: dict[str, int] = {
    name: code for code, (name, _) in FACT_KINDS.items() if code not in (custom.CODE, *BY_FILE)
}
