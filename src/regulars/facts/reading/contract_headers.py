"""What files of contracts call their columns, in Chinese and English, without spaces, marks or capitals."""

import re
from typing import Final

_MARKS = re.compile(r"[\s_\-.()（）]")


def plain(name: str) -> str:
    """A header as the lists below write it."""
    return _MARKS.sub("", name).lower()


CUSTOMER: Final = (
    "customerid", "customer", "clientnum", "clientid", "accountid", "userid", "id", "客户编号", "客户号", "会员号",
    "用户编号",
)  # fmt: skip
CONTRACT: Final = (
    "contractid", "contractnumber", "contractno", "subscriptionid", "accountnumber", "policynumber", "合同号",
    "合同编号", "订阅号", "账号", "账户号", "保单号",
)  # fmt: skip
STARTED: Final = (
    "startdate", "startedon", "contractstart", "signupdate", "opendate", "openedon", "开始日期", "起始日期", "签约日期",
    "开户日期", "生效日期", "订阅日期",
)  # fmt: skip
ENDS_ON: Final = (
    "endson", "expiresat", "expireson", "expirydate", "renewaldate", "renewson", "contractend", "termend", "到期日",
    "到期日期", "合同到期", "续费日期", "截止日期",
)  # fmt: skip
ENDED: Final = (
    "churn", "churned", "ended", "exited", "attrited", "cancelled", "enddate", "endedon", "cancelledon", "closedon",
    "是否流失", "流失", "到期未续", "结束日期", "销户日期", "退订日期",
)  # fmt: skip
PHONE: Final = ("phone", "phonenumber", "mobile", "mobilephone", "手机", "手机号", "手机号码", "电话")
EMAIL: Final = ("email", "emailaddress", "邮箱", "电子邮箱")
NAME: Final = ("name", "fullname", "customername", "surname", "lastname", "姓名", "客户姓名")
IGNORED: Final = (
    "rownumber", *NAME, *PHONE, *EMAIL, "churnreason", "churnscore", "churncategory", "churnlabel", "churnvalue",
    "customerstatus", "流失原因", "身份证", "身份证号", "地址",
)  # fmt: skip
"""Who somebody is, and what is known only after the end."""
YES: Final = frozenset(
    {"yes", "y", "true", "1", "churned", "attrited customer", "exited", "ended", "是", "已流失", "流失"}
)
NO: Final = frozenset(
    {"no", "n", "false", "0", "existing customer", "stayed", "active", "running", "否", "在网", "正常"}
)
