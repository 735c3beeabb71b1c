"""A receipt gives the same numbers in plain DuckDB, or says why it cannot."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data.clock import utc_now
from data.errors import ConfigError, QueryError
from data.lake import RETIRED_GRACE, Lake
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt, sql_value
from data.proof.results import compare
from data.query import Answer, At, Called, Db
from tests.data.samples import FAR, day, observation, price, table, tick

SQL = "SELECT series_id, value, known_at FROM macro WHERE value < $most ORDER BY series_id"


@pytest.fixture
def filled(lake: Lake) -> Lake:
    """Three series with two vintages each."""
    rows = [
        observation(float(n + v), day(1 + v), series_id=f"s:{n}") for n in range(3) for v in (0, 5)
    ]
    lake.upsert("macro", table(*rows))
    return lake


def saved(answer: Answer) -> dict[str, Any]:
    """A receipt as it comes back from a file."""
    found: dict[str, Any] = json.loads(json.dumps(make_receipt(answer)))
    return found


def verdict(receipt: dict[str, Any], db: Db) -> tuple[bool, str]:
    """What is said of a receipt with one query."""
    (found,) = verify(receipt, db.root, none_such)
    return found.same, found.note


def none_such(name: str) -> Any:
    """For receipts of queries, which call no function."""
    raise AssertionError(name)


def collect(lake: Lake, name: str = "macro") -> None:
    """Let every retired file go, as if its grace were over."""
    assert lake.collect(name, now=utc_now() + RETIRED_GRACE + timedelta(minutes=1))


def test_a_receipt_says_what_a_number_rests_on(filled: Lake, db: Db) -> None:
    receipt = saved(db.at(day(3)).sql(SQL, most=9.0))
    (query,) = receipt["queries"]
    assert query["sql"] == SQL
    assert query["params"] == {"most": 9.0}
    assert query["as_of"] == "2020-01-04T00:00:00Z"
    assert query["mode"] == "public"
    assert (receipt["kind"], receipt["left_out"]) == ("SQL", [])
    assert query["reads"] == {"macro": ["macro@1", None]}
    assert receipt["datasets"]["macro@1"]["version"] == 1
    ((file, digest),) = receipt["datasets"]["macro@1"]["files"].items()
    assert sha256((filled.root / "macro" / file).read_bytes()).hexdigest() == digest
    assert query["result"]["rows"] == 3
    assert receipt["sources"][0]["source"] == "fred"
    assert receipt["sources"][0]["last_known_at"] == "2020-01-02T00:00:00Z"
    assert str(filled.root) not in json.dumps(receipt)
    assert verdict(receipt, db) == (True, "3 rows, the same (run on the same files)")


@pytest.mark.parametrize("mode", ["public", "house"])
@pytest.mark.parametrize("relation", ["macro", "macro_vintages"])
def test_it_is_the_same_after_more_came_and_the_old_files_went(
    filled: Lake, db: Db, mode: Any, relation: str
) -> None:
    """Not even the ends of vintages, which later ones set, may differ."""
    receipt = saved(db.at(FAR, mode).sql(f"SELECT * FROM {relation} ORDER BY ALL"))
    filled.upsert("macro", table(*(observation(-1.0, day(3), series_id=f"s:{n}") for n in (1, 7))))
    assert verdict(receipt, db)[0]
    collect(filled)
    same, note = verdict(receipt, db)
    assert same, note
    assert "the lake as it is now, with what was ingested since left out" in note


def test_the_mode_of_all_vintages_is_pinned_too(filled: Lake, db: Db) -> None:
    receipt = saved(db.at(FAR, all_vintages=True).sql("SELECT * FROM macro ORDER BY ALL"))
    assert receipt["queries"][0]["result"]["rows"] == 6
    filled.upsert("macro", table(observation(-1.0, day(9), series_id="s:1")))
    collect(filled)
    assert verdict(receipt, db)[0]


def test_segments_are_pinned(lake: Lake, db: Db) -> None:
    lake.append("ticks", table(tick(1, day(1))), publish_id="a")
    receipt = saved(db.at(FAR).sql("SELECT trade_id FROM ticks"))
    lake.append("ticks", table(tick(2, day(1))), publish_id="b")
    assert verdict(receipt, db) == (True, "1 rows, the same (run on the same files)")


def test_one_piece_of_a_dataset_is_pinned_to_its_piece(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(*(price(float(y), date(y, 1, 1), day(1)) for y in (2019, 2020))))
    piece = next(db.at(FAR).pieces("prices"))
    receipt = saved(piece.sql("SELECT close FROM prices"))
    lake.upsert("prices", table(price(1.0, date(2019, 1, 1), day(2))))
    collect(lake, "prices")
    assert verdict(receipt, db)[0]
    assert receipt["queries"][0]["result"]["values"] == [[2019.0]]


@pytest.mark.parametrize("place", [0, 40, -1])
def test_one_byte_of_a_file_changed_is_told(filled: Lake, db: Db, place: int) -> None:
    receipt = saved(db.at(FAR).sql(SQL, most=9.0))
    (path,) = (filled.root / "macro").rglob("*.parquet")
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))
    same, note = verdict(receipt, db)
    assert not same
    assert note == f"altered since: macro/source=fred/{path.name}"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda query: query["result"]["values"][0].__setitem__(1, 0.5), "1 rows differ, e.g."),
        (lambda query: query["result"]["values"].pop(), "values of 3 rows, found 2"),
        (lambda query: query["result"].__setitem__("rows", 4), "expected rows 4, found 3"),
        (lambda query: query["result"]["columns"].__setitem__("value", "Int8"), "expected columns"),
    ],
)
def test_altered_results_are_told(filled: Lake, db: Db, change: Any, said: str) -> None:
    receipt = saved(db.at(FAR).sql(SQL, most=9.0))
    change(receipt["queries"][0])
    same, note = verdict(receipt, db)
    assert not same
    assert said in note


@pytest.mark.parametrize(
    "change",
    [
        lambda query: query | {"sql": "SELECT 1 AS one"},
        lambda query: query | {"script": query["script"] + "COPY (SELECT 1) TO 'x.csv';"},
        lambda query: query | {"script": query["script"].replace("< $most", "<= $most")},
        lambda query: query | {"script": "ATTACH 'x.db';" + query["script"]},
        lambda query: (
            query
            | {
                "sql": "COPY (SELECT 1) TO 'x.csv'",
                "script": query["script"].replace(query["sql"], "COPY (SELECT 1) TO 'x.csv'"),
            }
        ),
    ],
)
def test_a_script_that_does_anything_else_is_not_run(
    filled: Lake, db: Db, change: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    receipt = saved(db.at(FAR).sql(SQL, most=9.0))
    receipt["queries"] = [change(receipt["queries"][0])]
    same, note = verdict(receipt, db)
    assert not same
    assert note.startswith("failed: ")
    assert not list(tmp_path.glob("x.*"))


def test_a_script_reads_nothing_outside_its_lake(filled: Lake, db: Db, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("series_id,value,known_at\nx,1,2020-01-01\n")
    receipt = saved(db.at(FAR).sql(SQL, most=9.0))
    lines = receipt["queries"][0]["script"].splitlines()
    swapped = [
        f"CREATE TEMP VIEW macro AS SELECT * FROM read_csv('{secret}');"
        if line.startswith("CREATE")
        else line
        for line in lines
    ]
    receipt["queries"][0]["script"] = "\n".join(swapped)
    same, note = verdict(receipt, db)
    assert not same
    assert "Permission Error" in note


VALUES = [
    1,
    -5,
    2**40,
    0.1,
    1e-7,
    1e300,
    5.0,
    float("inf"),
    True,
    None,
    "plain",
    'it\'s; -- "quoted" \\ ü\nline',
    date(2020, 2, 29),
    datetime(2020, 2, 29, 12, 30, 15, 5, tzinfo=UTC),
    datetime(2020, 2, 29, 12, 30),  # noqa: DTZ001 - an instant without a zone is a value too
    [1, 2],
    ["a", "b'c"],
    [1.5, 0.1],
    [],
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_parameters_of_every_type_mean_the_same_again(db: Db, value: Any) -> None:
    """The type counts too: 0.1 written plainly would come back as a decimal."""
    receipt = saved(db.at(FAR).sql("SELECT $value AS value, typeof($value) AS kind", value=value))
    assert verdict(receipt, db)[0], verdict(receipt, db)[1]


def test_a_parameter_may_bear_a_word_of_sql(db: Db) -> None:
    receipt = saved(db.at(FAR).sql("SELECT $end - $from AS n", **{"end": 5, "from": 3}))
    assert receipt["queries"][0]["result"]["values"] == [[2]]
    assert verdict(receipt, db)[0]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT value FROM macro -- all of them",
        "SELECT value FROM macro; -- all of them",
        "SELECT value FROM macro /* ; */",
        "SELECT value FROM macro;",
        "\n\nSELECT value\nFROM macro\n\n;\n",
        "SELECT 'CREATE TEMP VIEW\nPREPARE receipt AS ' AS text FROM macro",
        'SELECT\nCAST(value AS VARCHAR) AS "PREPARE receipt AS " FROM macro',
        "WITH a AS (SELECT * FROM macro) SELECT count(*) AS n FROM a",
        "FROM macro SELECT value",
        "SELECT m.value, p.close FROM macro m LEFT JOIN prices p ON p.known_at = m.known_at",
    ],
)
def test_queries_of_every_shape_run_again(filled: Lake, db: Db, sql: str) -> None:
    receipt = saved(db.at(FAR).sql(sql))
    assert verdict(receipt, db)[0], verdict(receipt, db)[1]
    filled.upsert("macro", table(observation(-1.0, day(9), series_id="s:1")))
    collect(filled)
    assert verdict(receipt, db)[0], verdict(receipt, db)[1]


def test_types_of_every_kind_come_back(filled: Lake, db: Db) -> None:
    sql = (
        "SELECT value, value::DECIMAL(10, 2) AS d, known_at, period, TIME '10:00' AS t, "
        "known_at::TIMESTAMP AS naive, [value] AS l, {'a': value} AS s, NULL AS nothing, "
        "value > 1 AS b, 'x'::BLOB AS raw FROM macro"
    )
    receipt = saved(db.at(FAR).sql(sql))
    assert verdict(receipt, db)[0], verdict(receipt, db)[1]


def test_a_large_result_is_held_by_its_fingerprint(db: Db) -> None:
    sql = (
        "SELECT i, i / 7 AS x, CASE WHEN i = 3 THEN 'NaN'::DOUBLE WHEN i = 4 THEN 'inf'::DOUBLE "
        "WHEN i = 5 THEN '-inf'::DOUBLE ELSE i END AS odd, i::VARCHAR AS text, [i] AS l, "
        "{'a': i} AS s, i % 2 = 0 AS even, TIMESTAMPTZ '2020-01-01' + to_days(i::INTEGER) AS t, "
        "CASE WHEN i > 9 THEN i END AS gaps FROM range($n) r(i)"
    )
    receipt = saved(db.at(FAR).sql(sql, n=20_000))
    assert "values" not in receipt["queries"][0]["result"]
    assert receipt["left_out"] == []
    assert verdict(receipt, db)[0], verdict(receipt, db)[1]
    for column in receipt["queries"][0]["result"]["columns"]:
        wrong = copy.deepcopy(receipt)
        print_of = wrong["queries"][0]["result"]["fingerprint"]
        print_of |= {"exact": "", "about": ["", ""]}
        print_of["columns"][column] = "another"
        assert verdict(wrong, db) == (False, f"columns {column} differ (run on the same files)")


def test_an_order_that_was_never_asked_for_is_no_difference() -> None:
    was = {"columns": {"a": "Float64"}, "rows": 2, "values": [[1.0], [2.0]]}
    assert compare(was, pl.DataFrame({"a": [2.0, 1.0 + 1e-14]})) is None
    assert compare(was, pl.DataFrame({"a": [2.0, 1.001]})) is not None
    assert compare(was, pl.DataFrame({"a": [None, 1.0]})) is not None


def test_maths_on_top_is_named_and_its_queries_are_kept(filled: Lake, db: Db) -> None:
    at = db.at(FAR)
    first, second = at.sql("SELECT value FROM macro"), at.sql("SELECT count(*) AS n FROM prices")
    answer = first.derive(first.frame.sum(), "sum of value").derive(first.frame, "and back")
    assert make_receipt(answer)["figure"]["derived"] == "sum of value; and back"
    both = saved(answer.join(second, pl.DataFrame({"x": [1]}), "both"))
    assert (both["figure"]["derived"], both["kind"]) == ("both", "SQL and function")
    verdicts = verify(both, db.root, none_such)
    assert [found.same for found in verdicts] == [True, True, False]
    assert "no function is named" in verdicts[2].note


def test_a_function_that_gives_more_columns_today_is_judged_by_those_of_then(
    filled: Lake, db: Db
) -> None:
    at = db.at(FAR)

    def doubled(at: At) -> Answer:
        answer = at.sql(SQL, most=100.0)
        return answer.derive(answer.frame.with_columns(twice=pl.col("value") * 2), "doubled")

    def with_more(at: At) -> Answer:
        return doubled(at).derive(doubled(at).frame.with_columns(more=pl.lit(1)), "and more")

    def otherwise(at: At) -> Answer:
        return with_more(at).derive(with_more(at).frame.with_columns(twice=pl.lit(0.0)), "other")

    receipt = saved(replace(doubled(at), called=Called("doubled", {}, at)))

    def figure(call: Callable[[At], Answer]) -> tuple[bool, str]:
        found = verify(receipt, db.root, lambda name: call)[-1]
        return found.same, found.note

    assert figure(doubled) == (True, "3 rows, the same (run on the same files)")
    assert "expected columns" in figure(with_more)[1]  # the same code gives the same columns
    receipt["figure"]["code"] = "of then"
    assert figure(with_more)[0] and "by other code than then" in figure(with_more)[1]
    assert not figure(otherwise)[0]


def test_what_was_left_out_as_damaged_is_on_the_receipt(filled: Lake, db: Db) -> None:
    (path,) = (filled.root / "macro").rglob("*.parquet")
    path.write_bytes(b"")
    receipt = saved(db.at(FAR).sql(SQL, most=9.0))
    assert receipt["damaged"] == [f"macro/source=fred/{path.name}"]
    assert receipt["queries"][0]["reads"]["macro"] == ["macro@1", None]
    assert receipt["datasets"]["macro@1"]["files"] == {}
    assert verdict(receipt, db) == (True, "0 rows, the same (run on the same files)")


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"barograph_receipt": 3, "queries": []},
        {"barograph_receipt": 2},
        {"barograph_receipt": 2, "queries": 3},
        {"barograph_receipt": 2, "queries": [3]},
        {"barograph_receipt": 2, "queries": [{"sql": "SELECT 1"}]},
    ],
)
def test_what_is_no_receipt_is_refused(found: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not a receipt"):
        verify(found, tmp_path, none_such)


def test_a_receipt_of_an_earlier_version_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="format 1, which an earlier version .* Save it anew"):
        verify({"barograph_receipt": 1, "queries": []}, tmp_path, none_such)


def test_the_script_alone_runs_in_a_fresh_process(filled: Lake, db: Db, tmp_path: Path) -> None:
    """No module of ours: only DuckDB and the text of the script."""
    receipt = saved(db.at(day(3)).sql(SQL + " -- with a remark", most=9.0))
    script = tmp_path / "receipt.sql"
    script.write_text(receipt["queries"][0]["script"])
    code = (
        "import duckdb, pathlib, sys; "
        "t = duckdb.connect().sql(pathlib.Path(sys.argv[1]).read_text()).to_arrow_table(); "
        "print(t['value'].to_pylist())"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(script)],
        capture_output=True,
        text=True,
        cwd=filled.root,
        check=False,
    )
    assert done.stdout.strip() == "[0.0, 1.0, 2.0]", done.stderr


def test_a_query_that_was_refused_leaves_no_receipt(db: Db) -> None:
    with pytest.raises(QueryError):
        db.at(FAR).sql("SELECT now()")


def test_literals_are_quoted() -> None:
    assert sql_value("it's") == "'it''s'"
    assert sql_value([1, None]) == "[1, NULL]"
    assert sql_value(0.1) == "'0.1'::DOUBLE"
