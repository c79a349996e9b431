"""Files of orders to start from, and damage to their bytes. All chance comes in, so that a file can be made again."""

import csv
import io
import random
from base64 import b85decode
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zlib import decompress

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

HEAD = ["订单号", "下单时间", "手机号", "实付"]
WHOLE_HEAD = [*HEAD, "数量", "商品名称", "订单状态"]
ROWS = [["A1", "2024-01-05 13:05:00", "13912345670", "12.5"], ["A2", "2024-01-06 09:00:00", "13912345671", "20"]]
# A workbook of Excel 97 with these rows, since nothing installed can write one.
XLS = decompress(
    b85decode(
        b"c-"
        b"rk)T}V_x6#nM!uI~D~yK10?EJ9YMkZwOF*s53xv5UD#zff*25r)>SmwG76e3BrD9*PJId+5dLr620Sp6Vem>Y)e%EeN7s0?QtBZ|9tQx6}+=D9"
        b"O0rGG}JanfdP7nK?6a@3Rr#=)mowG0egyIFK+rNSmfplsw6b7i2dKE+%s~CBw#|g2zo0ndZWS?5F8Ghdke7&~VH7h$Qfq(jFW}q`NB~SU@z05A"
        b"BM5s3oazg)})R6tDau_lwLEc~e?G6j>*lb0TZ0?Wo#?kx-<p+FHdsv=Xu9fO+pqpVy+PL;;@gDn4~ynQdLD*AKQIT4aV|XBGxQ6WSE-"
        b"itAi2z;zDUorH>TxT3K!(A-=T4v!+ArhE`zi~um6jP2ootzTHZ0_nfa)TjSO@207ot-qi-fgTw9BvkrnX$PHVICtwEasB8d8hJTLazI_{Z;MVu"
        b"olu#Pw&>UR_(jrfjny2Oh*I~fyI(~p80srCDIkIyE31NQ*R9{MhE-"
        b"J=d<4jr;hnK%WJ@Szk?cUOlzkFVUh;PG#^>kZSW9THXnN$BFb|XE>@^IW<{s2JM=TDJY$=l-"
        b"t3{p>)}>M|5}8k{o$}I_0;{m4SK6EvYbiY^D0mTCF|E9k%6%WV-7D^U7g|N-"
        b"p{B7D`9m*511O=xt%LgWuNUR2TwT7zxF1U9%G!9|h%EeN6LM=_%Xh;%F>^763@Q3Vnl&CB^`oX)V`bJHRC8EdY7Q<XTs%4s8ZY+M4}IC=BfjGI"
        b"b*7#9Tx36~agF)<^GrT%4n9rz(kwnr_!#BHXKFO@y*l>kgQtNxHQ{XKOM>Rd9VVbH_a`!7!-fqTHf-"
        b"3iVdI~Lk_)JL>E=tN%ev5~Ti<o2C?)LAB>yd1(M`W&^g6j2U6kuMp3?eR0+&j1sd@HEelKKfr>E=aL`?kXOnLp%3z?e!f9BoM`{zO^)#oQt@$)"
        b"Y~|2s;{=X("
    )
)


def csv_text(rows: list[list[Any]], delimiter: str = ",", **how: Any) -> str:
    """Rows as text."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, **how).writerows(rows)
    return out.getvalue()


def xlsx(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    """A workbook that was filled by `fill`."""
    book = openpyxl.Workbook()
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet(columns: dict[str, Any]) -> bytes:
    """Columns as a Parquet file."""
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def whole_rows() -> list[list[str]]:
    """Thirty order lines of fifteen orders with nothing wrong but their states."""
    states = ["已完成", "已取消", "已退款", "部分退款", "待付款"]
    return [
        [
            f"A{i // 2}",
            f"2024/1/{i % 28 + 1} 13:05",
            f"139123456{i:02}",
            "¥1,234.50",
            str(i % 3 - 1),
            '茶 "x", y',
            states[i % 5],
        ]
        for i in range(30)
    ]


def seeds() -> dict[str, bytes]:
    """The same orders in every kind of file, to be spoilt."""
    rows = whole_rows()
    text = csv_text([WHOLE_HEAD, *rows])

    def fill(book: openpyxl.Workbook) -> None:
        for row in [WHOLE_HEAD, *rows]:
            book.active.append(row)

    whole = {name: [row[place] for row in rows] for place, name in enumerate(WHOLE_HEAD)}
    return {
        "utf-8": text.encode(),
        "gb18030": text.encode("gb18030"),
        "utf-16": text.encode("utf-16"),
        "parquet": parquet(whole | {"t": [datetime(2024, 1, 5)] * 30}),
        "xlsx": xlsx(fill),
        "xls": XLS,
    }


def spoil(chance: random.Random, content: bytes) -> bytes:
    """Bytes changed, lost, added, cut off and copied."""
    spoilt = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        at = chance.randrange(len(spoilt) or 1)
        match chance.randrange(6):
            case 0:
                spoilt[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del spoilt[at : at + chance.randrange(1, 50)]
            case 2:
                spoilt[at:at] = chance.randbytes(chance.randrange(1, 20))
            case 3:
                spoilt[at:] = b""
            case 4:
                spoilt[at:at] = chance.choice(
                    [b'"', b",", b"\n", b"\x00", b"\xff\xff", b"\t", b"\r", b"1e999", b"\xe2\x80", b"-"]
                )
            case _:
                other = chance.randrange(len(spoilt) or 1)
                spoilt[at : at + 20] = spoilt[other : other + 20]
    return bytes(spoilt)
