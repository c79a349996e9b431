"""What is said about rows, in Chinese and English: why one was refused (REASONS), what else was found (NOTICES)."""

REASONS: dict[str, tuple[str, str]] = {
    "date_missing": ("缺少时间，请补上再导入。", "The date is missing. Fill it in and import again."),
    "date_unreadable": (
        "看不懂这个时间：{found}。请写成 2024-01-05 13:05。",
        "{found} is not a date. Write it as 2024-01-05 13:05.",
    ),
    "time_unreadable": ("看不懂这个时刻：{found}。请写成 13:05。", "{found} is not a time of day. Write it as 13:05."),
    "date_ambiguous": (
        "{found} 可能是几月几日，也可能是几日几月。请说明哪个在前，或写成 2024-01-05。",
        "{found} can be read day first or month first. Say which, or write it as 2024-01-05.",
    ),
    "date_out_of_range": ("时间 {found} 太早或太晚，请核对。", "The date {found} is too early or too late. Check it."),
    "two_digit_year": ("{found} 的年份只有两位，请写全四位。", "{found} has a year of two digits. Write all four."),
    "amount_missing": ("缺少金额，请补上再导入。", "The amount is missing. Fill it in and import again."),
    "amount_unreadable": (
        "“{found}”不是金额，请填数字，例如 1234.50。",
        "“{found}” is not an amount. Write a number such as 1234.50.",
    ),
    "amount_too_precise": (
        "金额 {found} 的小数位过多，请核对。",
        "The amount {found} has more decimals than the currency. Check it.",
    ),
    "amount_too_large": ("金额 {found} 太大，请核对。", "The amount {found} is too large. Check it."),
    "quantity_unreadable": ("“{found}”不是数量，请填数字。", "“{found}” is not a quantity. Write a number."),
    "number_shortened": (
        "表格软件把编号 {found} 的末几位丢了。请把这一列设为文本，重新导出。",
        "A spreadsheet dropped the last digits of {found}. Format the column as text and export again.",
    ),
    "text_too_long": (
        "{column} 太长，请核对是否选错了列。",
        "{column} is too long. Check that the right column is chosen.",
    ),
    "too_many_cells": (
        "这一行比表头多出单元格，可能有逗号没加引号。请改正，或另存为 .xlsx。",
        "This row has more cells than there are columns: perhaps a comma stands without quotation marks. "
        "Correct it, or save as .xlsx.",
    ),
    "order_incomplete": (
        "同一订单的第 {found} 行有问题，整单没有导入。改好那一行再导入即可。",
        "Row {found} of the same order was refused, so the whole order waits. Correct that row and import again.",
    ),
    "customers_differ": (
        "同一订单里出现了不同的顾客，请核对。",
        "Rows of this order name different customers. Check them.",
    ),
    "dates_differ": ("同一订单里的时间相差太多，请核对。", "Rows of this order are far apart in time. Check them."),
    "paid_differs": (
        "同一订单的实付写得不一样。若是每行各自的金额，请选“按行”。",
        "Rows of this order disagree on what was paid. If each row has its own amount, choose “per line”.",
    ),
    "too_many_lines": (
        "这一单超过 2,000 行，请核对订单号这一列。",
        "This order has more than 2,000 lines. Check the order column.",
    ),
    "order_below_zero": (
        "这一单合计为负数，请核对。",
        "The lines of this order add up to less than nothing. Check them.",
    ),
    "refund_amount_missing": (
        "部分退款，但没有退款金额，请补上。",
        "The order is partly refunded, but the amount is missing. Fill it in.",
    ),
    "contract_of_nobody": (
        "这一行没有客户编号、手机号或邮箱，也就不知道合同是谁的，请补上。",
        "This row has no customer number, phone or e-mail, so nobody holds the contract. Fill one in.",
    ),
    "contract_twice": (
        "合同 {found} 在文件里出现了两次。一份合同一行，请核对。",
        "Contract {found} stands twice in the file. Give each contract one row.",
    ),
    "contract_end_unreadable": (
        "看不懂“{found}”：请填结束日期，或者填是、否。",
        "“{found}” is neither a day of the end nor yes or no.",
    ),
    "balance_of_nobody": (
        "这一行没有能用的会员号、手机号或邮箱，不知道是谁的积分，请补上。打码的手机号认不出人。",
        "This row has no member number, phone or e-mail that can be used, so it is nobody's. "
        "A masked phone names nobody.",
    ),
    "points_unreadable": (
        "“{found}”不是积分，请填整数。",
        "“{found}” is not a number of points. Write a whole number.",
    ),
    "points_negative": (
        "积分 {found} 是负数。欠分请先在原系统里处理，或填 0。",
        "{found} points are below zero. Settle what is owed in the old system, or write 0.",
    ),
    "points_fractional": (
        "积分 {found} 不是整数，请先在原系统里取整。",
        "{found} points are not a whole number. Round them in the old system.",
    ),
    "points_enormous": (
        "积分 {found} 太大，请核对是否选错了列。",
        "{found} points are too many. Check that it is the right column.",
    ),
    "points_expired": (
        "这些积分的最后一天是 {found}，到接管那天已经过期，不再接管。",
        "The last day of these points is {found}: they had expired by the day of the table and are not taken over.",
    ),
    "growth_unreadable": ("“{found}”不是成长值，请填整数。", "“{found}” is not a growth value. Write a whole number."),
    "growth_negative": ("成长值 {found} 是负数，请核对。", "A growth value of {found} is below zero. Check it."),
    "growth_fractional": (
        "成长值 {found} 不是整数，请先取整。",
        "A growth value of {found} is not whole. Round it first.",
    ),
    "growth_enormous": ("成长值 {found} 太大，请核对。", "A growth value of {found} is too large. Check it."),
    "growth_ahead": (
        "成长值的日期 {found} 在表格日期之后，请核对。",
        "The growth is of {found}, after the day of the table. Check it.",
    ),
    "growth_differs": (
        "同一会员同一天写了不同的成长值（{found}），请核对。",
        "Another row of this member has another growth value for the same day ({found}). Check them.",
    ),
    "tier_unknown": (
        "会员计划里没有“{found}”这个等级。请改成计划里的等级名称或代码。",
        "The programme has no tier “{found}”. Write the name or code of one of its tiers.",
    ),
    "tier_over": ("这个等级的最后一天是 {found}，已经过了。", "The last day of this tier is {found}, which is over."),
    "tier_differs": (
        "同一会员写了不同的等级或有效期，请核对。",
        "Another row of this member has another tier or last day. Check them.",
    ),
    "offer_unknown": (
        "没有叫“{found}”的优惠券。请先在“优惠券”里建好，再用它的名称或编号。",
        "There is no coupon called “{found}”. Make it under Coupons first, then write its name or number.",
    ),
    "code_unreadable": (
        "“{found}”不能作券码：只能有字母和数字，4 到 40 位。",
        "“{found}” cannot be a coupon code: it takes 4 to 40 letters and digits.",
    ),
    "codes_and_coupons": (
        "券码（{found}）和优惠券的数目不一样。每张券填一个券码，顺序一致；或者都不填。",
        "The codes ({found}) are not as many as the coupons. Write one for each, in the same order, or none.",
    ),
    "code_twice": (
        "券码 {found} 在这个文件里已经出现过，一个券码只能属于一张券。",
        "The code {found} stands further up in this file. A code belongs to one coupon.",
    ),
    "code_taken": (
        "券码 {found} 已经属于这里的另一张券，请换一个，或者留空让系统发新码。",
        "The code {found} belongs to another coupon here. Write another one, or leave it empty for a new code.",
    ),
    "return_unmatched": (
        "找不到这笔退货对应的订单：同一顾客此前没有买过足够数量的这件商品。请填上原订单号。",
        "No earlier order fits: this customer had not bought enough of the product before. Name the original order.",
    ),
    "return_without_customer": (
        "这笔退货没有顾客，也没有原订单号，无法对应到订单。",
        "This return names neither a customer nor an order, so it cannot be matched.",
    ),
}

NOTICES: dict[str, tuple[str, str]] = {
    "contracts": ("{count} 份合同", "{count} contracts"),
    "contracts_ended": ("{count} 份合同已经结束", "{count} contracts that have ended"),
    "contract_columns_left_out": (
        "{count} 列没有读入：可能认得出人，或者种类太多",
        "{count} columns left out: they may name people, or have too many kinds",
    ),
    "balances": ("{count} 位会员", "{count} members"),
    "points_told": ("共 {count} 积分", "{count} points in all"),
    "growth_told": ("共 {count} 成长值", "{count} growth in all"),
    "tiers_told": ("{count} 个等级", "{count} tiers"),
    "coupons_told": ("{count} 张优惠券", "{count} coupons"),
    "codes_told": ("其中 {count} 张沿用原来的券码", "{count} of them keep their old codes"),
    "points_forever": (
        "{count} 行积分没有到期日，永久有效",
        "{count} rows of points without a last day: they never expire",
    ),
    "points_added_up": (
        "{count} 行与同一会员的另一行积分、到期日都相同，已相加",
        "{count} rows with the same points and last day as another of the member; added up",
    ),
    "tiers_without_end": (
        "{count} 个等级没有有效期，按会员计划的一个周期保留",
        "{count} tiers without a last day; kept for one window of the programme",
    ),
    "points_here_before": (
        "其中 {count} 位会员在这一天之前已有积分或成长值",
        "{count} of these members had points or growth here before that day",
    ),
    "lines_without_customer": (
        "{count} 行没有顾客，计入散客销售",
        "{count} rows without a customer; they count as sales to non-members",
    ),
    "orders_without_customer": ("{count} 笔订单没有顾客", "{count} orders without a customer"),
    "return_lines": ("{count} 行退货或冲销", "{count} lines of returns or cancelled documents"),
    "returns_matched": ("{count} 行退货已对应到原订单", "{count} return lines matched to their orders"),
    "returns_unmatched": (
        "{count} 行退货找不到原订单，没有导入",
        "{count} return lines without a fitting order; not imported",
    ),
    "returns_without_customer": (
        "{count} 行退货没有顾客，没有导入",
        "{count} return lines without a customer; not imported",
    ),
    "returns_of_nothing": ("{count} 行退货金额为零，已略过", "{count} return lines of zero; skipped"),
    "refund_above_line": (
        "{count} 笔退款高于原金额，按原金额计",
        "{count} refunds above what was paid, taken as what was paid",
    ),
    "stock_adjustments": (
        "{count} 行是库存调整（数量为负、金额为零），已略过",
        "{count} stock adjustments (below zero, no money); skipped",
    ),
    "negative_quantities": ("{count} 行数量为负", "{count} lines with a quantity below zero"),
    "zero_prices": ("{count} 行金额为零", "{count} lines of zero"),
    "negative_prices": ("{count} 行单价为负", "{count} lines with a price below zero"),
    "repeated_lines": (
        "{count} 行与同一订单的另一行完全相同，按多件保留",
        "{count} lines equal to another of their order; kept as further pieces",
    ),
    "repeated_orders": ("{count} 行属于重复出现的整单，只算一次", "{count} rows repeat a whole order; counted once"),
    "repeated_rows": (
        "{count} 行没有订单号且与前面的行相同，按不同订单保留",
        "{count} rows without a number equal an earlier one, kept as orders",
    ),
    "rows_without_number": (
        "{count} 行没有订单号，按内容识别",
        "{count} rows without an order number, known by what they say",
    ),
    "empty_orders": ("{count} 行没有顾客也没有金额，已略过", "{count} rows with neither customer nor money; skipped"),
    "total_rows": ("{count} 行是合计，已略过", "{count} rows of totals; skipped"),
    "times_differ": (
        "{count} 笔订单的各行时间略有不同，取最早的",
        "{count} orders with slightly different times; the earliest counts",
    ),
    "unpaid": ("{count} 行尚未付款，已略过", "{count} rows not paid yet; skipped"),
    "cancelled": ("{count} 行已取消", "{count} cancelled rows"),
    "cancelled_lines": ("{count} 行已取消，不计入所在订单", "{count} cancelled lines, left out of their orders"),
    "refund_pending": (
        "{count} 行退款处理中，先按已付款计",
        "{count} rows with a refund under way, taken as paid for now",
    ),
    "unknown_status": ("{count} 行的状态不认识，按已完成计", "{count} rows with an unknown status, taken as completed"),
    "placeholder_ids": (
        "{count} 个顾客编号是占位符（如 0、null、散客），不用来识别人",
        "{count} placeholder ids (0, null, guest); they name nobody",
    ),
    "masked_phones": ("{count} 个手机号被打码，不用来识别人", "{count} masked phone numbers; they name nobody"),
    "privacy_phones": (
        "{count} 个平台隐私号，不用来识别人",
        "{count} privacy numbers lent by platforms; they name nobody",
    ),
    "virtual_phones": (
        "{count} 个虚拟运营商号码，不用来合并顾客",
        "{count} numbers of virtual operators, as platforms lend them; they join nobody",
    ),
    "landlines": ("{count} 个座机号，不用来合并顾客", "{count} landlines; they join nobody"),
    "repaired_phones": ("{count} 个手机号已修复", "{count} phone numbers repaired"),
    "shortened_numbers": (
        "{count} 个号码被表格软件丢了末几位，无法使用",
        "{count} numbers whose last digits a spreadsheet dropped; not usable",
    ),
    "bad_phones": ("{count} 个手机号不成立", "{count} phone numbers that cannot exist"),
    "bad_emails": ("{count} 个邮箱不成立", "{count} e-mail addresses that cannot exist"),
    "bad_ids": ("{count} 个顾客编号无法使用", "{count} customer numbers that cannot be used"),
}
