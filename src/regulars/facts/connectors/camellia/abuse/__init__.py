"""The café with people in it who cheat, in eight ways, among honest ones who look odd: for measuring risk control.

Written before any rule was. Everything here is drawn from the café's seed, so a fresh seed is a fresh café; the sample
café itself knows nothing of it. Whoever cheats means to cash in at a moment that is written down with them, so that it
can be counted who was found before.
"""

from regulars.facts.connectors.camellia.abuse.cafe import RiskyCafe
from regulars.facts.connectors.camellia.abuse.people import KINDS, Act, ActKind, Cheat

__all__ = ["KINDS", "Act", "ActKind", "Cheat", "RiskyCafe"]
