"""Hamilton's published model of American growth, and what is said where there is none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analytics.regimes.hamilton import fit_autoregression, quarterly_model
from data.lake import Lake
from data.query import Db

LATER = datetime(2030, 1, 1, tzinfo=UTC)
# The quarters that the paper's model dates as recessions in hindsight.
SPELLS = (
    ("1953Q3", "1954Q2"),
    ("1957Q1", "1958Q1"),
    ("1960Q2", "1960Q4"),
    ("1969Q3", "1970Q4"),
    ("1974Q1", "1975Q1"),
    ("1979Q2", "1980Q3"),
    ("1981Q2", "1982Q4"),
)


def quarters(lake: Lake, names: list[str], values: list[float], unit: str = "percent") -> None:
    """A quarterly series of growth, each known two months after its quarter."""
    days = [date(int(name[:4]), 3 * int(name[5]) - 2, 1) for name in names]
    lake.upsert(
        "series",
        pl.DataFrame(
            [
                {
                    "series_id": "s:GDP",
                    "indicator": "GDPG",
                    "title": "Growth",
                    "country": "USA",
                    "frequency": "quarterly",
                    "unit": unit,
                    "adjustment": "sa",
                    "dimension": "growth",
                    "direction": 1,
                    "timezone": "UTC",
                    "known_at": datetime(1940, 1, 1, tzinfo=UTC),
                    "vintage_grade": "native",
                    "source": "office",
                }
            ],
            schema_overrides={"direction": pl.Int32},
        ),
    )
    lake.upsert(
        "macro",
        pl.DataFrame(
            {
                "series_id": "s:GDP",
                "period": days,
                "value": values,
                "unit": unit,
                "is_forecast": False,
                "known_at": days,
                "vintage_grade": "native",
                "source": "office",
            }
        ).with_columns(
            pl.col("known_at")
            .cast(pl.Datetime("us"))
            .dt.offset_by("5mo")
            .dt.replace_time_zone("UTC")
        ),
    )


@pytest.mark.needs("shared")
def test_the_published_model_is_reproduced(lake: Lake, db: Db, shared: Path) -> None:
    file = pl.read_csv(shared / "real" / "hamilton1989_rgnp.csv")
    names, values = file["quarter"].to_list(), file["rgnp_growth"].to_list()
    fit, note = fit_autoregression(np.array(values).tobytes())
    assert note is None
    assert fit is not None
    assert fit.likelihood == pytest.approx(-181.2634, abs=1e-3)
    assert fit.stay == pytest.approx((0.7547, 1 - 0.0959), abs=1e-3)
    assert fit.mean == pytest.approx((-0.3588, 1.1635), abs=1e-3)
    assert fit.variance == pytest.approx(0.5914, abs=1e-3)
    assert fit.lags == pytest.approx((0.0135, -0.0575, -0.2470, -0.2129), abs=1e-3)
    lasts = tuple(1 / (1 - stay) for stay in fit.stay)
    assert lasts == pytest.approx((4.08, 10.43), abs=0.05)
    quarters(lake, names, values)
    frame = quarterly_model(db.at(LATER), country="USA").frame
    dated = [name for name, p in zip(names, frame["p_smoothed"], strict=True) if p and p > 0.5]
    assert dated == [name for name in names if any(a <= name <= b for a, b in SPELLS)]
    for column, area in (("p_smoothed", 0.969), ("p_filtered", 0.974)):
        chance, real = frame[column].to_numpy()[4:], file["nber_recession"].to_numpy()[4:] == 1
        pairs = (chance[real][:, None] > chance[~real][None, :]).mean()
        assert pairs == pytest.approx(area, abs=2e-3)


@pytest.mark.parametrize(
    ("values", "said"),
    [([1.0, 2.0] * 10, "60 are needed"), ([0.5] * 80, "does not vary")],
)
def test_no_model_is_said(lake: Lake, db: Db, values: list[float], said: str) -> None:
    names = [f"{1990 + n // 4}Q{n % 4 + 1}" for n in range(len(values))]
    quarters(lake, names, values)
    frame = quarterly_model(db.at(LATER), country="USA").frame
    assert said in frame["note"][0]
    assert frame["p_smoothed"].null_count() == frame.height
    assert quarterly_model(db.at(LATER), country="XXX").frame.is_empty()


def test_a_level_is_taken_as_its_growth(lake: Lake, db: Db) -> None:
    names = [f"{1990 + n // 4}Q{n % 4 + 1}" for n in range(4)]
    quarters(lake, names, [100.0, 101.0, 102.01, 100.0], unit="billion")
    growth = quarterly_model(db.at(LATER), country="USA").frame["growth"].to_list()
    assert growth == pytest.approx([1.0, 1.0, 100 * (100 / 102.01 - 1)])
