"""What `links` and `exposures` state of the demo world, its prices do: found by regressions."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from tests.demo_fixture import DemoLake

Floats = NDArray[np.float64]


@pytest.fixture(scope="module")
def moves(demo_lake: DemoLake) -> pl.DataFrame:
    """Total returns of everything quoted, [symbol, date, r]."""
    return (
        demo_lake.at()
        .sql(
            "SELECT symbol, date, (close + coalesce(dividend, 0)) * coalesce(split_ratio, 1) "
            "/ lag(close) OVER (PARTITION BY symbol ORDER BY date) - 1 AS r "
            "FROM prices WHERE source = 'demo' QUALIFY r IS NOT NULL"
        )
        .frame
    )


@pytest.fixture(scope="module")
def links(demo_lake: DemoLake) -> pl.DataFrame:
    return demo_lake.at().sql("SELECT * FROM links").frame


def of(moves: pl.DataFrame, symbol: str, name: str) -> pl.DataFrame:
    return moves.filter(pl.col("symbol") == symbol).select("date", pl.col("r").alias(name))


def slopes(frame: pl.DataFrame, y: str, xs: list[str]) -> tuple[Floats, Floats]:
    """Ordinary least squares with a constant: slopes and their errors, in deviations of y and x."""
    sides = frame.select(xs).to_numpy()
    design = np.column_stack([sides, np.ones(len(sides))])
    answer = frame[y].to_numpy()
    found, *_ = np.linalg.lstsq(design, answer, rcond=None)
    rest = answer - design @ found
    error = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * rest.var())
    scale = sides.std(axis=0) / answer.std()
    return found[:-1] * scale, error[:-1] * scale


def index_of(sector: str) -> str:
    return f"demo:IX-{sector.removeprefix('demo:sector:').upper()}"


def test_sectors_follow_their_goods_a_day_later(moves: pl.DataFrame, links: pl.DataFrame) -> None:
    """Within 0.06 of the stated strength; errors of these slopes are 0.006."""
    goods = links.filter(
        (pl.col("kind") == "drives")
        & ~pl.col("from_id").str.contains(r"^demo:(sector|GDPG|CPIYOY|POLICY)")
    )
    assert goods.height == 5 and set(goods["lag_days"]) == {1}
    world = of(moves, "demo:WORLD", "world")
    for sector in goods["to_id"].unique():
        causes = goods.filter(pl.col("to_id") == sector)
        frame = world.join(of(moves, index_of(sector), "y"), on="date")
        for cause in causes["from_id"]:
            before = of(moves, cause, cause).rename({"date": "cause"})
            frame = frame.sort("date").join_asof(
                before.sort("cause"),
                left_on="date",
                right_on="cause",
                strategy="backward",
                allow_exact_matches=False,
            )
        found, _ = slopes(frame.drop_nulls(), "y", [*causes["from_id"], "world"])
        assert np.abs(found[:-1] - causes["strength"].to_numpy()).max() < 0.06, sector


@pytest.fixture(scope="module")
def surprises(demo_lake: DemoLake) -> pl.DataFrame:
    """By session of New York, what came since the close before, in usual surprises."""
    sql = """
        WITH closes AS (SELECT date, min(known_at) - INTERVAL 15 MINUTE AS closed
                        FROM prices_vintages WHERE symbol = 'demo:WORLD' GROUP BY date),
             news AS (SELECT split_part(series_id, ':', 2) AS what, period,
                      min(known_at) AS came, min(actual - consensus) AS off
                      FROM releases_vintages
                      WHERE series_id IN ('demo:GDPG:USA', 'demo:POLICY:USA')
                      AND status = 'released' GROUP BY ALL)
        SELECT c.date, n.what, sum(n.off) AS off FROM news n
        ASOF JOIN closes c ON n.came <= c.closed GROUP BY ALL
    """
    found = demo_lake.at().sql(sql).frame
    sizes = {"GDPG": 0.525, "POLICY": 0.25 * 0.08**0.5}
    wide = found.pivot("what", index="date", values="off").fill_null(0.0)
    return wide.with_columns(pl.col(name) / size for name, size in sizes.items())


def test_sectors_answer_to_news_by_the_next_close(
    moves: pl.DataFrame, links: pl.DataFrame, surprises: pl.DataFrame
) -> None:
    """All 22 strengths at once: the mean squared error over its own variance is near one.

    A usual surprise moves the sector by `strength` of its usual day, 0.0115.
    """
    world = of(moves, "demo:WORLD", "world")
    misses = []
    for name, cause in (("GDPG", "demo:GDPG:USA"), ("POLICY", "demo:POLICY:USA")):
        for tie in links.filter(
            (pl.col("from_id") == cause) & pl.col("to_id").str.starts_with("demo:sector:")
        ).iter_rows(named=True):
            frame = (
                world.join(of(moves, index_of(tie["to_id"]), "y"), on="date")
                .join(surprises, on="date", how="left")
                .fill_null(0.0)
            )
            xs = ["GDPG", "POLICY", "world"]
            found, error = slopes(frame, "y", xs)
            at = xs.index(name)
            scale = frame["y"].std() / frame[name].std() / 0.0115
            misses.append((found[at] * scale - tie["strength"]) / (error[at] * scale))
            if abs(tie["strength"]) >= 0.3:
                assert found[at] * tie["strength"] > 0 and abs(found[at] / error[at]) > 4
    assert len(misses) == 22
    assert np.mean(np.square(misses)) < 2.5


def test_the_dollar_answers_to_the_federal_reserve(
    moves: pl.DataFrame, surprises: pl.DataFrame
) -> None:
    dollars = of(moves, "demo:USDJPY", "y").join(surprises, on="date", how="left").fill_null(0.0)
    on_day = dollars.filter(pl.col("POLICY") != 0)
    assert on_day.height > 10
    mean = float((on_day["y"] * on_day["POLICY"].sign()).mean())
    assert mean > 2.5 * float(dollars["y"].std()) / on_day.height**0.5


def test_customers_follow_their_suppliers_after_four_weeks(
    demo_lake: DemoLake, moves: pl.DataFrame, links: pl.DataFrame
) -> None:
    """Of some sixty ties the slopes are right on average, and the strong ones are the strong."""
    symbols = dict(links.filter(pl.col("kind") == "issues").select("from_id", "to_id").iter_rows())
    world = of(moves, "demo:WORLD", "world")
    found = []
    for tie in links.filter(pl.col("kind") == "supplies").iter_rows(named=True):
        late = timedelta(days=tie["lag_days"])
        supplier = of(moves, symbols[tie["from_id"]], "x").join(
            world.rename({"world": "then"}), on="date"
        )
        frame = (
            of(moves, symbols[tie["to_id"]], "y")
            .join(world, on="date")
            .join(supplier.with_columns(pl.col("date") + late), on="date")
            .filter(pl.col("date") >= tie["known_at"].date() + late)
        )
        if frame.height > 1000:
            slope, error = slopes(frame, "y", ["x", "then", "world"])
            found.append((slope[0], error[0], tie["strength"]))
    table = np.array(found)
    assert len(table) > 40
    assert abs(table[:, 0].mean() / table[:, 2].mean() - 1) < 0.2
    assert np.corrcoef(table[:, 0], table[:, 2])[0, 1] > 0.5
    late = float(np.mean(table[:, 0] / table[:, 1]))
    assert late > 4


def test_shares_of_a_sector_go_with_its_index(
    demo_lake: DemoLake, moves: pl.DataFrame, links: pl.DataFrame
) -> None:
    symbols = dict(links.filter(pl.col("kind") == "issues").select("from_id", "to_id").iter_rows())
    ties = links.filter(
        (pl.col("kind") == "drives") & pl.col("from_id").str.starts_with("demo:sector:")
    )
    misses = []
    for tie in ties.iter_rows(named=True):
        frame = of(moves, symbols[tie["to_id"]], "y").join(
            of(moves, index_of(tie["from_id"]), "x"), on="date"
        )
        if frame.height > 3000:
            misses.append(float(np.corrcoef(frame["x"], frame["y"])[0, 1]) - tie["strength"])
    assert len(misses) > 15
    assert abs(np.mean(misses)) < 0.05 and np.std(misses) < 0.06


def test_revenue_abroad_follows_its_currency(demo_lake: DemoLake, moves: pl.DataFrame) -> None:
    """Pooled over companies, the slope on revenue-weighted currencies is one within four errors."""
    money = {"JPN": "JPY", "GBR": "GBP", "CHN": "CNY", "CAN": "CAD"} | dict.fromkeys(
        ("DEU", "FRA", "ITA", "ESP", "NLD", "FIN", "BEL", "AUT"), "EUR"
    )
    pairs = {
        "EUR": ("EURUSD", 1),
        "GBP": ("GBPUSD", 1),
        "JPY": ("USDJPY", -1),
        "CNY": ("USDCNY", -1),
        "CAD": ("USDCAD", -1),
    }
    rates = pl.DataFrame({"date": []}, schema={"date": pl.Date})
    for code, (pair, sign) in pairs.items():
        one = of(moves, f"demo:{pair}", code)
        one = one.with_columns(((1 + pl.col(code)).pow(sign) - 1).alias(code))
        rates = one if not rates.height else rates.join(one, on="date")
    shares = (
        demo_lake.at()
        .sql(
            "SELECT i.symbol, e.place, avg(e.revenue / t.total) AS share FROM exposures e JOIN "
            "(SELECT company, period_end, sum(revenue) AS total FROM exposures GROUP BY ALL) t "
            "USING (company, period_end) JOIN instruments i USING (company) "
            "WHERE i.venue = 'XNYS' AND e.place <> 'USA' GROUP BY ALL"
        )
        .frame
    )
    world = of(moves, "demo:WORLD", "world")
    ys, xs = [], []
    for (symbol,), part in shares.group_by("symbol"):
        known = [(money[p], s) for p, s in part.select("place", "share").iter_rows() if p in money]
        basket = pl.sum_horizontal(pl.lit(0.0), *(pl.col(c) * s for c, s in known))
        frame = (
            of(moves, str(symbol), "y")
            .join(world, on="date")
            .join(rates.select("date", basket.alias("x")), on="date")
        )
        if frame.height < 1000 or not known:
            continue
        both = frame.select("y", "x").to_numpy()
        market = np.column_stack([frame["world"].to_numpy(), np.ones(frame.height)])
        rest = both - market @ np.linalg.lstsq(market, both, rcond=None)[0]
        ys.append(rest[:, 0])
        xs.append(rest[:, 1])
    y, x = np.concatenate(ys), np.concatenate(xs)
    slope = float(x @ y / (x @ x))
    error = float(np.sqrt((y - slope * x).var() / (x @ x)))
    assert abs(slope - 1) < 4 * error and slope > 4 * error
