"""What a campaign may say: checked when it is saved, so that nothing can go wrong when it is sent."""

import pytest

from regulars.outreach.campaigns import content
from regulars.outreach.campaigns.content import InvalidContent
from regulars.outreach.campaigns.rules import Message


def check(body: str, *, subject: str = "Hello", has_offer: bool = False) -> None:
    content.check({"en": Message(subject, body)}, has_offer=has_offer)


@pytest.mark.parametrize(
    ("body", "problem", "word", "place"),
    [
        ("Dear {{ nam }}", "unknown_variable", "nam", (1, 9)),
        ("Dear\n\n  {{ name.first }}", "unknown_variable", "name.first", (3, 6)),
        ("{% if nickname %}x{% endif %}", "unknown_variable", "nickname", (1, 7)),
        ("{{ shop }} has {{ code }}", "no_offer", "code", (1, 19)),
    ],
)
def test_an_unknown_variable_is_named_with_its_place(
    body: str, problem: str, word: str, place: tuple[int, int]
) -> None:
    with pytest.raises(InvalidContent) as refused:
        check(body)
    told = refused.value.context
    assert (told["problem"], told["word"], (told["line"], told["column"])) == (problem, word, place)
    assert (told["language"], told["part"]) == ("en", "body")


@pytest.mark.parametrize(
    "body",
    [
        "Dear {{ name",
        "{% if name %}Dear",
        "{% for n in (1..10000000) %}x{% endfor %}",
        "{% include 'secrets' %}",
        "{% assign name = 1 %}{{ name }}",
        "{{ name | date: '%Y' }}",
        "{{ name | truncate: 'many' }}",
    ],
)
def test_bad_liquid_and_everything_but_words_and_conditions_is_refused(body: str) -> None:
    with pytest.raises(InvalidContent) as refused:
        check(body)
    assert refused.value.context["problem"] == "liquid"


def test_lengths_count_in_letters() -> None:
    check("字" * content.LONGEST["body"], subject="字" * content.LONGEST["subject"])
    with pytest.raises(InvalidContent) as refused:
        check("x", subject="字" * (content.LONGEST["subject"] + 1))
    assert refused.value.context["problem"] == "too_long"


def test_a_body_must_say_something_and_the_language_must_be_known() -> None:
    for told in ({}, {"fr": Message("Bonjour", "Bonjour")}, {"zh": Message("你好", " \n ")}):
        with pytest.raises(InvalidContent):
            content.check(told, has_offer=False)


def test_every_language_tells_the_code_of_an_offer() -> None:
    spoken = {"zh": Message("送券", "券码 {{ code }}"), "en": Message("For you", "Come again.")}
    with pytest.raises(InvalidContent) as refused:
        content.check(spoken, has_offer=True)
    assert (refused.value.context["language"], refused.value.context["problem"]) == ("en", "code_missing")


def test_a_message_is_filled_in_and_what_has_no_value_stays_empty() -> None:
    text = Message(" {{ shop }}\n想你 ", "{{ name | default: '您' }}好{% if tier %}，{{ tier }}{% endif %}。\n")
    assert content.fill(text, {"shop": "山茶", "name": "李雷"}) == Message("山茶 想你", "李雷好。")
    assert content.fill(text, {"shop": "山茶", "tier": "金卡"}).body == "您好，金卡。"


def test_what_a_customer_is_called_is_never_run() -> None:
    assert content.render("{{ name }}", {"name": "{{ code }}<b>"}) == "{{ code }}<b>"
