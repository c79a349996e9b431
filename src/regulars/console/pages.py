"""Pages of something that the database counts and cuts itself."""

from collections.abc import Sequence
from typing import overload


class Counted(Sequence[int]):
    """Stands in for rows that are only counted here: a paginator asks how many there are, and for places."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[int]: ...
    def __getitem__(self, place: int | slice) -> int | Sequence[int]:
        return range(self._count)[place]
