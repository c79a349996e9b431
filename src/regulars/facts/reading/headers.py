"""What order files call their columns, in Chinese and English, best name first."""

from enum import StrEnum


class Field(StrEnum):
    """What a column of an order file may hold."""

    ORDER_NUMBER = "order_number"
    LINE_NUMBER = "line_number"
    ORIGINAL_ORDER = "original_order"
    OCCURRED_AT = "occurred_at"
    TIME_OF_DAY = "time_of_day"
    STATUS = "status"
    MEMBER_NUMBER = "member_number"
    CUSTOMER_ID = "customer_id"
    UNIONID = "unionid"
    PHONE = "phone"
    EMAIL = "email"
    NAME = "name"
    BIRTHDAY = "birthday"
    PAID = "paid"
    TOTAL = "total"
    FREIGHT = "freight"
    VOUCHERS = "vouchers"
    STORED_VALUE = "stored_value"
    DISCOUNT = "discount"
    REFUND_AMOUNT = "refund_amount"
    REFUNDED_AT = "refunded_at"
    QUANTITY = "quantity"
    PRICE = "price"
    LINE_AMOUNT = "line_amount"
    PRODUCT_ID = "product_id"
    PRODUCT_NAME = "product_name"
    CATEGORY = "category"
    BRAND = "brand"
    STORE = "store"
    CHANNEL = "channel"


class Look(StrEnum):
    """What the values of a column look like; a name is believed less when its values do not fit."""

    KEY = "key"
    MOMENT = "moment"
    CLOCK = "clock"
    AMOUNT = "amount"
    PHONE = "phone"
    EMAIL = "email"
    WORDS = "words"


LOOKS: dict[Field, Look] = {
    Field.ORDER_NUMBER: Look.KEY,
    Field.LINE_NUMBER: Look.KEY,
    Field.ORIGINAL_ORDER: Look.KEY,
    Field.OCCURRED_AT: Look.MOMENT,
    Field.TIME_OF_DAY: Look.CLOCK,
    Field.STATUS: Look.WORDS,
    Field.MEMBER_NUMBER: Look.KEY,
    Field.CUSTOMER_ID: Look.KEY,
    Field.UNIONID: Look.KEY,
    Field.PHONE: Look.PHONE,
    Field.EMAIL: Look.EMAIL,
    Field.NAME: Look.WORDS,
    Field.BIRTHDAY: Look.MOMENT,
    Field.REFUNDED_AT: Look.MOMENT,
    Field.PRODUCT_ID: Look.KEY,
    Field.PRODUCT_NAME: Look.WORDS,
    Field.CATEGORY: Look.WORDS,
    Field.BRAND: Look.WORDS,
    Field.STORE: Look.KEY,
    Field.CHANNEL: Look.WORDS,
}
"""Fields that are not listed are amounts."""

# Best name first: 实付 is what was paid, so it goes before 应付 and 总额. Names are compared without case, spaces,
# marks and units: "Invoice No." is invoiceno, 实付金额(元) is 实付金额. What was paid is already less a discount, while
# vouchers and stored value are ways of paying. 折扣 alone is left out: it mostly holds rates (8.5折).
NAMES: dict[Field, str] = {
    Field.ORDER_NUMBER: """
        订单号 订单编号 订单id 订单序号 主订单编号 主订单号 交易单号 交易号 单号 单据号 单据编号 销售单号 小票号
        小票单号 流水号 交易流水号 商户订单号 平台订单号 原始单号 订单 orderno ordernumber orderid ordernum
        order invoiceno invoicenumber invoiceid invoice receiptno receiptnumber receiptid receipt transactionid
        transactionno transactionnumber basketid salesorder saleid checknumber
    """,
    Field.LINE_NUMBER: """
        子订单号 子订单编号 子单号 明细编号 明细号 行号 订单行号 订单明细号 lineid lineno linenumber lineitemid
        orderlineid itemno orderitemid
    """,
    Field.ORIGINAL_ORDER: """
        原订单号 原订单编号 原单号 原单据号 原销售单号 退货原单号 关联订单号 关联订单 关联单号 originalorder
        originalorderid originalorderno originalordernumber originalinvoice originalinvoiceno refundedorder
        relatedorder parentorder
    """,
    Field.OCCURRED_AT: """
        下单时间 付款时间 支付时间 订单付款时间 订单创建时间 创建时间 成交时间 交易时间 订单时间 消费时间
        销售时间 购买时间 结账时间 开单时间 拍下时间 下单日期 订单日期 付款日期 支付日期 交易日期 消费日期
        销售日期 购买日期 成交日期 开单日期 单据日期 业务日期 时间 日期 orderedat orderdate ordertime
        orderdatetime orderat createdat paidat invoicedate invoicetime invoicedatetime transactiontimestamp
        transactiondate transactiontime transactiondatetime purchasedate purchasetime purchasedat saledate
        saletime saledatetime datetime timestamp occurredat orderpurchasetimestamp created completedat date time
        day
    """,
    Field.TIME_OF_DAY: """
        时间 下单时间 交易时间 消费时间 销售时间 时刻 时分 time ordertime saletime transactiontime invoicetime
        timeofday
    """,
    Field.STATUS: """
        订单状态 交易状态 状态 付款状态 支付状态 售后状态 退款状态 orderstatus status financialstatus
        paymentstatus state orderstate
    """,
    Field.MEMBER_NUMBER: """
        会员号 会员卡号 会员编号 会员id 会员编码 会员代码 会员 卡号 vip卡号 vip号 membernumber memberno memberid
        membershipno membershipnumber membershipid membercard member loyaltyid loyaltynumber loyaltycard
        cardnumber cardno vipno
    """,
    Field.CUSTOMER_ID: """
        客户编号 客户id 客户号 客户编码 客户代码 顾客编号 顾客id 用户id 用户编号 用户号 买家id 买家会员名
        买家账号 买家昵称 买家旺旺号 会员名 用户名 openid customerid customerno customernumber customercode
        custid custno userid userno householdid buyerid buyerusername clientid clientno accountid accountno
        shopperid customeruniqueid externalid
    """,
    Field.UNIONID: "unionid 微信unionid 开放平台id",
    Field.PHONE: """
        手机 手机号 手机号码 会员手机 会员手机号 买家手机 客户手机 客户手机号 顾客手机号 用户手机号 注册手机号
        联系手机 联系电话 电话 电话号码 联系方式 收货人手机 收货人手机号 收货人手机号码 收件人手机 收件人手机号
        收货人电话 收件人电话 phone phonenumber phoneno mobile mobileno mobilenumber mobilephone cellphone cell
        tel telephone contactnumber contactphone customerphone billingphone shippingphone
    """,
    Field.EMAIL: """
        邮箱 电子邮箱 邮箱地址 电子邮件 邮件 客户邮箱 会员邮箱 email emailaddress mail customeremail
        billingemail contactemail
    """,
    Field.NAME: """
        姓名 会员姓名 客户姓名 顾客姓名 用户姓名 买家姓名 会员名称 客户名称 顾客 客户 昵称 收货人 收货人姓名
        收件人 收件人姓名 买家 customername customer fullname membername clientname buyername buyer billingname
        shippingname name username
    """,
    Field.BIRTHDAY: "生日 出生日期 会员生日 出生年月日 birthday birthdate dateofbirth dob",
    Field.PAID: """
        实付 实付金额 实付款 实付款金额 买家实付金额 买家实际支付金额 买家实付款 实际支付金额 实际付款 实收
        实收金额 实收款 实际收款 支付金额 付款金额 已付金额 成交金额 消费金额 销售金额 交易金额 paid amountpaid
        paidamount paidtotal totalpaid paymentamount nettotal netamount netsales grandtotal ordertotal
        totalamount orderamount totalprice revenue total sales salesvalue amount 订单金额 订单总额 订单总金额
        总金额 总额 合计 应付 应付金额 应收 应收金额 金额
    """,
    Field.TOTAL: """
        应付 应付金额 应收 应收金额 订单总额 订单总金额 订单金额 总金额 总额 合计 合计金额 商品总价 商品总额
        原价合计 原价 subtotal total ordertotal grosstotal grossamount listtotal listamount totalamount
    """,
    Field.FREIGHT: """
        运费 邮费 快递费 配送费 物流费 运费金额 买家应付邮费 freight shipping shippingfee shippingcost
        shippingamount delivery deliveryfee
    """,
    Field.VOUCHERS: "代金券 代金券金额 礼券 礼品卡 礼品卡支付 vouchers voucher voucheramount giftcard giftcardamount",
    Field.STORED_VALUE: """
        储值 储值支付 储值抵扣 储值金额 储值消费 余额支付 余额抵扣 预存款支付 会员卡支付 storedvalue
        storedvalueamount balancepaid walletamount storecredit
    """,
    Field.DISCOUNT: """
        优惠金额 优惠 优惠总额 优惠总金额 优惠合计 折扣金额 折扣额 满减金额 立减金额 discountamount totaldiscount
        discounttotal totaldiscounts discounts discount discountvalue
    """,
    Field.REFUND_AMOUNT: """
        退款金额 已退金额 退款总额 退货金额 实退金额 退款 refundamount refundedamount amountrefunded refundtotal
        refund refunded
    """,
    Field.REFUNDED_AT: """
        退款时间 退款完成时间 退货时间 退款日期 退货日期 refundedat refunddate refundtime returndate returnedat
    """,
    Field.QUANTITY: """
        数量 购买数量 商品数量 销售数量 件数 宝贝数量 宝贝总数量 商品件数 qty quantity quantityordered units
        count pieces itemquantity lineitemquantity orderquantity
    """,
    Field.PRICE: """
        单价 商品单价 售价 成交单价 销售单价 实际单价 价格 商品价格 商品售价 unitprice price itemprice priceeach
        lineitemprice sellingprice saleprice
    """,
    Field.LINE_AMOUNT: """
        商品实付 商品实付金额 商品金额 小计 行金额 明细金额 商品小计 行小计 小计金额 单品金额 linetotal
        lineamount linesubtotal itemtotal itemamount extendedprice salesvalue lineprice subtotal
    """,
    Field.PRODUCT_ID: """
        商品编码 商品编号 商品id 商品货号 货号 商品条码 条码 商家编码 商品代码 规格编码 款号 sku编码 sku编号
        skuid sku stockcode productid productcode productno itemid itemcode articleno barcode upc ean asin
        lineitemsku materialno
    """,
    Field.PRODUCT_NAME: """
        商品名称 商品名 商品标题 商品 宝贝标题 宝贝名称 品名 货品名称 产品名称 产品 菜品名称 菜品 项目名称
        productname product producttitle description itemname item itemdescription lineitemname title
    """,
    Field.CATEGORY: """
        商品分类 商品类目 商品类别 品类 类目 类别 分类 一级分类 category productcategory categoryname
        itemcategory department producttype
    """,
    Field.BRAND: "品牌 商品品牌 品牌名称 brand brandname vendor manufacturer",
    Field.STORE: """
        门店 门店名称 门店编号 门店编码 店铺 店铺名称 店铺编号 店名 分店 网点 所属门店 消费门店 下单门店 store
        storename storeid storecode shop shopname shopid branch branchname outlet location storenumber
    """,
    Field.CHANNEL: """
        渠道 订单渠道 销售渠道 订单来源 来源渠道 来源 平台 销售平台 channel saleschannel orderchannel platform
        ordersource
    """,
}

# Names with one of these in them, unless they are known whole, are about something that facts do not keep.
FOREIGN = (
    "优惠",
    "折扣",
    "抵扣",
    "满减",
    "积分",
    "税",
    "成本",
    "利润",
    "discount",
    "coupon",
    "points",
    "tax",
    "cost",
    "margin",
    "firstname",
    "lastname",
    "surname",
)

# Ends of names that settle what kind of column it is, whatever stands before: 退款时间 is no amount.
ENDINGS: dict[str, tuple[Look, ...]] = {
    "时间": (Look.MOMENT, Look.CLOCK),
    "日期": (Look.MOMENT,),
    "time": (Look.MOMENT, Look.CLOCK),
    "date": (Look.MOMENT,),
    "金额": (Look.AMOUNT,),
    "费": (Look.AMOUNT,),
    "价": (Look.AMOUNT,),
    "数量": (Look.AMOUNT,),
    "amount": (Look.AMOUNT,),
    "price": (Look.AMOUNT,),
    "名称": (Look.WORDS, Look.KEY),
    "手机号": (Look.PHONE,),
    "状态": (Look.WORDS,),
    "status": (Look.WORDS,),
    "方式": (),
    "method": (),
    "备注": (),
    "留言": (),
    "说明": (),
    "原因": (),
    "地址": (),
    "address": (),
    "notes": (),
    "note": (),
    "remark": (),
    "reason": (),
    "类型": (),
    "比例": (),
    "率": (),
    "rate": (),
}
