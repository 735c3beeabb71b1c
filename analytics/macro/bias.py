"""Which way surprises speak for the assets of a country, and which of them say so.

A score is the sum of what each indicator adds to it, to the last digit. Where too little of what
was due has come, there is a number with its coverage and no word for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import isfinite

import numpy as np
import polars as pl

from analytics.core.closes import Floats
from analytics.core.known_history import EPOCH, Instants
from analytics.macro.surprises import CAP, DAY_US, HALF_LIFE_DAYS, REACH_DAYS, surprises_since
from analytics.macro.weights import Signs, WeightBook, book, instants
from data.errors import ConfigError
from data.query import Answer, At

FULL = 100 / CAP  # the score of one standard deviation
SHRINK = 5.0
MILD, STRONG, SLACK = 0.25, 0.75, 0.05
LEAST_COVERAGE = 0.6
EXPECTED_DAYS = 400
INSUFFICIENT = "insufficient"
WORDS = {-2: "strong against", -1: "mild against", 0: "neutral", 1: "mild for", 2: "strong for"}
Due = Mapping[tuple[str, str], tuple[float, float]]
SCHEMA = {
    "country": pl.String(),
    "asset": pl.String(),
    "score": pl.Float64(),
    "label": pl.String(),
    "releases": pl.Int64(),
    "effective": pl.Float64(),
    "confidence": pl.Float64(),
    "coverage": pl.Float64(),
    "cutoff": pl.Datetime("us", "UTC"),
    "version": pl.Datetime("us", "UTC"),
}


def bias(at: At, *, countries: list[str] | None = None) -> Answer:
    """The bias of every asset of every country at the clock, from -100 to 100.

    Countries are those with releases in the last 400 days.

    The surprise index of each kind by its weight, over the sum of the weights of the kinds there
    are, drawn towards nought by the number of releases: n / (n + 5), which is `confidence`. A
    label moves only 0.05 beyond its threshold and begins anew each January; below 60 % of what was
    due it is `insufficient`.
    """
    scored = scored_releases(at, countries)
    frame = scores(scored.frame, at.as_of, book(at))
    return scored.derive(frame, "surprise indices weighted for each asset")


def scored_releases(
    at: At, countries: list[str] | None = None, *, since: datetime | None = None
) -> Answer:
    """The releases that a bias at the clock rests on, or those since an earlier instant."""
    start = first_counted(at.as_of)
    return surprises_since(at, start if since is None else min(since, start), countries)


def first_counted(clock: datetime) -> datetime:
    """Since when releases count at a clock: for the first evening of its year, or as expected."""
    evening = days_of_year(clock)[0] - timedelta(days=REACH_DAYS)
    return min(evening, clock - timedelta(days=EXPECTED_DAYS))


def scores(scored: pl.DataFrame, clock: datetime, weights: WeightBook) -> pl.DataFrame:
    """The same of releases that are at hand."""
    return scores_of(Kinds.by_country(scored, days_of_year(clock)), scored, clock, weights)


def scores_of(
    kinds: Mapping[str, Kinds], scored: pl.DataFrame, clock: datetime, weights: WeightBook
) -> pl.DataFrame:
    """The same where the kinds of each country are at hand."""
    due = _due(scored, clock)
    rows: list[dict[str, object]] = []
    for country, found in kinds.items():
        rows += _at_the_clock(country, found, due, weights)
    return pl.DataFrame(rows, schema=SCHEMA).sort("country", "asset")


def bias_contributions(at: At, *, country: str, asset: str = "equities") -> Answer:
    """What each indicator adds to a score, largest first, and how old its last release is.

    The contributions sum to the score of `bias`.
    """
    weights = book(at).at(at.as_of)
    if asset not in weights.assets:
        raise ConfigError(f"asset={asset[:40]!r}: expected one of {', '.join(weights.assets)}")
    scored = scored_releases(at, [country])
    kinds = Kinds.of(scored.frame, [at.as_of])
    held = kinds.releases.with_columns(
        pl.Series("contribution", kinds.adds(weights.assets[asset]) * FULL, dtype=pl.Float64)
    ).filter(pl.col("dimension").is_in([k for k, sign in weights.assets[asset].items() if sign]))
    frame = held.group_by("indicator", "title", "dimension", maintain_order=True).agg(
        pl.col("contribution").sum(),
        pl.len().alias("releases"),
        pl.col("z").last(),
        pl.col("released_at").last(),
    )
    frame = frame.with_columns(
        ((at.as_of - pl.col("released_at")).dt.total_seconds() / 86_400).alias("age_days")
    ).sort(pl.col("contribution").abs(), "indicator", descending=[True, False])
    return scored.derive(frame, f"what each indicator adds to {asset}")


def bias_history(at: At, *, country: str, since: datetime, asset: str = "equities") -> Answer:
    """The score of one asset at the end of every day and at the clock, each day's own weights."""
    days = (at.as_of.date() - since.date()).days
    moments = [_evening(since.date() + timedelta(days=n)) for n in range(days)] + [at.as_of]
    scored = surprises_since(at, moments[0] - timedelta(days=REACH_DAYS), [country])
    path = Kinds.of(scored.frame, moments).path(asset, book(at)) * FULL
    frame = pl.DataFrame({"moment": moments, "score": path}).fill_nan(None)
    return scored.derive(frame, f"{asset}, day by day")


@dataclass(frozen=True, slots=True)
class Kinds:
    """The releases of one country with a z, and of each kind at each moment: the mean of z by
    weight, the sum of the weights and of their squares."""

    moments: Instants
    releases: pl.DataFrame
    weight: Floats
    mean: Mapping[str, Floats]
    total: Mapping[str, Floats]
    squares: Mapping[str, Floats]

    @classmethod
    def of(
        cls, part: pl.DataFrame, moments: Sequence[datetime], half_life: float = HALF_LIFE_DAYS
    ) -> Kinds:
        """Importance, halved every 30 days, of the releases of 90 days before each moment."""
        return cls._of(_counted(part, moments[0], half_life), instants(moments), half_life)

    @classmethod
    def by_country(cls, scored: pl.DataFrame, moments: Sequence[datetime]) -> dict[str, Kinds]:
        """The same of each country there is a release of."""
        known = _counted(scored, moments[0], HALF_LIFE_DAYS)
        split = known.partition_by("country", as_dict=True, maintain_order=True)
        found, nothing, values = {}, known.clear(), instants(moments)
        for country in scored["country"].unique(maintain_order=True).to_list():
            part = split.get((country,), nothing)
            found[str(country)] = cls._of(part, values, HALF_LIFE_DAYS)
        return found

    @classmethod
    def _of(cls, known: pl.DataFrame, moments: Instants, half_life: float) -> Kinds:
        released = known["released_at"].to_physical().to_numpy()
        age: Floats = (moments[:, None] - released[None, :]) / DAY_US
        held = (age >= 0) & (age < _reach(half_life))
        importance = known["importance"].to_numpy()
        weight = np.where(held, importance * 0.5 ** (age / half_life), 0.0)
        z: Floats = np.clip(known["z"].to_numpy(), -CAP, CAP)
        kinds = known["dimension"].to_numpy()
        mean, total, squares = {}, {}, {}
        with np.errstate(invalid="ignore", divide="ignore"):
            for kind in dict.fromkeys(kinds.tolist()):
                of_kind = kinds == kind
                mine = weight[:, of_kind]
                total[kind], squares[kind] = mine.sum(axis=1), (mine**2).sum(axis=1)
                mean[kind] = (mine * z[of_kind]).sum(axis=1) / total[kind]
        return cls(moments, known, weight, mean, total, squares)

    def spoken(self, signs: Signs) -> list[str]:
        """The kinds that have a weight and a release."""
        return [kind for kind, sign in signs.items() if sign and kind in self.mean]

    def scale(self, signs: Signs) -> tuple[Floats, Floats]:
        """What the weighted sum is multiplied by at each moment, and the effective number."""
        kinds, nothing = self.spoken(signs), np.zeros(len(self.moments))
        norm = sum((abs(signs[kind]) * (self.total[kind] > 0) for kind in kinds), nothing)
        total = sum((self.total[kind] for kind in kinds), nothing)
        squares = sum((self.squares[kind] for kind in kinds), nothing)
        with np.errstate(invalid="ignore", divide="ignore"):
            effective = total**2 / squares
            return effective / (effective + SHRINK) / norm, effective

    def path(self, asset: str, weights: WeightBook) -> Floats:
        """The shrunken bias in standard deviations at each moment, by the weights of its time."""
        found = np.full(len(self.moments), np.nan)
        places = weights.places(self.moments)
        for number, version in enumerate(weights.versions):
            rows, signs = places == number, version.assets.get(asset, {})
            kinds = self.spoken(signs)
            if not rows.any() or not kinds:
                continue
            added = sum(
                np.where(self.total[kind] > 0, signs[kind] * self.mean[kind], 0.0) for kind in kinds
            )
            found[rows] = (added * self.scale(signs)[0])[rows]
        return found

    def heard(self) -> dict[str, tuple[int, datetime]]:
        """Of each kind, how many releases count at the last moment, and when the last came."""
        counts = self.weight[-1] > 0
        kinds = self.releases["dimension"].to_numpy()
        released = self.releases["released_at"].to_physical().to_numpy()
        found = {}
        for kind in self.mean:
            mine = released[counts & (kinds == kind)]
            if len(mine):
                last = EPOCH + timedelta(microseconds=int(mine.max()))
                found[kind] = len(mine), last
        return found

    def adds(self, signs: Signs) -> Floats:
        """What each release adds at the last moment."""
        kinds = self.releases["dimension"].to_numpy()
        z: Floats = self.releases["z"].clip(-CAP, CAP).to_numpy()
        added = np.zeros(len(kinds))
        for kind in self.spoken(signs):
            mine = kinds == kind
            share = self.weight[-1, mine] / self.total[kind][-1]
            added[mine] = signs[kind] * share * z[mine] * self.scale(signs)[0][-1]
        return added


def labels(path: Floats) -> list[str | None]:
    """The words for values in turn; each is left only 0.05 beyond its threshold."""
    sizes = [_size(path + shift).tolist() for shift in (0.0, -SLACK, SLACK)]
    found: list[str | None] = []
    state: int | None = None
    for value, size, lower, upper in zip(path.tolist(), *sizes, strict=True):
        if not isfinite(value):
            state = None
        elif state is None:
            state = size
        elif size != state and (lower if value > state / 2 else upper) != state:
            # Drawn back by the slack towards the word there is, it still says another.
            state = size
        found.append(None if state is None else WORDS[state])
    return found


def _counted(scored: pl.DataFrame, first: datetime, half_life: float) -> pl.DataFrame:
    """Releases with a z that may count at the first moment or after it, in their order."""
    known = scored.drop_nulls(["z", "released_at"]).filter(
        pl.col("released_at") > first - timedelta(days=_reach(half_life))
    )
    return known.sort("released_at", "series_id", "period", "source")


def _reach(half_life: float) -> float:
    """How many days back releases count."""
    return half_life * REACH_DAYS / HALF_LIFE_DAYS


def _size(values: Floats) -> np.ndarray:
    """From -2, strongly against, to 2, strongly for; nought also where nothing is known."""
    above = np.abs(values)
    sign = np.where(values < 0, -1, 1)
    return sign * ((above >= MILD) + (above >= STRONG).astype(np.int64))


def _at_the_clock(
    country: str, kinds: Kinds, due: Due, weights: WeightBook
) -> list[dict[str, object]]:
    """A row for each asset of a country at the last of the moments."""
    version = weights.versions[weights.places(kinds.moments[-1:])[0]]
    heard = kinds.heard()
    rows: list[dict[str, object]] = []
    for asset, signs in version.assets.items():
        named = [kind for kind, sign in signs.items() if sign]
        path, effective = kinds.path(asset, weights), float(kinds.scale(signs)[1][-1])
        shares = [due.get((country, kind), (0.0, 0.0)) for kind in named]
        expected, came = sum(each for each, _ in shares), sum(each for _, each in shares)
        word, coverage = labels(path)[-1], came / expected if expected else None
        enough = coverage is not None and coverage >= LEAST_COVERAGE
        known = [heard[kind] for kind in named if kind in heard]
        rows.append(
            {
                "country": country,
                "asset": asset,
                "score": float(path[-1] * FULL) if np.isfinite(path[-1]) else None,
                "label": None if word is None else word if enough else INSUFFICIENT,
                "releases": sum(count for count, _ in known),
                "effective": effective if np.isfinite(effective) else None,
                "confidence": effective / (effective + SHRINK) if np.isfinite(effective) else None,
                "coverage": coverage,
                "cutoff": max((moment for _, moment in known), default=None),
                "version": version.since,
            }
        )
    return rows


def _due(scored: pl.DataFrame, clock: datetime) -> Due:
    """By country and kind the importance of what was due in 90 days and is usually expected, and
    of that what came with a z."""
    recent = scored.filter(pl.col("scheduled_at") > clock - timedelta(days=EXPECTED_DAYS))
    usual = recent.drop_nulls(["consensus", "direction"])["series_id"].unique()
    due = recent.filter(
        pl.col("series_id").is_in(usual.implode()),
        pl.col("scheduled_at") > clock - timedelta(days=REACH_DAYS),
        pl.col("scheduled_at") <= clock,
    )
    sums = due.group_by("country", "dimension").agg(
        pl.col("importance").sum().alias("due"),
        pl.col("importance").filter(pl.col("z").is_not_null()).sum().alias("came"),
    )
    return {
        (country, kind): (float(every), float(came))
        for country, kind, every, came in sums.iter_rows()
    }


def _evening(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), UTC)


def days_of_year(clock: datetime) -> list[datetime]:
    """The evenings since the first of January, and the clock."""
    first = date(clock.year, 1, 1)
    days = (clock.date() - first).days
    return [_evening(first + timedelta(days=n)) for n in range(days)] + [clock]
