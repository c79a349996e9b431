"""The charter and the privacy text that come along: drafts, which a business reads, changes and keeps."""

from collections.abc import Mapping
from typing import Final

from regulars.core.bilingual import Text
from regulars.customers.enrolling.rules import CHARTER, PRIVACY

NAMES: Final[Mapping[str, Text]] = {
    CHARTER: Text("会员章程", "Membership terms"),
    PRIVACY: Text("隐私政策", "Privacy notice"),
}
DRAFTS: Final[Mapping[str, Text]] = {
    CHARTER: Text(
        """【草稿，请商家核对后再使用】
入会免费，每人一个账户，只供本人使用。
积分、印花、等级和优惠券怎么得、怎么用、何时到期，以会员页里“规则”一栏当时所写为准；它们不能换成现金。
退货时，这一单得到的积分会一并收回；已经用掉的，从以后的积分里补上。
规则如果变得对您不利，我们会提前告诉您；已经给您的积分按原来的到期日有效。
用假订单、冒用他人信息等方式得到的积分，我们会收回，并说明原因；您可以来店里申诉。
您随时可以退会，告诉店里的人就行。""",
        "[Draft: the business checks this before using it]\n"
        "Joining is free. One account a person, for that person's own use.\n"
        "How points, stamps, tiers and coupons are earned and used, and when they expire, is what the rules on your "
        "member pages say at the time. They cannot be changed into money.\n"
        "When goods are returned, the points of that order are taken back; points that were spent already are made up "
        "from later ones.\n"
        "We tell you beforehand when rules change to your disadvantage; points that you have keep their day of "
        "expiry.\n"
        "Points gained by false orders or in somebody else's name are taken back, with the reason, and you may object "
        "in the shop.\n"
        "You may leave at any time: tell anybody in the shop.",
    ),
    PRIVACY: Text(
        """【草稿，请商家核对后再使用】
我们记下您的称呼、手机或邮箱、生日（您愿意说的话）和您在本店的消费，用来计算积分、等级和权益，并通知您与此有关的事。
只有您另外同意，我们才给您发优惠信息；随时可以在“我的”里关掉。
这些信息保存在本店自己的系统里，不出售，也不给别家做广告。
您可以随时在“我的”里查看、导出、更正自己的信息；想删除，告诉店里的人就行。
未满 14 岁须由父母或监护人同意。""",
        "[Draft: the business checks this before using it]\n"
        "We keep what you want to be called, your phone or e-mail, your birthday if you tell it, and what you buy from "
        "us, to work out your points, tier and benefits and to tell you about them.\n"
        "Offers come only if you agree to them separately, and you can stop them at any time under “Me”.\n"
        "All of this stays in the shop's own system. It is not sold and not given to others for advertising.\n"
        "You may see, take along and correct what we keep under “Me”; to have it deleted, tell anybody in the shop.\n"
        "Under 14, a parent or guardian has to agree.",
    ),
}
