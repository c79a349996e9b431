"""Words in both languages."""

from regulars.core.bilingual import Text


def test_each_reader_gets_their_own_words() -> None:
    text = Text("{count} 位客户", "{count} customers")
    assert [text.said(one, count=3) for one in ("zh-hans", "zh", "en", "de")] == [
        "3 位客户", "3 位客户", "3 customers", "3 customers",
    ]  # fmt: skip


def test_a_name_without_numbers_may_have_braces() -> None:
    assert Text("{贵宾}", "{VIP").said("en") == "{VIP"
