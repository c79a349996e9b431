"""Files of orders that their program would write, with oddities inside: cells, headers, encodings, types, packing.

All chance comes in, so that a file that does harm can be made again.
"""

import csv
import io
import random
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from tests.facts.malformed import WHOLE_HEAD, csv_text, spoil, whole_rows, xlsx

# What stands in cells that nobody checked.
ODD_CELLS: tuple[Any, ...] = (
    "", " ", "null", "N/A", "-", "#REF!", "=1+1", "=HYPERLINK(\"http://x\",\"y\")", "@SUM(1)", "1e999", "-1e-999",
    "NaN", "Infinity", "-0", "٣٤", "１２３．５", "１／２", "9" * 400, "0." + "0" * 300 + "1", "1,2,3,4", "1.234.567,89",
    "￥１２",
    "12元3角", "(45.00)", "45-", "1 000", "2024-02-30", "0000-00-00 00:00:00", "9999-12-31 23:59:59", "0001-01-01",
    "2024-01-05T13:05:00+99:00", "2024/13/45", "05/06/2024", "45296.545", "-1", "99999999999999999999", "24:00",
    "二〇二四年",
    "1.38E+10", "138****7955", "+8613912345670;+8613912345671", "a@b", "A" * 300 + "@example.com", "x" * 40_000,
    "\u202e倒", "👩‍👩‍👧‍👦", "a\u0000b", "\ufeff", "\u2028", "\x85", "\"", "'", "a\"b", "a\nb", "a\r\nb", "\t", "\\",
    "\\N",
    "<script>", "{{ 7*7 }}", "%s%n", "'; DROP TABLE facts_fact; --", "{\"a\": [1", "True", "已退款", "取消", "完成?",
)  # fmt: skip
ENCODINGS = (
    *["utf-8"] * 10, *["utf-8-sig"] * 3, *["gb18030"] * 6, *["utf-16"] * 2, "utf-16-le", "utf-16-be", "utf-32", "big5",
    "shift_jis", "euc-kr", "latin-1", "koi8-r", "utf-7",
)  # fmt: skip


def odd_file(chance: random.Random, kind: str) -> bytes:
    """A file that its program would write, with oddities inside; one in three is damaged as well."""
    head, rows = _odd_table(chance)
    content = {"csv": _odd_csv, "xlsx": _odd_xlsx, "parquet": _odd_parquet}[kind](chance, head, rows)
    return spoil(chance, content) if chance.random() < 1 / 3 else content


def _odd_table(chance: random.Random) -> tuple[list[str], list[list[Any]]]:
    head, rows = list(WHOLE_HEAD), [list[Any](row) for row in whole_rows()]
    for _ in range(chance.choice([0, 1, 3, 40])):
        row = chance.choice(rows)
        row[chance.randrange(len(row))] = chance.choice(ODD_CELLS)
    place = chance.randrange(len(head))
    match chance.randrange(20):
        case 0:
            head[place] = head[place - 1]
        case 1:
            head[place] = chance.choice(ODD_CELLS)
        case 2:
            head[place] = "实付" * 3000
        case 3:
            head = [""] * len(head)
        case 4:
            head = ["实付"] * len(head)
        case 5:
            del head[place]
        case 6:
            chance.shuffle(head)
        case 7:
            rows.insert(chance.randrange(len(rows)), list(head))
        case 8:
            rows[:0] = [["销售报表"], [], list(head)]
        case 9:
            width = chance.choice([60, 499, 600])
            head += [f"备注{i}" for i in range(width)]
        case 10:
            rows = [row[: chance.randrange(len(row) + 1)] for row in rows]
        case 11:
            rows = [row + [chance.choice(ODD_CELLS)] * chance.randrange(3) for row in rows]
        case 12:
            head = head[:1]
    return head, rows


def _odd_csv(chance: random.Random, head: list[str], rows: list[list[Any]]) -> bytes:
    delimiter = chance.choice([",", ",", ";", "\t", "|", "^"])
    quoting: Any = chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONE])
    if any(len(row) < 2 for row in [head, *rows]):
        quoting = csv.QUOTE_MINIMAL  # a row of one empty cell cannot be written without quotation marks
    text = csv_text(
        [head, *rows], delimiter, quoting=quoting, escapechar="\\", lineterminator=chance.choice(["\n", "\r\n", "\r"])
    )
    if chance.random() < 0.1:
        text = f"sep={delimiter}\n" + text
    if chance.random() < 0.1:
        text = text.replace('"', "")
    encoding = chance.choice(ENCODINGS)
    content = text.encode(encoding, "replace")
    if chance.random() < 0.1:
        content += text[-300:].encode(chance.choice(ENCODINGS), "replace")
    return content


def _odd_xlsx(chance: random.Random, head: list[str], rows: list[list[Any]]) -> bytes:
    others = (
        True,
        1e300,
        -1,
        date(1900, 1, 1),
        datetime(2262, 1, 1),
        time(1),
        Decimal("1e-20"),
        "=1/0",
        "=实付",
        "=NOW()",
    )

    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        for line in [head, *rows]:
            # No workbook holds control characters or more than 32,767 characters in a cell.
            sheet.append(
                [
                    cell[:32_000].replace("\x00", "").replace("\ufeff", "") if isinstance(cell, str) else cell
                    for cell in line
                ]
            )
        for _ in range(chance.choice([0, 2, 20])):
            sheet.cell(chance.randrange(1, 40), chance.randrange(1, 9)).value = chance.choice(others)
        match chance.randrange(6):
            case 0:
                sheet.merge_cells("A1:B3")
            case 1:
                sheet.sheet_state = "hidden"
                book.create_sheet("说明").append(["请勿修改"])
            case 2:
                book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
            case 3:
                sheet["AZ5000"] = "far away"

    content = xlsx(fill)
    return _repacked(chance, content) if chance.random() < 0.4 else content


def _repacked(chance: random.Random, content: bytes) -> bytes:
    """The package with one of its parts gone, doubled, cut off, blown up or full of entities."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        victim = chance.choice([name for name in names if name.startswith("xl/")])
        how = chance.randrange(6)
        for name in names:
            part = old.read(name)
            if name != victim:
                new.writestr(name, part)
            elif how == 1:
                new.writestr(name, part[: chance.randrange(len(part))])
            elif how == 2:
                new.writestr(name, spoil(chance, part))
            elif how == 3:
                new.writestr(name, part + b" " * chance.choice([10**6, 30 * 10**6]))
            elif how == 4:
                bomb = (
                    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
                )
                new.writestr(name, part.replace(b"?>", b"?>" + bomb, 1).replace(b"<v>", b"<v>&c;"))
            elif how == 5:
                new.writestr(name.upper(), part)
    return out.getvalue()


def _odd_parquet(chance: random.Random, head: list[str], rows: list[list[Any]]) -> bytes:
    width = max([len(head), *map(len, rows)])
    names = [*head, *(f"c{i}" for i in range(width - len(head)))]
    arrays: list[pa.Array] = [
        pa.array([str(row[place]) if place < len(row) else None for row in rows], pa.string()) for place in range(width)
    ]
    count = len(rows)
    others: tuple[Callable[[], pa.Array], ...] = (
        lambda: pa.nulls(count),
        lambda: pa.array([chance.choice([float("nan"), float("inf"), -1e308, 0.1, None]) for _ in range(count)]),
        lambda: pa.array([2**64 - 1] * count, pa.uint64()),
        lambda: pa.array([-(2**63)] * count, pa.int64()),
        lambda: pa.array([b"\xff\xfe\x00"] * count, pa.binary()),
        lambda: pa.array([2**52] * count, pa.timestamp(chance.choice(["s", "ms", "us", "ns"]))),
        lambda: pa.array([-(2**62)] * count, pa.timestamp("us", "Asia/Shanghai")),
        lambda: pa.array([datetime(2024, 1, 5)] * count, pa.timestamp("ns", chance.choice(["UTC", "+08:00"]))),
        lambda: pa.array([2**31 - 1] * count, pa.date32()),
        lambda: pa.array([86_399_999_999_999] * count, pa.time64("ns")),
        lambda: pa.array([2**62] * count, pa.duration("us")),
        lambda: pa.array([Decimal("1e30")] * count, pa.decimal256(60, 20)),
        lambda: pa.array([True] * count),
        lambda: pa.array([[1, None]] * count),
        lambda: pa.array([{"a": {"b": "c"}}] * count),
        lambda: pa.array([[("k", 1)]] * count, pa.map_(pa.string(), pa.int8())),
        lambda: pa.array(["a"] * count).dictionary_encode(),
    )  # fmt: skip
    for _ in range(chance.choice([0, 1, 1, 3])):
        arrays[chance.randrange(width)] = chance.choice(others)()
    out = io.BytesIO()
    how: Any = {
        "compression": chance.choice(["snappy", "zstd", "gzip", "none"]),
        "row_group_size": chance.choice([3, 1000]),
    }
    pq.write_table(pa.table(arrays, names=[str(name) for name in names]), out, **how)
    return out.getvalue()
