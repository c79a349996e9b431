"""What the value models say about themselves, to somebody who keeps a shop. Purchases of one day count as one."""

from regulars.insight.compute.cards import Text

NO_ORDERS = Text(
    "还没有订单，算不出客户价值。有了订单，这里就会有数。",
    "There are no orders yet, so there is no value to tell. It comes with the first orders.",
)
NO_REPEATS = Text(
    "{customers:,} 位客户都还只来买过一天，谁会再来，数据里还看不出。等有了回头客，模型才能学。",
    "Nobody has come back to buy on a second day yet (customers so far: {customers:,}), so nothing shows who will. "
    "A model can learn once some do.",
)
TOO_FEW_CUSTOMERS = Text(
    "可供学习的客户只有 {customers:,} 位，模型至少要 {needed:,} 位才靠得住。",
    "Customers to learn from so far: {customers:,}. A model needs {needed:,} to be trusted.",
)
TOO_FEW_REPEATERS = Text(
    "可供学习的回头客只有 {repeaters:,} 位，模型至少要 {needed:,} 位才靠得住。",
    "Returning customers to learn from so far: {repeaters:,}. A model needs {needed:,} to be trusted.",
)
TOO_SHORT = Text(
    "订单记录只有 {days:,} 天；满 {needed:,} 天，才能留出最近一段来检验模型。",
    "Days on record so far: {days:,}. From {needed:,} on, the newest can be held back to test a model.",
)
ALIKE = Text(
    "客户的购买太相像，这些数据定不下这个模型，算出来的数不可信，所以不用。",
    "Customers buy too much alike for the data to settle this model. Its numbers could not be trusted, so it "
    "does not serve.",
)
NOBODY_LEAVES = Text(
    "这些数据里看不出有谁已经离开：许多人隔很久还会回来。这个模型要靠分清走和留，所以不用。",
    "Nothing in the data shows that anybody has left: many come back after a long silence. This model lives by "
    "telling who has left from who stays, so it does not serve.",
)
UNSETTLED = Text(
    "这些数据定不下这个模型：换上很不一样的参数，结果也差不多。算出来的数不可信，所以不用。",
    "The data do not settle this model: quite different parameters fit them as well. Its numbers could not be "
    "trusted, so it does not serve.",
)
LOSES = Text(
    "留出最近 {days:,} 天来检验：实际来买 {actual:,} 次，模型估 {predicted:,} 次，简单规则估 {baseline:,} 次。"
    "逐位客户来看，模型不如规则准，所以不用。",
    "Tested on the newest {days:,} days, held back: {actual:,} purchases came, the model foresaw {predicted:,}, "
    "the simple rule {baseline:,}. Customer by customer the rule was closer, so the model does not serve.",
)
OTHER_CLOSER = Text(
    "留出最近 {days:,} 天来检验：实际来买 {actual:,} 次，这个模型估 {predicted:,} 次。逐位客户来看，"
    "另一个模型更准，所以用那个。",
    "Tested on the newest {days:,} days, held back: {actual:,} purchases came and this model foresaw "
    "{predicted:,}. Customer by customer the other model was closer, so that one serves.",
)
SERVES = Text(
    "留出最近 {days:,} 天来检验：实际来买 {actual:,} 次，模型估 {predicted:,} 次，简单规则估 {baseline:,} 次。"
    "逐位客户来看，它最准，所以用它。",
    "Tested on the newest {days:,} days, held back: {actual:,} purchases came, the model foresaw {predicted:,}, "
    "the simple rule {baseline:,}. Customer by customer this model was the closest, so it serves.",
)
RULE_SERVES = Text(
    "现在没有模型靠得住，所以用一条简单规则：每位客户照自己的节奏买下去，来得少的向全店的平均靠拢。"
    "它不判断谁已经离开。",
    "No model can be trusted now, so a simple rule serves: each customer goes on at their own pace, those seen "
    "little closer to the shop's average. It does not judge who has left.",
)
BASELINE = Text(
    "模型更准。这条简单规则（照自己的节奏买下去）只作对照。",
    "A model is closer. This simple rule (everybody goes on at their own pace) is only what it is compared with.",
)
TOO_FEW_SPENDERS = Text(
    "再次购买并付了钱的客户只有 {repeaters:,} 位，至少要 {needed:,} 位，才能学出每次花多少。",
    "There are {repeaters:,} customers who came back and paid; {needed:,} are needed to learn what a purchase is "
    "worth.",
)
SPENDING_DEGENERATE = Text(
    "每次花的钱太相像，或者相差太悬殊，这些数据定不下这个模型，所以不用。",
    "What purchases cost is too much alike, or too far apart, for the data to settle this model, so it does not serve.",
)
SPENDING_LOSES = Text(
    "在留出的最近 {days:,} 天里，模型估的每次消费不如简单规则准，所以不用。",
    "On the newest {days:,} days, held back, the simple rule was closer to what purchases cost, so the model "
    "does not serve.",
)
SPENDING_SERVES = Text(
    "从 {repeaters:,} 位回头客学到每次花多少。来得多的和来得少的，每次花的差不多（相关系数 {correlation:.2f}），"
    "符合模型的前提。",
    "Learned from {repeaters:,} customers who came back. Those who come often spend about as much each time as "
    "those who do not (correlation {correlation:.2f}), as the model takes for granted.",
)
SPENDING_RELATED = Text(
    "从 {repeaters:,} 位回头客学到每次花多少。不过来得多和花得多有关联（相关系数 {correlation:.2f}），"
    "模型的前提不完全成立，金额请只当大概。",
    "Learned from {repeaters:,} customers who came back. How often they come and how much they spend go "
    "together, though (correlation {correlation:.2f}), which the model takes not to be so: read the amounts as "
    "rough.",
)
AVERAGE_SERVES = Text(
    "每次消费按简单规则估：客户自己的平均，来得少的向全店的平均靠拢。",
    "What a purchase is worth follows a simple rule: the customer's own average, closer to the shop's for those "
    "seen little.",
)
AVERAGE_BASELINE = Text(
    "模型可用。这条简单规则（自己的平均，向全店靠拢）只作对照。",
    "The model serves. This simple rule (the own average, drawn to the shop's) is only what it is compared with.",
)
