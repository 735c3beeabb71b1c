"""Every indicator of every country as it was printed, scheduled and expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ingest.sources.demo_world.draws import Floats, rounded
from ingest.sources.demo_world.economy import (
    Economy,
    annual_truth,
    monthly_truth,
    quarterly_truth,
)
from ingest.sources.demo_world.geography import Country
from ingest.sources.demo_world.indicators import (
    CLAIMS,
    CLAIMS_COUNTRIES,
    INDICATORS,
    DemoIndicator,
)
from ingest.sources.demo_world.spec import Spec
from ingest.sources.demo_world.tables import local_instants
from ingest.sources.demo_world.timetable import (
    NEVER,
    Axis,
    ReleaseTimetable,
    announced,
    axis_of,
    meetings,
    publish,
)
from ingest.sources.demo_world.vintages import (
    DemoPrints,
    Rows,
    errors,
    flat,
    prints,
    rebase,
    surprise,
)


@dataclass(frozen=True, slots=True)
class Block:
    """One indicator in all its countries; `periods` are [country, period] first days."""

    indicator: DemoIndicator
    countries: tuple[Country, ...]
    periods: np.ndarray
    times: ReleaseTimetable
    made: DemoPrints
    rows: Rows
    consensus: Floats

    def series_id(self, row: int) -> str:
        """The global id of the series of one country."""
        return f"demo:{self.indicator.code}:{self.countries[row].code}"


def measure(spec: Spec, economy: Economy) -> Iterator[Block]:
    """All blocks in the order of their series ids."""
    truths = {
        "monthly": monthly_truth(spec, economy),
        "quarterly": quarterly_truth(spec, economy),
        "annual": annual_truth(spec, economy),
    }
    for indicator in sorted([*INDICATORS, CLAIMS], key=lambda item: f"{item.code}:"):
        if indicator.code == "POLICY":
            yield _policy(spec, indicator, economy)
        elif indicator.code == "CLAIMS":
            yield _claims(spec, economy)
        elif indicator.code == "TRADEBAL":
            yield _balance(spec, indicator, economy, truths["monthly"])
        else:
            yield _block(spec, indicator, economy, truths[indicator.frequency][indicator.code])


def _block(spec: Spec, indicator: DemoIndicator, economy: Economy, truth: Floats) -> Block:
    axis = axis_of(indicator.frequency, spec)
    times = publish(spec, indicator, axis, economy.countries)
    raw, known = _prints(spec, indicator, economy.countries, truth[:, axis.skip :], times)
    return _finish(spec, indicator, economy.countries, (axis, times), (raw, known))


def _prints(
    spec: Spec,
    indicator: DemoIndicator,
    countries: tuple[Country, ...],
    truth: Floats,
    times: ReleaseTimetable,
) -> tuple[Floats, np.ndarray]:
    error = errors(spec, indicator, countries, truth.shape[1])
    return prints(indicator, truth, error, times)


def _finish(
    spec: Spec,
    indicator: DemoIndicator,
    countries: tuple[Country, ...],
    when: tuple[Axis, ReleaseTimetable],
    printed: tuple[Floats, np.ndarray],
) -> Block:
    (axis, times), (raw, known) = when, printed
    made = rebase(indicator, axis, raw, known)
    expected = surprise(spec, indicator, countries, made.values[:, :, 0])
    periods = np.broadcast_to(axis.starts, times.scheduled.shape)
    rows = flat(made, raw, indicator.decimals)
    return Block(indicator, countries, periods, times, made, rows, expected)


def _balance(
    spec: Spec, indicator: DemoIndicator, economy: Economy, truth: dict[str, Floats]
) -> Block:
    """Exports less imports, print by print, as these were rounded."""
    axis = axis_of("monthly", spec)
    times = publish(spec, indicator, axis, economy.countries)
    sides = []
    for side in INDICATORS:
        if side.code in ("EXPORTS", "IMPORTS"):
            part = truth[side.code][:, axis.skip :]
            values, known = _prints(spec, side, economy.countries, part, times)
            sides.append(rounded(values, side.decimals))
    raw = rounded(sides[0] - sides[1], indicator.decimals)
    return _finish(spec, indicator, economy.countries, (axis, times), (raw, known))


def _claims(spec: Spec, economy: Economy) -> Block:
    """Weekly, in the few countries that count so often."""
    axis = axis_of("weekly", spec)
    chosen = [row for row, c in enumerate(economy.countries) if c.code in CLAIMS_COUNTRIES]
    countries = tuple(economy.countries[row] for row in chosen)
    months = axis.starts.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    growth = economy.growth[chosen][:, months - (2003 - 1970) * 12]
    base = 0.9 * economy.people[chosen][:, None]
    truth = base * np.clip(1.0 - 0.25 * growth, 0.6, 4.0)
    times = publish(spec, CLAIMS, axis, countries)
    printed = _prints(spec, CLAIMS, countries, truth, times)
    return _finish(spec, CLAIMS, countries, (axis, times), printed)


def _policy(spec: Spec, indicator: DemoIndicator, economy: Economy) -> Block:
    """The rate after each meeting, in quarter points; a meeting's period is its own day."""
    days = np.array([meetings(spec, country) for country in economy.countries])
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    at = months - (2003 - 1970) * 12 - 1  # the board knows the month before
    rate = np.rint(np.take_along_axis(economy.policy, at, axis=1) * 4.0) / 4.0
    scheduled = np.array(
        [
            local_instants(days[row], np.full(days.shape[1], 14 * 60), country.zone)
            for row, country in enumerate(economy.countries)
        ]
    )
    never = np.full(scheduled.shape, NEVER)
    times = ReleaseTimetable(scheduled, scheduled, never, announced(scheduled))
    known = scheduled[:, :, None]
    none = np.zeros(known.shape, dtype=bool)
    count = len(economy.countries)
    made = DemoPrints(
        rounded(rate, 2)[:, :, None], known, none, np.full(count, NEVER), np.ones(count)
    )
    expected = surprise(spec, indicator, economy.countries, made.values[:, :, 0])
    rows = flat(made, made.values, 2)
    return Block(indicator, economy.countries, days, times, made, rows, expected)
