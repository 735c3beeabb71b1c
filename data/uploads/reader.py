"""Read a table in a process of its own, whose memory and time are bounded.

`python -m data.uploads.reader NAME [SHEET]` reads stdin and writes one JSON document.
"""

from __future__ import annotations

import sys
from dataclasses import asdict

from data.confined import answer, read_confined
from data.uploads.grid import Grid
from data.uploads.sheet import read_grid

ADVICE = "split it, or save it as plain CSV"


def read_file(payload: bytes, name: str, sheet: str | None = None) -> Grid:
    """The cells of a file; one clear sentence where there are none."""
    words = [name, *([sheet] if sheet else [])]
    said = read_confined("data.uploads.reader", words, payload, advice=ADVICE)
    said["rows"] = [(line, cells) for line, cells in said["rows"]]
    return Grid(**said)


def _main(name: str, sheet: str | None) -> int:
    return answer(lambda payload: asdict(read_grid(payload, name, sheet)))


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
