"""A query may read datasets by name, and nothing else by any way round."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.errors import QueryError
from data.lake import Lake
from data.query import At, Db
from tests.data.samples import day, observation, table


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[At]:
    """A clock between two vintages: 1.0 is known, 2.0 not yet."""
    lake = Lake(tmp_path_factory.mktemp("guard") / "live" / "lake", workspace="live")
    lake.upsert("macro", table(observation(1.0, day(1)), observation(2.0, day(9))))
    db = Db(lake.root, threads=1)
    yield db.at(day(5))
    db.close()


def refusal(at: At, query: str) -> str:
    """The sentence with which a query is refused."""
    with pytest.raises(QueryError) as caught:
        at.sql(query)
    said = str(caught.value)
    assert "\n" not in said
    return said


def stored_file(at: At) -> str:
    """The Parquet file in which both vintages lie."""
    return str(at.db.root / "macro" / at.manifests["macro"].files[0].file)


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT value FROM macro", [(1.0,)]),
        ("FROM macro SELECT value", [(1.0,)]),
        ("SELECT value FROM MACRO", [(1.0,)]),
        ('SELECT value FROM "macro" AS m', [(1.0,)]),
        ("SELECT value FROM (TABLE macro)", [(1.0,)]),
        ("WITH a AS (SELECT * FROM macro) SELECT value FROM a", [(1.0,)]),
        ("WITH macro AS (SELECT * FROM macro) SELECT value FROM macro", [(1.0,)]),
        ("WITH macro AS (SELECT 5 AS z) SELECT z FROM macro", [(5,)]),
        ("WITH tables AS (SELECT 5 AS z) SELECT z FROM tables", [(5,)]),
        (
            "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 3) "
            "SELECT max(i) FROM n",
            [(3,)],
        ),
        ("SELECT (SELECT max(value) FROM macro)", [(1.0,)]),
        ("SELECT count(*) FROM macro_vintages", [(2,)]),
        ("SELECT count(*) FROM prices", [(0,)]),
        ("SELECT * FROM range(3)", [(0,), (1,), (2,)]),
        ("SELECT * FROM generate_series(1, 2)", [(1,), (2,)]),
        ("SELECT unnest([1, 2])", [(1,), (2,)]),
        ("FROM unnest([1, 2])", [(1,), (2,)]),
        ("VALUES (1), (2)", [(1,), (2,)]),
        ("SELECT getvariable('as_of')::DATE::VARCHAR", [("2020-01-06",)]),
        ("SELECT age(TIMESTAMP '2020-01-02', TIMESTAMP '2020-01-01')::VARCHAR", [("1 day",)]),
        ("SELECT m.current_date FROM (SELECT 1 AS current_date) AS m", [(1,)]),
        ("SELECT 'SELECT now(); DROP TABLE x' AS text", [("SELECT now(); DROP TABLE x",)]),
        ("SELECT count(*) FROM macro a, macro_vintages b", [(2,)]),
        ("SELECT value FROM macro ORDER BY (SELECT max(value) FROM macro);", [(1.0,)]),
        ("-- a remark\nSELECT 1 -- another", [(1,)]),
    ],
)
def test_reading_is_allowed(at: At, query: str, rows: list[tuple[object, ...]]) -> None:
    assert at.sql(query).frame.rows() == rows


def test_describing_shows_the_columns_under_the_clock(at: At) -> None:
    shown = at.sql("DESCRIBE macro").frame["column_name"].to_list()
    assert "value" in shown
    assert "superseded_at" not in shown


CLOCKS = [
    "now()",
    "NOW()",
    '"now"()',
    "main.now()",
    "system.main.now()",
    "today()",
    "current_timestamp",
    '"current_timestamp"',
    "current_date",
    "current_time",
    "localtime",
    "localtimestamp",
    "current_localtime()",
    "current_localtimestamp()",
    "get_current_timestamp()",
    "get_current_time()",
    "transaction_timestamp()",
    "ago(INTERVAL 1 DAY)",
    "age(TIMESTAMP '2020-01-01')",
    "uuidv7()",
    "pg_postmaster_start_time()",
    "pg_conf_load_time()",
]


@pytest.mark.parametrize("asked", CLOCKS)
def test_the_machines_time_is_refused(at: At, asked: str) -> None:
    said = refusal(at, f"SELECT {asked} AS t")
    assert "escape the clock; write getvariable('as_of') instead" in said


PLACES = [
    "SELECT * FROM macro WHERE known_at < now()",
    "SELECT * FROM macro ORDER BY now()",
    "SELECT * FROM macro LIMIT epoch(now())",
    "SELECT * FROM macro OFFSET epoch(now())",
    "SELECT * REPLACE (now() AS value) FROM macro",
    "SELECT count(*) FILTER (WHERE now() > known_at) FROM macro",
    "SELECT 1 GROUP BY now()",
    "SELECT 1 HAVING now() IS NOT NULL",
    "SELECT sum(1) OVER (ORDER BY now()) FROM macro",
    "SELECT sum(1) OVER (PARTITION BY now()) FROM macro",
    "SELECT * FROM macro QUALIFY row_number() OVER (ORDER BY now()) = 1",
    "SELECT DISTINCT ON (now()) 1",
    "SELECT CASE WHEN true THEN now() END",
    "SELECT CAST(now() AS DATE)",
    "SELECT try(now())",
    "SELECT now() AT TIME ZONE 'UTC'",
    "SELECT date_part('year', now())",
    "SELECT {'a': now()}",
    "SELECT [now()]",
    "SELECT ARRAY(SELECT now())",
    "SELECT list_transform([1], lambda x: now())",
    "SELECT * FROM macro a JOIN macro b ON now() = now()",
    "SELECT 1 WHERE 1 IN (SELECT now())",
    "SELECT 1 WHERE EXISTS (SELECT now())",
    "WITH a AS (SELECT now()) SELECT * FROM a",
    "WITH a AS (WITH b AS (SELECT now()) SELECT * FROM b) SELECT * FROM a",
    "SELECT 1 UNION ALL SELECT now()",
    "VALUES (now())",
    "SELECT * FROM (VALUES (now()))",
    "FROM (DESCRIBE SELECT now())",
    "SELECT * FROM macro, LATERAL (SELECT now())",
    "SELECT max(value) FROM macro GROUP BY GROUPING SETS ((now()), ())",
]


@pytest.mark.parametrize("query", PLACES)
def test_the_machines_time_is_found_in_every_place(at: At, query: str) -> None:
    assert "escape the clock" in refusal(at, query)


FUNCTIONS = [
    "read_parquet('{file}')",
    "parquet_scan('{file}')",
    "read_single_parquet_file('{file}')",
    "parquet_metadata('{file}')",
    "parquet_file_metadata('{file}')",
    "parquet_kv_metadata('{file}')",
    "parquet_schema('{file}')",
    "parquet_bloom_probe('{file}', 'value', 1)",
    "read_csv('{file}')",
    "read_csv_auto('{file}')",
    "sniff_csv('{file}')",
    "read_json('{file}')",
    "read_ndjson('{file}')",
    "read_text('{file}')",
    "read_blob('{file}')",
    "read_duckdb('{file}')",
    "glob('/*')",
    "query('SELECT 1')",
    "query_table('macro')",
    "json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "duckdb_settings()",
    "duckdb_secrets()",
    "duckdb_views()",
    "duckdb_variables()",
    "duckdb_logs()",
    "duckdb_external_file_cache()",
    "pragma_table_info('macro')",
    "pragma_show('macro')",
    "pragma_version()",
    "seq_scan('macro')",
    "summary('macro')",
    "python_map_function()",
    "enable_logging()",
    "test_all_types()",
    "which_secret('a', 'b')",
    "checkpoint()",
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions_that_read_anything_else_are_refused(at: At, function: str) -> None:
    call = function.format(file=stored_file(at))
    for query in (f"FROM {call}", f"SELECT 1 WHERE EXISTS (FROM {call})"):
        assert "is outside the clock; read datasets by name" in refusal(at, query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM '{file}'",
        'SELECT * FROM "{file}"',
        "SELECT * FROM macro UNION ALL BY NAME SELECT * FROM '{file}'",
        "FROM (SUMMARIZE '{file}')",
        "FROM (DESCRIBE '{file}')",
        "SELECT * FROM macro SEMI JOIN '{file}' USING (series_id)",
    ],
)
def test_a_file_is_no_dataset(at: At, query: str) -> None:
    assert "no dataset named" in refusal(at, query.format(file=stored_file(at)))


@pytest.mark.parametrize(
    "query",
    [
        'WITH "{file}" AS (SELECT * FROM "{file}") SELECT * FROM "{file}"',
        'SELECT (WITH "{file}" AS (SELECT 1) SELECT 1), count(*) FROM "{file}"',
        'SELECT * FROM (WITH "{file}" AS (SELECT 1) SELECT 1), "{file}"',
        "WITH \"{upper}\" AS (SELECT 1) SELECT count(*) FROM '{file}'",
        'WITH "x.parquet" AS (SELECT 1), b AS (SELECT 2) SELECT * FROM b',
        "WITH duckdb_views AS (SELECT * FROM duckdb_views) SELECT * FROM duckdb_views",
        "WITH sqlite_master AS (SELECT * FROM sqlite_master) SELECT * FROM sqlite_master",
        "SELECT (WITH pg_class AS (SELECT 1) SELECT 1), * FROM pg_class",
    ],
)
def test_a_part_of_a_query_cannot_hide_a_file_or_a_table_of_the_engine(at: At, query: str) -> None:
    """The name is out of scope in its own definition, and there it would be the file."""
    file = stored_file(at)
    assert "cannot name a part of a query" in refusal(
        at, query.format(file=file, upper=file.upper())
    )


@pytest.mark.parametrize(
    "table_name",
    [
        "information_schema.tables",
        "pg_catalog.pg_class",
        "main.macro",
        "memory.main.macro",
        "temp.macro",
        "system.main.duckdb_tables",
    ],
)
def test_other_schemas_are_refused(at: At, table_name: str) -> None:
    assert "is outside the clock; name datasets plainly" in refusal(at, f"FROM {table_name}")


@pytest.mark.parametrize(
    "place",
    ["FROM {t}", "SELECT (SELECT count(*) FROM {t})", "SELECT 1 LIMIT (SELECT count(*) FROM {t})"],
)
@pytest.mark.parametrize("t", ["pg_class", "sqlite_master", "duckdb_tables", "macros", "lake"])
def test_unknown_names_are_refused_wherever_they_stand(at: At, place: str, t: str) -> None:
    assert f"no dataset named {t!r}" in refusal(at, place.format(t=t))


def test_a_near_miss_is_helped(at: At) -> None:
    assert refusal(at, "FROM macros").endswith("did you mean macro?")
    assert "there are attention, bars" in refusal(at, "FROM zzz")


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO macro VALUES (1)",
        "UPDATE macro SET value = 1",
        "DELETE FROM macro",
        "MERGE INTO macro USING prices ON true WHEN MATCHED THEN DELETE",
        "CREATE TABLE x AS SELECT 1",
        "CREATE VIEW x AS SELECT 1",
        "DROP VIEW macro",
        "ALTER VIEW macro RENAME TO x",
        "COPY macro TO 'x.csv'",
        "COPY (SELECT 1) TO 'x.csv'",
        "EXPORT DATABASE 'x'",
        "IMPORT DATABASE 'x'",
        "ATTACH 'x.db'",
        "DETACH memory",
        "INSTALL httpfs",
        "LOAD httpfs",
        "PRAGMA database_list",
        "CALL pragma_version()",
        "SET VARIABLE as_of = TIMESTAMPTZ '2100-01-01'",
        "RESET VARIABLE as_of",
        "SET enable_external_access = true",
        "SET schema = 'main'",
        "USE main",
        "CHECKPOINT",
        "VACUUM",
        "BEGIN",
        "EXPLAIN SELECT 1",
        "EXPLAIN ANALYZE SELECT 1",
        "PREPARE x AS SELECT 1",
        "EXECUTE x",
        "PIVOT macro ON series_id USING count(*)",
        "WITH x AS (INSERT INTO macro VALUES (1)) SELECT 1",
        "WITH x AS (DELETE FROM macro RETURNING *) SELECT * FROM x",
        "WITH x AS (UPDATE macro SET value = 1 RETURNING *) SELECT * FROM x",
        "SELECT (WITH x AS (INSERT INTO macro VALUES (1)) SELECT 1)",
    ],
)
def test_nothing_can_be_written_or_set(at: At, query: str) -> None:
    assert refusal(at, query).startswith("query refused:")


@pytest.mark.parametrize(
    "query", ["SELECT 1; SELECT 2", "SELECT 1; DROP VIEW macro", "", "  ", "-- nothing", ";"]
)
def test_exactly_one_statement_is_expected(at: At, query: str) -> None:
    said = refusal(at, query)
    assert "expected one statement" in said or "only SELECT" in said


@pytest.mark.parametrize(
    "query", ["SHOW TABLES", "SHOW ALL TABLES", "FROM (SHOW ALL TABLES)", "SHOW DATABASES"]
)
def test_other_peoples_views_are_not_listed(at: At, query: str) -> None:
    assert "SHOW is outside the clock" in refusal(at, query)


def test_a_mistake_is_told_in_the_engines_first_line(at: At) -> None:
    assert "syntax error" in refusal(at, "SELEC 1")
    assert "valu" in refusal(at, "SELECT valu FROM macro")


def test_python_objects_of_the_caller_are_no_tables(at: At) -> None:
    frame = table(observation(1.0, day(1)))
    assert frame.height == 1
    assert "no dataset named 'frame'" in refusal(at, "SELECT * FROM frame")


def test_files_beside_the_lake_stay_closed_to_the_engine_itself(at: At, tmp_path: Path) -> None:
    """The second wall: even past the guard, the engine opens nothing outside the lake."""
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with at.db._con.cursor() as cursor, pytest.raises(Exception, match="disabled|Permission"):
        cursor.execute(f"FROM read_csv('{tmp_path}/secret.csv')").fetchall()


@pytest.mark.parametrize(
    "statement",
    [
        "SET threads = 1",
        "SET GLOBAL memory_limit = '8GB'",
        "SET TimeZone = 'Asia/Tokyo'",
        "SET max_expression_depth = 100000",
        "SET GLOBAL enable_external_access = true",
        "SET GLOBAL lock_configuration = false",
        "RESET GLOBAL allowed_directories",
        "PRAGMA enable_profiling",
        "PRAGMA disable_optimizer",
        "INSTALL httpfs",
        "CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')",
        "CALL enable_logging(storage = 'file', storage_path = 'x')",
    ],
)
def test_the_engines_configuration_is_locked(at: At, statement: str) -> None:
    """Also past the guard; and the clock is set beside it all the same."""
    with at.db._con.cursor() as cursor, pytest.raises(Exception, match="lock|disabled|[Cc]annot"):
        cursor.execute(statement)
    assert at.sql("SELECT value FROM macro").frame.rows() == [(1.0,)]


def test_an_expression_of_no_depth_that_anybody_writes_is_refused(at: At) -> None:
    assert "1000" in at.sql(f"SELECT {'1+' * 200}800 AS n").frame.rows()[0].__repr__()
    with pytest.raises(QueryError, match="depth"):
        at.sql(f"SELECT {'(' * 400}1{')+1' * 400} AS n")
