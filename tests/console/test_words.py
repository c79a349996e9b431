"""Both languages are complete: every word that the program can show is in the Chinese catalogue."""

import gettext
import re

from .words import PACKAGE, Word, catalogue, in_source, in_templates, words_of

FOLDER = PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES"
SAME_IN_BOTH = {"%(first)s–%(last)s"}
PLACES = re.compile(r"%\((\w+)\)[sd]")


def said() -> dict[Word, str]:
    return {word: where for where, word in [*in_templates(), *in_source()]}


def test_every_word_is_translated() -> None:
    known = catalogue(FOLDER / "django.po")
    assert {word: where for word, where in said().items() if word not in known} == {}


def test_no_translation_is_empty_or_english() -> None:
    wrong = [
        word
        for word, texts in catalogue(FOLDER / "django.po").items()
        if not all(texts) or (all(text.isascii() for text in texts) and re.search("[a-z]{4}", PLACES.sub("", texts[0])))
    ]
    assert wrong == []


def test_translations_keep_their_places() -> None:
    def places(texts: tuple[str, ...]) -> set[str]:
        return {name for text in texts for name in PLACES.findall(text)}

    known = catalogue(FOLDER / "django.po")
    assert [word for word, texts in known.items() if not places(texts) <= places(word)] == []
    lost = {word for word, texts in known.items() if places(word) - places(texts)}
    assert lost == set()


def test_the_built_catalogue_is_the_written_one() -> None:
    with (FOLDER / "django.mo").open("rb") as file:
        built = gettext.GNUTranslations(file)
    for word, texts in catalogue(FOLDER / "django.po").items():
        found = built.ngettext(*word, 1) if len(word) == 2 else built.gettext(word[0])
        assert found == texts[0], "build it again: msgfmt django.po -o django.mo"


def test_the_search_for_words_finds_them() -> None:
    template = """{% translate "One" %}
        {% blocktranslate count n=x %}{{ n }} a{% plural %}{{ n }} b, 5%{% endblocktranslate %}
        <c-x label="{{ _('Two')|lower }}">{{ name|default:_("Three") }}"""
    assert list(words_of(template)) == [("One",), ("%(n)s a", "%(n)s b, 5%%"), ("Two",), ("Three",)]
