"""What files of members' balances call their columns, in Chinese and English, without spaces, marks or capitals."""

from typing import Final

MEMBER: Final = (
    "membernumber", "memberno", "memberid", "cardnumber", "cardno", "loyaltynumber", "loyaltyid", "会员号", "会员编号",
    "会员卡号", "卡号", "会员id", "会员码",
)  # fmt: skip
CUSTOMER: Final = (
    "customerid",
    "customer",
    "customernumber",
    "userid",
    "id",
    "客户编号",
    "客户号",
    "顾客编号",
    "用户编号",
    "用户id",
)
PHONE: Final = (
    "phone",
    "phonenumber",
    "mobile",
    "mobilephone",
    "手机",
    "手机号",
    "手机号码",
    "会员手机",
    "会员手机号",
    "电话",
)
EMAIL: Final = ("email", "emailaddress", "邮箱", "电子邮箱", "电子邮件")
NAME: Final = ("name", "fullname", "membername", "customername", "姓名", "会员姓名", "客户姓名", "会员名称", "昵称")
BIRTHDAY: Final = ("birthday", "dateofbirth", "birthdate", "生日", "出生日期", "会员生日")
JOINED: Final = (
    "joined",
    "joinedon",
    "joindate",
    "membersince",
    "入会日期",
    "入会时间",
    "注册日期",
    "注册时间",
    "开卡日期",
)
POINTS: Final = (
    "points", "pointsbalance", "availablepoints", "pointbalance", "currentpoints", "积分", "可用积分",
    "积分余额", "当前积分", "剩余积分", "积分数", "现有积分",
)  # fmt: skip
POINTS_END: Final = (
    "pointsexpireon", "pointsexpiry", "pointsexpirydate", "expireson", "expirydate", "expiry", "expirationdate",
    "validuntil", "积分到期日", "积分到期日期", "积分到期时间", "积分有效期", "积分有效期至",
    "积分失效日期", "到期日", "到期日期", "有效期至",
)  # fmt: skip
GROWTH: Final = (
    "growth",
    "growthvalue",
    "tierpoints",
    "statuspoints",
    "qualifyingpoints",
    "成长值",
    "当前成长值",
    "会员成长值",
    "经验值",
)
GROWTH_DAY: Final = (
    "growthdate",
    "growthearnedon",
    "growthday",
    "成长值日期",
    "成长值获得日",
    "成长值获得日期",
    "成长值获得时间",
)
TIER: Final = (
    "tier",
    "level",
    "membertier",
    "memberlevel",
    "grade",
    "等级",
    "会员等级",
    "会员级别",
    "级别",
    "当前等级",
)
TIER_END: Final = (
    "tieruntil", "tierexpiry", "tierexpireson", "tiervaliduntil", "leveluntil", "等级有效期", "等级有效期至",
    "等级到期日", "等级到期日期", "会员等级有效期", "保级到期日",
)  # fmt: skip
COUPON: Final = (
    "coupon",
    "coupons",
    "couponoffer",
    "offer",
    "voucher",
    "vouchers",
    "优惠券",
    "持有优惠券",
    "券",
    "卡券",
    "优惠券名称",
)
COUPON_CODE: Final = (
    "couponcode", "couponcodes", "vouchercode", "vouchercodes", "券码", "优惠券码", "优惠码", "优惠券编码", "卡券码",
)  # fmt: skip
ALWAYS: Final = frozenset(
    {"永久", "永久有效", "长期", "长期有效", "不过期", "永不过期", "never", "no expiry", "forever", "unlimited"}
)
"""What says that points never expire, besides an empty cell and a year from 2099 on."""
