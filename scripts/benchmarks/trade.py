"""Years of trade of a million rows each, and what is made of them: views, matrices, gravity.

The rows are made up: 150 reporters of four-digit goods, drawn from a seed, in three years. Peers do
the same sums on the same files, or fit the same model with a column for every country.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path as Folder

import numpy as np
import pandas as pd
import polars as pl
import statsmodels.api as sm

from analytics.trade.advantage import revealed_advantage
from analytics.trade.baskets import advantage
from analytics.trade.dependency import bloc_screen, trade_dependency
from analytics.trade.flows import trade_partners, trade_products
from analytics.trade.mirror import mirror_gaps, trade_hubs, trade_pair
from analytics.trade.ppml import ppml
from analytics.trade.shock import supply_shock
from analytics.trade.supply import trade_alternatives
from data.lake import Lake
from data.query import At, Db
from scripts.benchmarks import peers, report
from scripts.benchmarks.timing import OURS, Goal, TimedPath, Variant, check, measure

NAME = "trade"
NOW = datetime(2025, 1, 1, tzinfo=UTC)
YEARS, REPORTERS = (2021, 2022, 2023), 150
YEAR = YEARS[-1]
VIEW_MS, GRAVITY_MS, ADVANTAGE_MS = 400.0, 2_000.0, 50.0
CODES = [f"Q{one}{two}" for one in "ABCDEFGHIJKLMNO" for two in "ABCDEFGHIJ"]
NAMES = ("distance", "border", "language", "agreement", "currency")


def rows(rounds: int, *, quick: bool) -> list[report.Row]:
    """One row for each path and peer."""
    found: list[report.Row] = []
    with tempfile.TemporaryDirectory() as folder:
        db = Db(_lake(Folder(folder), 300 if quick else 3_300), threads=2)
        for path in [*_views(db.at(NOW)), advantage_path(), gravity_path(60 if quick else 174)]:
            check(path)
            found += report.rows(path, measure(path, rounds), {})
        db.close()
    return found


def _lake(folder: Folder, flows_each: int) -> Folder:
    """A lake with some years: the flows of each reporter, its World, and its totals."""
    made = np.random.default_rng(7)
    root = folder / "bench" / "lake"
    lake = Lake(root, workspace="bench")
    for year in YEARS:
        known_at = datetime(year + 1, 6, 1, tzinfo=UTC)
        lake.upsert(
            "trade",
            _year(made, flows_each).with_columns(
                pl.lit(year, pl.Int32).alias("year"),
                (pl.col("value_usd") / 3).alias("net_weight_kg"),
                pl.lit("HS2022").alias("classification"),
                pl.lit("comtrade").alias("source"),
                pl.lit(known_at).alias("known_at"),
                pl.lit("native").alias("vintage_grade"),
            ),
        )
    return root


def _year(made: np.random.Generator, flows_each: int) -> pl.DataFrame:
    codes = CODES[:REPORTERS]
    goods = [f"{chapter:02}{part:02}" for chapter in range(1, 97) for part in range(1, 13)]
    cells = len(codes) * len(goods)
    parts = []
    for reporter in codes:
        for flow, valuation in (("export", "FOB"), ("import", "CIF")):
            chosen = np.sort(made.choice(cells, flows_each, replace=False))
            parts.append(
                pl.DataFrame(
                    {
                        "partner": np.array(codes)[chosen % len(codes)],
                        "product": np.array(goods)[chosen // len(codes)],
                        "value_usd": np.rint(made.lognormal(12, 2, flows_each)),
                    }
                ).with_columns(
                    pl.lit(reporter).alias("reporter"),
                    pl.lit(flow).alias("flow"),
                    pl.lit(valuation).alias("valuation"),
                )
            )
    flows = pl.concat(parts).filter(pl.col("partner") != pl.col("reporter"))
    key = ["reporter", "partner", "product", "flow", "valuation"]
    of = {"partner": pl.lit("WLD").alias("partner"), "product": pl.lit("TOTAL").alias("product")}
    every = [flows.select(*key, "value_usd")]
    for lifted in (("partner",), ("product",), ("partner", "product")):
        rest = [name for name in key if name not in lifted]
        summed = flows.group_by(rest).agg(pl.col("value_usd").sum())
        every.append(summed.with_columns(of[name] for name in lifted).select(*key, "value_usd"))
    return pl.concat(every)


def _views(at: At) -> Iterator[TimedPath]:
    """What the page asks of the last year that is known, beside a plain scan of that year's files
    that sums by product."""
    paths = peers.files(at, "trade")
    count = max(entry.rows for entry in at.manifests["trade"].files)
    who, group = CODES[0], ",".join(CODES[:27])
    scan = Variant("Polars, sums alone", lambda: _summed(at, paths), agrees=False)
    views = {
        "trade partners": lambda: trade_partners(at, country=who),
        "trade products": lambda: trade_products(at, country=who, level=4),
        "trade pair": lambda: trade_pair(at, country=who, partner=CODES[1], level=4),
        "trade dependence": lambda: trade_dependency(at, country=who, level=4),
        "trade screen": lambda: bloc_screen(at, country=group, level=4),
        "trade alternatives": lambda: trade_alternatives(at, country=who, product="2701"),
        "trade shock": lambda: supply_shock(at, exporters=[CODES[1]], products=["2701", "8401"]),
        "trade mirrors": lambda: mirror_gaps(at, level=4),
        "trade hubs": lambda: trade_hubs(at, level=4),
        "trade advantage": lambda: revealed_advantage(at, country=who, level=4),
    }
    for name, run in views.items():
        yield TimedPath(
            name,
            f"a view of a year of {count:,} rows",
            (Variant(OURS, run), scan),
            (Goal(scan.name, 8.0),),
            most_ms={OURS: VIEW_MS},
        )


def _summed(at: At, paths: list[str]) -> pl.DataFrame:
    kept = peers.visible(paths, at.as_of).filter(pl.col("year") == YEAR, pl.col("flow") == "export")
    return kept.group_by("reporter", "product").agg(pl.col("value_usd").sum()).collect()


def advantage_path() -> TimedPath:
    """Revealed advantage of 226 countries in 785 products, beside Pandas on the same table."""
    values = np.random.default_rng(7).lognormal(0, 2, (226, 785))
    table = pd.DataFrame(values)

    def pandas() -> pl.DataFrame:
        shares = table.div(table.sum(axis=1), axis=0)
        return pl.DataFrame((shares / (table.sum(axis=0) / table.to_numpy().sum())).to_numpy())

    return TimedPath(
        "advantage",
        "226 countries, 785 products",
        (Variant(OURS, lambda: pl.DataFrame(advantage(values))), Variant("Pandas", pandas)),
        (Goal("Pandas", 1.5),),
        most_ms={OURS: ADVANTAGE_MS},
    )


def gravity_path(countries: int) -> TimedPath:
    """Gravity with effects of both sides, beside statsmodels with a column for each of them."""
    made = np.random.default_rng(7)
    seller, buyer = np.divmod(np.arange(countries**2), countries)
    seller, buyer = seller[seller != buyer], buyer[seller != buyer]
    variables = made.normal(size=(len(seller), len(NAMES)))
    effects = made.normal(size=countries)[seller] + made.normal(size=countries)[buyer]
    mean = np.exp(variables @ np.array([-0.7, 0.5, 0.2, 0.1, 0.3]) + effects)
    flows = mean * made.lognormal(0, 1, len(seller)) * (made.random(len(seller)) > 0.2)

    def ours() -> pl.DataFrame:
        found = ppml(flows, variables, NAMES, first=seller, second=buyer)
        return pl.DataFrame({"estimate": found.estimates, "error": found.errors})

    def dummies() -> pl.DataFrame:
        # Scaled, so that its own test of the deviance can be met.
        scaled = flows / flows.mean()
        left = (seller[:, None] == np.arange(countries)).astype(float)
        right = (buyer[:, None] == np.arange(1, countries)).astype(float)
        model = sm.GLM(scaled, np.hstack([variables, left, right]), family=sm.families.Poisson())
        found = model.fit(cov_type="HC0", tol=1e-9, maxiter=60)
        count = len(NAMES)
        return pl.DataFrame({"estimate": found.params[:count], "error": found.bse[:count]})

    return TimedPath(
        "gravity",
        f"{len(flows):,} pairs with effects of both sides",
        (Variant(OURS, ours), Variant("statsmodels", dummies, is_slow=True)),
        (Goal("statsmodels", 0.2),),
        most_ms={OURS: GRAVITY_MS},
    )
