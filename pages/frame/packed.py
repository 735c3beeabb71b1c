"""Columns of numbers for scripts in the browser: base64 of their bytes, the lowest byte first."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import numpy.typing as npt


def packed(numbers: npt.NDArray[Any], kind: str) -> str:
    """Numbers as `kind` of NumPy has them: "<f8", "<f4", "<i2", "<u2", "u1"."""
    return base64.b64encode(np.ascontiguousarray(numbers, dtype=kind).tobytes()).decode()
