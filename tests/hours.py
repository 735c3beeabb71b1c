"""Another hour of the machine, which nothing shown at a past clock may know."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

import data.clock

ROOTS = ("data.", "analytics.", "pages.", "tests.")


@contextmanager
def another_hour(ahead: timedelta = timedelta(days=400)) -> Iterator[None]:
    """The machine's clock that much ahead, for every module that reads it."""
    real = data.clock.utc_now
    with pytest.MonkeyPatch.context() as patch:
        for module in _readers():
            patch.setattr(module, "utc_now", lambda: real() + ahead)
        yield


def _readers() -> list[Any]:
    return [
        module
        for name, module in list(sys.modules.items())
        if name.startswith(ROOTS) and hasattr(module, "utc_now")
    ]
