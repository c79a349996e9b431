"""The table of balances that people download: the columns, two members as an example, and what each column means."""

from regulars.facts.connectors.template import workbook

_ZH = (
    ("会员号", "V00018", "V00019", "会员卡号。会员号、手机号、邮箱填一个就能认出会员"),
    ("手机号", "13912345670", "", "请填完整号码；带 * 的号码认不出会员"),
    ("姓名", "林小满", "王一", "选填"),
    ("生日", "1990-05-20", "", "选填"),
    ("入会日期", "2023-08-01", "", "选填"),
    ("积分", 1200, 50, "整数。同一会员有几批到期日不同的积分，就写成几行"),
    ("积分到期日", "2026-12-31", "", "能用的最后一天。不填就是永久有效；已经过期的不接管"),
    ("成长值", 800, "", "选填，整数。同一会员写几行时，每行写一样的即可"),
    ("成长值日期", "2026-01-15", "", "这些成长值算在哪一天。不填就算在表格那一天"),
    ("等级", "金卡", "", "选填。会员计划里的等级名称或代码"),
    ("等级有效期", "2026-09-30", "", "保留等级的最后一天。不填就保留会员计划的一个周期"),
    ("优惠券", "十元券", "", "选填。“优惠券”里的名称或编号，多张用顿号隔开"),
    ("券码", "A7F3-0192", "", "选填。原来的券码，继续可用。每张券一个，顺序和优惠券一致，用顿号隔开"),
)
_EN = (
    ("Member number", "V00018", "V00019", "A member number, phone or e-mail is enough to know the member"),
    ("Phone", "+447911123456", "", "The whole number; masked numbers name nobody"),
    ("Email", "", "may@example.com", "Optional"),
    ("Full name", "May Linden", "", "Optional"),
    ("Birthday", "1990-05-20", "", "Optional"),
    ("Joined on", "2023-08-01", "", "Optional"),
    ("Points", 1200, 50, "Whole. Points with another last day stand in a row of their own"),
    ("Points expire on", "2026-12-31", "", "The last day on which they can be used; empty: they never expire"),
    ("Growth", 800, "", "Optional, whole. In several rows of one member, the same in each"),
    ("Growth date", "2026-01-15", "", "The day to which the growth belongs; empty: the day of the table"),
    ("Tier", "Gold", "", "Optional. The name or code of a tier of the programme"),
    ("Tier until", "2026-09-30", "", "The last day of the tier; empty: one window of the programme"),
    ("Coupon", "Ten off", "", "Optional. Name or number of a coupon here; several with commas between"),
    (
        "Coupon code",
        "A7F3-0192",
        "",
        "Optional. The old code, which stays good; one for each coupon, in the same order",
    ),
)


def balance_template(language: str) -> bytes:
    """The template as an .xlsx, in Chinese ('zh…') or English."""
    zh = language.startswith("zh")
    return workbook(_ZH if zh else _EN, title="会员余额" if zh else "Balances", zh=zh)
