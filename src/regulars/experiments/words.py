"""What verdicts say, in Chinese and in English. Places that end in `_minor` are money, in `_share` from 0 to 1."""

from regulars.core.bilingual import Text

EARNED = Text(
    "这次赚了：发给 {treated} 位，多带来 {incremental_minor}，扣掉券和消息的成本，"
    "净增约 {net_minor}（95% 区间 {low_minor} 至 {high_minor}）。",
    "It earned: sent to {treated} customers, it brought {incremental_minor} more; less coupons and messages, about "
    "{net_minor} remain (95 % interval {low_minor} to {high_minor}).",
)
LOST = Text(
    "这次亏了：发给 {treated} 位，扣掉券和消息的成本，净增约 {net_minor}（95% 区间 {low_minor} 至 {high_minor}），"
    "都在零以下。",
    "It lost: sent to {treated} customers and less coupons and messages, it comes to about {net_minor} (95 % interval "
    "{low_minor} to {high_minor}), all of it below nought.",
)
CANNOT_TELL = Text(
    "还看不出来：净增可能在 {low_minor} 到 {high_minor} 之间，赚和亏都有可能。"
    "人均差到 {smallest_minor} 以上，这样的规模才看得出。",
    "Cannot tell yet: what remains may lie between {low_minor} and {high_minor}: it may have earned or lost. At this "
    "size a difference of {smallest_minor} per customer would show.",
)
CANNOT_TELL_NEEDS = Text(
    "还看不出来：净增可能在 {low_minor} 到 {high_minor} 之间，赚和亏都有可能。"
    "人均差到 {smallest_minor} 以上，这样的规模才看得出；如果真实差别就像现在这么大，"
    "总共要约 {needed} 位，相当于这样的活动做 {times} 次。",
    "Cannot tell yet: what remains may lie between {low_minor} and {high_minor}: it may have earned or lost. At this "
    "size a difference of {smallest_minor} per customer would show; if the true one is as large as it looks now, it "
    "takes about {needed} customers, that is {times} campaigns like this one.",
)
TOO_FEW = Text(
    "人太少，说不准：留出的只有 {held_out} 位，来买的更少，看不出是券的作用还是碰巧。"
    "这很正常，多做几次，合起来就看得出。",
    "Too few to tell: of {held_out} held out hardly anybody buys, so the coupon and chance look alike. That is how it "
    "is with few customers; several campaigns together will tell.",
)
RUNNING = Text(
    "还在进行：到 {ends} 才算完。现在的数字只供参考，天天看、一好看就下结论，最容易看走眼。",
    "Still running until {ends}. Figures may turn: whoever looks every day and stops at the first good one is easily "
    "misled.",
)
UNEVEN = Text(
    "分组人数不对，效果不能算数。先查清原因。",
    "The arms do not have the sizes that were set, so the effect does not count. Find out why first.",
)
NO_HOLD_OUT = Text(
    "这次没有留出顾客，所以分不清：来买的人，是因为券，还是本来就会来。",
    "Nobody was held out, so it cannot be told who came because of the coupon and who would have come anyway.",
)
NOBODY = Text("还没有人收到这次活动。", "Nobody has been sent this campaign yet.")
CUPED_HELPS = Text(
    "用顾客之前的消费做了校正，偶然波动（方差）去掉了 {less_share}。",
    "What customers spent before was used to take out {less_share} of the noise (variance).",
)
OUR_OWN_TEST = Text(
    "检验我们自己的统计：谁也没发，只把顾客随机分成两组比了 {splits} 次，"
    "其中 {called} 次（{called_share}）误以为有差别；应当在 5% 左右。",
    "A test of our own statistics: nobody was sent anything; customers were split by lot {splits} times, and "
    "{called} times ({called_share}) a difference was seen that is not there. It should be about 5 %.",
)
