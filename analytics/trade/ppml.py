"""Poisson pseudo-maximum likelihood in levels, with robust errors and up to two sets of effects.

Santos Silva and Tenreyro (2006): zeros stay in, and heteroskedasticity does not bias it. Effects of
exporters and importers enter the normal equations as sums by code, never as columns, so that they
cost little more than none. A code whose flows are all zero has no finite effect: it is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from data.errors import ConfigError

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
MOST_STEPS = 100
CLOSE = 1e-13  # of the deviance, between two steps
COLLINEAR = 1e-9  # of a variable's own size that must be left when the others are taken out


@dataclass(frozen=True, slots=True)
class Design:
    """Variables and the effects of one or two sets of codes; without codes a constant."""

    variables: Floats
    first: Codes
    second: Codes | None
    counts: tuple[int, int]

    @classmethod
    def of(cls, variables: Floats, first: Codes | None, second: Codes | None) -> Design:
        """Codes are counted from 0 without gaps; the second set's first code is its base."""
        base = np.zeros(len(variables), np.int64) if first is None else first
        counts = int(base.max()) + 1, 0 if second is None else int(second.max())
        return cls(variables, base, second, counts)

    @property
    def width(self) -> int:
        """How many coefficients there are, effects first."""
        return sum(self.counts) + int(self.variables.shape[1])

    def moments(self, values: Floats) -> Floats:
        """The transpose of all columns times a vector."""
        parts = [np.bincount(self.first, values, self.counts[0])]
        if self.second is not None:
            parts.append(np.bincount(self.second, values, self.counts[1] + 1)[1:])
        return np.concatenate([*parts, self.variables.T @ values])

    def gram(self, weights: Floats) -> Floats:
        """The transpose of all columns times weights times all columns."""
        ones, (left, right) = np.zeros((self.width, self.width)), self.counts
        weighted = self.variables * weights[:, None]
        ones[np.arange(left), np.arange(left)] = np.bincount(self.first, weights, left)
        middle, end = slice(left, left + right), left + right
        if self.second is not None:
            cells = np.bincount(
                self.first * (right + 1) + self.second, weights, left * (right + 1)
            ).reshape(left, right + 1)
            ones[:left, middle] = cells[:, 1:]
            ones[middle, middle] = np.diag(cells.sum(axis=0)[1:])
        for at, column in enumerate(weighted.T):
            ones[:left, end + at] = np.bincount(self.first, column, left)
            if self.second is not None:
                ones[middle, end + at] = np.bincount(self.second, column, right + 1)[1:]
        ones[end:, end:] = self.variables.T @ weighted
        upper = np.triu(ones)
        return np.asarray(upper + upper.T - np.diag(np.diag(upper)))

    def predicted(self, beta: Floats) -> Floats:
        """All columns times coefficients."""
        left, right = self.counts
        out = beta[:left][self.first]
        if self.second is not None:
            out = out + np.concatenate([[0.0], beta[left : left + right]])[self.second]
        return np.asarray(out + self.variables @ beta[left + right :])


@dataclass(frozen=True, slots=True)
class FlowFit:
    """Coefficients of the constant, if it has one, and of the variables that are not collinear."""

    names: tuple[str, ...]
    estimates: Floats
    errors: Floats
    fitted: Floats
    rows: npt.NDArray[np.bool_]
    dropped: tuple[str, ...]
    steps: int
    deviance: float


def ppml(
    flows: Floats,
    variables: Floats,
    names: Sequence[str],
    *,
    first: Codes | None = None,
    second: Codes | None = None,
) -> FlowFit:
    """FlowFit flows in levels. Errors are robust (HC0, the plain sandwich); `rows` are
    those that took part."""
    if not np.isfinite(flows).all() or (flows < 0).any():
        raise ConfigError("a flow is missing or below zero: gravity takes flows from zero up")
    rows = _informative(flows, first, second)
    design, kept = _design(variables[rows], _packed(first, rows), _packed(second, rows))
    if design.width >= int(rows.sum()):
        raise ConfigError(f"{int(rows.sum())} flows do not determine {design.width} coefficients")
    scale = float(flows[rows].mean())
    y = flows[rows] / scale
    beta, mean, steps, deviance = _fitted(y, design)
    bread = np.linalg.inv(design.gram(mean))
    meat = design.gram((y - mean) ** 2)
    spread = bread @ meat @ bread
    shown = slice(sum(design.counts) if first is not None else 0, None)
    estimates = beta[shown].copy()
    words = tuple(names[at] for at in kept)
    if first is None:
        estimates[0] += np.log(scale)
        words = ("constant", *words)
    return FlowFit(
        words,
        estimates,
        np.sqrt(np.diag(spread)[shown]),
        mean * scale,
        rows,
        tuple(name for at, name in enumerate(names) if at not in kept),
        steps,
        deviance * scale,
    )


def log_ols(
    flows: Floats,
    variables: Floats,
    names: Sequence[str],
    *,
    first: Codes | None = None,
    second: Codes | None = None,
) -> FlowFit:
    """Least squares of the logarithm, for comparison only: it drops zeros and is biased under
    heteroskedasticity. `fitted` are the exponentials."""
    rows = flows > 0
    design, kept = _design(variables[rows], _packed(first, rows), _packed(second, rows))
    y, one = np.log(flows[rows]), np.ones(int(rows.sum()))
    if design.width >= len(y):
        raise ConfigError(f"{len(y)} positive flows do not determine {design.width} coefficients")
    inverse = np.linalg.inv(design.gram(one))
    beta = inverse @ design.moments(y)
    rest = y - design.predicted(beta)
    spread = inverse @ design.gram(rest**2) @ inverse
    shown = slice(sum(design.counts) if first is not None else 0, None)
    words = tuple(names[at] for at in kept)
    return FlowFit(
        words if first is not None else ("constant", *words),
        beta[shown],
        np.sqrt(np.diag(spread)[shown]),
        np.exp(design.predicted(beta)),
        rows,
        tuple(name for at, name in enumerate(names) if at not in kept),
        1,
        float(rest @ rest),
    )


def _fitted(y: Floats, design: Design) -> tuple[Floats, Floats, int, float]:
    """Iteratively reweighted least squares; each step solves the normal equations."""
    mean: Floats = (y + float(y.mean())) / 2
    eta, last = np.log(mean), np.inf
    for step in range(1, MOST_STEPS + 1):
        working = eta + (y - mean) / mean
        beta: Floats = np.linalg.solve(design.gram(mean), design.moments(mean * working)).astype(
            np.float64
        )
        eta = design.predicted(beta)
        mean = np.exp(np.clip(eta, -700.0, 700.0))
        ratio = np.log(np.where(y > 0, y, mean) / mean)
        deviance = float(2 * np.sum(y * ratio - (y - mean)))
        if abs(last - deviance) <= CLOSE * (abs(deviance) + 1.0):
            return beta, mean, step, deviance
        last = deviance
    raise ConfigError(f"the fit of {len(y)} flows did not settle in {MOST_STEPS} steps")


def _informative(flows: Floats, *codes: Codes | None) -> npt.NDArray[np.bool_]:
    """Rows of codes that have a positive flow; leaving some out may empty others."""
    rows = np.ones(len(flows), bool)
    for _ in range(MOST_STEPS):
        before = rows.sum()
        for code in codes:
            if code is not None:
                total = np.bincount(code[rows], flows[rows], int(code.max()) + 1)
                rows &= total[code] > 0
        if rows.sum() == before:
            break
    if not (flows[rows] > 0).any():
        raise ConfigError("no flow is above zero: there is nothing to fit")
    return rows


def _packed(codes: Codes | None, rows: npt.NDArray[np.bool_]) -> Codes | None:
    """Codes of some rows, counted without gaps."""
    if codes is None:
        return None
    return np.unique(codes[rows], return_inverse=True)[1].astype(np.int64).reshape(-1)


def _design(
    variables: Floats, first: Codes | None, second: Codes | None
) -> tuple[Design, list[int]]:
    """The design with those variables only that the effects and earlier ones do not determine."""
    if first is not None and second is not None and len(first):
        _check_connected(first, second)
    whole = Design.of(variables, first, second)
    gram = whole.gram(np.ones(len(variables)))
    effects = sum(whole.counts)
    left = gram[effects:, effects:].copy()
    cross = gram[:effects, effects:]
    left -= cross.T @ np.linalg.solve(gram[:effects, :effects], cross)
    size = np.diag(gram)[effects:]
    kept: list[int] = []
    for at in range(variables.shape[1]):
        if size[at] > 0 and left[at, at] > COLLINEAR * size[at]:
            kept.append(at)
            left = left - np.outer(left[:, at], left[at]) / left[at, at]
    return Design.of(variables[:, kept], first, second), kept


def _check_connected(first: Codes, second: Codes) -> None:
    """Effects of both sides compare only those whom flows connect, be it through others: of two
    groups without a flow between them no common level is known, and none is made up."""
    sizes = int(first.max()) + 1, int(second.max()) + 1
    links = coo_array((np.ones(len(first)), (first, second + sizes[0])), shape=(sum(sizes),) * 2)
    groups = int(connected_components(links, directed=False, return_labels=False))
    if groups > 1:
        raise ConfigError(
            f"the pairs fall into {groups} groups that no flow connects, which do not compare"
        )
