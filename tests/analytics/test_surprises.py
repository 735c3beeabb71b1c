"""Surprises in their own deviation, indices by hand, and a real calendar of ten months."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analytics.macro.agenda import agenda, reactions
from analytics.macro.surprises import rolling_surprises, surprise_history, surprise_index, surprises
from data.lake import Lake
from data.query import Db
from tests.analytics.quotes import evening, quotes, table

NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)
TYPES = {
    "consensus": pl.Float64,
    "actual": pl.Float64,
    "previous": pl.Float64,
    "consensus_known_at": pl.Datetime("us", "UTC"),
    "known_at": pl.Datetime("us", "UTC"),
    "scheduled_at": pl.Datetime("us", "UTC"),
}


def noon(day: int) -> datetime:
    """Noon of the n-th day of 2020, from nought."""
    return NOON + timedelta(days=day)


def release(
    day: int, actual: float | None, consensus: float | None, series: str = "s:X", **more: Any
) -> list[dict[str, Any]]:
    """A release due at noon of that day: announced, expected an hour before, printed."""
    base = {
        "series_id": series,
        "period": date(2020, 1, 1) + timedelta(days=day),
        "country": "USA",
        "title": "Jobs",
        "scheduled_at": noon(day),
        "precision": "minute",
        "status": "scheduled",
        "importance": 2,
        "consensus": None,
        "consensus_known_at": None,
        "previous": None,
        "actual": None,
        "unit": "thousand",
        "known_at": noon(day) - timedelta(days=9),
        "vintage_grade": "native",
        "source": "office",
    } | more
    hour = noon(day) - timedelta(hours=1)
    rows = [base]
    if consensus is not None:
        said = {"consensus": consensus, "consensus_known_at": hour, "known_at": hour}
        rows.append(base | said)
        base = base | said
    if actual is not None:
        rows.append(base | {"actual": actual, "status": "released", "known_at": noon(day)})
    return rows


def keep(lake: Lake, *parts: list[dict[str, Any]], direction: int = 1, **more: Any) -> None:
    rows = [row for part in parts for row in part]
    lake.upsert("releases", pl.DataFrame(rows, infer_schema_length=None, schema_overrides=TYPES))
    names = dict.fromkeys(row["series_id"] for row in rows)
    lake.upsert(
        "series",
        pl.DataFrame(
            [
                {
                    "series_id": name,
                    "indicator": name,
                    "title": name,
                    "country": "USA",
                    "frequency": "monthly",
                    "unit": "thousand",
                    "adjustment": "sa",
                    "dimension": "labour",
                    "direction": direction,
                    "timezone": "UTC",
                    "known_at": noon(-30),
                    "vintage_grade": "native",
                    "source": "office",
                }
                | more
                for name in names
            ],
            schema_overrides={"direction": pl.Int32},
        ),
    )


def test_z_is_over_the_deviation_of_those_before(lake: Lake, db: Db) -> None:
    steps = [3.0, -1.0, 2.0, 0.0, -2.0, 4.0, 1.0]
    keep(lake, *(release(30 * n, 100 + s, 100.0) for n, s in enumerate(steps)), direction=-1)
    frame = surprises(db.at(noon(400))).frame.sort("released_at")
    assert frame["surprise"].to_list() == steps
    assert frame["z"].to_list()[:5] == [None] * 5
    sixth, seventh = statistics.stdev(steps[:5]), statistics.stdev(steps[:6])
    assert frame["z"].to_list()[5:] == pytest.approx([-4.0 / sixth, -1.0 / seventh])
    robust = surprises(db.at(noon(400)), robust=True).frame.sort("released_at")["z"]
    size = max(1.4826 * statistics.median([3, 1, 2, 0, 2, 4]), seventh / 2)
    assert robust[6] == pytest.approx(-1.0 / size)


def test_what_does_not_vary_has_no_z(lake: Lake, db: Db) -> None:
    keep(lake, *(release(30 * n, 101.0, 100.0) for n in range(8)))
    assert surprises(db.at(noon(400))).frame["z"].null_count() == 8
    assert surprise_index(db.at(noon(400))).frame.is_empty()


def test_a_consensus_after_the_fact_is_none(lake: Lake, db: Db) -> None:
    late = release(10, 5.0, None)
    late.append(late[-1] | {"consensus": 4.9, "consensus_known_at": noon(11), "known_at": noon(11)})
    keep(lake, late, release(40, 6.0, 5.0))
    frame = surprises(db.at(noon(100))).frame
    assert frame["consensus"].to_list() == [None, 5.0]
    assert frame["surprise"].to_list() == [None, 1.0]


def test_a_consensus_in_an_older_unit_is_none(lake: Lake, db: Db) -> None:
    rows = release(10, 50.0, 100.0)
    rows[-1]["unit"] = "thousand, new base"
    keep(lake, rows)
    assert surprises(db.at(noon(100))).frame["surprise"].to_list() == [None]


def test_the_index_by_hand(lake: Lake, db: Db) -> None:
    steps = [1.0, -1.0, 1.0, -1.0, 1.0, 2.0, -3.0]
    keep(lake, *(release(30 * n, 100 + s, 100.0) for n, s in enumerate(steps)))
    at = db.at(noon(190))
    z = surprises(at).frame.sort("released_at")["z"].to_list()[5:]
    ages = [190 - 150, 190 - 180]
    weights = [2 * 0.5 ** (age / 30) for age in ages]
    wanted = sum(w * v for w, v in zip(weights, z, strict=True)) / sum(weights)
    rows = {row["dimension"]: row for row in surprise_index(at).frame.to_dicts()}
    assert set(rows) == {"all", "labour"}
    assert rows["labour"]["index"] == pytest.approx(wanted)
    assert rows["all"]["effective"] == pytest.approx(
        sum(weights) ** 2 / sum(w * w for w in weights)
    )
    assert rows["all"]["breadth"] == 0.0
    history = surprise_history(at, country="USA", since=noon(100)).frame
    last = history.filter(pl.col("dimension") == "all").tail(1)
    assert last["index"].item() == pytest.approx(wanted)
    assert last["moment"].item() == at.as_of


def test_rolling_means_by_hand(lake: Lake, db: Db) -> None:
    steps = [1.0, -1.0, 1.0, -1.0, 1.0, 2.0, -3.0, 0.5]
    keep(lake, *(release(10 * n, 100 + s, 100.0) for n, s in enumerate(steps)))
    (row,) = rolling_surprises(db.at(noon(71))).frame.to_dicts()
    assert row["releases_30d"] == 3  # of days 50, 60 and 70; day 41 and before are left out
    assert row["mean_30d"] == pytest.approx((2.0 - 3.0 + 0.5) / 3)
    assert row["above_12"] == pytest.approx(5 / 8)
    assert row["releases_12"] == 8
    assert row["surprise"] == pytest.approx(0.5)


def test_more_inflation_is_more_inflation(lake: Lake, db: Db) -> None:
    steps = [1.0, -1.0, 1.0, -1.0, 1.0, 2.0]
    keep(
        lake,
        *(release(30 * n, 100 + s, 100.0) for n, s in enumerate(steps)),
        direction=-1,
        dimension="inflation",
    )
    assert surprises(db.at(noon(400))).frame["z"].max() == pytest.approx(
        2.0 / statistics.stdev(steps[:5])
    )


def test_what_a_calendar_calls_released_is_not_late_though_it_gives_no_figure(
    lake: Lake, db: Db
) -> None:
    """FRED's calendar has a row for a release of many series: its day, and no figure."""
    told = release(3, None, None, "s:release/10")
    told.append(told[-1] | {"status": "released", "known_at": noon(3)})
    keep(lake, told, release(4, None, None))
    frame = agenda(db.at(noon(5)), back=30).frame
    assert frame.select("series_id", "state").rows() == [
        ("s:release/10", "printed"),
        ("s:X", "late"),
    ]
    assert frame.select("actual", "released_at").rows() == [(None, noon(3)), (None, None)]
    before = agenda(db.at(noon(3) - timedelta(minutes=1)), back=30).frame
    assert before["state"].to_list()[0] == "due"


def test_what_comes_later_changes_nothing_earlier(lake: Lake, db: Db) -> None:
    steps = [1.0, -1.0, 1.0, -1.0, 1.0, 2.0]
    keep(lake, *(release(30 * n, 100 + s, 100.0) for n, s in enumerate(steps)))
    clocks = (noon(150) - timedelta(seconds=1), noon(150), noon(165))
    asks: tuple[Callable[..., Any], ...] = (surprises, surprise_index, rolling_surprises, agenda)
    before = [ask(db.at(clock)).frame for clock in clocks for ask in asks]
    keep(lake, release(180, 900.0, 100.0), release(210, 100.0, 100.0))
    after = [ask(db.at(clock)).frame for clock in clocks for ask in asks]
    assert all(old.equals(new) for old, new in zip(before, after, strict=True))
    assert before[0]["actual"].drop_nulls().len() + 1 == before[4]["actual"].drop_nulls().len()


def test_the_agenda_as_it_stood(lake: Lake, db: Db) -> None:
    put_off = release(20, 5.0, 4.0)
    told = put_off[0] | {"scheduled_at": noon(25), "status": "rescheduled", "known_at": noon(18)}
    put_off[-1] |= {"known_at": noon(25), "scheduled_at": noon(25)}
    keep(lake, [put_off[0], told, put_off[-1]], release(15, 1.0, None))
    states = {
        day: agenda(db.at(noon(day)), back=20, ahead=30)
        .frame.select("scheduled_at", "state", "actual")
        .rows()
        for day in (14, 17, 18, 26)
    }
    first, second = (noon(15), "due", None), (noon(20), "due", None)
    assert states[14] == [first, second]
    assert states[17] == [(noon(15), "printed", 1.0), second]
    assert states[18] == [(noon(15), "printed", 1.0), (noon(25), "due", None)]
    assert states[26][1] == (noon(25), "printed", 5.0)


@pytest.mark.parametrize(
    ("precision", "hours", "state"),
    [
        ("minute", 0, "due"),
        ("minute", 1, "late"),
        ("day", 23, "due"),
        ("day", 25, "late"),
        ("month", 24 * 30, "due"),
        ("month", 24 * 32, "late"),
    ],
)
def test_late_is_what_its_precision_allows(
    lake: Lake, db: Db, precision: str, hours: int, state: str
) -> None:
    keep(lake, release(20, None, 4.0, precision=precision))
    frame = agenda(db.at(noon(20) + timedelta(hours=hours)), back=60).frame
    assert frame["state"].to_list() == [state]


def test_a_reaction_is_by_day_or_by_the_minute(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({9: 100.0, 10: 110.0, 11: 60.0}, splits={11: 2.0})))
    at = db.at(evening(12))
    frame = reactions(at, symbol="x:AAA", moments=[noon(10), noon(11), noon(12)]).frame
    assert frame["moment"].to_list() == [noon(10), noon(11)]  # nothing is known after the third
    assert frame["move"].to_list() == pytest.approx([0.1, 60 / 55 - 1])
    assert reactions(db.at(noon(11)), symbol="x:AAA", moments=[noon(11)]).frame.is_empty()
    seconds = {-90: 100.0, 30: 101.0, 50: 102.0, 3600: 90.0}
    trades = [(noon(10) + timedelta(seconds=after), price) for after, price in seconds.items()]
    lake.append(
        "ticks",
        pl.DataFrame(
            [
                {
                    "venue": "v",
                    "symbol": "x:AAA",
                    "event_at": moment,
                    "trade_id": number,
                    "price": price,
                    "size": 1.0,
                    "side": None,
                    "known_at": moment,
                    "vintage_grade": "native",
                    "source": "v",
                }
                for number, (moment, price) in enumerate(trades)
            ],
            schema_overrides={"side": pl.String},
        ),
        publish_id="trades",
    )
    frame = reactions(db.at(evening(12)), symbol="x:AAA", moments=[noon(10), noon(11)]).frame
    assert frame["by"].to_list() == ["minute", "day"]
    assert frame["move"].to_list() == pytest.approx([0.02, 60 / 55 - 1])


@pytest.mark.needs("shared")
class TestRealCalendar:
    """Ten months of releases of three currencies, against values worked out elsewhere."""

    @pytest.fixture
    def real(self, lake: Lake, shared: Path, db: Db) -> Db:
        file = pl.read_csv(
            shared / "real" / "econ_calendar_2019_2020_usd_cad_chf.csv", infer_schema_length=0
        )
        rows: list[dict[str, Any]] = []
        for row in file.iter_rows(named=True):
            actual, forecast = number(row["actual"]), number(row["forecast"])
            if actual is None:
                continue
            moment = datetime.fromisoformat(row["datetime"])
            weight = {"High": 3, "Medium": 2, "Low": 1}[row["impact"].split()[0]]
            base = {
                "series_id": f"{row['currency']}:{row['event']}",
                "period": moment.date(),
                "country": row["currency"],
                "title": row["event"],
                "scheduled_at": moment,
                "precision": "minute",
                "importance": weight,
                "previous": None,
                "unit": "given",
                "consensus": forecast,
                "vintage_grade": "native",
                "source": "calendar",
                "consensus_known_at": moment - timedelta(hours=1) if forecast is not None else None,
            }
            rows.append(base | {"actual": actual, "status": "released", "known_at": moment})
        frame = pl.DataFrame(rows, infer_schema_length=None, schema_overrides=TYPES)
        frame = frame.with_columns(pl.col("importance").cast(pl.Int32)).unique(
            ["series_id", "period"], keep="first", maintain_order=True
        )
        lake.upsert("releases", frame)
        names = frame.select("series_id", "country").unique()
        down = pl.col("series_id").str.contains("Unemployment|Claimant")
        lake.upsert(
            "series",
            names.with_columns(
                pl.col("series_id").alias("indicator"),
                pl.col("series_id").alias("title"),
                pl.lit("monthly").alias("frequency"),
                pl.lit("given").alias("unit"),
                pl.lit("unknown").alias("adjustment"),
                pl.lit("growth").alias("dimension"),
                pl.when(down).then(-1).otherwise(1).cast(pl.Int32).alias("direction"),
                pl.lit(None, pl.String).alias("timezone"),
                pl.lit(datetime(2019, 1, 1, tzinfo=UTC)).alias("known_at"),
                pl.lit("native").alias("vintage_grade"),
                pl.lit("calendar").alias("source"),
            ),
        )
        return db

    @pytest.mark.parametrize(
        ("day", "currency", "wanted"),
        [
            ("2020-05-31", "USD", 0.108688),
            ("2020-06-30", "USD", 0.343199),
            ("2020-08-31", "USD", 0.354456),
            ("2020-05-31", "CAD", 1.408023),
            ("2020-06-30", "CAD", -0.179058),
            ("2020-08-31", "CAD", 0.049785),
        ],
    )
    def test_the_index_of_a_currency(
        self, real: Db, day: str, currency: str, wanted: float
    ) -> None:
        clock = datetime.fromisoformat(f"{day}T23:59:59+00:00")
        frame = surprise_index(real.at(clock), countries=[currency]).frame
        row = frame.row(by_predicate=pl.col("dimension") == "all", named=True)
        assert row["index"] == pytest.approx(wanted, abs=5e-7)
        if (day, currency) == ("2020-05-31", "USD"):
            assert row["releases"] == 113
            assert row["effective"] == pytest.approx(80.98, abs=5e-3)

    def test_claims_and_payrolls(self, real: Db) -> None:
        clock = datetime(2020, 6, 30, 23, 59, 59, tzinfo=UTC)
        rolling = rolling_surprises(real.at(clock), countries=["USD"]).frame
        claims = rolling.row(by_predicate=pl.col("title") == "Unemployment Claims", named=True)
        assert claims["releases_30d"] == 4
        assert claims["mean_30d"] == pytest.approx(104_250)
        assert claims["mean_z_30d"] == pytest.approx(-0.155444, abs=5e-7)
        frame = surprises(real.at(clock), countries=["USD"]).frame
        jobs = frame.row(
            by_predicate=(pl.col("title") == "Non-Farm Employment Change")
            & (pl.col("period") == date(2020, 5, 8)),
            named=True,
        )
        assert jobs["surprise"] == pytest.approx(1_500_000)
        assert jobs["sigma"] == pytest.approx(297_631, abs=1)
        assert jobs["z"] == pytest.approx(5.0398, abs=5e-5)


def number(text: str | None) -> float | None:
    """A printed number with its suffix; pairs, votes and bounds are none."""
    if not text or any(mark in text for mark in "<|"):
        return None
    scale = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12, "%": 1.0}.get(text[-1], 1.0)
    try:
        return float(text.rstrip("KMBT%")) * scale
    except ValueError:
        return None
