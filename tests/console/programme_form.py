"""A draft of the programme, begun and written in a browser that follows no script."""

from typing import Any

from django.test import Client

from regulars.loyalty import drafts_view

HOME = "/settings/programme/"


def begun(browser: Client, preset: str = "") -> str:
    """A new draft; where its page is."""
    answer = browser.post(f"{HOME}drafts/", {"preset": preset} if preset else {})
    assert answer.status_code == 302
    return answer["Location"]


def revision(page: str) -> int:
    """How often the draft of a page was saved."""
    return drafts_view.draft(int(page.rstrip("/").rpartition("/")[2])).revision


def terms_form(browser: Client, page: str) -> dict[str, Any]:
    """What the browser would send of the form of the terms, unchanged."""
    shown = browser.get(f"{page}terms/").context
    sent = {name: shown["form"][name].value() for name in shown["form"].fields}
    for rows in (shown["tiers"], shown["caps"]):
        sent |= {f"{rows.prefix}-{name}": rows.management_form[name].value() for name in rows.management_form.fields}
        for row in rows:
            sent |= {row.add_prefix(name): row[name].value() for name in row.fields}
    return {name: "" if value is None else value for name, value in sent.items() if value is not False}


def rule_form(**more: Any) -> dict[str, Any]:
    """A rule that doubles the points of an order of ¥100 or more, as the browser would send it."""
    return {
        "zh": "满百双倍", "en": "Double from 100", "on": "order", "kind": "multiply", "times": "2", "earns": "points",
        "limits-TOTAL_FORMS": "1", "limits-INITIAL_FORMS": "0", "limits-0-most": "500", "limits-0-counts": "amount",
        "limits-0-period": "month", "nodes": ["2:1:leaf"], "kind-1": "all", "field-2": "paid", "op-2": "ge",
        "shape-2": "number:minor:", "value-2": ["100"], **more,
    }  # fmt: skip


def launched(browser: Client, page: str) -> Any:
    """Put the draft of a page live."""
    return browser.post(f"{page}launch/", {"revision": revision(page)}, follow=True)
