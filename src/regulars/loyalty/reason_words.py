"""The sentences of reasons.py, each in Chinese and in English."""

from regulars.ledger.rules import Purpose

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905
SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}

TITLES: dict[int, tuple[str, str]] = {
    Purpose.EARN: ("消费获得", "Earned"),
    Purpose.MATURE: ("积分生效", "Became spendable"),
    Purpose.EXPIRE: ("到期清零", "Expired"),
    Purpose.CLAWBACK: ("退货扣回", "Clawed back"),
    Purpose.REPAY: ("抵扣欠分", "Repaid what was owed"),
    Purpose.REDEEM: ("兑换", "Redeemed"),
    Purpose.HOLD: ("占用", "Held"),
    Purpose.CAPTURE: ("占用转兑换", "Held points redeemed"),
    Purpose.RELEASE: ("释放占用", "Released"),
    Purpose.RESTORE: ("兑换退回", "Given back"),
    Purpose.GRANT: ("人工增加", "Granted"),
    Purpose.DEDUCT: ("人工扣减", "Deducted"),
    Purpose.TAKE_OVER: ("转入", "Taken over"),
}
# Each sentence in Chinese and in English.
SAY: dict[str, tuple[str, str]] = {
    "order": ("订单 {order}", "order {order}"),
    "correction": ("（更正）", " (correction)"),
    "earn.all": (
        "订单 {order}（{where}）实付 {paid}，全部计入。",
        "Order {order} ({where}): {paid} was paid, and all of it counts.",
    ),
    "earn.less": (
        "订单 {order}（{where}）实付 {paid}，减去运费、优惠券和储值 {less}，按 {base} 计算。",
        "Order {order} ({where}): {paid} was paid; less {less} of freight, vouchers and stored value, {base} counts.",
    ),
    "earn.points": (
        "每满 {unit} 得 1 积分{rounded}，共 {total}（会员计划第 {version} 版）。",
        "{unit} = 1 point{rounded}, which makes {total} (programme version {version}).",
    ),
    "earn.growth": (
        "每满 {unit} 得 1 成长值{rounded}，共 {total}，{until} 前计入等级（会员计划第 {version} 版）。",
        "{unit} = 1 growth{rounded}, which makes {total}; it counts for tiers until {until} "
        "(programme version {version}).",
    ),
    "earn.base": (
        "每满 {unit} 得 1 积分{rounded}，基础 {total}（会员计划第 {version} 版）。",
        "{unit} = 1 point{rounded}, which makes {total} to begin with (programme version {version}).",
    ),
    "earn.base.growth": (
        "每满 {unit} 得 1 成长值{rounded}，基础 {total}，{until} 前计入等级（会员计划第 {version} 版）。",
        "{unit} = 1 growth{rounded}, which makes {total} to begin with; it counts for tiers until {until} "
        "(programme version {version}).",
    ),
    "earn.growth.visits": (
        "这一天算到店一次，{until} 前计入等级（会员计划第 {version} 版）。",
        "It makes this day a visit, which counts for tiers until {until} (programme version {version}).",
    ),
    "earn.growth.points": (
        "获得的 {total} 积分同时计入累计积分，{until} 前计入等级（会员计划第 {version} 版）。",
        "The {total} points that it earned also count for tiers, until {until} (programme version {version}).",
    ),
    "earn.rule": ("“{name}”多得 {given}。", "“{name}” gave {given} more."),
    "earn.rule.cut": (
        "“{name}”本可多得 {wished}，受限“{limit}”，实得 {given}。",
        "“{name}” would have given {wished} more; it is limited ({limit}), so it gave {given}.",
    ),
    "earn.cap": (
        "会员计划规定{limit}，所以这次实得 {given}。",
        "The programme gives {limit}, so this came to {given}.",
    ),
    "earn.event": ("{event}，{day}（会员计划第 {version} 版）。", "{event}, {day} (programme version {version})."),
    "pending": (
        "线上订单有 {days} 天退货期，期间待生效，{day} 起可用。",
        "Online orders may be sent back for {days} days: pending until then, spendable from {day}.",
    ),
    "expires": ("有效期至 {day}。", "They can be used through {day}."),
    "forever": ("长期有效，不会到期。", "They do not expire."),
    "mature": (
        "订单 {order} 的退货期已过，{points}从 {day} 起可用。",
        "Order {order} can no longer be sent back: {points} can be spent from {day}.",
    ),
    "mature.other": ("{points}从 {day} 起可用。", "{points} can be spent from {day}."),
    "expire": (
        "订单 {order} 的 {points}到 {day} 仍未使用，按规则清零。",
        "Not used through {day}, so {points} of order {order} expired.",
    ),
    "expire.other": ("{points}到 {day} 仍未使用，按规则清零。", "Not used through {day}, so {points} expired."),
    "expire.released": (
        "{points}释放时已过有效期，随即清零。",
        "Past the last day when released, so {points} expired at once.",
    ),
    "refund.lines": ("订单 {order} 退了 {lines}。", "Sent back from order {order}: {lines}."),
    "refund.part": (
        "订单 {order} 退款 {amount}，按比例分摊到各商品。",
        "{amount} of order {order} was given back, spread over its lines.",
    ),
    "refund.whole": ("订单 {order} 全部退款。", "All of order {order} was given back."),
    "cancel": ("订单 {order} 已取消，视同没有下单。", "Order {order} was cancelled and counts as never made."),
    "refund.line": ("{name} {amount}", "{name} {amount}"),
    "refund.nameless": ("第 {name} 行商品", "line {name}"),
    "refund.more": ("等 {count} 项", "and {count} more"),
    "claw.pending": (
        "当时获得的 {points}尚待生效，直接扣回。",
        "Taken back while still pending: the {points} that it had earned.",
    ),
    "claw.available": (
        "当时获得的 {points}从可用积分中扣回。",
        "Taken back from what can be spent: the {points} that it had earned.",
    ),
    "claw.expired": (
        "当时获得的 {points}早已到期清零，这里只更正账目，余额不变。",
        "The {points} that it had earned had expired already; this only puts the books right.",
    ),
    "claw.debt": (
        "当时获得的积分已经用掉，{points}记为待抵扣积分，从以后获得的积分里抵扣。",
        "What it had earned is spent already, so {points} must be repaid from the next ones earned.",
    ),
    "claw.growth": ("当时获得的 {points}成长值随之扣回。", "The {points} growth that it had brought went with it."),
    "repay": ("其中 {points}抵扣了此前的待抵扣积分。", "{points} of them repaid what was owed."),
    "repay.other": (
        "{points}抵扣了合并账户中的待抵扣积分。",
        "{points} repaid what another account of the same person owed.",
    ),
    "redeem": ("兑换用去 {points}。", "Redeemed {points}."),
    "redeem.reward": ("用 {points}兑换“{reward}”。", "{points} for “{reward}”."),
    "hold": (
        "结账时占用 {points}，等待确认或释放。",
        "Holding {points} for a checkout, until it is completed or given up.",
    ),
    "capture": (
        "结账完成，占用的 {points}转为兑换。",
        "The checkout was completed, which spent the {points} held for it.",
    ),
    "release": (
        "结账取消或超时，占用的 {points}退回原批次，有效期不变。",
        "The checkout was given up: {points} went back to where they came from, with their dates.",
    ),
    "restore": (
        "兑换撤销，{points}退回，原有效期不变；已过期的另给 {days} 天。",
        "The redemption was undone: {points} came back with their dates, or for {days} days where those had passed.",
    ),
    "restore.reward": (
        "“{reward}”已取消或逾期未领，{points}退回，原有效期不变；已过期的另给 {days} 天。",
        "“{reward}” was given up or not collected in time: {points} came back with their dates, or for {days} days "
        "where those had passed.",
    ),
    "grant": ("人工增加 {points}。", "Granted {points} by hand."),
    "deduct": ("人工扣减 {points}。", "Deducted {points} by hand."),
    "taken.from": ("原会员计划（{source}）", "old programme ({source})"),
    "taken.points": (
        "截至 {day}，原会员计划（{source}）有 {points}，转到这里。",
        "On {day} the old programme ({source}) had {points}, which were taken over.",
    ),
    "taken.growth": (
        "截至 {day}，原会员计划（{source}）的成长值为 {points}，转到这里。",
        "On {day} the old programme ({source}) had a growth value of {points}, which was taken over.",
    ),
    "replaced.points": (
        "这 {points}已包含在原会员计划转入的余额里，不重复计算。",
        "The balance of the old programme contains these {points}, so they do not count twice.",
    ),
    "replaced.growth": (
        "这 {points} 成长值已包含在原会员计划转入的成长值里，不重复计算。",
        "The growth value of the old programme contains this {points}, so it does not count twice.",
    ),
    "replaced.debt": (
        "原会员计划转入的余额已经扣除待抵扣的 {points}，这里清零。",
        "The balance of the old programme is net of the {points} that were owed, so nothing is owed any more.",
    ),
    "soonest": (
        "先用最早到期的积分：这一批到 {day} 为止。",
        "What expires soonest goes first: these were good through {day}.",
    ),
    "owed": (
        "余额不够的部分记为待抵扣积分，从以后获得的积分里抵扣。",
        "What was missing is owed and is repaid from the next points earned.",
    ),
    "forgiven": ("相应的待抵扣积分一并免除。", "What was owed for it is owed no more."),
    "reason": ("原因：{note}", "Reason: {note}"),
    "by": ("操作人：{actor}", "By {actor}"),
    "more": ("比原来多 {points}。", "{points} more than before."),
    "less": ("比原来少 {points}。", "{points} less than before."),
    "undone": (
        "更正：带来这条记录的导入已被撤销，差额如数退回。",
        "Correction: the import that told of this was undone, so it is taken back.",
    ),
    "merged": (
        "更正：客户合并或拆分后，全部历史重新计算，这是差额。",
        "Correction: customers were merged or parted and their history rated again; this is the difference.",
    ),
    "late": (
        "更正第 {corrects} 笔：{day} 收到更早发生的订单、退货或取消，历史重新计算，这是差额。",
        "Corrects entry {corrects}: on {day} something came in that had happened earlier. The history was rated again, "
        "and this is the difference.",
    ),
}
UNKNOWN = ("来源记录已不在。", "What it came from is no longer here.")
