"""The builder's rows: what people type, and the tree that it means."""

from datetime import date

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import translation

from regulars.console.builder import nodes, shown
from regulars.console.builder.nodes import Fixed, Group, Leaf
from regulars.console.condition_words import Speaker
from regulars.core.bilingual import Text
from regulars.core.conditions import AllOf, AnyOf, Choice, Comparison, Field, FieldType, Not, Op, Tree, as_json, plain

from .forms import form_of

TIERS = (Choice(0, Text("普通", "Basic")), Choice(1, Text("金", "Gold")))
MONTHS = tuple(Choice(month, Text(f"{month} 月", f"month {month}")) for month in range(1, 13))
FIELDS = {
    one.name: one
    for one in (
        Field("orders", FieldType.NUMBER, "orders", Text("订单数", "Orders"), family="frequency"),
        Field("spent_minor", FieldType.NUMBER, "minor", Text("累计消费", "Spent"), family="money"),
        Field("discount_share", FieldType.NUMBER, "share", Text("优惠占比", "Discount share"), family="discount"),
        Field("silence_ratio", FieldType.NUMBER, "ratio", Text("沉默", "Silence"), family="rhythm"),
        Field("last_day", FieldType.DATE, "date", Text("最近购买日", "Last purchase"), family="recency"),
        Field("tier", FieldType.CHOICE, "code", Text("等级", "Tier"), TIERS),
        Field("tags", FieldType.SET, "", Text("标签", "Tags"), (Choice("7", Text("贵宾", "VIP")),), family="tags"),
        Field("birthday", FieldType.ANNIVERSARY, "", Text("生日", "Birthday"), MONTHS, family="person"),
        Field("subscribed", FieldType.BOOLEAN, "flag", Text("订阅", "Subscribed")),
        Field("city", FieldType.TEXT, "", Text("城市", "City")),
    )
}  # fmt: skip
SAY = Speaker(FIELDS, "en", "CNY", plain)


def drawn(tree: Tree) -> str:
    """The builder as a page shows it."""
    with translation.override("en"):
        root = shown.row(nodes.of_tree(tree, FIELDS, "CNY"), SAY)
        return '<form id="f">' + render_to_string("segments/builder.html", {"root": root}) + "</form>"


def sent(tree: Tree) -> Tree:
    """The tree once it was drawn and sent back untouched."""
    built = nodes.build(nodes.of_form(form_of(drawn(tree), "f"), FIELDS), FIELDS, "CNY")
    assert built.is_whole
    return built.tree


LEAVES = (
    Comparison("orders", Op.GE, 3),
    Comparison("orders", Op.BETWEEN, (2, 5)),
    Comparison("spent_minor", Op.GT, 12_345),
    Comparison("spent_minor", Op.BETWEEN, (0, 100_000)),
    Comparison("discount_share", Op.LE, 0.295),
    Comparison("silence_ratio", Op.LT, 2.5),
    Comparison("last_day", Op.IN_LAST_DAYS, 30),
    Comparison("last_day", Op.BEFORE, date(2024, 5, 31)),
    Comparison("last_day", Op.BETWEEN, (date(2024, 1, 1), date(2024, 5, 31))),
    Comparison("last_day", Op.MISSING),
    Comparison("tier", Op.IN, (0, 1)),
    Comparison("tags", Op.HAS_NONE, ("7",)),
    Comparison("birthday", Op.COMES_WITHIN_DAYS, 0),
    Comparison("birthday", Op.IN_MONTHS, (2, 12)),
    Comparison("subscribed", Op.IS, False),
    Comparison("subscribed", Op.IS, True),
    Comparison("city", Op.CONTAINS, "杭<州>"),
    Comparison("city", Op.IN, ("Paris", "上海")),
)


class TestThereAndBack:
    @pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: f"{leaf.field}-{leaf.op}")
    def test_every_kind_of_value_comes_back_as_it_was(self, leaf: Comparison) -> None:
        assert sent(AllOf((leaf,))) == AllOf((leaf,))

    @pytest.mark.parametrize(
        "tree",
        [
            AllOf(),
            AnyOf(LEAVES[:3]),
            AllOf((LEAVES[0], AnyOf(LEAVES[1:4]), Not(AnyOf(LEAVES[4:6])))),
            Not(AnyOf(LEAVES[:2])),
            AllOf((LEAVES[0], AnyOf((LEAVES[1], AllOf(LEAVES[2:4]))))),
            AllOf((Not(AllOf(LEAVES[:2])),)),
        ],
        ids=["everybody", "any", "two levels", "none", "three levels", "not all"],
    )
    def test_every_shape_comes_back_as_it_was(self, tree: Tree) -> None:
        assert sent(tree) == tree

    def test_a_single_condition_becomes_the_one_of_a_group(self) -> None:
        assert sent(LEAVES[0]) == AllOf((LEAVES[0],))
        assert sent(Not(LEAVES[0])) == Not(AnyOf((LEAVES[0],)))

    def test_what_is_too_deep_is_told_and_carried_along(self) -> None:
        deep = AllOf(LEAVES[2:4])
        html = drawn(AllOf((AnyOf((LEAVES[1], deep)),)))
        assert "Nested too deeply" in html
        assert "spent is more than 12,345, and" in html.lower()


def typed(name: str, op: str, *texts: str) -> Leaf:
    """A condition with these texts in it, after it was understood."""
    leaf = Leaf(2, name, op, list(texts))
    with translation.override("en"):
        nodes.build(Group(1, parts=[leaf]), FIELDS, "CNY")
    return leaf


class TestWhatIsTyped:
    @pytest.mark.parametrize(
        ("name", "text", "value"),
        [
            ("spent_minor", "1,234.5", 123_450),
            ("spent_minor", "１００", 10_000),
            ("discount_share", "30%", 0.3),
            ("discount_share", "100", 1),
            ("orders", " 3 ", 3),
            ("silence_ratio", "2.50", 2.5),
        ],
    )
    def test_numbers_are_read_as_people_write_them(self, name: str, text: str, value: float) -> None:
        built = nodes.build(Group(1, parts=[Leaf(2, name, "ge", [text])]), FIELDS, "CNY")
        assert built.tree == AllOf((Comparison(name, Op.GE, value),))

    @pytest.mark.parametrize(
        ("name", "op", "texts", "says"),
        [
            ("orders", "ge", [""], "Enter a number."),
            ("spent_minor", "ge", [], "Enter an amount."),
            ("last_day", "in_last_days", [""], "Enter a number of days."),
            ("last_day", "before", [""], "Choose a day."),
            ("tier", "in", [], "Choose at least one."),
            ("city", "contains", [""], "Enter a word."),
            ("orders", "between", ["2", ""], "Enter a number."),
        ],
    )
    def test_what_is_still_missing_is_wished_for(self, name: str, op: str, texts: list[str], says: str) -> None:
        leaf = typed(name, op, *texts)
        assert (leaf.unfinished, leaf.problem) == (True, says)

    @pytest.mark.parametrize(
        ("name", "op", "texts", "says"),
        [
            ("orders", "ge", ["three"], "This is not a number."),
            ("orders", "ge", ["1e99"], "This number is too large."),
            ("orders", "ge", ["nan"], "This number is too large."),
            ("orders", "between", ["5", "2"], "The lower end comes first."),
            ("spent_minor", "ge", ["1.005"], "This is not an amount of money in the shop's currency."),
            ("last_day", "in_last_days", ["-1"], "Days are a whole number, up to a hundred years."),
            ("last_day", "before", ["2024-13-01"], "This value does not fit."),
            ("city", "contains", ["x" * 300], "This value does not fit."),
        ],
    )
    def test_a_mistake_is_told_where_it_is(self, name: str, op: str, texts: list[str], says: str) -> None:
        leaf = typed(name, op, *texts)
        assert (leaf.unfinished, leaf.problem) == (False, says)

    def test_what_is_not_finished_is_not_counted(self) -> None:
        rows = Group(1, parts=[Leaf(2, "orders", "ge", ["3"]), Leaf(3, "orders", "ge"), Group(4, "any")])
        built = nodes.build(rows, FIELDS, "CNY")
        assert built.tree == AllOf((Comparison("orders", Op.GE, 3),))
        assert (built.unfinished, built.wrong, built.is_whole) == (2, 0, False)

    def test_a_field_that_is_gone_is_a_mistake(self) -> None:
        built = nodes.build(Group(1, parts=[Fixed(2, {"field": "gone", "op": "missing"})]), FIELDS, "CNY")
        assert (built.tree, built.wrong) == (AllOf(), 1)


def form(told: str) -> QueryDict:
    return QueryDict(told)


class TestChangingRows:
    def test_a_new_condition_asks_about_the_chosen_field(self) -> None:
        told = form("new-1=tier")
        root = nodes.of_form(told, FIELDS)
        assert nodes.change(root, told, FIELDS) == 2
        assert root.parts == [Leaf(2, "tier", "in")]

    def test_a_new_group_and_a_row_in_it(self) -> None:
        told = form("do=group:1")
        root = nodes.of_form(told, FIELDS)
        nodes.change(root, told, FIELDS)
        assert root.parts == [Group(2, "any")]
        told = form("nodes=2:1:group&kind-2=none&new-2=orders")
        root = nodes.of_form(told, FIELDS)
        nodes.change(root, told, FIELDS)
        assert root.parts == [Group(2, "none", [Leaf(3, "orders", "ge")])]

    def test_a_row_goes(self) -> None:
        told = form("nodes=2:1:leaf&field-2=orders&op-2=ge&nodes=3:1:leaf&field-3=city&op-3=eq&do=remove:2")
        root = nodes.of_form(told, FIELDS)
        assert nodes.change(root, told, FIELDS) == 1
        assert [part.id for part in root.parts] == [3]

    def test_another_field_empties_the_value_and_a_like_operator_keeps_it(self) -> None:
        kept = "nodes=2:1:leaf&field-2=orders&op-2={op}&value-2=3&shape-2=number::"
        assert nodes.of_form(form(kept.format(op="between")), FIELDS).parts == [Leaf(2, "orders", "between", ["3"])]
        other = kept.replace("field-2=orders", "field-2=spent_minor").format(op="ge")
        assert nodes.of_form(form(other), FIELDS).parts == [Leaf(2, "spent_minor", "ge")]
        tier = kept.replace("field-2=orders", "field-2=tier").format(op="ge")
        assert nodes.of_form(form(tier), FIELDS).parts == [Leaf(2, "tier", "in")]

    @pytest.mark.parametrize(
        "told",
        [
            "nodes=x&nodes=2:9:leaf&nodes=1:1:group&nodes=2:1:what",
            "nodes=2:1:leaf",
            "nodes=2:1:fixed&tree-2=[",
            "kind-1=most&do=remove:99&do=burn&new-9=orders",
            "nodes=2:1:group&nodes=3:2:group&nodes=4:3:leaf&field-4=orders",
        ],
    )
    def test_nonsense_is_left_out(self, told: str) -> None:
        root = nodes.of_form(form(told), FIELDS)
        nodes.change(root, form(told), FIELDS)
        assert [part for part in nodes.walk(root) if isinstance(part, Leaf | Fixed)] == []
        assert nodes.build(root, FIELDS, "CNY").tree == AllOf()

    def test_fields_are_found_in_either_language(self) -> None:
        found = {field.name: field.words for family in shown.families(SAY) for field in family.fields}
        assert "订单数" in found["orders"]
        assert "orders" in found["orders"]
        assert as_json(sent(AllOf((LEAVES[0],)))) == {"all": [{"field": "orders", "op": "ge", "value": 3}]}
