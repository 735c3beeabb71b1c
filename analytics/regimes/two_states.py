"""Two states of a mean, fitted: the likeliest of twenty seeded starts, or why none is taken."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

STARTS, SEED = 20, 7
LEAST_SHARE = 0.03


@dataclass(frozen=True, slots=True)
class Fit:
    """Two states, the weaker first: chances to stay, means, the deviation of both."""

    stay: tuple[float, float]
    mean: tuple[float, float]
    deviation: float

    @property
    def stationary(self) -> tuple[float, float]:
        """The share of time in each state."""
        leave = (1 - self.stay[0], 1 - self.stay[1])
        weak = leave[1] / (leave[0] + leave[1])
        return weak, 1 - weak

    @property
    def durations(self) -> tuple[float, float]:
        """How long each lasts on average."""
        return 1 / (1 - self.stay[0]), 1 / (1 - self.stay[1])


@lru_cache(maxsize=2048)
def fit_two_states(data: bytes) -> tuple[Fit | None, str | None]:
    """The likeliest of twenty seeded starts, or why none is taken. Kept by the data's own bytes."""
    values = np.frombuffer(data, dtype=np.float64)
    if values.std() < 1e-9:
        return None, "the composite does not vary"
    from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a start that leads nowhere is not the one that is kept
        model = MarkovRegression(values, k_regimes=2)
        try:
            result = model.fit(search_reps=STARTS, rng=SEED, disp=False)
        except (np.linalg.LinAlgError, ValueError, RuntimeError) as error:
            return None, f"the model does not converge ({error})"
    stay_first, leave_second, *mean, variance = (float(value) for value in result.params)
    stay, means = (stay_first, 1 - leave_second), (mean[0], mean[1])
    if means[0] > means[1]:
        stay, means = (stay[1], stay[0]), (means[1], means[0])
    return _judged(Fit(stay, means, max(variance, 0.0) ** 0.5))


def _judged(fit: Fit) -> tuple[Fit | None, str | None]:
    numbers = (*fit.stay, *fit.mean, fit.deviation)
    if not all(np.isfinite(numbers)) or fit.deviation <= 0 or max(fit.stay) >= 1:
        return None, "the model does not converge"
    if min(fit.stationary) < LEAST_SHARE:
        return None, f"one state holds {100 * min(fit.stationary):.1f} % of the time"
    return fit, None
