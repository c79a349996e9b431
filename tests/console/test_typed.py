"""What somebody typed stands in the form as it came; numbers are taken out of it with care."""

from dataclasses import dataclass

import pytest

from regulars.console.typed import TypedForm, whole_number


@dataclass(slots=True)
class Greeting(TypedForm):
    """A form of two fields."""

    words: str = "hello"
    times: str = "1"


def test_a_form_takes_what_was_sent_and_keeps_the_rest() -> None:
    form = Greeting().take({"words": " hi\x00 ", "problems": "none", "colour": "red"}, lambda _name, text: text.strip())
    assert (form.words, form.times, form.problems) == ("hi", "1", {})


def test_each_field_is_cleaned_in_its_own_way() -> None:
    form = Greeting().take({"words": "hi", "times": "2"}, lambda name, text: f"{name}={text}")
    assert (form.words, form.times) == ("words=hi", "times=2")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("42", 42),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
    ],
)
def test_whole_numbers_fit_into_the_database(text: str, number: int | None) -> None:
    assert whole_number(text) == number


def test_a_page_may_take_shorter_numbers_only() -> None:
    assert (whole_number("123", most_digits=3), whole_number("1234", most_digits=3)) == (123, None)
