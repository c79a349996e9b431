"""Ready-made words for campaigns: kind, short, and good as they stand. Whoever writes their own replaces them."""

from typing import Final

from regulars.core.bilingual import Text
from regulars.outreach.campaigns.rules import Message

_WITH_COUPON: Final = {
    "zh": Message(
        "{{ shop }}想您了，给您留了一张券",
        "{{ name }}您好，我是{{ shop }}。好久没见，怪想您的。\n\n"
        "给您留了一张券：{{ offer }}，有效期到{{ expires }}。来的时候报券码 {{ code }} 就行。\n\n"
        "有空来坐坐，等您。",
    ),
    "en": Message(
        "We miss you at {{ shop }}, so here is something for you",
        "Hello {{ name | default: 'there' }}, this is {{ shop }}. It has been a while, and we miss you.\n\n"
        "We kept something for your next visit: {{ offer }}, good through {{ expires }}. "
        "Just tell us the code {{ code }}.\n\n"
        "Hope to see you soon!",
    ),
}
_WITHOUT: Final = {
    "zh": Message(
        "{{ shop }}想您了",
        "{{ name }}您好，我是{{ shop }}。好久没见，怪想您的。\n\n最近一切都好吗？有空来坐坐，等您。",
    ),
    "en": Message(
        "We miss you at {{ shop }}",
        "Hello {{ name | default: 'there' }}, this is {{ shop }}. It has been a while, and we miss you.\n\n"
        "How have you been? We would love to see you again.",
    ),
}


def ready(language: str, *, has_offer: bool) -> Message:
    """The ready-made words of a win-back in a language."""
    return (_WITH_COUPON if has_offer else _WITHOUT)[language]


def settled(language: str, told: Message, *, has_offer: bool) -> Message:
    """What stands there; ready-made words that nobody touched follow whether there is a coupon."""
    return ready(language, has_offer=has_offer) if told == ready(language, has_offer=not has_offer) else told


def name_for(segment: Text) -> Text:
    """What a win-back of a segment may be called."""
    return Text(f"召回：{segment.zh}"[:80], f"Win back: {segment.en}"[:80])
