"""One door, one clock, one snapshot: for any number of threads, and on damaged disks too."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest

from data.datasets import DATASETS
from data.errors import ConfigError, LakeError, QueryError
from data.lake import Lake
from data.proof.receipts import make_receipt
from data.query import KEPT_SCHEMAS, Db
from tests.data.samples import FAR, contents, day, observation, price, table, tick
from tests.spoil import spoil

VALUE = "SELECT value FROM macro"


@pytest.fixture
def filled(lake: Lake) -> Lake:
    """Vintage n of one series becomes known on day n."""
    lake.upsert("macro", table(*(observation(float(n), day(n)) for n in range(1, 21))))
    return lake


def test_a_clock_is_asked_for(db: Db) -> None:
    with pytest.raises(TypeError):
        db.at()
    with pytest.raises(ConfigError, match="has no zone; expected an aware instant in UTC"):
        db.at(datetime(2020, 1, 1))  # noqa: DTZ001 - the mistake under test
    with pytest.raises(ConfigError, match="mode 'private': expected public, house or restated"):
        db.at(day(1), "private")


def test_any_zone_is_the_same_instant(filled: Lake, db: Db) -> None:
    tokyo = day(5).astimezone(timezone(timedelta(hours=9)))
    at = db.at(tokyo)
    assert at.as_of == day(5)
    assert at.as_of.tzinfo is UTC
    assert at.sql(VALUE).frame.rows() == [(5.0,)]


def test_a_microsecond_before_and_at_the_instant(filled: Lake, db: Db) -> None:
    assert db.at(day(5) - timedelta(microseconds=1)).sql(VALUE).frame.rows() == [(4.0,)]
    assert db.at(day(5)).sql(VALUE).frame.rows() == [(5.0,)]


def test_before_everything_there_is_nothing(filled: Lake, db: Db) -> None:
    assert db.at(datetime(1700, 1, 1, tzinfo=UTC)).sql(VALUE).frame.height == 0


def test_instants_come_back_in_utc(filled: Lake, db: Db) -> None:
    frame = db.at(day(5)).sql("SELECT known_at FROM macro").frame
    assert frame.schema["known_at"] == pl.Datetime("us", "UTC")
    assert frame["known_at"][0] == day(5)


def test_parameters_of_every_type_are_bound(filled: Lake, db: Db) -> None:
    at = db.at(day(5))
    sql = "SELECT count(*) FROM macro WHERE source IN (SELECT unnest($names)) AND value = $value"
    assert at.sql(sql, names=["fred", "'; --"], value=5.0).frame.item() == 1
    assert at.sql("SELECT count(*) FROM macro WHERE known_at <= $t", t=day(5)).frame.item() == 1
    assert at.sql("SELECT count(*) FROM macro WHERE period = $d", d=date(2020, 1, 1)).frame.item()
    assert at.sql("SELECT $t AS t", t="'; DROP VIEW macro").frame.item() == "'; DROP VIEW macro"


@pytest.mark.parametrize("params", [{}, {"x": 1, "y": 2}])
def test_parameters_that_do_not_fit_are_one_sentence(
    filled: Lake, db: Db, params: dict[str, int]
) -> None:
    with pytest.raises(QueryError, match="query failed: Invalid Input Error"):
        db.at(day(5)).sql("SELECT $x", **params)


def test_a_column_named_twice_is_one_sentence(filled: Lake, db: Db) -> None:
    with pytest.raises(QueryError, match="value appears twice in the result"):
        db.at(day(5)).sql("SELECT value, value FROM macro")


def test_a_type_without_a_home_is_one_sentence(db: Db) -> None:
    with pytest.raises(QueryError, match="cast the column to a plainer type"):
        db.at(day(5)).sql("SELECT INTERVAL 1 MONTH AS i")


def test_a_handle_keeps_its_snapshot_while_the_lake_moves_on(filled: Lake, db: Db) -> None:
    before = db.at(FAR)
    assert before.sql(VALUE).frame.rows() == [(20.0,)]
    filled.upsert("macro", table(observation(21.0, day(21))))
    assert before.sql(VALUE).frame.rows() == [(20.0,)]
    assert before.sql("SELECT max(value) FROM macro").frame.item() == 20.0
    after = db.at(FAR)
    assert after.sql(VALUE).frame.rows() == [(21.0,)]
    assert (before.versions["macro"], after.versions["macro"]) == (1, 2)


def test_an_identity_changes_with_all_that_a_handle_reads(filled: Lake, db: Db) -> None:
    rows = [observation(9.0, day(1), source=source) for source in ("ecb", "oecd")]
    filled.upsert("macro", table(*rows))
    first = db.at(day(5))
    files = [entry.file for entry in first.manifests["macro"].files]
    other = Db(filled.root.parent / "other" / "lake", threads=1)
    handles = [
        first,
        db.at(day(6)),
        db.at(day(5), "house"),
        db.at(day(5), all_vintages=True),
        first.part("macro", source="ecb"),
        first.part("macro", source="oecd"),
        first.only("macro", files[:2]),
        replace(first, closed={"macro": "its manifest is damaged"}),
        other.at(day(5)),
    ]
    other.close()
    filled.upsert("macro", table(observation(21.0, day(21))))
    handles.append(db.at(day(5)))
    identities = {handle.identity(["macro"]) for handle in handles}
    assert len(identities) == len(handles)
    assert first.identity(["macro"]) != first.identity(["macro", "prices"])
    assert db.at(day(5)).identity(["prices"]) == first.identity(["prices"])


def test_a_range_leaves_out_files_and_no_rows(lake: Lake, db: Db) -> None:
    years = range(2015, 2021)
    rows = [price(float(year), date(year, 1, 1), day(1)) for year in years]
    lake.upsert("prices", table(*rows))
    at = db.at(FAR)
    sql = "SELECT close FROM prices WHERE date BETWEEN $a AND $b ORDER BY 1"
    for a, b in ((date(2016, 1, 1), date(2017, 12, 31)), (date(2016, 1, 1), date(2016, 1, 1))):
        part = at.within("prices", a, b)
        assert len(part.manifests["prices"].files) < len(years)
        assert part.sql(sql, a=a, b=b).frame.rows() == at.sql(sql, a=a, b=b).frame.rows()
    assert at.within("prices", date(1990, 1, 1), date(1991, 1, 1)).sql(
        "SELECT count(*) FROM prices"
    ).frame.rows() == [(0,)]


def test_a_range_may_be_given_as_instants_days_or_years(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(*(price(1.0, date(y, 1, 1), day(1)) for y in (2018, 2019, 2020))))
    flow = {
        "reporter": "DEU",
        "partner": "FRA",
        "product": "TOTAL",
        "flow": "export",
        "value_usd": 1.0,
        "known_at": day(1),
        "vintage_grade": "native",
        "source": "comtrade",
    }
    lake.upsert("trade", table(*(flow | {"year": year} for year in (998, 2018, 2019))))
    lake.append("ticks", table(tick(1, day(1)), tick(2, day(3))), publish_id="t")
    at = db.at(FAR)

    def files(dataset: str, start: object, end: object) -> int:
        return len(at.within(dataset, start, end).manifests[dataset].files)

    first, last = date(2019, 1, 1), date(2019, 12, 31)
    start, end = datetime(2019, 1, 1, tzinfo=UTC), datetime(2019, 12, 31, tzinfo=UTC)
    for dataset in ("prices", "trade"):
        assert files(dataset, first, last) == 1
        assert files(dataset, start, end) == 1
        assert files(dataset, 2019, 2019) == 1
        assert files(dataset, 2018, 2019) == 2
    assert files("trade", 998, 998) == 1
    assert files("ticks", day(1), day(1)) == 1
    assert files("ticks", day(1).date(), day(1).date()) == 1
    assert files("ticks", day(2), day(4)) == 1
    assert files("ticks", 2020, 2020) == 2
    assert files("ticks", day(3).replace(tzinfo=None), day(9).replace(tzinfo=None)) == 1


def test_pieces_are_the_whole(lake: Lake, db: Db) -> None:
    rows = [price(float(y), date(y, 1, 1), day(1)) for y in range(2015, 2021)]
    lake.upsert("prices", table(*rows))
    at = db.at(FAR)
    parts = [part.sql("SELECT close FROM prices").frame for part in at.pieces("prices")]
    assert len(parts) == 6
    assert pl.concat(parts).equals(at.sql("SELECT close FROM prices ORDER BY date").frame)


def test_batches_stream_under_the_clock(filled: Lake, db: Db) -> None:
    sql = "SELECT value FROM macro_vintages WHERE value > $low ORDER BY value"
    with db.stream(db.at(day(3)), sql, {"low": 5}, rows=4) as batches:
        values = [value for batch in batches for value in batch["value"].to_pylist()]
    assert values == [float(n) for n in range(6, 21)]
    with db.stream(db.at(day(3)), VALUE) as batches:
        assert batches.read_all()["value"].to_pylist() == [3.0]


def test_threads_with_clocks_of_their_own_see_only_their_own(filled: Lake, db: Db) -> None:
    """Eight clocks at once, each asking many times, while a writer goes on publishing."""
    start = threading.Barrier(8)

    def ask(number: int) -> set[float]:
        start.wait()
        found: set[float] = set()
        for turn in range(25):
            mode = "house" if turn % 5 == 4 else "public"
            at = db.at(day(number) if mode == "public" else FAR, mode)
            frame = at.sql(VALUE).frame
            if mode == "public":
                found |= set(frame["value"].to_list())
        return found

    def write() -> None:
        for n in range(21, 26):
            filled.upsert("macro", table(observation(float(n), day(n))))

    with ThreadPoolExecutor(9) as pool:
        asked = [pool.submit(ask, number) for number in range(1, 9)]
        writing = pool.submit(write)
        assert [done.result() for done in asked] == [{float(n)} for n in range(1, 9)]
        writing.result()


def test_more_snapshots_than_are_kept_all_stay_readable(
    lake: Lake, db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.query.KEPT_SCHEMAS", 5)
    handles = []
    for n in range(1, 12):
        lake.upsert("macro", table(observation(float(n), day(n))))
        handles.append(db.at(FAR))
    for _ in range(2):
        for n, at in enumerate(handles, 1):
            assert at.sql(VALUE).frame.rows() == [(float(n),)]
    schemas = db._con.sql("SELECT count(*) FROM duckdb_schemas() WHERE schema_name LIKE 's%'")
    assert schemas.fetchall() == [(5,)]
    assert len(db._in_use) <= 6
    assert KEPT_SCHEMAS > 16


def test_a_snapshot_in_use_is_not_dropped(
    lake: Lake, db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.query.KEPT_SCHEMAS", 1)
    lake.upsert("macro", table(observation(1.0, day(1))))
    first = db.at(FAR)
    with db.stream(first, "SELECT value FROM macro_vintages") as batches:
        for n in range(2, 6):
            lake.upsert("macro", table(observation(float(n), day(n))))
            assert db.at(FAR).sql(VALUE).frame.item() == float(n)
        assert batches.read_all()["value"].to_pylist() == [1.0]
    assert first.sql(VALUE).frame.item() == 1.0


def two_years(lake: Lake) -> dict[int, Path]:
    """Prices of two years, and the file of each."""
    lake.upsert("prices", table(*(price(float(y), date(y, 1, 1), day(1)) for y in (2019, 2020))))
    return {
        int(path.parent.name.removeprefix("year=")): path
        for path in (lake.root / "prices").rglob("*.parquet")
    }


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flip_footer(path: Path) -> None:
    content = bytearray(path.read_bytes())
    length = int.from_bytes(content[-8:-4], "little")
    for place in range(len(content) - 8 - length, len(content) - length):
        content[place] ^= 0xFF
    path.write_bytes(bytes(content))


def flip_magic(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 0xFF
    path.write_bytes(bytes(content))


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("damage", "warm"),
    [
        *((damage, False) for damage in (truncate, Path.unlink, flip_footer, flip_magic, empty)),
        # A footer that the engine holds already may be damaged on the disk without harm.
        *((damage, True) for damage in (truncate, Path.unlink, empty)),
    ],
)
def test_a_damaged_file_is_named_and_the_rest_is_shown(
    lake: Lake, db: Db, damage: object, warm: bool
) -> None:
    files = two_years(lake)
    at = db.at(FAR)
    sql = "SELECT close FROM prices ORDER BY 1"
    if warm:
        assert at.sql(sql).frame.rows() == [(2019.0,), (2020.0,)]
    damage(files[2019])
    answer = at.sql(sql)
    assert answer.frame.rows() == [(2020.0,)]
    assert answer.damaged == (f"prices/asset_class=equity/year=2019/{files[2019].name}",)
    both = answer.join(at.sql("SELECT 1 AS one"), answer.frame, "beside")
    assert both.damaged == answer.damaged
    assert answer.derive(answer.frame, "as it is").damaged == answer.damaged
    # What does not need the file is not touched by its damage.
    assert at.sql("SELECT count(*) FROM macro").damaged == ()


def test_a_mistake_beside_damage_is_still_one_sentence(lake: Lake, db: Db) -> None:
    files = two_years(lake)
    truncate(files[2019])
    with pytest.raises(QueryError, match="query failed: Binder Error"):
        db.at(FAR).sql("SELECT nothing FROM prices")


def test_a_mistake_is_no_damage(lake: Lake, db: Db) -> None:
    two_years(lake)
    with pytest.raises(QueryError, match="query failed: Conversion Error"):
        db.at(FAR).sql("SELECT currency::INTEGER FROM prices")


def test_reading_writes_nothing(filled: Lake, db: Db) -> None:
    before = contents(filled.root.parent)
    for mode in ("public", "house"):
        answer = db.at(FAR, mode).sql(VALUE)
        make_receipt(answer)
    assert contents(filled.root.parent) == before


def test_another_workspace_is_never_seen(filled: Lake, db: Db, tmp_path: Path) -> None:
    demo = Lake(tmp_path / "demo" / "lake", workspace="demo")
    demo.upsert("macro", table(observation(99.0, day(1), source="demo")))
    assert db.at(FAR).sql("SELECT count(*) FROM macro WHERE source = 'demo'").frame.item() == 0
    other = Db(demo.root, threads=1)
    assert other.at(FAR).sql(VALUE).frame.rows() == [(99.0,)]
    other.close()


def test_a_lake_in_a_relative_or_odd_folder(
    filled: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = tmp_path / "a [b] * 'c' %20"
    shutil.copytree(filled.root, odd)
    monkeypatch.chdir(tmp_path)
    db = Db(Path(odd.name), threads=1)
    assert db.at(day(5)).sql(VALUE).frame.rows() == [(5.0,)]
    db.close()


def test_a_part_and_chosen_files_are_read_alone(lake: Lake, db: Db) -> None:
    rows = [price(float(y), date(y, 1, 1), day(1)) for y in (2018, 2019, 2020)]
    rows.append(price(1.0, date(2020, 1, 1), day(1), symbol="x:ETF", asset_class="etf"))
    lake.upsert("prices", table(*rows))
    at = db.at(FAR)
    sql = "SELECT close FROM prices ORDER BY 1"
    assert at.part("prices", year=2020).sql(sql).frame.rows() == [(1.0,), (2020.0,)]
    assert at.part("prices", year=2020, asset_class="etf").sql(sql).frame.rows() == [(1.0,)]
    assert at.part("prices", year=1999).sql(sql).frame.height == 0
    first = at.manifests["prices"].files[0].file
    assert at.only("prices", {first}).sql(sql).frame.rows() == [(2018.0,)]


def test_a_dataset_without_readable_manifest_is_refused_and_the_others_are_read(
    filled: Lake, db: Db
) -> None:
    filled.upsert("prices", table(price(1.0, date(2020, 1, 2), day(3))))
    spoil(filled.root, "macro")
    at = db.at(FAR)
    assert at.sql("SELECT close FROM prices").frame["close"].to_list() == [1.0]
    with pytest.raises(LakeError, match="damaged: expected a manifest"):
        at.sql("SELECT value FROM macro")
    assert at.opened().sql("SELECT value FROM macro").frame.is_empty()


def test_a_lake_of_which_nothing_can_be_read_does_not_open(tmp_path: Path) -> None:
    for name in DATASETS:
        (tmp_path / name / "_meta").mkdir(parents=True)
        (tmp_path / name / "_meta" / "manifest.json").write_text("{")
    with pytest.raises(LakeError, match="damaged"):
        Db(tmp_path).at(FAR)
