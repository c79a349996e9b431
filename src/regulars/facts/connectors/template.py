"""The order template that people download: the columns, two orders as an example, and what each column means."""

from collections.abc import Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

# (name, example of an order with two lines, example of an order without a phone, what it means)
_ZH = (
    ("订单号", "D20240105001", "D20240105001", "同一订单的多件商品写成多行，订单号相同"),
    ("下单时间", "2024-01-05 13:05", "2024-01-05 13:05", "必填。建议写成 2024-01-05 13:05"),
    ("会员号", "V00018", "V00018", "会员卡号。会员号、手机号填一个就能认出顾客"),
    ("手机号", "13912345670", "13912345670", "请填完整号码；带 * 的号码和平台隐私号认不出顾客"),
    ("姓名", "林小满", "林小满", "选填"),
    ("商品编码", "TEA-01", "CUP-07", "选填"),
    ("商品名称", "茉莉花茶", "玻璃杯", "选填"),
    ("数量", 2, 1, "不填算 1；退货填负数"),
    ("单价", 29.9, 18, "与“商品实付”填一个即可"),
    ("商品实付", 55.8, 18, "必填其一。这一行实际付了多少钱；退货填负数"),
    ("门店", "人民路店", "人民路店", "选填"),
    ("渠道", "门店", "门店", "选填。填“线上”的订单，积分按网购的等待天数生效"),
    ("原订单号", "", "", "退货时填：退的是哪一单"),
)
_EN = (
    (
        "Order number",
        "D20240105001",
        "D20240105001",
        "Several products of one order stand in several rows with the same number",
    ),
    ("Order date", "2024-01-05 13:05", "2024-01-05 13:05", "Required. Best written as 2024-01-05 13:05"),
    (
        "Member number",
        "V00018",
        "V00018",
        "Number of the card. A member number, phone or e-mail is enough to know the customer",
    ),
    ("Phone", "+447911123456", "+447911123456", "The whole number; masked numbers name nobody"),
    ("Email", "", "", "Optional"),
    ("Full name", "May Linden", "May Linden", "Optional"),
    ("Product code", "TEA-01", "CUP-07", "Optional"),
    ("Product name", "Jasmine tea", "Glass", "Optional"),
    ("Quantity", 2, 1, "1 if left empty; below zero for returns"),
    ("Unit price", 29.9, 18, "This or the line total"),
    ("Line total", 55.8, 18, "What was really paid for this row; below zero for returns"),
    ("Store", "High Street", "High Street", "Optional"),
    ("Channel", "store", "store", "Optional. “online” makes points wait as long as for orders from the web shop"),
    ("Original order", "", "", "For returns: which order they undo"),
)
# What a café's till knows of an order: one row each. 实付金额 is what was paid for the whole of it.
_FEW_ZH = (
    ("下单时间", "2026-01-05 13:05", "2026-02-11 08:40", "必填。建议写成 2026-01-05 13:05"),
    ("手机号", "13912345670", "13912345670", "请填完整号码；带 * 的号码认不出顾客"),
    ("姓名", "林小满", "林小满", "选填，发消息时好称呼"),
    ("实付金额", 35, 58.5, "必填。这一单实际付了多少钱"),
    ("商品名称", "拿铁", "手冲、可颂", "选填"),
    ("门店", "人民路店", "人民路店", "选填"),
)
_FEW_EN = (
    ("Order date", "2026-01-05 13:05", "2026-02-11 08:40", "Required. Best written as 2026-01-05 13:05"),
    ("Phone", "+447911123456", "+447911123456", "The whole number; masked numbers name nobody"),
    ("Full name", "May Linden", "May Linden", "Optional; good to have when you write to somebody"),
    ("Amount paid", 4.5, 7.2, "Required. What was really paid for the order"),
    ("Product name", "Latte", "Filter coffee, croissant", "Optional"),
    ("Store", "High Street", "High Street", "Optional"),
)
_TEXT_COLUMNS = 400


def order_template(language: str, *, few: bool = False) -> bytes:
    """The template as an .xlsx, in Chinese ('zh…') or English.

    Args:
        few: Only what the till of a small shop knows, one row an order.
    """
    zh = language.startswith("zh")
    columns = (_FEW_ZH if few else _ZH) if zh else (_FEW_EN if few else _EN)
    return workbook(columns, title="订单" if zh else "Orders", zh=zh)


def workbook(columns: Sequence[tuple[str, object, object, str]], *, title: str, zh: bool) -> bytes:
    """A table to fill in, with two examples in it, and a sheet that says what each column means.

    Args:
        columns: (name, example, another example, what it means).
    """
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    sheet.append([name for name, *_ in columns])
    sheet.append([first for _, first, _, _ in columns])
    sheet.append([second for _, _, second, _ in columns])
    _dress(sheet, widths=[max(12, 2 * len(name) + 2) for name, *_ in columns])
    # Numbers of orders, members and phones are texts: as numbers a spreadsheet shortens or rounds them.
    for place, (_, example, *_) in enumerate(columns, start=1):
        if isinstance(example, str):
            for row in range(2, _TEXT_COLUMNS):
                sheet.cell(row, place).number_format = "@"
    notes = book.create_sheet("说明" if zh else "Notes")
    notes.append(["列", "怎么填"] if zh else ["Column", "How to fill it in"])
    for name, _, _, meaning in columns:
        notes.append([name, meaning])
    notes.append([])
    notes.append(
        ["", "导入前请删掉两行示例。多余的列可以留着，导入时会忽略。"]
        if zh
        else ["", "Delete the two sample rows. Other columns may stay; they are ignored."]
    )
    _dress(notes, widths=[18, 80])
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def _dress(sheet: Worksheet, *, widths: list[int]) -> None:
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
        head = sheet.cell(1, place)
        head.font = Font(bold=True)
        head.fill = PatternFill("solid", fgColor="FFE8E0D5")
        head.alignment = Alignment(vertical="center")
    sheet.freeze_panes = "A2"
