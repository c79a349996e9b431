"""Contract Updated: a contract was renewed (a later ends_on), or something about it is now otherwise.

Body: as that of Contract Started. What it does not tell stays as it was.
"""

from regulars.facts.kinds import contract_started

CODE = 7
NAME = "Contract Updated"
normalise = contract_started.normalise
