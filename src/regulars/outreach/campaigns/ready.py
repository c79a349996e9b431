"""Ready-made words: kind, short, and good as they stand. Whoever writes their own replaces them.

Notes are for those who stayed away, came once, or come all the time. Owners see and write `[name]` and `[shop]`
(【姓名】, 【店名】) instead of Liquid; the line with the coupon is added below what they write, so that nobody can
leave the code out. Letters stand in a campaign as they are, with Liquid.
"""

from collections.abc import Mapping
from typing import Final

from regulars.core.bilingual import Text
from regulars.outreach.campaigns.rules import LONGEST_NAME, Message

NOT_SEEN: Final = "not_seen"
CAME_ONCE: Final = "came_once"
REGULARS: Final = "regulars"

NOTES: Final[Mapping[str, Text]] = {
    NOT_SEEN: Text(
        "【姓名】您好，我是【店名】。好久没见您了，很想念您。{inviting}",
        "Hello [name], this is [shop]. We have not seen you for a while and would love to have you back. {inviting}",
    ),
    CAME_ONCE: Text(
        "【姓名】您好，我是【店名】。谢谢您上次来，希望您喜欢。{inviting}",
        "Hello [name], this is [shop]. Thank you for coming the other day; we hope you liked it. {inviting}",
    ),
    REGULARS: Text(
        "【姓名】您好，我是【店名】。谢谢您一直来，这是我们的一点心意。",
        "Hello [name], this is [shop]. Thank you for coming again and again: this is from us to you.",
    ),
}
COUPON: Final = Text(
    "\n\n送您一张券：{{ offer }}。券码 {{ code }}，有效期到 {{ expires }}，来的时候报券码就行。",
    "\n\nA coupon for you: {{ offer }}. The code is {{ code }}, good until {{ expires }}. Just tell us the code.",
)
SUBJECTS: Final[Mapping[str, Text]] = {
    NOT_SEEN: Text("好久不见", "We miss you"),
    CAME_ONCE: Text("谢谢您上次来", "Thank you for coming"),
    REGULARS: Text("谢谢您一直来", "Thank you, from all of us"),
}
GOALS: Final[Mapping[str, str]] = {NOT_SEEN: "win_back", CAME_ONCE: "win_back", REGULARS: "care"}
_NAME_ZH, _NAME_EN, _SHOP = "{{ name }}", '{{ name | default: "there" }}', "{{ shop }}"
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {"【姓名】": _NAME_ZH, "【店名】": _SHOP},
    "en": {"[name]": _NAME_EN, "[shop]": _SHOP},
}


def note(group: str, language: str, *, inviting: Text) -> str:
    """The ready note to a group, as owners read it.

    Args:
        inviting: The trade's last words, see `staff.trades`.
    """
    return NOTES[group].said(language).format(inviting=inviting.said(language)).strip()


def message(written: str, language: str, *, group: str, has_offer: bool) -> Message:
    """What an owner wrote, as a campaign keeps it: with variables, and the line about the coupon if there is one."""
    text = written.strip()
    for word, variable in _WORDS[language].items():
        text = text.replace(word, variable)
    return Message(SUBJECTS[group].said(language), text + (COUPON.said(language) if has_offer else ""))


def written(message: Message, language: str) -> str:
    """The other way round: what an owner wrote of a kept message."""
    text = message.body.removesuffix(COUPON.said(language))
    for word, variable in _WORDS[language].items():
        text = text.replace(variable, word)
    return text


# --- the letter of a win-back -----------------------------------------------------------------------------------------

_LETTER_WITH_COUPON: Final = {
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
_LETTER: Final = {
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


def letter(language: str, *, has_offer: bool) -> Message:
    """The ready letter of a win-back in a language."""
    return (_LETTER_WITH_COUPON if has_offer else _LETTER)[language]


def settled(language: str, told: Message, *, has_offer: bool) -> Message:
    """What stands there; a ready letter that nobody touched follows whether there is a coupon."""
    return letter(language, has_offer=has_offer) if told == letter(language, has_offer=not has_offer) else told


def name_for(whom: Text) -> Text:
    """What a win-back of a segment or of some customers may be called."""
    return Text(f"召回：{whom.zh}"[:LONGEST_NAME], f"Win back: {whom.en}"[:LONGEST_NAME])
