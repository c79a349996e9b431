"""A table of contracts: what each column is, what becomes a fact, and what never gets in."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from regulars.facts.connectors.contracts_file import ContractSettings, ContractsFile, NotContracts, UnknownColumn
from regulars.facts.kinds import contract_ended, contract_started, contract_updated
from regulars.facts.reading.table import Cell, Chunk, Table
from regulars.facts.rules import NewFact

AS_OF = date(2026, 1, 31)


def contracts(names: Sequence[str], *rows: Sequence[Cell], **columns: str) -> ContractsFile:
    def read() -> list[Chunk]:
        return [Chunk(range(2, 2 + len(rows)), [list(column) for column in zip(*rows, strict=True)])]

    table = Table(tuple(names), "csv", "", None, lambda: iter(read()))
    return ContractsFile(table, ContractSettings("bank", "Asia/Shanghai", AS_OF, columns=columns))


def told(file: ContractsFile) -> list[tuple[int, str, datetime, dict[str, object]]]:
    return [(fact.kind, fact.key, fact.occurred_at, fact.body) for fact in file.facts()]


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)


def test_a_contract_begins_is_like_this_on_the_day_of_the_table_and_ends() -> None:
    file = contracts(
        ["客户号", "合同号", "开户日期", "到期日", "销户日期", "余额"],
        ["C1", "K1", "2025-03-01", "2026-03-01", "", "1200.50"],
        ["C2", "K2", "2025-04-01", "2026-04-01", "2025-12-24", "0"],
    )
    assert file.check().counts() | {"rows": 2, "contracts": 2, "contracts_ended": 1} == file.check().counts()
    assert told(file) == [
        (contract_started.CODE, "K1", at(date(2025, 3, 1)), {"contract": "K1"}),
        (contract_started.CODE, "K2", at(date(2025, 4, 1)), {"contract": "K2"}),
        (contract_ended.CODE, "K2", at(date(2025, 12, 24)), {"contract": "K2"}),
        (contract_updated.CODE, "K1@2026-01-31", at(AS_OF),
         {"contract": "K1", "ends_on": "2026-03-01", "attributes": {"余额": "1200.50"}}),
        (contract_updated.CODE, "K2@2026-01-31", at(AS_OF),
         {"contract": "K2", "ends_on": "2026-04-01", "attributes": {"余额": "0"}}),
    ]  # fmt: skip


def test_a_flag_says_that_it_was_found_ended_and_without_a_number_the_customer_is_the_contract() -> None:
    file = contracts(["customerID", "Churn", "tenure"], ["7590", "Yes", "1"], ["5575", "No", "34"])
    ended = [fact for fact in told(file) if fact[0] == contract_ended.CODE]
    assert ended == [(contract_ended.CODE, "7590@2026-01-31", at(AS_OF), {"contract": "7590", "seen": True})]


def test_an_end_that_lies_ahead_is_an_agreed_one() -> None:
    file = contracts(["id", "End date"], ["A", "2026-02-28"], ["B", "2026-01-01"])
    assert {fact[0]: fact[3].get("ends_on") for fact in told(file) if fact[3]["contract"] == "A"} == {
        contract_updated.CODE: "2026-02-28"
    }
    assert contract_ended.CODE in {fact[0] for fact in told(file) if fact[3]["contract"] == "B"}


def test_the_same_table_again_is_the_same_and_next_months_begins_nothing_anew() -> None:
    names, row = ["id", "Start date", "plan"], ["A", "2025-03-01", "full"]
    one, two = list(contracts(names, row).facts()), list(contracts(names, row).facts())
    assert [fact.digest() for fact in one] == [fact.digest() for fact in two]
    assert isinstance(one[0], NewFact)
    assert one[0].body == {"contract": "A"}, "what holds today says nothing of how it began"


def test_columns_that_may_name_somebody_never_get_in() -> None:
    rows = [
        [f"C{one}", f"1391234{one:04}", f"王{one}", f"31010119900101{one:04}", f"{one} 号楼", "普卡"]
        for one in range(60)
    ]  # fmt: skip
    file = contracts(["客户号", "手机号", "姓名", "证件", "住处", "卡种"], *rows)
    report = file.check()
    assert file.attributes == ("卡种",)
    assert file.left_out == ("证件", "住处")
    assert report.counts()["contract_columns_left_out"] == 2
    facts = list(file.facts())
    assert not any("王" in str(fact.body) or "139" in str(fact.body) for fact in facts)
    assert {len(fact.identities) for fact in facts} == {2}, "the phone joins them to the member of that phone"
    assert facts[0].profile == {"name": "王0"}


def test_rows_that_cannot_be_used_say_why_and_hold_up_nobody() -> None:
    file = contracts(
        ["id", "Churn"], ["A", "No"], ["", "No"], ["A", "Yes"], ["B", "perhaps"], ["C", "No"],
    )  # fmt: skip
    report = file.check()
    assert [(one.row, one.code) for one in report.problems] == [
        (3, "contract_of_nobody"), (4, "contract_twice"), (5, "contract_end_unreadable"),
    ]  # fmt: skip
    assert (report.rows, report.rows_used) == (5, 2)
    assert all(one.text("zh") and one.text("en") for one in report.problems)


def test_a_column_can_be_told_and_without_a_holder_nothing_is_read() -> None:
    file = contracts(["户号", "状态"], ["A", "是"], customer="户号", ended="状态")
    assert [fact[0] for fact in told(file)] == [contract_updated.CODE, contract_ended.CODE]
    with pytest.raises(NotContracts):
        contracts(["户号"], ["A"])
    with pytest.raises(UnknownColumn):
        contracts(["户号"], ["A"], customer="客户")
