"""What templates need to draw and to write figures. Loaded as built-in, so no template loads it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django import template
from django.core.paginator import Page
from django.core.serializers.json import DjangoJSONEncoder
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags import lucide as icons

from regulars.console import figures
from regulars.console.picture.scores import Score

register = template.Library()

register.filter("money", figures.money)
register.filter("compact_money", figures.compact_money)
register.filter("compact", figures.compact)
register.filter("points", figures.count)
register.filter("signed", figures.signed)
register.filter("local_dt", figures.moment)

HUES = 6


@register.simple_tag
def lucide(name: str, *, size: int | None = 24, **attributes: object) -> SafeString:
    """An icon. Drawn once a process: a page has forty, and each would be taken out of its file and written anew."""
    return _drawn(name, size, tuple(sorted(attributes.items())))


@lru_cache(maxsize=2048)
def _drawn(name: str, size: int | None, attributes: tuple[tuple[str, object], ...]) -> SafeString:
    return SafeString(icons.lucide(name, size=size, **dict(attributes)))


@register.filter
def bars(scores: Sequence[Score]) -> SafeString:
    """RFM scores as three little bars. There are 125 of them, and lists show dozens: each is drawn once."""
    return _bars(tuple(scores)) if scores else mark_safe("")


@lru_cache(maxsize=125)
def _bars(scores: tuple[Score, ...]) -> SafeString:
    return render_to_string("partials/rfm.html", {"scores": scores})


@register.filter
def ago(at: datetime | None) -> str:
    """How long ago, with the exact moment for those who point at it or listen to it."""
    if at is None:
        return ""
    text = figures.ago(at, timezone.now())
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), figures.moment(at), text)


@register.filter
def when(at: datetime) -> str:
    """The moment itself, for machines too; an event without a time of day shows its date alone."""
    local = timezone.localtime(at)
    is_midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
    text = date_format(local, "SHORT_DATE_FORMAT") if is_midnight else figures.moment(at)
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), text)


@register.filter
def initial(name: str) -> str:
    """What an avatar shows: the first character of a Chinese name, up to two initials of another."""
    name = name.strip()
    if not name:
        return "?"
    if ord(name[0]) > 0x2E7F:
        return name[0]
    return "".join(word[0] for word in name.split()[:2]).upper()


@register.filter
def hue(name: str) -> int:
    """One of the six avatar colours; the same name always gets the same."""
    return sum(map(ord, name)) % HUES


@register.filter
def get(mapping: Mapping[str, object], key: str) -> object:
    """What stands under a key that is only known here."""
    return mapping.get(key, "")


@dataclass(frozen=True, slots=True)
class PageNumber:
    """A page in the row of page numbers; `page` is empty for the dots between them."""

    page: str
    label: str
    current: bool


@register.filter
def numbers(page: Page[object]) -> list[PageNumber]:
    """The pages worth a link: the first, the last, and those around this one."""
    shown = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return [
        PageNumber(str(number), figures.count(number), number == page.number)
        if isinstance(number, int)
        else PageNumber("", "", False)
        for number in shown
    ]


@register.filter
def dressed(field: BoundField) -> SafeString:
    """A form field's own widget in the console's look."""
    kind = getattr(field.field.widget, "input_type", "")
    attrs: dict[str, str | bool] = {"class": "fld fld-lg"}
    if kind in ("checkbox", "radio"):
        attrs = {"class": f"{kind} {kind}-sm {kind}-primary"}
    if kind == "password":
        attrs |= {"class": "fld fld-lg !pe-10", "x-bind:type": "kind"}
    return field.as_widget(attrs=attrs)


@register.filter
def chart_data(data: object, name: str) -> SafeString:
    """The figures of a chart for the browser, under an id. A template element, since htmx lets no script through."""
    return format_html('<template id="{}">{}</template>', name, json.dumps(data, cls=DjangoJSONEncoder))


@register.simple_tag
def spark(values: Sequence[float], tone: str = "primary", width: int = 96, height: int = 32) -> SafeString:
    """A small line without axes, drawn by the server: it needs no script, prints, and works in an e-mail.

    Args:
        values: The series, oldest first; fewer than two draw nothing.
        tone: `primary`, or `mute` for figures that are neither good nor bad.
        width: In pixels.
        height: In pixels.
    """
    if len(values) < 2:
        return mark_safe("")
    low, high = min(values), max(values)
    span = (high - low) or 1
    step = (width - 4) / (len(values) - 1)
    dots = [(i * step, height - 3 - (value - low) / span * (height - 6)) for i, value in enumerate(values)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
    end_x, end_y = dots[-1]
    return format_html(
        '<svg class="spark spark-{tone}" width="{w}" height="{h}" viewBox="0 0 {w} {h}" aria-hidden="true">'
        '<polygon points="0,{h} {line} {x},{h}"/><polyline points="{line}"/><circle cx="{x}" cy="{y}" r="2.25"/></svg>',
        tone=tone,
        w=str(width),
        h=str(height),
        line=line,
        x=f"{end_x:.1f}",
        y=f"{end_y:.1f}",
    )
