"""Trees in words, in both languages."""

from datetime import date

import pytest
from hypothesis import given

from regulars.core.conditions import EVERYBODY, AllOf, AnyOf, Comparison, Field, Not, Op, Tree, sentence
from regulars.core.conditions.fields import OPERATORS
from regulars.core.conditions.words import OPERATOR_WORDS, SENTENCES
from tests.core.conditions.samples import FIELDS, leaf, trees

OFTEN = leaf("orders", Op.GE, 3)
SILENT = leaf("last_on", Op.DAYS_AGO_OVER, 90)
BATH = leaf("city", Op.EQ, "Bath")


def said(tree: Tree) -> tuple[str, str]:
    return sentence(tree, FIELDS, "zh-hans"), sentence(tree, FIELDS, "en")


@pytest.mark.parametrize(
    ("tree", "zh", "en"),
    [
        (EVERYBODY, "所有人", "Everybody"),
        (AnyOf(()), "没有人", "Nobody"),
        (OFTEN, "下单 3 次以上", "Ordered 3 times or more"),
        (
            AllOf((OFTEN, SILENT)),
            "下单 3 次以上，且上次到店在 90 天以前",
            "Ordered 3 times or more, and last visit is more than 90 days ago",
        ),
        (
            AnyOf((BATH, AllOf((OFTEN, SILENT)), AllOf((BATH,)))),
            "城市是“Bath”，（下单 3 次以上，且上次到店在 90 天以前），或城市是“Bath”",
            "City is “Bath”, (ordered 3 times or more, and last visit is more than 90 days ago), or city is “Bath”",
        ),
        (AllOf((AllOf((BATH, OFTEN)), BATH)), "城市是“Bath”，下单 3 次以上，且城市是“Bath”",
         "City is “Bath”, ordered 3 times or more, and city is “Bath”"),
        (Not(OFTEN), "不满足“下单 3 次以上”", "Not (ordered 3 times or more)"),
        (leaf("orders", Op.BETWEEN, (1000, 2000)), "下单次数在 1,000 到 2,000 之间",
         "Order count is from 1,000 to 2,000"),
        (leaf("stage", Op.IN, ("new", "active", "gone")), "阶段是新客、活跃或流失", "Stage is new, active or gone"),
        (leaf("tags", Op.HAS_NONE, ("1",)), "标签没有标签1", "Tags do not include Tag 1"),
        (leaf("last_on", Op.IN_LAST_DAYS, 1), "上次到店在最近 1 天内", "Last visit is within the last 1 day"),
        (leaf("last_on", Op.BEFORE, date(2024, 5, 3)), "上次到店早于 2024-05-03", "Last visit is before 3 May 2024"),
        (leaf("city", Op.MISSING), "城市未知", "City is not known"),
        (leaf("subscribed", Op.IS, True), "订阅中", "Subscribed"),
        (leaf("subscribed", Op.IS, False), "没有订阅", "Not subscribed"),
        (leaf("tier", Op.IN, (1,)), "等级是银卡 {1}", "Tier is Silver {1}"),
        (leaf("city", Op.EQ, "{value}"), "城市是“{value}”", "City is “{value}”"),
        (leaf("shoe", Op.EQ, 43), "shoe 是 43", "Shoe is 43"),
    ],
)  # fmt: skip
def test_words(tree: Tree, zh: str, en: str) -> None:
    assert said(tree) == (zh, en)


def test_a_long_list_names_the_first_and_says_how_many() -> None:
    zh, en = said(leaf("city", Op.IN, tuple("abcdefgh")))
    assert zh == "城市是“a”、“b”、“c”、“d”、“e”、“f”等 8 个"
    assert en == "City is “a”, “b”, “c”, “d”, “e”, “f” … (8 in all)"


def test_whoever_knows_the_money_writes_the_numbers() -> None:
    def written(field: Field, value: object, language: str) -> str:
        return f"<{field.unit} {value} {language}>"

    assert sentence(leaf("share", Op.LT, 0.5), FIELDS, "en", written) == "Discount share is less than <share 0.5 en>"


@given(trees())
def test_every_tree_can_be_told_and_its_brackets_close(tree: Tree) -> None:
    for words, opened, closed in zip(said(tree), "（(", "）)", strict=True):
        assert words
        assert words.count(opened) == words.count(closed)


def test_every_operator_has_words() -> None:
    for ops in OPERATORS.values():
        for op in ops:
            assert op in OPERATOR_WORDS
            assert op.value in SENTENCES
    assert isinstance(OFTEN, Comparison)
