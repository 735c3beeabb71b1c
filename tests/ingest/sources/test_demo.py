"""The demo world in a lake: one world for one set of arguments, and never beside real data."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from numpy._core import _multiarray_umath

from data.bus import MemoryBus
from data.datasets import DATASETS, IN_DEMO
from data.errors import ConfigError, ContractError
from data.lake import Lake
from data.lake.content import Content
from data.query import Db
from data.settings import REPOSITORY
from data.state.db import State
from ingest.jobs import Reply, Window
from ingest.maintenance.jobs import extend_demo
from ingest.sources import demo
from ingest.sources.demo_world.spec import Spec, make_spec
from ingest.sources.demo_world.tape import due_at
from ingest.sources.demo_world.world import make_world, tables
from tests.demo_fixture import SEED, UNTIL, DemoLake, settings_in

EARLIER = date(2022, 3, 31)
HASH = """
from datetime import date
from data.lake.content import Content
from ingest.sources.demo_world.spec import make_spec
from ingest.sources.demo_world.world import make_world, tables
from data.datasets import DATASETS
content = Content()
for name, table in tables(make_world(make_spec({seed}, date.fromisoformat("{until}"), "small"))):
    content.add(DATASETS[name], table)
print(content.digest())
"""


def quiet(words: str) -> None:
    """Progress that nobody reads."""


def known_before(spec: Spec, end: datetime) -> Content:
    """What of a world was known before an instant; bars and ticks move with the last day."""
    content = Content()
    for name, table in tables(make_world(spec)):
        if name not in ("bars", "ticks"):
            early = pc.less(table.column("known_at"), pa.scalar(end))
            content.add(DATASETS[name], table.filter(early))
    return content


def test_every_dataset_has_rows(demo_lake: DemoLake) -> None:
    at = demo_lake.at()
    for name in IN_DEMO:
        count = at.sql(f"SELECT count(*) AS n FROM {name}").frame["n"][0]
        assert count > 0, name
        stored = at.sql(f"SELECT count(*) AS n FROM {name}_vintages").frame["n"][0]
        assert stored == demo_lake.stamp.rows[name], f"{name}: the lake dropped or added a row"


def test_every_row_says_demo(demo_lake: DemoLake) -> None:
    at = demo_lake.at()
    for name in IN_DEMO:
        sources = at.sql(f"SELECT DISTINCT source FROM {name}_vintages").frame["source"].to_list()
        others = {"demo-archive"} if name in ("prices", "series", "macro") else set()
        curves = {"demo-curves"} if name in ("series", "macro") else set()
        assert set(sources) == {"demo"} | others | curves, name


def test_nothing_is_known_after_the_last_day(demo_lake: DemoLake) -> None:
    at = demo_lake.at()
    for name in IN_DEMO:
        last = at.sql(f"SELECT max(known_at) AS t FROM {name}_vintages").frame["t"][0]
        assert last < demo_lake.spec.end, name


def test_the_reader_finds_what_was_written(demo_lake: DemoLake) -> None:
    found = demo.check(demo_lake.settings)
    assert found.datasets == ()
    assert found.found == demo_lake.stamp.hash


def test_a_fresh_process_on_a_lesser_processor_makes_the_same_world(demo_lake: DemoLake) -> None:
    """Other hashing, one thread, and none of the processor's wide instructions."""
    plain = " ".join(_multiarray_umath.__cpu_dispatch__)
    program = HASH.format(seed=SEED, until=UNTIL)
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env=os.environ
        | {
            "PYTHONHASHSEED": "4242",
            "NPY_DISABLE_CPU_FEATURES": plain,
            "POLARS_MAX_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()[-1] == demo_lake.stamp.hash


def test_another_seed_makes_another_world() -> None:
    cut = datetime(2016, 1, 1, tzinfo=UTC)
    one = known_before(make_spec(1, date(2015, 12, 31), "small"), cut).digests()
    two = known_before(make_spec(2, date(2015, 12, 31), "small"), cut).digests()
    # What hangs on no draw, the names of things, and what begins later than that.
    same = {name for name in one if one[name] == two[name]}
    assert same <= {"countries", "instruments", "companies", "series", "trade_months"}


def test_a_later_last_day_changes_nothing_before() -> None:
    early, late = make_spec(SEED, EARLIER, "small"), make_spec(SEED, UNTIL, "small")
    assert known_before(early, early.end).digests() == known_before(late, early.end).digests()


def test_more_entities_leave_the_first_ones_as_they_were(demo_lake: DemoLake) -> None:
    from ingest.sources.demo_world.issuers import issuers_of

    few = issuers_of(demo_lake.spec)
    many = issuers_of(make_spec(SEED, UNTIL, "default"))
    assert many[: len(few)] == few
    assert len({issuer.symbol for issuer in many}) == len(many) == 600
    assert len({issuer.name for issuer in many}) == 600


@pytest.mark.sampled(5)
def test_seeding_further_adds_days_and_ends_in_the_same_world(
    demo_lake: DemoLake, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path)
    first = demo.seed(settings, make_spec(SEED, UNTIL - timedelta(days=4), "small"), quiet)
    state = State.open(settings.state)
    outcome = extend_demo(settings, state, demo_lake.spec.end + timedelta(hours=1))
    done = demo.read_stamp(settings)
    assert done is not None
    assert done.hash == demo_lake.stamp.hash != first.hash
    assert demo.check(settings).datasets == ()
    db = Db(settings.lake, threads=1)
    at = db.at(demo_lake.spec.end)
    new = "SELECT count(*) AS n FROM {}_vintages WHERE known_at >= $since"
    news = [at.sql(new.format(name), since=first.spec.end).frame["n"][0] for name in IN_DEMO]
    db.close()
    assert (outcome.status, outcome.rows_added) == ("ok", sum(news))
    assert extend_demo(settings, state, demo_lake.spec.end).status == "empty"
    state.close()
    again = demo.seed(settings, demo_lake.spec, quiet)
    assert again == done
    assert demo.check(settings).datasets == ()
    with pytest.raises(ConfigError, match="already runs to 2024-06-28"):
        demo.seed(settings, make_spec(SEED, EARLIER, "small"), quiet)
    with pytest.raises(ConfigError, match="holds the world of seed 7"):
        demo.seed(settings, make_spec(8, UNTIL, "small"), quiet)


@pytest.mark.sampled(5)
def test_a_killed_seeding_is_completed_by_the_next(demo_lake: DemoLake, tmp_path: Path) -> None:
    words = ["--scale", "small", "--seed", str(SEED), "--until", UNTIL.isoformat()]
    with subprocess.Popen(
        [sys.executable, "-m", "scripts.seed_demo", *words],
        cwd=REPOSITORY,
        env=os.environ | {"DATA_DIR": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("prices"):
                process.kill()
                break
    settings = settings_in(tmp_path)
    assert demo.read_stamp(settings) is None
    assert demo.seed(settings, demo_lake.spec, quiet).hash == demo_lake.stamp.hash
    assert demo.check(settings).datasets == ()


def test_a_changed_lake_is_found_out(demo_lake: DemoLake, tmp_path: Path) -> None:
    copy = settings_in(tmp_path)
    shutil.copytree(demo_lake.settings.root, copy.root)
    row = demo_lake.at().sql("SELECT * FROM countries WHERE country = 'FRA'").frame
    changed = row.with_columns(
        pl.lit("Atlantis").alias("name"), pl.lit(datetime(2023, 1, 1, tzinfo=UTC)).alias("known_at")
    )
    Lake(copy.lake, workspace="demo").upsert("countries", changed)
    assert demo.check(copy).datasets == ("countries",)


def test_demo_and_real_rows_never_meet(demo_lake: DemoLake, tmp_path: Path) -> None:
    row = demo_lake.at().sql("SELECT * FROM countries ORDER BY ALL LIMIT 1").frame
    live = Lake(settings_in(tmp_path, "live").lake, workspace="live")
    for source in ("demo", "demo-archive", "demo-curves"):
        with pytest.raises(ContractError, match="takes no demo rows"):
            live.upsert("countries", row.with_columns(source=pl.lit(source)))
    invented = Lake(settings_in(tmp_path, "demo").lake, workspace="demo")
    with pytest.raises(ContractError, match="takes only rows whose source is demo"):
        invented.upsert("countries", row.with_columns(source=pl.lit("worldbank")))


def test_a_real_workspace_is_refused_in_one_sentence(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, "live")
    for act in (
        lambda: demo.seed(settings, make_spec(SEED, UNTIL, "small"), quiet),
        lambda: demo.check(settings),
        lambda: demo.batches(settings, datetime(2024, 1, 1, tzinfo=UTC)),
    ):
        with pytest.raises(ConfigError, match="workspace 'live' holds real data"):
            act()
    assert not settings.root.exists()


def test_a_broken_stamp_is_said_and_not_guessed(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    (settings.root / "truth").mkdir(parents=True)
    (settings.root / "truth" / demo.STAMP).write_text("{not json")
    with pytest.raises(ConfigError, match="cannot be read"):
        demo.read_stamp(settings)


def test_the_hidden_truth_lies_outside_the_lake(demo_lake: DemoLake) -> None:
    regimes = pl.read_parquet(demo_lake.settings.root / "truth" / "regimes.parquet")
    assert regimes["month"].max() == date(2024, 6, 1)
    assert set(regimes["state"]) == {"boom", "goldilocks", "stagflation", "slump", "crisis"}
    for dataset in DATASETS.values():
        assert "state" not in dataset.schema.names


def test_the_source_plans_one_call_and_parses_it_into_a_world() -> None:
    window = Window(("small",), datetime(2016, 1, 1, 8, tzinfo=UTC))
    (call,) = demo.plan(window)
    assert call.params["until"] == "2015-12-31"
    parsed = demo.parse(Reply(call, 200, {}, b"", window.now))
    assert set(parsed.tables) == set(IN_DEMO)
    assert parsed.rows > 100_000


def test_live_ticks_go_on_from_the_lake_and_travel_on_the_bus(demo_lake: DemoLake) -> None:
    start = demo_lake.spec.end
    bus = MemoryBus()
    sent = list(islice(demo.batches(demo_lake.settings, start, demo.Live(3.0)), 20))
    for batch in sent:
        bus.publish("ticks", batch)
    kept = bus.read("ticks", count=100)
    assert [entry.block.num_rows for entry in kept] == [batch.num_rows for batch in sent]
    assert all(due_at(one) <= due_at(two) for one, two in zip(sent, sent[1:], strict=False))
    closes = demo_lake.at().sql(
        "SELECT symbol, arg_max(close, date) AS close FROM prices "
        "WHERE asset_class = 'crypto' GROUP BY symbol"
    )
    last = dict(closes.frame.iter_rows())
    first = sent[0].to_pylist()[0]
    assert first["price"] == pytest.approx(last[first["symbol"]], rel=0.02)
    assert first["known_at"] >= start


def test_live_ticks_need_a_world_and_a_rate(demo_lake: DemoLake, tmp_path: Path) -> None:
    start = datetime(2024, 7, 1, tzinfo=UTC)
    with pytest.raises(ConfigError, match="holds no demo world"):
        demo.batches(settings_in(tmp_path), start)
    with pytest.raises(ConfigError, match="more than 0 trades"):
        demo.batches(demo_lake.settings, start, demo.Live(0.0))


def test_a_page_can_read_each_year_of_the_world(demo_lake: DemoLake) -> None:
    db = Db(demo_lake.settings.lake, threads=1)
    for year in (2006, 2012, 2020):
        at = db.at(datetime(year, 6, 30, tzinfo=UTC))
        frame = at.sql("SELECT max(date) AS last FROM prices WHERE asset_class = 'equity'").frame
        assert frame["last"][0] > date(year, 6, 20)
    db.close()
