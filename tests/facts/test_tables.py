"""Files that are tables are read whatever they are; files that are not are refused by name, and nothing crashes."""

import io
import random
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from regulars.core.errors import DomainError
from regulars.facts.connectors.orders_file import OrderSettings, OrdersFile
from regulars.facts.reading import table as table_module
from regulars.facts.reading.columns import guess
from regulars.facts.reading.csv_files import find_delimiter
from regulars.facts.reading.errors import (
    EmptyFile,
    EncryptedFile,
    HeaderOnly,
    TooLarge,
    TruncatedFile,
    UnknownEncoding,
    UnreadableFile,
)
from regulars.facts.reading.spreadsheets import OLE_MARK
from regulars.facts.reading.tables import open_table
from tests.facts.malformed import HEAD, ROWS, XLS, csv_text, parquet, seeds, spoil, xlsx
from tests.facts.odd_files import odd_file

Write = Callable[[bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_bytes(content: bytes) -> Path:
        path = tmp_path / "orders"
        path.write_bytes(content)
        return path

    return write_bytes


def rows_of(path: Path) -> list[tuple[Any, ...]]:
    return [row for _, row in open_table(path).rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_text_in_every_encoding_and_with_every_delimiter(write: Write, encoding: str, delimiter: str) -> None:
    table = open_table(write(csv_text([HEAD, *ROWS], delimiter).encode(encoding)))
    assert table.names == tuple(HEAD)
    assert list(table.rows()) == [(2, tuple(ROWS[0])), (3, tuple(ROWS[1]))]


def test_rows_have_the_numbers_that_a_spreadsheet_shows(write: Write) -> None:
    text = '订单报表,,\n\n订单号,实付,备注\nA1,1,"两\n行"\n,,\nA2,2,\n'
    table = open_table(write(text.encode()))
    assert table.names == ("订单号", "实付", "备注")
    assert [(number, row[0]) for number, row in table.rows()] == [(4, "A1"), (6, "A2")]


def test_the_line_that_tells_excel_the_delimiter_is_obeyed(write: Write) -> None:
    assert open_table(write(b"sep=;\nn;paid\nA,1;5\n")).names == ("n", "paid")


def test_commas_inside_cells_do_not_mislead_about_the_delimiter() -> None:
    assert find_delimiter("a;b;c\n1,5;2,5;3\n1,5;2,5;3\n") == ";"
    assert find_delimiter('name,paid\n"a;b;c",1\n"a;b",2\n') == ","
    assert find_delimiter("only\none\ncolumn\n") == ","


def test_short_rows_are_filled_up_and_long_ones_are_marked(write: Write) -> None:
    chunk = next(open_table(write(b"a,b,c\n1\n1,2,3,,\n1,2,3,4\n")).chunks())
    assert list(zip(*chunk.columns, strict=True)) == [("1", "", ""), ("1", "2", "3"), ("1", "2", "3")]
    assert chunk.overlong == {2}


def test_blank_and_repeated_column_names_become_distinct(write: Write) -> None:
    assert open_table(write(b"n,,n,n,\n1,2,3,4,5\n")).names == ("n", "#2", "n (2)", "n (3)")


def test_spreadsheets_give_the_first_sheet_with_data_and_dates_as_iso_texts(write: Write) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet("订单")
        sheet["B3"], sheet["C3"], sheet["D3"], sheet["E3"] = HEAD
        for row in ROWS:
            sheet.append([None, row[0], datetime.fromisoformat(row[1]), int(row[2]), float(row[3])])
        sheet.append([None, True, None, "=1/0", None])

    table = open_table(write(xlsx(fill)))
    assert (table.form, table.detail, table.names) == ("xlsx", "订单", tuple(HEAD))
    rows = [(number, [cell for cell in row if cell is not None]) for number, row in table.rows()]
    assert rows[0] == (4, ["A1", "2024-01-05 13:05:00", 13912345670, 12.5])
    assert rows[2][1][0] == "TRUE"


def test_old_spreadsheets(write: Write) -> None:
    table = open_table(write(XLS))
    assert (table.form, table.names, table.total_rows) == ("xls", tuple(HEAD), 2)
    assert rows_of(write(XLS))[0] == ("A1", "2024-01-05 13:05:00", "13912345670", 12.5)


def test_parquet_keeps_types_and_counts_rows_from_one(write: Write) -> None:
    at = datetime(2024, 1, 5, 13, 5)
    columns = {
        "n": ["A1", None],
        "at": pa.array([at, None], pa.timestamp("ns")),
        "paid": [1.5, float("nan")],
        "yes": [True, None],
        "kind": pa.array(["a", "b"]).dictionary_encode(),
        "list": [[1], []],
    }
    table = open_table(write(parquet(columns)))
    assert table.total_rows == 2
    assert list(table.rows()) == [(1, ("A1", at, 1.5, "TRUE", "a", "[1]")), (2, (None, None, None, None, "b", "[]"))]


def test_the_first_rows_are_kept_and_the_file_can_be_read_again(write: Write) -> None:
    path = write(csv_text([["n"], *([str(i)] for i in range(30_000))]).encode())
    table = open_table(path)
    assert [len(chunk) for chunk in table.chunks()] == [20_000, 10_000]
    assert sum(len(chunk) for chunk in table.head(25_000).chunks()) == 25_000
    path.unlink()
    assert table.first_rows(3) == [(2, ("0",)), (3, ("1",)), (4, ("2",))]
    assert len(table.first_rows(500)) == 500


def zip_of(names: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in names.items():
            package.writestr(name, content)
    return out.getvalue()


def truncated_xlsx() -> bytes:
    return xlsx(lambda book: book.active.append(["n"]))[:-200]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", EmptyFile),
        (b"\n \n\n", EmptyFile),
        (b"\xef\xbb\xbf", EmptyFile),
        (b"a,b\n", HeaderOnly),
        (b"a,b\n,\n ,\n", HeaderOnly),
        (parquet({"a": pa.array([], pa.string())}), HeaderOnly),
        (xlsx(lambda book: None), EmptyFile),
        (xlsx(lambda book: book.active.append(["n", "paid"])), HeaderOnly),
        (truncated_xlsx(), TruncatedFile),
        (parquet({"a": ["x"] * 1000})[:-100], UnreadableFile),
        ("订单号,实付\nA1,元".encode()[:-1], TruncatedFile),
        ("订单号,实付\n".encode("utf-16")[:-1], TruncatedFile),
        ("名前,金額\nあ,1\n".encode("euc-jp") + b"\xff\xff", UnknownEncoding),
        ("prénom,payé\nJosé,1\n".encode("latin-1"), UnknownEncoding),
        (("订单号,实付\n" + "茶,1\n" * 50).encode() + b"\xff,1\n", UnknownEncoding),
        (b'a,b\n1,"2\n3,4\n', UnreadableFile),
        (b'a,b\n1,"2"x\n', UnreadableFile),
        (b"a,b\n1,\x00\x01\x02\n", UnreadableFile),
        (b"<html><table><tr><td>1</td></tr></table></html>", UnreadableFile),
        (b"%PDF-1.7\n", UnreadableFile),
        (zip_of({"orders.csv": b"a,b\n1,2\n"}), UnreadableFile),
        (zip_of({"xl/workbook.xml": b"<workbook/>"}), UnreadableFile),
        (b"a," * 600 + b"\n" + b"1," * 600 + b"\n", TooLarge),
        (b"x" * 2_000_000, UnreadableFile),
        (OLE_MARK + b"\x00" * 600, UnreadableFile),
        (OLE_MARK + b"\x00" * 100 + "EncryptedPackage".encode("utf-16-le"), EncryptedFile),
    ],
)
def test_what_is_no_table_is_refused_by_name(write: Write, content: bytes, error: type[UnreadableFile]) -> None:
    with pytest.raises(error) as caught:
        for _ in open_table(write(content)).chunks():
            pass
    assert len(str(caught.value)) > 20, "a message says what to do"


def test_a_folder_or_a_missing_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(UnreadableFile):
            open_table(path)


def test_a_spreadsheet_that_unpacks_to_gigabytes_is_refused_unread(write: Write) -> None:
    bomb = bytearray(zip_of({"xl/workbook.xml": b"0" * 1000}))
    size = (1000).to_bytes(4, "little")
    assert bomb.count(size) >= 2
    with pytest.raises(TooLarge):
        open_table(write(bytes(bomb).replace(size, (3 * 2**30).to_bytes(4, "little"))))


def test_two_cells_at_the_ends_of_a_sheet_do_not_fill_the_memory(write: Write) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        sheet["A1"] = "n"
        sheet["XFD1048576"] = "far away"

    with pytest.raises(UnreadableFile):
        open_table(write(xlsx(fill)))


def test_more_rows_than_one_import_takes(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "MOST_ROWS", 100)
    with pytest.raises(TooLarge):
        list(open_table(write(b"a,b\n" + b"1,2\n" * 101)).chunks())


# -- malformed files ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "count"), [("utf-8", 150), ("gb18030", 100), ("utf-16", 100), ("parquet", 150), ("xlsx", 12), ("xls", 6)]
)
def test_malformed_files_end_in_named_errors_or_in_a_report_that_adds_up(write: Write, kind: str, count: int) -> None:
    content = seeds()[kind]
    ends = [outcome(write(spoil(random.Random(f"{kind} {seed}"), content))) for seed in range(count)]
    assert len(ends) == count
    assert any(ends)


@pytest.mark.parametrize(("kind", "count"), [("csv", 150), ("parquet", 100), ("xlsx", 8)])
def test_odd_files_end_so_too(write: Write, kind: str, count: int) -> None:
    ends = [outcome(write(odd_file(random.Random(f"odd {kind} {seed}"), kind))) for seed in range(count)]
    assert any(ends)
    assert not all(ends), "some are read, whatever stands in them"


def outcome(path: Path) -> str:
    """The code of the error that refused a file, '' if it was read to its end."""
    try:
        table = open_table(path)
        orders = OrdersFile(
            table,
            guess(table.names, [row for _, row in table.first_rows(50)]),
            OrderSettings("s", "Asia/Shanghai", "CNY"),
        )
        report = orders.check()
        assert report.rows == report.rows_used + report.rows_refused + report.rows_set_aside
        assert report.facts == sum(1 for _ in orders.facts())
        assert all(problem.text("zh") and problem.text("en") for problem in report.problems)
    except DomainError as error:
        told = error
    else:
        return ""
    assert told.code != DomainError.code
    assert str(told) != told.code
    return told.code
