"""The rounds of a simulation: first the draft's budgets are shared out, if it has any, then everybody is added up."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from regulars.loyalty.simulation import replay
from regulars.loyalty.simulation.budgets import Claims, SharedOut, Sharing
from regulars.loyalty.simulation.past import Past
from regulars.loyalty.simulation.replay import Portion, Terms
from regulars.loyalty.simulation.rules import Question, Result
from regulars.loyalty.simulation.tally import Tally


@dataclass(frozen=True, slots=True)
class Turn:
    """One time through everybody: with what is decided of budgets, to hear what they claim or to add up."""

    shared: SharedOut
    adds_up: bool


def played(turn: Turn, portion: Portion, under: Terms, at: datetime, past: Past) -> Claims | Tally:
    """A portion's part of a turn."""
    if turn.adds_up:
        return replay.replay(portion, under, at, None, past)
    return replay.collect(portion, under, at, past)


@dataclass(slots=True)
class Rounds:
    """A simulation under way. Take what every portion found before the next turn is asked for.

    Args:
        members: How many there are.
    """

    under: Terms
    members: int
    sharing: Sharing = field(init=False)
    tally: Tally = field(init=False, default_factory=Tally)
    _over: int = 0

    def __post_init__(self) -> None:
        """Begin with nothing decided but what stays as it is."""
        self.sharing = Sharing(self.under.version, self.under.shared)

    def __iter__(self) -> Iterator[Turn]:
        """Turn by turn."""
        for number, shared in enumerate(self.sharing.rounds()):
            self._over = number
            yield Turn(shared, adds_up=False)
        self._over = self.sharing.most_rounds
        yield Turn(self.sharing.decided, adds_up=True)

    def take(self, found: Claims | Tally) -> None:
        """What a portion found."""
        if isinstance(found, Claims):
            self.sharing.take(found)
        else:
            self.tally.merge(found)

    @property
    def done(self) -> int:
        """How far it is, as if each member were looked at once."""
        now = self.tally.members if self._over == self.sharing.most_rounds else self.sharing.claims.members
        return (self._over * self.members + now) // (self.sharing.most_rounds + 1)

    def answer(self, question: Question) -> Result:
        """The answer, after the last turn."""
        return replay.answer(self.tally, question, self.under, self.sharing.uses)
