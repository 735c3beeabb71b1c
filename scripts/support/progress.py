"""A progress bar on stderr: redrawn on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO

from ingest.runs.runner import Progress

WIDTH = 30
EVERY_S = 0.1
LINE_EVERY_S = 10.0


class Bar:
    """Calls done of those known so far; the total may grow, as pages announce further pages."""

    def __init__(self, title: str, out: TextIO | None = None) -> None:
        self._title = title
        self._out = out or sys.stderr
        self._is_terminal = self._out.isatty()
        self._shown = 0.0
        self._drawn = False

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._drawn and self._is_terminal:
            self._out.write("\n")
            self._out.flush()

    def show(self, progress: Progress) -> None:
        """Draw, unless it was drawn a moment ago; the last step is always drawn."""
        now = time.monotonic()
        every = EVERY_S if self._is_terminal else LINE_EVERY_S
        is_last = progress.done >= progress.total
        if self._drawn and not is_last and now - self._shown < every:
            return
        self._shown, self._drawn = now, True
        share = progress.done / progress.total if progress.total else 1.0
        full = round(share * WIDTH)
        words = f"{progress.done}/{progress.total} calls, {progress.rows:,} rows"
        if self._is_terminal:
            bar = "#" * full + "." * (WIDTH - full)
            self._out.write(f"\r{self._title} [{bar}] {share:4.0%} {words}\x1b[K")
        else:
            self._out.write(f"{self._title} {share:.0%} {words}\n")
        self._out.flush()
