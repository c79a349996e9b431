"""What the pages of an import say: states, columns, findings."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.console.reader import is_zh
from regulars.facts.connectors.wording import NOTICES, REASONS
from regulars.facts.imports_view import ProblemView
from regulars.facts.reading.columns import Field

STATES: dict[str, tuple[Promise, str]] = {
    "mapping": (_("Columns to choose"), "warn"),
    "checking": (_("Being checked"), "info"),
    "ready": (_("Ready to import"), "warn"),
    "posting": (_("Being imported"), "info"),
    "done": (_("Imported"), "ok"),
    "failed": (_("Could not be read"), "err"),
    "undoing": (_("Being undone"), "info"),
    "undone": (_("Undone"), "mute"),
    "discarded": (_("Given up"), "mute"),
}
"""State → its name and the tone of its pill."""

GROUPS: tuple[tuple[Promise, tuple[tuple[Field, Promise], ...]], ...] = (
    (
        _("Order"),
        (
            (Field.ORDER_NUMBER, _("Order number")),
            (Field.OCCURRED_AT, _("Time of the order")),
            (Field.TIME_OF_DAY, _("Time of day, if it stands apart")),
            (Field.STATUS, _("Status")),
            (Field.STORE, _("Store")),
            (Field.CHANNEL, _("Channel")),
        ),
    ),
    (
        _("Customer"),
        (
            (Field.MEMBER_NUMBER, _("Member number")),
            (Field.PHONE, _("Phone")),
            (Field.EMAIL, _("E-mail")),
            (Field.CUSTOMER_ID, _("Customer number of this system")),
            (Field.UNIONID, _("WeChat unionid")),
            (Field.NAME, _("Name")),
            (Field.BIRTHDAY, _("Birthday")),
        ),
    ),
    (
        _("Money"),
        (
            (Field.PAID, _("Paid")),
            (Field.TOTAL, _("Total before discounts")),
            (Field.FREIGHT, _("Freight")),
            (Field.VOUCHERS, _("Paid with vouchers")),
            (Field.STORED_VALUE, _("Paid from stored value")),
            (Field.DISCOUNT, _("Discount given")),
        ),
    ),
    (
        _("Returns"),
        (
            (Field.REFUND_AMOUNT, _("Amount given back")),
            (Field.REFUNDED_AT, _("Time of the refund")),
            (Field.ORIGINAL_ORDER, _("Original order of a return")),
        ),
    ),
    (
        _("Lines of the order"),
        (
            (Field.LINE_NUMBER, _("Line number")),
            (Field.PRODUCT_ID, _("Product code")),
            (Field.PRODUCT_NAME, _("Product name")),
            (Field.CATEGORY, _("Category")),
            (Field.BRAND, _("Brand")),
            (Field.QUANTITY, _("Quantity")),
            (Field.PRICE, _("Unit price")),
            (Field.LINE_AMOUNT, _("Line total")),
        ),
    ),
)
FIELD_LABELS: dict[str, Promise] = {str(field): label for _group, fields in GROUPS for field, label in fields}


IN_FIGURES = frozenset({"balances", "points_told", "growth_told", "tiers_told", "coupons_told", "points_here_before"})
"""What stands above the findings already."""


def notices(counts: Mapping[str, int], rows_of: Mapping[str, list[int]]) -> list[dict[str, object]]:
    """What checking found besides orders, in words, most frequent first."""
    found = [(count, code) for code, count in counts.items() if code in NOTICES and count and code not in IN_FIGURES]
    return [
        {"text": _said(NOTICES[code]).format(count=f"{count:,}"), "rows": rows_of.get(code, [])}
        for count, code in sorted(found, key=lambda pair: (-pair[0], pair[1]))
    ]


def reason(problem: ProblemView) -> str:
    """Why a row was refused and what to do."""
    return reason_of(problem.code, problem.found, problem.column)


def reason_of(code: str, found: str, column: str) -> str:
    """The same, from its parts."""
    return _said(REASONS[code]).format(found=found, column=column) if code in REASONS else code


def _said(pair: tuple[str, str]) -> str:
    return pair[0] if is_zh() else pair[1]
