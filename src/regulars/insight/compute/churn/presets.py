"""What tables of contracts usually hold, by trade: how columns are called, and what to call them to the reader."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from regulars.facts.reading.contract_headers import CUSTOMER, ENDED, IGNORED, plain
from regulars.insight.compute.cards import Text


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column that is often there.

    Attributes:
        names: As headers write it, without spaces, underscores or capitals.
        unit: 'days', 'minor', 'share' or '' for a plain number or a word.
    """

    label: Text
    names: tuple[str, ...]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Preset:
    """A trade that has contracts.

    Attributes:
        customer, ended: Headers of the customer's number, and of the flag or date that tells that the contract ended.
        ignored: Headers that tell nothing before the end, or are known only after it.
    """

    label: Text
    customer: tuple[str, ...]
    ended: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    attributes: dict[str, Attribute] = field(default_factory=dict)

    def known(self, columns: Iterable[str]) -> dict[str, Attribute]:
        """What it knows of these columns, by their own names."""
        names = {name: one for one in self.attributes.values() for name in one.names}
        return {column: names[plain(column)] for column in columns if plain(column) in names}


SUBSCRIPTION = Preset(
    Text("订阅与套餐", "Subscriptions"), CUSTOMER, ENDED, IGNORED,
    {
        "tenure": Attribute(
            Text("已订月数", "Months subscribed"), ("tenure", "tenuremonths", "months", "在网月数", "已订月数")
        ),
        "monthly": Attribute(
            Text("每月费用", "Monthly charge"), ("monthlycharges", "monthlycharge", "monthlyfee", "price", "月费")
        ),
        "total": Attribute(Text("累计费用", "Charges so far"), ("totalcharges", "totalcharge", "累计费用")),
        "contract": Attribute(
            Text("合同期", "Contract"), ("contract", "plan", "billingcycle", "合同", "合同期", "套餐")
        ),
        "payment": Attribute(Text("付款方式", "Payment"), ("paymentmethod", "payment", "付款方式", "支付方式")),
        "paperless": Attribute(Text("电子账单", "Paperless bill"), ("paperlessbilling", "电子账单")),
        "gender": Attribute(Text("性别", "Gender"), ("gender", "性别")),
        "senior": Attribute(Text("老年客户", "Senior"), ("seniorcitizen", "老年")),
        "partner": Attribute(Text("有伴侣", "Partner"), ("partner", "伴侣")),
        "dependents": Attribute(Text("有家人", "Dependents"), ("dependents", "家属")),
        "phone": Attribute(Text("电话服务", "Phone service"), ("phoneservice",)),
        "lines": Attribute(Text("多条线路", "Several lines"), ("multiplelines",)),
        "internet": Attribute(Text("宽带", "Internet"), ("internetservice", "宽带")),
        "security": Attribute(Text("网络安全服务", "Online security"), ("onlinesecurity",)),
        "backup": Attribute(Text("云备份", "Online backup"), ("onlinebackup",)),
        "protection": Attribute(Text("设备保障", "Device protection"), ("deviceprotection",)),
        "support": Attribute(Text("技术支持", "Tech support"), ("techsupport",)),
        "tv": Attribute(Text("流媒体电视", "Streaming TV"), ("streamingtv",)),
        "films": Attribute(Text("流媒体电影", "Streaming films"), ("streamingmovies",)),
        "logins": Attribute(Text("近 30 天登录次数", "Log-ins in 30 days"), ("logins30", "logins", "登录次数")),
        "complaints": Attribute(Text("投诉次数", "Complaints"), ("complaints", "tickets", "投诉次数")),
        "renewal": Attribute(Text("自动续费", "Renews by itself"), ("autorenew", "autorenewal", "自动续费")),
    },
)  # fmt: skip
BANK = Preset(
    Text("银行", "Banks"), CUSTOMER, ENDED, IGNORED,
    {
        "tenure": Attribute(Text("开户年数", "Years with the bank"), ("tenure", "tenureyears", "开户年数")),
        "months": Attribute(Text("在册月数", "Months on book"), ("monthsonbook", "在册月数")),
        "age": Attribute(Text("年龄", "Age"), ("age", "customerage", "年龄")),
        "gender": Attribute(Text("性别", "Gender"), ("gender", "性别")),
        "place": Attribute(Text("地区", "Region"), ("geography", "region", "country", "地区")),
        "credit": Attribute(Text("信用分", "Credit score"), ("creditscore", "信用分")),
        "balance": Attribute(Text("余额", "Balance"), ("balance", "余额")),
        "income": Attribute(
            Text("估计收入", "Estimated income"), ("estimatedsalary", "income", "incomecategory", "估计收入")
        ),
        "products": Attribute(
            Text("产品数", "Products"), ("numofproducts", "products", "totalrelationshipcount", "产品数")
        ),
        "card": Attribute(Text("有信用卡", "Credit card"), ("hascrcard", "creditcard", "有信用卡")),
        "cardkind": Attribute(Text("卡种", "Card"), ("cardcategory", "卡种")),
        "active": Attribute(Text("常用客户", "Active member"), ("isactivemember", "active", "常用客户")),
        "idle": Attribute(Text("近一年不活跃月数", "Idle months in a year"), ("monthsinactive12mon", "不活跃月数")),
        "contacts": Attribute(Text("近一年联系次数", "Contacts in a year"), ("contactscount12mon", "联系次数")),
        "limit": Attribute(Text("信用额度", "Credit limit"), ("creditlimit", "信用额度")),
        "use": Attribute(Text("额度使用率", "Use of the limit"), ("avgutilizationratio", "额度使用率"), "share"),
        "transactions": Attribute(
            Text("近一年交易笔数", "Transactions in a year"), ("totaltransct", "transactions", "交易笔数")
        ),
        "amount": Attribute(Text("近一年交易额", "Amount in a year"), ("totaltransamt", "交易额")),
    },
)  # fmt: skip
PRESETS = {"subscription": SUBSCRIPTION, "bank": BANK}


def fitting(columns: Iterable[str]) -> Preset:
    """The trade that knows most of these columns; the first of them where several know as many."""
    names = list(columns)
    return max(PRESETS.values(), key=lambda preset: len(preset.known(names)))
