"""The venue's own numbers: what was sent twice, and what never came. Nothing is filled in.

A number below the last is either late, and fills a hole, or a repetition, and is dropped. Holes
stay holes: the archive shows them as numbers that are not there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

MOST_HOLES = 20_000  # remembered for each instrument; older ones stay missing
# A number so far from the last is neither gap nor repetition: the venue counts anew.
ANEW = 1_000_000
Ids = npt.NDArray[np.int64]


@dataclass(slots=True)
class Sequence:
    """The last number of each instrument, and the numbers below it that have not come."""

    last: dict[str, int] = field(default_factory=dict)
    holes: dict[str, dict[int, None]] = field(default_factory=dict)
    repeated: int = 0
    forgotten: int = 0

    @property
    def missing(self) -> int:
        """Trades that the venue numbered and that did not come."""
        return self.forgotten + sum(map(len, self.holes.values()))

    def sift(self, block: pa.RecordBatch) -> pa.RecordBatch:
        """The block without what came before."""
        if not block.num_rows:
            return block
        names = block.column("symbol").dictionary_encode()
        codes = names.indices.to_numpy(zero_copy_only=False)
        ids = block.column("trade_id").to_numpy(zero_copy_only=False)
        is_new = np.ones(len(ids), dtype=bool)
        for code, name in enumerate(names.dictionary.to_pylist()):
            rows = np.flatnonzero(codes == code)
            mine = ids[rows]
            if not self._follows(name, mine):
                is_new[rows] = [self._is_new(name, number) for number in mine.tolist()]
        if is_new.all():
            return block
        self.repeated += int((~is_new).sum())
        return block.filter(pa.array(is_new))

    def _follows(self, name: str, ids: Ids) -> bool:
        """Whether these are just the next numbers, as they nearly always are."""
        last = self.last.get(name)
        first = ids[0] if last is None else last + 1
        if ids[0] != first or (np.diff(ids) != 1).any():
            return False
        self.last[name] = int(ids[-1])
        return True

    def _is_new(self, name: str, number: int) -> bool:
        last = self.last.setdefault(name, number - 1)
        holes = self.holes.setdefault(name, {})
        if abs(number - last) >= ANEW:
            self.forgotten += len(holes)
            holes.clear()
        elif number > last:
            between = range(max(last + 1, number - MOST_HOLES), number)
            self.forgotten += number - last - 1 - len(between)
            holes.update(dict.fromkeys(between))
            self._forget(holes)
        elif number in holes:
            del holes[number]
            return True
        else:
            return False
        self.last[name] = number
        return True

    def _forget(self, holes: dict[int, None]) -> None:
        while len(holes) > MOST_HOLES:
            del holes[next(iter(holes))]
            self.forgotten += 1
