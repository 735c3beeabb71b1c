"""What the loops of the house log: one line per event on stderr, with its instant in UTC."""

from __future__ import annotations

import logging
import sys
import time


def to_stderr(level: int = logging.INFO) -> None:
    """For a main: everything from `level` on."""
    form = logging.Formatter("%(asctime)sZ %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    form.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(form)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("schedule").setLevel(logging.WARNING)
