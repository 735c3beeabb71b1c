"""A world that goes on after the clock: what a reader of the past must never notice.

The small demo world under names of its own, in a workspace of real rows, with what the world of one
source lacks: closes corrected months later, a second source filled in afterwards, history restated
without dates, instruments renamed and delisted, events reported late.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import polars as pl

from data.datasets import DATASETS
from data.fields import TEAM
from data.lake import Lake
from data.query import At, Db
from data.settings import Settings
from ingest.sources import demo
from ingest.sources.demo_world.spec import make_spec
from tests.demo_fixture import settings_in

UNTIL = date(2024, 6, 28)
OWN, SECOND, RESTATED = "made", "second", "restated"
# Taken in by parts, so that under the house clock too there is a before and an after.
PARTS = (datetime(2023, 6, 1, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC))
RETOLD = datetime(2024, 2, 15, 9, tzinfo=UTC)
AFTERWARDS = datetime(2024, 6, 20, 9, 30, tzinfo=UTC)
TAKEN_IN = datetime(2024, 6, 29, tzinfo=UTC)
LIVE_DAY = datetime(2024, 4, 16, 15, 0, tzinfo=UTC)


def build(folder: Path) -> Settings:
    """The whole world, its future included."""
    seeded = settings_in(folder / "seeded")
    demo.seed(seeded, make_spec(7, UNTIL, "small"), lambda words: None)
    held = settings_in(folder / "whole", "made")
    lake = Lake(held.lake, workspace=held.workspace)
    for name, dataset in DATASETS.items():
        rows = _rows(seeded.lake, name)
        if not rows.height:
            continue
        if dataset.appended:
            lake.append(name, rows, publish_id="all")
            continue
        for part, (since, until, taken_in) in enumerate(_spans()):
            some = rows.filter(pl.col("known_at") > since, pl.col("known_at") <= until)
            if some.height:
                lake.upsert(name, some, publish_id=f"part {part}", ingested_at=taken_in)
    for name, later in _afterwards(held):
        lake.upsert(name, later, publish_id=f"afterwards {name}", ingested_at=TAKEN_IN)
    lake.upsert("companies", _edits(held, PARTS[0], "ours since June"), ingested_at=PARTS[0])
    lake.upsert("companies", _edits(held, AFTERWARDS, "edited later"), ingested_at=AFTERWARDS)
    lake.upsert("releases", _overdue(held), ingested_at=PARTS[1])
    lake.upsert("macro", _forecasts(held), ingested_at=PARTS[1])
    for name, rows in _recessions(held):
        lake.upsert(name, rows, ingested_at=PARTS[1])
    _trade_live(lake)
    return held


def _edits(held: Settings, known_at: datetime, note: str) -> pl.DataFrame:
    """What the team writes of every company at one instant."""
    db = Db(held.lake, threads=1)
    frame = db.at(TAKEN_IN).sql("SELECT DISTINCT company FROM companies ORDER BY 1").frame
    db.close()
    return frame.with_columns(
        pl.lit(note).alias("note"),
        pl.lit("anna").alias("author"),
        pl.lit("native").alias("vintage_grade"),
        pl.lit(TEAM).alias("source"),
        pl.lit(known_at).cast(pl.Datetime("us", "UTC")).alias("known_at"),
    )


def clocks(held: Settings) -> dict[str, datetime]:
    """A release's minute and the second before, New Year, a Sunday on which clocks are put
    forward, the middle of a session, the first day."""
    db = Db(held.lake, threads=1)
    at = db.at(TAKEN_IN)
    release = at.sql(
        "SELECT min(known_at) AS at FROM releases_vintages WHERE actual IS NOT NULL "
        "AND known_at > TIMESTAMPTZ '2024-04-02' AND precision = 'minute'"
    ).frame["at"][0]
    first = at.sql("SELECT min(known_at) AS at FROM prices_vintages").frame["at"][0]
    db.close()
    return {
        "release": release,
        "the second before": release - timedelta(seconds=1),
        "New Year": datetime(2024, 1, 1, tzinfo=UTC),
        "Sunday in March": datetime(2024, 3, 10, 7, 30, tzinfo=UTC),
        "mid-session": LIVE_DAY,
        "first day": first,
    }


def _spans() -> Iterator[tuple[datetime, datetime, datetime]]:
    """Known since, known until, and taken in; the last part holds what is announced ahead, too."""
    edges = (datetime(1900, 1, 1, tzinfo=UTC), *PARTS, datetime(2100, 1, 1, tzinfo=UTC))
    yield from zip(edges[:-1], edges[1:], (*PARTS, TAKEN_IN), strict=True)


def _rows(lake: Path, name: str) -> pl.DataFrame:
    """Every vintage of a dataset under names that no one takes for the demo world's."""
    files = sorted((lake / name).rglob("part-*.parquet"))
    if not files:
        return pl.DataFrame()
    rows = pl.concat([pl.read_parquet(file, hive_partitioning=False) for file in files])
    texts = [column for column, kind in rows.schema.items() if kind == pl.String]
    lists = [column for column, kind in rows.schema.items() if kind == pl.List(pl.String)]
    return rows.drop("ingested_at", "superseded_at").with_columns(
        *(_own_id(column) for column in texts if column != "source"),
        *(
            pl.col(column).list.eval(pl.element().str.replace("^demo:", f"{OWN}:"))
            for column in lists
        ),
        pl.col("source").str.replace("^demo", OWN),
    )


def _own_id(column: str) -> pl.Expr:
    """Ids of this world: of its own source, and for curves of sources whose tenors are known."""
    text = pl.col(column)
    tenor = text.str.extract("^demo:spot:EMU:(.+)$")
    return (
        pl.when(tenor.is_not_null())
        .then(pl.lit("ecb:YC.B.U2.EUR.4F.G_N_A.SV_C_YM.SR_") + tenor.str.to_uppercase())
        .otherwise(
            text.str.replace("^demo:(par|real):USA:", "us_treasury:${1}:").str.replace(
                "^demo:", f"{OWN}:"
            )
        )
        .alias(column)
    )


def _afterwards(held: Settings) -> Iterator[tuple[str, pl.DataFrame]]:
    """What came when every clock of the tests had passed."""
    db, rng = Db(held.lake, threads=1), random.Random(11)
    at = db.at(AFTERWARDS)
    bars = at.sql(
        "SELECT * EXCLUDE (ingested_at) FROM prices WHERE date >= DATE '2023-01-01' "
        "AND source = $own AND close IS NOT NULL ORDER BY symbol, date",
        own=OWN,
    ).frame
    symbols = sorted(bars["symbol"].unique())
    corrected = bars.sample(400, seed=3).with_columns(
        pl.col("close") * 1.013, pl.lit(AFTERWARDS).alias("known_at")
    )
    second = bars.filter(pl.col("symbol").is_in(symbols[::4])).with_columns(
        pl.col("close") * 0.5,
        pl.lit(SECOND).alias("source"),
        pl.lit("lagged").alias("vintage_grade"),
    )
    restated = bars.filter(pl.col("symbol").is_in(symbols[::3])).with_columns(
        pl.col("close") * 0.25,
        pl.lit(RESTATED).alias("source"),
        pl.lit("current").alias("vintage_grade"),
    )
    over = bars.filter(pl.col("symbol").is_in(symbols[1::5])).with_columns(
        pl.col("close") * 4.0,
        (pl.col("known_at") + pl.duration(minutes=1)).alias("known_at"),
        pl.lit("current").alias("vintage_grade"),
    )
    yield "prices", pl.concat([corrected, second, restated, over])
    values = at.sql(
        "SELECT * EXCLUDE (ingested_at) FROM macro WHERE period >= DATE '2022-01-01' "
        "AND value IS NOT NULL ORDER BY series_id, period"
    ).frame
    yield (
        "macro",
        pl.concat(
            [
                values.sample(400, seed=4).with_columns(
                    pl.col("value") * 1.05, pl.lit(AFTERWARDS).alias("known_at")
                ),
                values.with_columns(
                    pl.col("value") * 3,
                    pl.lit(RESTATED).alias("source"),
                    pl.lit("current").alias("vintage_grade"),
                ),
            ]
        ),
    )
    listed = at.sql("SELECT * EXCLUDE (ingested_at) FROM instruments ORDER BY symbol").frame
    yield (
        "instruments",
        listed.filter(pl.int_range(pl.len()) % 5 == 0).with_columns(
            (pl.col("name") + " (renamed)").alias("name"),
            pl.lit("Other").alias("sector"),
            pl.lit(AFTERWARDS.date()).alias("delisted_on"),
            pl.lit(AFTERWARDS).alias("known_at"),
        ),
    )
    series = at.sql("SELECT * EXCLUDE (ingested_at) FROM series ORDER BY series_id").frame
    yield (
        "series",
        series.filter(pl.int_range(pl.len()) % 4 == 0).with_columns(
            (pl.col("title") + " (new base)").alias("title"), pl.lit(AFTERWARDS).alias("known_at")
        ),
    )
    events = at.sql("SELECT * EXCLUDE (ingested_at) FROM events ORDER BY event_id").frame
    yield (
        "events",
        events.tail(60).with_columns(
            (pl.col("title") + " (reported again)").alias("title"),
            pl.lit(rng.choice(["crash", "war"])).alias("kind"),
            pl.lit(AFTERWARDS).alias("known_at"),
        ),
    )
    releases = at.sql(
        "SELECT * EXCLUDE (ingested_at) FROM releases WHERE actual IS NOT NULL "
        "ORDER BY scheduled_at DESC, series_id, period LIMIT 800"
    ).frame
    yield (
        "releases",
        releases.with_columns(pl.col("actual") + 9, pl.lit(AFTERWARDS).alias("known_at")),
    )
    for name in ("trade", "trade_months"):
        yield name, _restated_trade(at, name)
    db.close()


def _restated_trade(at: At, name: str) -> pl.DataFrame:
    """Flows told anew, some between two clocks, and all of them by a second source."""
    flows = at.sql(
        f"SELECT * EXCLUDE (ingested_at) FROM {name} WHERE year >= 2021 ORDER BY ALL"
    ).frame
    anew = flows.sample(fraction=0.1, seed=6).with_columns(pl.col("value_usd") * 1.5)
    known = pl.max_horizontal(pl.lit(RETOLD), pl.col("known_at") + pl.duration(days=3))
    second = flows.with_columns(
        pl.col("value_usd") * 3.0,
        pl.lit(RESTATED).alias("source"),
        pl.lit("current").alias("vintage_grade"),
    )
    return pl.concat([anew.with_columns(known.alias("known_at")), second])


def _overdue(held: Settings) -> pl.DataFrame:
    """A release that was due and has not come at any clock."""
    db = Db(held.lake, threads=1)
    one = (
        db.at(PARTS[1])
        .sql(
            "SELECT * EXCLUDE (ingested_at) FROM releases WHERE actual IS NOT NULL "
            "ORDER BY scheduled_at DESC, series_id, period LIMIT 1"
        )
        .frame
    )
    db.close()
    due = datetime(2023, 12, 20, 13, 30, tzinfo=UTC)
    return one.with_columns(
        pl.lit(date(2023, 11, 2)).alias("period"),
        pl.lit(due).alias("scheduled_at"),
        pl.lit(None, pl.Float64).alias("actual"),
        pl.lit("scheduled").alias("status"),
        pl.lit(due - timedelta(days=30)).alias("known_at"),
    )


def _forecasts(held: Settings) -> pl.DataFrame:
    """What a source foretold in autumn, and foretells otherwise after every clock."""
    db = Db(held.lake, threads=1)
    values = (
        db.at(PARTS[0])
        .sql(
            "SELECT * EXCLUDE (ingested_at) FROM macro WHERE source = $own AND value IS NOT NULL "
            "QUALIFY row_number() OVER (PARTITION BY series_id ORDER BY period DESC) = 1 "
            "ORDER BY series_id LIMIT 12",
            own=OWN,
        )
        .frame
    )
    db.close()
    told = values.with_columns(
        pl.col("period").dt.offset_by("24mo"),
        pl.lit(True).alias("is_forecast"),
        pl.lit(datetime(2023, 10, 10, 13, tzinfo=UTC)).alias("known_at"),
    )
    again = told.with_columns(pl.col("value") + 7, pl.lit(AFTERWARDS).alias("known_at"))
    return pl.concat([told, again])


def _recessions(held: Settings) -> Iterator[tuple[str, pl.DataFrame]]:
    """Months of recession as a committee dates them, a year and a half later."""
    db = Db(held.lake, threads=1)
    like = "SELECT * EXCLUDE (ingested_at) FROM series WHERE series_id = $id"
    line = db.at(PARTS[1]).sql(like, id=f"{OWN}:IP:USA").frame
    db.close()
    named = line.with_columns(
        pl.lit(f"{OWN}:RECESSION:USA").alias("series_id"),
        pl.lit("recession").alias("indicator"),
        pl.lit("Months of recession").alias("title"),
    )
    yield "series", named
    months = pl.date_range(date(2008, 1, 1), date(2022, 6, 1), "1mo", eager=True)
    yield (
        "macro",
        pl.DataFrame({"period": months}).with_columns(
            pl.lit(f"{OWN}:RECESSION:USA").alias("series_id"),
            ((pl.col("period").dt.year() % 7) == 0).cast(pl.Float64).alias("value"),
            pl.lit("0 or 1").alias("unit"),
            pl.lit(False).alias("is_forecast"),
            pl.col("period").dt.offset_by("18mo").cast(pl.Datetime("us", "UTC")).alias("known_at"),
            pl.lit("native").alias("vintage_grade"),
            pl.lit(OWN).alias("source"),
        ),
    )


def _trade_live(lake: Lake) -> None:
    """Trades and their minutes on both sides of the clock in mid-session."""
    rng, given = random.Random(5), []
    for number in range(2_400):
        event = LIVE_DAY - timedelta(minutes=15) + timedelta(milliseconds=500 * number)
        for place, symbol in enumerate(("AAAUSD", "BBBUSD")):
            if number % 97 == 5 + place:
                continue
            price = 100.0 * (place + 1) + rng.gauss(0, 0.1) - 3.0 * (number > 1_900)
            given.append(
                {
                    "venue": "MADE",
                    "symbol": f"{OWN}:{symbol}",
                    "event_at": event,
                    "trade_id": number,
                    "price": price,
                    "size": 1.0 + number % 3,
                    "side": "buy" if number % 2 else "sell",
                    "known_at": event + timedelta(milliseconds=80 + 4_000 * (number % 211 == 7)),
                    "vintage_grade": "native",
                    "source": OWN,
                }
            )
    lake.append("ticks", pl.DataFrame(given), publish_id="live")


def midnight(day: date) -> datetime:
    """The first instant of a day."""
    return datetime.combine(day, time(), UTC)
