"""山茶咖啡 Camellia Coffee: a café that does not exist, with a truth that is known, for the second demo and for tests.

Three stores, 1,200 members, 18 months. Everybody's rhythm, who left and why, who cheats, and what a past win-back did
are drawn with a fixed seed, from `random()` alone, so that every Python draws the same. The days end last week, and the
seasons are those of the days themselves.
"""

from regulars.facts.connectors.camellia.connector import CURRENCY, ZONE, Camellia
from regulars.facts.connectors.camellia.people import Member
from regulars.facts.connectors.camellia.truth import Truth

__all__ = ["CURRENCY", "ZONE", "Camellia", "Member", "Truth"]
