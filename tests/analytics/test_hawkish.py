"""Policy is hawkish when positive, on the lists of every source and on a real calendar.

A rate above what was expected raises the policy index and the bias of the currency, and lowers
that of equities; what has no sign counts in nothing.
"""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analytics.macro.bias import bias, bias_contributions
from analytics.macro.countries import country_indicators
from analytics.macro.surprises import rolling_surprises, surprise_index, surprises
from data.lake import Lake
from data.query import Db
from data.vocabulary import sign
from ingest.jobs import Reply
from ingest.lists import listed
from ingest.registry import SOURCES
from tests.analytics.test_surprises import TYPES, keep, noon, number, release
from tests.ingest.macro_replies import held, recorded, reply

SEEN = datetime(2019, 12, 1, tzinfo=UTC)
STEPS = [0.1, -0.1, 0.1, -0.1, 0.1, 0.5]  # percentage points; the last is the surprise hike
RECORDED = (
    ("ecb", "sdmx_FM_key_rates.xml"),
    ("ecb", "extract_csvdata_YC_SR_10Y.csv"),
    ("bis", "sdmx_WS_CBPOL.xml"),
    ("bis", "documented_csv_WS_CBPOL_M.csv"),
    ("us_treasury", "DailyTreasuryYieldCurveRateData_2020.xml"),
)
# How a calendar of releases calls what the vocabulary knows by other words.
CALENDAR = {
    "Overnight Rate": "policy_rate",
    "Federal Funds Rate": "policy_rate",
    "SNB Policy Rate": "policy_rate",
    "Unemployment Rate": "unemployment_rate",
    "Unemployment Claims": "initial_claims",
    "CPI m/m": "cpi",
    "Core CPI m/m": "core_cpi",
    "Retail Sales m/m": "retail_sales",
    "Non-Farm Employment Change": "payrolls",
}


def fred() -> Reply:
    """Descriptions as FRED gives them, of every series of policy in the list."""
    rows = [
        {
            "id": name,
            "title": row["title"],
            "frequency_short": "D",
            "units": "Percent",
            "seasonal_adjustment_short": "NSA",
            "realtime_start": "2019-01-01",
        }
        for name, row in listed("fred", "id").items()
        if sign(row["indicator"])[0] == "policy"
    ]
    return reply({"seriess": rows}, "https://x/fred/series", now=SEEN)


def ecb() -> Reply:
    """The three key rates of the list, as the portal's CSV gives them."""
    names = "KEY,FREQ,REF_AREA,CURRENCY,PROVIDER_FM,INSTRUMENT_FM,PROVIDER_FM_ID,DATA_TYPE_FM"
    keys = [key for key in listed("ecb", "key") if key.startswith("FM.")]
    lines = [f"{key},{','.join(key.split('.')[1:])},2019-11-01,0.5" for key in keys]
    text = "\n".join([f"{names},TIME_PERIOD,OBS_VALUE", *lines, ""])
    return reply(text, "https://x/service/data/FM/B.U2.EUR.4F.KR", now=SEEN)


def boe() -> Reply:
    """Bank Rate, SONIA and both amounts of money."""
    text = "DATE,IUDBEDR,IUDSOIA,LPMAUYN\n31 Oct 2019,0.75,0.71,2500000\n"
    return reply(text, "https://x/boeapps/database/_iadb-fromshowcolumns.asp?csv.x=yes", now=SEEN)


def boj() -> Reply:
    """The overnight call rate."""
    values = {"SURVEY_DATES": [20191101], "VALUES": [-0.05]}
    series = {
        "SERIES_CODE": "STRDCLUCON",
        "NAME_OF_TIME_SERIES": "Call rate",
        "UNIT": "percent",
        "FREQUENCY": "DAILY",
        "VALUES": values,
    }
    body = {"STATUS": 200, "MESSAGEID": "M1", "NEXTPOSITION": None, "RESULTSET": [series]}
    return reply(body, "https://x/api/v1/getDataCode?db=FM01&code=STRDCLUCON", now=SEEN)


def bis() -> Reply:
    """Two policy rates of the list."""
    text = "FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE\nM,US,2019-10,1.625\nM,CA,2019-10,1.75\n"
    return reply(text, "https://stats.bis.org/api/v1/data/WS_CBPOL/M.US?format=csv", now=SEEN)


def us_treasury() -> Reply:
    """Two yields of a day."""
    text = "Date,2 Yr,10 Yr\n11/29/2019,1.61,1.78\n"
    return reply(
        text, "https://x/daily-treasury-rates.csv?type=daily_treasury_yield_curve", now=SEEN
    )


REPLIES = {"fred": fred, "ecb": ecb, "boe": boe, "boj": boj, "bis": bis, "us_treasury": us_treasury}


def described(name: str) -> pl.DataFrame:
    """The series of a source's own reply."""
    frame = held(SOURCES[name].parse(REPLIES[name]()))["series"]
    return frame.filter(pl.col("dimension") == "policy")


def printed(series: str, **more: Any) -> list[dict[str, Any]]:
    """A rate of one per cent, expected and printed every thirty days."""
    return [
        row
        for n, step in enumerate(STEPS)
        for row in release(30 * n, 1.0 + step, 1.0, series, unit="percent", **more)
    ]


def scores(db: Db, country: str = "USA", day: int = 151) -> dict[str, float | None]:
    """The bias of each asset."""
    frame = bias(db.at(noon(day)), countries=[country]).frame
    return dict(frame.select("asset", "score").iter_rows())


@pytest.mark.parametrize("name", sorted(REPLIES))
def test_a_surprise_hike_is_hawkish_on_the_list_of_every_source(
    name: str, lake: Lake, db: Db
) -> None:
    series = described(name)
    signed = series.filter(pl.col("direction") != 0)
    assert signed.height, "the source describes no rate"
    assert set(signed["direction"]) == {1}
    lake.upsert("series", series)
    frame = pl.DataFrame(
        [
            row | {"title": "Rate", "source": name}
            for key in series["series_id"]
            for row in printed(key)
        ],
        infer_schema_length=None,
        schema_overrides=TYPES,
    )
    lake.upsert("releases", frame.with_columns(pl.col("importance").cast(pl.Int32)))
    told = surprises(db.at(noon(151))).frame.filter(pl.col("period") == date(2020, 5, 30))
    held_z = dict(told.select("series_id", "z").iter_rows())
    for key, direction in series.select("series_id", "direction").iter_rows():
        assert held_z[key] is None if direction == 0 else held_z[key] > 3, key
    index = surprise_index(db.at(noon(151))).frame
    row = index.row(by_predicate=pl.col("dimension") == "policy", named=True)
    assert row["index"] > 1
    score = scores(db)
    assert score["currency"] is not None
    assert score["currency"] > 0
    assert score["equities"] is not None
    assert score["equities"] < 0


@pytest.mark.parametrize("dimension", ["policy", "inflation"])
def test_what_a_source_of_old_wrote_as_negative_counts_upwards(
    dimension: str, lake: Lake, db: Db
) -> None:
    keep(lake, printed("s:R"), direction=-1, dimension=dimension)
    assert surprises(db.at(noon(151))).frame["z"].drop_nulls().to_list()[-1] > 3
    keep(lake, printed("s:L"), direction=-1, dimension="labour")
    told = surprises(db.at(noon(151))).frame.filter(pl.col("series_id") == "s:L")
    assert told["z"].drop_nulls().to_list()[-1] < -3


def test_a_series_without_a_sign_counts_in_nothing(lake: Lake, db: Db) -> None:
    keep(lake, printed("s:R"), dimension="policy")
    before = surprise_index(db.at(noon(151))).frame, scores(db)
    coverage = bias(db.at(noon(151))).frame["coverage"].to_list()
    keep(lake, printed("s:M", importance=3), direction=0, dimension="policy")
    # A release that no series describes has no sign either.
    rows = pl.DataFrame(
        printed("s:NONE", importance=3), infer_schema_length=None, schema_overrides=TYPES
    )
    lake.upsert("releases", rows.with_columns(pl.col("importance").cast(pl.Int32)))
    at = db.at(noon(151))
    told = surprises(at).frame.filter(pl.col("series_id") != "s:R")
    assert told["surprise"].drop_nulls().len() == 12
    assert told["z"].null_count() == told.height
    assert surprise_index(at).frame.equals(before[0])
    assert scores(db) == before[1]
    assert bias(at).frame["coverage"].to_list() == coverage
    parts = bias_contributions(at, country="USA", asset="currency").frame
    assert parts["indicator"].to_list() == ["s:R"]
    rolling = rolling_surprises(at).frame.filter(pl.col("indicator") == "s:M")
    assert rolling["mean_z_30d"].to_list() == [None]
    assert rolling["mean_30d"].item() == pytest.approx(0.5)


@pytest.mark.parametrize(("direction", "tone"), [(-1, 1.0), (1, 1.0), (0, None)])
def test_the_tone_of_a_rate_is_its_own_change(
    direction: int, tone: float | None, lake: Lake, db: Db
) -> None:
    keep(lake, printed("s:R"), direction=direction, dimension="policy")
    values = [1.0 + 0.01 * (n % 3) for n in range(20)] + [2.0]
    lake.upsert(
        "macro",
        pl.DataFrame(
            [
                {
                    "series_id": "s:R",
                    "period": date(2018, 1 + n % 12, 1).replace(year=2018 + n // 12),
                    "value": value,
                    "unit": "thousand",
                    "is_forecast": False,
                    "known_at": noon(-20),
                    "vintage_grade": "native",
                    "source": "office",
                }
                for n, value in enumerate(values)
            ]
        ),
    )
    (row,) = country_indicators(db.at(noon(10)), dimension="policy").frame.to_dicts()
    assert row["z"] > 3
    assert row["tone"] == (None if tone is None else pytest.approx(row["z"] * tone))


@pytest.mark.needs("shared")
def test_recorded_key_rates_are_hawkish(shared: Path) -> None:
    words = ["policy_rate", "refinancing_rate", "yield_10y"]
    for name, file in RECORDED:
        found = held(SOURCES[name].parse(recorded(shared, f"{name}/{file}")))["series"]
        rates = found.filter(pl.col("indicator").is_in(words))
        assert rates.height, file
        assert set(rates.select("dimension", "direction").iter_rows()) == {("policy", 1)}, file


def calendar(shared: Path) -> list[dict[str, Any]]:
    """The releases of the real calendar whose meaning the vocabulary knows, with a number."""
    path = shared / "real" / "econ_calendar_2019_2020_usd_cad_chf.csv"
    rows = []
    for row in csv.DictReader(path.open(encoding="utf-8")):
        if row["event"] not in CALENDAR or (actual := number(row["actual"])) is None:
            continue
        moment = datetime.fromisoformat(row["datetime"])
        consensus = number(row["forecast"])
        rows.append(
            {
                "series_id": f"{row['currency']}:{row['event']}",
                "period": moment.date(),
                "country": row["currency"],
                "title": row["event"],
                "scheduled_at": moment,
                "precision": "minute",
                "status": "released",
                "previous": number(row["previous"]),
                "importance": {"High": 3, "Medium": 2, "Low": 1}[row["impact"].split()[0]],
                "consensus": consensus,
                "actual": actual,
                "unit": "percent",
                "consensus_known_at": None if consensus is None else moment - timedelta(hours=1),
                "known_at": moment,
                "vintage_grade": "native",
                "source": "calendar",
            }
        )
    return rows


def fill(lake: Lake, rows: list[dict[str, Any]]) -> None:
    """A calendar, and its series with the meaning of the vocabulary."""
    frame = pl.DataFrame(rows, infer_schema_length=None, schema_overrides=TYPES)
    lake.upsert("releases", frame.with_columns(pl.col("importance").cast(pl.Int32)))
    for name in dict.fromkeys(row["series_id"] for row in rows):
        country, _, event = name.partition(":")
        word = CALENDAR[event]
        dimension, direction = sign(word)
        lake.upsert(
            "series",
            pl.DataFrame(
                [
                    {
                        "series_id": name,
                        "indicator": word,
                        "title": event,
                        "country": country,
                        "frequency": "irregular",
                        "unit": "percent",
                        "adjustment": "unknown",
                        "dimension": dimension,
                        "direction": direction,
                        "timezone": None,
                        "known_at": SEEN,
                        "vintage_grade": "native",
                        "source": "calendar",
                    }
                ],
                schema_overrides={"direction": pl.Int32, "timezone": pl.String},
            ),
        )


@pytest.mark.needs("shared")
@pytest.mark.parametrize(
    ("event", "country"), [("Overnight Rate", "CAD"), ("SNB Policy Rate", "CHF")]
)
def test_a_hike_in_a_real_calendar(
    event: str, country: str, shared: Path, lake: Lake, db: Db
) -> None:
    """Central banks did as expected in these months: five of their own decisions are read as a
    twentieth of a point off, so that there is a usual surprise, and a sixth as a hike."""
    rows = calendar(shared)
    name = f"{country}:{event}"
    decisions = [row for row in rows if row["series_id"] == name and row["consensus"] is not None]
    while len(decisions) < 6:  # the Swiss meet four times a year
        first = decisions[0]
        moment = first["scheduled_at"] - timedelta(days=91)
        decisions.insert(
            0,
            first
            | {
                "scheduled_at": moment,
                "known_at": moment,
                "consensus_known_at": moment - timedelta(hours=1),
                "period": moment.date(),
            },
        )
    for n, row in enumerate(decisions):
        row["actual"] = row["consensus"] + (0.05, -0.05)[n % 2]
    last = decisions[-1]
    others = [row for row in rows if row["series_id"] != name]
    clock = last["known_at"] + timedelta(minutes=1)
    found = {}
    for word, surprise in (("hike", 0.25), ("cut", -0.25)):
        last["actual"] = last["consensus"] + surprise
        own = Lake(lake.root.parent / word / "lake", workspace="live")
        fill(own, [*others, *decisions])
        reader = Db(own.root, threads=1)
        index = surprise_index(reader.at(clock), countries=[country]).frame
        policy = index.row(by_predicate=pl.col("dimension") == "policy", named=True)["index"]
        told = bias(reader.at(clock), countries=[country]).frame
        found[word] = (policy, dict(told.select("asset", "score").iter_rows()))
        reader.close()
    assert found["hike"][0] > 0 > found["cut"][0]
    assert found["hike"][1]["currency"] > found["cut"][1]["currency"]
    assert found["hike"][1]["equities"] < found["cut"][1]["equities"]


@pytest.mark.needs("shared")
def test_joblessness_and_claims_of_a_real_calendar_count_downwards(
    shared: Path, lake: Lake, db: Db
) -> None:
    fill(lake, calendar(shared))
    frame = surprises(db.at(datetime(2020, 9, 30, tzinfo=UTC)), countries=["USD"]).frame
    told = frame.drop_nulls("z").filter(pl.col("surprise") != 0)
    for title, way in (("Unemployment Claims", -1), ("Unemployment Rate", -1), ("CPI m/m", 1)):
        mine = told.filter(pl.col("title") == title)
        assert mine.height >= 4, title
        assert ((mine["surprise"] * mine["z"] * way) > 0).all(), title


@pytest.mark.needs("shared")
def test_a_documented_calendar_names_what_the_vocabulary_knows(shared: Path) -> None:
    path = shared / "recorded" / "economic_calendar" / "documented_ff_calendar_thisweek.json"
    told = [row for row in json.loads(path.read_text()) if row["title"] in CALENDAR]
    assert [(row["title"], sign(CALENDAR[row["title"]])) for row in told] == [
        ("Core CPI m/m", ("inflation", 1))
    ]
