"""How far a decision about a case reaches: the points that its evidence earned, and what can be taken of them."""

from dataclasses import dataclass
from datetime import datetime

from regulars.customers import queries as customers
from regulars.ledger import queries as ledger
from regulars.ledger import statements
from regulars.ledger.rules import Balance
from regulars.loyalty.models import RiskStep
from regulars.loyalty.risk.queries import CaseView


@dataclass(frozen=True, slots=True)
class Reach:
    """Points: `named` by the evidence and not taken back yet, `taken_back` before; `balance` of the whole account."""

    balance: Balance
    named: int
    taken_back: int

    @property
    def takes(self) -> int:
        """So many can be taken back now."""
        return min(self.named, self.balance.spendable)

    @property
    def released(self) -> int:
        """So many hang on a release."""
        return max(0, self.balance.total)


def reach_of(case: CaseView, *, at: datetime) -> Reach:
    """How far a decision about this case reaches now."""
    taken_back = sum(RiskStep.objects.filter(case_id=case.id).values_list("points", flat=True))
    canonical_id = customers.canonicals([case.customer_id])[case.customer_id]
    named = max(0, ledger.left_of_facts(case.facts) - taken_back) if case.facts else 0
    return Reach(statements.balances([canonical_id], at=at)[canonical_id], named, taken_back)
