"""Why two customers may be one person, in words."""

from typing import Final

from regulars.core.bilingual import Text

EVIDENCE: Final[dict[str, Text]] = {
    "name_birthday": Text("姓名和生日都相同", "Same name and same birthday"),
    "name_ending": Text("姓名相同，手机尾号也相同", "Same name, and phones that end alike"),
    "order:1": Text("同一订单同时写了两位，依据是会员号", "One order named both, by a member number"),
    "order:2": Text("同一订单同时写了两位，依据是微信账号", "One order named both, by a WeChat account"),
    "order:3": Text("同一订单同时写了两位，依据是微信账号", "One order named both, by a WeChat account"),
    "order:4": Text("同一订单同时写了两位，依据是企业微信联系人", "One order named both, by a WeCom contact"),
    "order:5": Text("同一订单同时写了两位，依据是客户编号", "One order named both, by a customer number"),
    "order:6": Text("同一订单同时写了两位，依据是手机号", "One order named both, by a phone"),
    "order:7": Text("同一订单同时写了两位，依据是邮箱", "One order named both, by an e-mail"),
}


def evidence_said(code: str) -> Text:
    """One piece of evidence in words; a code that nobody knows stands for itself."""
    return EVIDENCE.get(code, Text(code, code))
