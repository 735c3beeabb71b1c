"""Random draws that are the same bits on every machine; refuses any draw that is not named.

Each stream is PCG64 seeded from the world's seed and the stream's own name, so that adding an
entity or drawing further in time leaves every earlier draw as it was. Only raw 64-bit output is
used (NumPy promises it never changes), and normals come from a table of rounded quantiles:
logarithms and exponentials differ in their last bit between processors.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_STEPS = 1 << 16


@lru_cache(maxsize=1)
def quantiles() -> Floats:
    """65,536 standard normal quantiles, scaled to a standard deviation of one."""
    normal = NormalDist()
    upper = [round(normal.inv_cdf((step + 0.5) / _STEPS), 6) for step in range(_STEPS // 2, _STEPS)]
    right = np.array(upper)
    return np.concatenate([-right[::-1], right])


def raw(seed: int, name: str, count: int) -> NDArray[np.uint64]:
    """The first `count` 64-bit words of the stream of that name."""
    digest = blake2b(name.encode(), digest_size=16).digest()
    words = [int.from_bytes(digest[at : at + 4], "little") for at in range(0, 16, 4)]
    bits = np.random.PCG64(np.random.SeedSequence([seed, *words]))
    return np.asarray(bits.random_raw(count), dtype=np.uint64)


def uniforms(seed: int, name: str, count: int) -> Floats:
    """Uniform on [0, 1), 53 bits each."""
    return (raw(seed, name, count) >> np.uint64(11)).astype(np.float64) * (2.0**-53)


def shorts(seed: int, name: str, count: int) -> NDArray[np.uint16]:
    """Uniform 16-bit integers, four from each word."""
    words = raw(seed, name, (count + 3) // 4)
    return words.astype("<u8").view("<u2")[:count].astype(np.uint16)


def normals(seed: int, name: str, count: int) -> Floats:
    """Standard normals out of the table; the largest is 4.2."""
    table: Floats = quantiles()
    return table[shorts(seed, name, count)]


@lru_cache(maxsize=1)
def _factors() -> Floats:
    return np.asarray(np.round(np.exp(0.4 * quantiles()), 6), dtype=np.float64)


def lognormals(seed: int, name: str, count: int) -> Floats:
    """Positive factors with a median of one, from a table of rounded exponentials."""
    table: Floats = _factors()
    return table[shorts(seed, name, count)]


def normal_rows(seed: int, names: Sequence[str], count: int) -> Floats:
    """One row of normals per name."""
    out = np.empty((len(names), count))
    for row, name in enumerate(names):
        out[row] = normals(seed, name, count)
    return out


def autoregress(shocks: Floats, keep: float, start: float = 0.0) -> Floats:
    """x[t] = keep * x[t-1] + shocks[t] along the last axis, one step at a time."""
    out = np.empty_like(shocks)
    level = np.full(shocks.shape[:-1], start)
    for at in range(shocks.shape[-1]):
        level = keep * level + shocks[..., at]
        out[..., at] = level
    return out


def rounded(values: Floats, decimals: int) -> Floats:
    """Rounded for storing, without a negative zero."""
    return np.round(values, decimals) + 0.0
