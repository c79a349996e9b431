"""What a sign says, as a sentence in both languages."""

from regulars.core.bilingual import Text
from regulars.loyalty.risk.detection import RISK_RULES
from regulars.loyalty.risk.rules import Sign


def name_of(rule: str) -> Text:
    """What a rule is called; one that is gone by its code."""
    known = RISK_RULES.get(rule)
    return known.name if known else Text(rule, rule)


def sign_said(sign: Sign) -> Text:
    """The sentence of a sign, with its figures."""
    known = RISK_RULES.get(sign.rule)
    if known is None:
        return name_of(sign.rule)
    return Text(*(words.format(**sign.figures) for words in known.says))
