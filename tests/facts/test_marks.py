"""Marks of devices and addresses: who shares one, and not which; an order is never refused for them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from regulars.facts.kinds import marks, order_completed
from regulars.facts.rules import NewFact


def test_the_same_address_however_it_is_written() -> None:
    told = marks.address_of({"shipping_address": "西湖区 文三路 90 号, Room 501"})
    assert told == marks.address_of({"shipping_address": "西湖区文三路90号 room501"})
    assert len(told) == 16
    assert told != marks.mark_of("device", "西湖区文三路90号room501"), "a device is no address"
    parts = {"city": "杭州", "street": "文三路 90 号", "name": "林晓", "phone": "13800010001"}
    assert marks.address_of({"shipping_address": parts}) == marks.address_of(
        {"shipping_address": {"city": "杭州", "street": "文三路90号", "name": "王明"}}
    ), "who receives it does not count"


@pytest.mark.parametrize("id", ["", "N/A", "00000000-0000-0000-0000-000000000000", None, 5.5, True, [], {"a": 1}])
def test_what_names_no_device_leaves_no_mark(id: Any) -> None:
    assert marks.device_of({"device": {"id": id}}) == ""
    assert marks.device_of({"device": id}) == ""
    assert marks.address_of({"shipping_address": id}) == ""


def test_the_body_keeps_the_mark_and_not_the_address() -> None:
    body = order_completed.normalise({"total": 20, "shipping_address": "西湖区文三路 90 号 501"}, "CNY")
    assert body["address"] == marks.mark_of("address", "西湖区文三路90号501")
    assert "文三" not in str(body)
    assert "address" not in order_completed.normalise({"total": 20}, "CNY")


def test_an_order_told_again_from_another_device_is_the_same_order() -> None:
    body = order_completed.make_body(currency="CNY", paid=20_00, lines=[])
    told = NewFact("till", order_completed.CODE, "1", datetime(2026, 1, 1, tzinfo=UTC), body, amount=20_00)
    marked = replace(told, body={**body, "device": "a" * 16, "address": "b" * 16})
    assert told.digest() == marked.digest() == marked.digest(marked.body_text())
    assert told.digest() != replace(told, body={**body, "paid": 1}).digest()
