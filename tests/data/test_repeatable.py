"""What cannot be repeated is refused; what is allowed gives the same rows however it is run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from data.errors import QueryError
from data.lake import Lake
from data.proof.results import compare, result, values
from data.query import At, Db
from data.query.guard import Checked
from tests import tiers

ROWS, SERIES = 170_000, 400
KNOWN = datetime(2021, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def handles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[At, At]]:
    """One lake of several row groups, read by one thread and by four."""
    lake = Lake(tmp_path_factory.mktemp("repeat") / "live" / "lake", workspace="live")
    n = pl.col("n")
    rows = pl.DataFrame({"n": pl.int_range(ROWS, eager=True)}).select(
        series_id=pl.format("s:{}", n % SERIES),
        period=pl.lit(date(1950, 1, 1)) + pl.duration(days=n // SERIES),
        value=((n * 7919) % 1000).cast(pl.Float64) / 8,
        unit=pl.format("u{}", (n * 31) % 7),
        is_forecast=pl.lit(False),
        known_at=pl.lit(KNOWN) + pl.duration(seconds=n % 50),
        vintage_grade=pl.lit("native"),
        source=pl.lit("fred"),
    )
    lake.upsert("macro", rows)
    one, four = Db(lake.root, threads=1), Db(lake.root, threads=4)
    clock = KNOWN + timedelta(days=1)
    yield one.at(clock), four.at(clock)
    one.close()
    four.close()


# What draws, what tells of the machine or the engine, what waits, keeps or estimates.
CALLS = """
random() | uuid() | gen_random_uuid() | uuidv4() | uuidv7() | uuid_extract_timestamp(uuidv7()) |
setseed(0.5) | nextval('s') | currval('s') | setval('s',1) | txid_current() |
current_transaction_id() | current_query_id() |
current_connection_id() | current_query() | current_database() | current_schema() |
current_schemas(true) | in_search_path('a','b') | current_setting('threads') |
current_setting('TimeZone') | version() | sleep_ms(1) | pg_sleep(1) | write_log('x') |
error('x') | stats(value) | vector_type(value) | approx_count_distinct(value) |
approx_quantile(value,0.5) | reservoir_quantile(value,0.5) | approx_top_k(value,3) |
lttb(period,value,9) | bitstring_agg(value::INT) | hash(value) | create_sort_key(value,'ASC') |
alias(value) | json_serialize_plan('SELECT 1') | json_serialize_sql('SELECT 1') |
json_deserialize_sql('{}') | getvariable('other') | getvariable(unit) | get_current_time() |
now() | today() | current_localtimestamp() | inet_client_addr() | inet_server_port() |
pg_get_viewdef(1) | pg_size_pretty(1) | pg_typeof(1) | has_table_privilege('macro','SELECT') |
pg_conf_load_time() | pg_postmaster_start_time() | pg_my_temp_schema() | obj_description(1) |
get_block_size('memory') | getenv('HOME') | list_aggregate([value],'approx_quantile') |
array_aggr([value],'first') | aggregate([value],'list') | json_group_array(value) |
json_group_object(unit,value) | parse_duckdb_log_message('x','y') |
list_approx_count_distinct([value]) | variant_group_array(value) | combine(value) |
finalize(value) | any_value(value) | arbitrary(value) | first(value) | last(value) | list(value) |
array_agg(value) | string_agg(unit,',') | group_concat(unit,',') | listagg(unit,',') |
mode(value) | mode(DISTINCT value) | row_number() OVER() | lag(value) OVER() |
lead(value) OVER(PARTITION BY unit) | ntile(4) OVER() | first_value(value) OVER() |
last_value(value) OVER(PARTITION BY unit) | nth_value(value,2) OVER() |
first(value) OVER(PARTITION BY unit) | list(value) OVER() | any_value(value) OVER() |
sum(value) OVER(ROWS 2 PRECEDING) | count(*) OVER(ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)
"""
CLAUSES = [
    "FROM macro USING SAMPLE 3",
    "FROM macro USING SAMPLE 10 PERCENT (bernoulli)",
    "FROM macro USING SAMPLE reservoir(50 ROWS) REPEATABLE (7)",
    "FROM macro TABLESAMPLE 10%",
    "FROM macro AS m TABLESAMPLE system(10%)",
    "FROM (SELECT * FROM macro USING SAMPLE 3)",
    "WITH a AS (FROM macro USING SAMPLE 3) FROM a",
    "SELECT (SELECT sum(value) FROM macro USING SAMPLE 3)",
    "FROM macro LIMIT 3",
    "FROM macro OFFSET 3",
    "FROM macro LIMIT 1%",
    "FROM macro FETCH FIRST 3 ROWS ONLY",
    "FROM (FROM macro LIMIT 3) ORDER BY ALL",
    "SELECT (SELECT value FROM macro LIMIT 1)",
    "FROM macro WHERE value IN (SELECT value FROM macro LIMIT 5)",
    "FROM macro UNION ALL FROM macro LIMIT 3",
    "FROM (FROM macro ORDER BY ALL) LIMIT 3",
    "SELECT DISTINCT ON (unit) unit, value FROM macro",
    "FROM macro POSITIONAL JOIN macro_vintages",
    "WITH RECURSIVE a(i) USING KEY (i) AS (SELECT 1 UNION SELECT i + 1 FROM a WHERE i < 3) FROM a",
    "FROM macro ORDER BY (SELECT 1) LIMIT 3",
    "FROM macro ORDER BY lower('x') OFFSET 3",
    "SELECT DISTINCT ON (unit) unit, value FROM macro ORDER BY md5('x')",
    "SELECT unit, list(value ORDER BY 1) FROM macro GROUP BY unit",
    "SELECT first(value ORDER BY 'known_at') FROM macro",
    "SELECT row_number() OVER (ORDER BY NULL) FROM macro",
    "SELECT lag(value) OVER (PARTITION BY unit ORDER BY (SELECT 1)) FROM macro",
    "SELECT sum(value) OVER (ORDER BY 1 ROWS 2 PRECEDING) FROM macro",
    "SELECT row_number(ORDER BY 1) OVER () FROM macro",
    "SELECT arg_max(value, 0) FROM macro",
    "SELECT min_by(value, lower('x'), 3) FROM macro GROUP BY unit",
    "PIVOT macro ON unit USING sum(value)",
    "SUMMARIZE macro",
    "FROM (SUMMARIZE macro)",
    "SELECT ARRAY(SELECT value FROM macro)",
    "FROM (PIVOT macro ON unit IN ('u1', 'u2') USING first(value))",
    "SELECT first(value) FILTER (value > 3) FROM macro",
    "SELECT value FROM macro ORDER BY random()",
    "SELECT count(*) FROM macro GROUP BY uuid()",
    "SELECT count(*) FROM macro QUALIFY row_number() OVER () < 3",
    "SELECT current_user",
    "SELECT user FROM macro",
    "SELECT current_schema",
]
HOSTILE = [*CLAUSES, *(f"SELECT {call.strip()} AS x FROM macro" for call in CALLS.split("|"))]


@pytest.mark.parametrize("query", HOSTILE)
def test_it_is_refused(handles: tuple[At, At], query: str) -> None:
    """By the guard: not one reaches the engine."""
    with pytest.raises(QueryError) as caught:
        handles[0].sql(query)
    said = str(caught.value)
    assert said.startswith("query refused: ")
    assert "\n" not in said


def test_more_than_a_hundred_were_tried() -> None:
    assert len(set(HOSTILE)) >= 120


@pytest.mark.parametrize(
    ("query", "advice"),
    [
        ("SELECT stats(value) FROM macro", "write min() and max()"),
        ("SELECT random()", "write md5() of the row's key"),
        ("SELECT approx_quantile(value, 0.5) FROM macro", "write quantile_cont()"),
        ("SELECT quantil(value, 0.5) FROM macro", "did you mean quantile()?"),
        ("SELECT pg_typeof(value) FROM macro", "did you mean typeof()?"),
        ("SELECT zzzzzz(value) FROM macro", "docs/queries.md lists them"),
        ("SELECT first(value) FROM macro", "write first(x ORDER BY known_at)"),
        ("SELECT any_value(value) FROM macro", "write min(x)"),
        ("SELECT lag(value) OVER () FROM macro", "write lag(...) OVER (ORDER BY known_at)"),
        ("SELECT arg_min(value, 1) FROM macro", "write arg_min(x, known_at)"),
        ("PIVOT macro ON unit USING sum(value)", "IN ('x:A', 'x:B') USING max(close)"),
        ("FROM macro LIMIT 3", "add ORDER BY beside them (ORDER BY ALL will do)"),
        ("FROM macro USING SAMPLE 3", "e.g. ORDER BY md5(symbol) LIMIT 100"),
        ("SELECT getvariable('x')", "write getvariable('as_of')"),
        ("SELECT user FROM macro", "write a column of that name with its table, t.user"),
    ],
)
def test_a_refusal_says_what_to_write(handles: tuple[At, At], query: str, advice: str) -> None:
    with pytest.raises(QueryError) as caught:
        handles[0].sql(query)
    assert str(caught.value).endswith(advice)


@pytest.mark.sampled(6)
@pytest.mark.parametrize(
    "query",
    [
        "SELECT first(value ORDER BY series_id, period) FROM macro",
        "SELECT list(unit ORDER BY unit) FROM macro",
        "SELECT ARRAY(SELECT DISTINCT unit FROM macro ORDER BY unit)",
        "SELECT string_agg(DISTINCT unit, ',' ORDER BY unit) FROM macro",
        "SELECT mode(unit ORDER BY unit) FROM macro",
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY value) FROM macro",
        "SELECT arg_max(value, period) FROM macro WHERE series_id = 's:1'",
        "FROM macro ORDER BY ALL LIMIT 3",
        "SELECT DISTINCT unit, value FROM macro ORDER BY 1, 2 LIMIT 3",
        "SELECT unit FROM macro GROUP BY unit ORDER BY count(*), unit LIMIT 3",
        "SELECT count(*) FROM macro GROUP BY unit ORDER BY count(*) LIMIT 3",
        "SELECT row_number(ORDER BY series_id, period) OVER () FROM macro",
        "FROM macro ORDER BY md5(series_id || period), period LIMIT 3",
        "SELECT DISTINCT ON (unit) unit, value FROM macro ORDER BY unit, value",
        "SELECT row_number() OVER w FROM macro WINDOW w AS (ORDER BY series_id, period)",
        "SELECT rank() OVER (PARTITION BY unit ORDER BY value) FROM macro",
        "SELECT sum(value) OVER (PARTITION BY unit) FROM macro",
        "SELECT sum(value) OVER (ORDER BY series_id, period ROWS 3 PRECEDING) FROM macro",
        "SELECT t.user FROM (SELECT 1 AS user) AS t",
        "FROM macro UNPIVOT (v FOR n IN (value))",
        "FROM (PIVOT macro ON unit IN ('u1', 'u2') USING sum(value))",
        "DESCRIBE macro",
    ],
)
def test_its_repeatable_form_is_allowed(handles: tuple[At, At], query: str) -> None:
    assert difference(handles, query) is None


def difference(handles: tuple[At, At], query: str) -> str | None:
    """How two runs differ, as a receipt compares them: any order of rows, 1e-12 is equal."""
    return differs(*(at.sql(query).frame for at in handles))


def differs(one: pl.DataFrame, other: pl.DataFrame) -> str | None:
    """The same of two frames."""
    return compare(result(one) | {"values": values(one)}, other)


def past_the_guard(at: At, query: str) -> pl.DataFrame:
    """The rows of a query that the guard refuses."""
    return at.db.run(at, Checked(query, frozenset({"macro"})), {})


def test_the_comparison_sees_what_cannot_be_repeated(handles: tuple[At, At]) -> None:
    """A positive control, past the guard: what draws."""
    for query in ("SELECT random() AS r FROM macro ORDER BY r", "FROM macro USING SAMPLE 3"):
        assert differs(*(past_the_guard(at, query) for at in handles)) is not None


KEYS = ["series_id", "period"]
GROUPS = ["unit", "series_id", "year(period)", "value > 60", "date_trunc('month', period)"]
VALUES = ["value", "value * 3 - 7", "ln(value + 1)", "day(period)", "length(series_id)"]
PLAIN = [
    "sum",
    "avg",
    "min",
    "max",
    "count",
    "stddev_samp",
    "median",
    "mad",
    "kurtosis",
    "skewness",
    "var_pop",
    "fsum",
    "entropy",
]
OF_ORDER = ["first", "last", "list", "any_value", "arbitrary", "mode", "array_agg"]
RANKED = [
    "row_number()",
    "rank()",
    "lag(value)",
    "lead(value, 2)",
    "first_value(value)",
    "last_value(unit)",
    "ntile(5)",
    "sum(value)",
    "count(*)",
]
TOTAL = f"ORDER BY {', '.join(KEYS)}"


@st.composite
def aggregates(draw: st.DrawFn) -> str:
    """Groups with what is taken of them, in any order, in none, or cut."""
    group = draw(st.sampled_from(GROUPS))
    taken = [
        f"{draw(st.sampled_from(PLAIN))}({draw(st.sampled_from(VALUES))}) AS a{n}"
        for n in range(draw(st.integers(1, 3)))
    ]
    inner = draw(st.sampled_from(["", " ORDER BY 1", f" {TOTAL}"]))
    taken.append(f"{draw(st.sampled_from(OF_ORDER))}({draw(st.sampled_from(VALUES))}{inner}) AS o")
    kept = draw(
        st.sampled_from(["", " ORDER BY ALL LIMIT 7", " LIMIT 7", " HAVING count(*) > 300"])
    )
    few = taken if draw(st.booleans()) else taken[:-1]
    return f"SELECT {group} AS g, {', '.join(few)} FROM macro GROUP BY ALL{kept}"


@st.composite
def windows(draw: st.DrawFn) -> str:
    """One window, with an order or without, over ranges or rows."""
    part = draw(st.sampled_from(["", "PARTITION BY unit", "PARTITION BY series_id"]))
    order = draw(st.sampled_from(["", "ORDER BY NULL", TOTAL]))
    frame = draw(st.sampled_from(["", "ROWS BETWEEN 3 PRECEDING AND CURRENT ROW"]))
    call = draw(st.sampled_from(RANKED))
    window = f"{call} OVER ({part} {order} {frame}) AS w"
    few = "WHERE value < 40" if draw(st.booleans()) else ""
    return f"SELECT {', '.join(KEYS)}, {window} FROM macro {few}"


@st.composite
def rows(draw: st.DrawFn) -> str:
    """Rows as they are: cut, drawn, joined, distinct, or with functions over them."""
    column = draw(st.sampled_from([*VALUES, "md5(series_id)", "random()", "uuid()", "hash(unit)"]))
    source = draw(
        st.sampled_from(
            [
                "macro",
                "macro USING SAMPLE 9",
                "(SELECT DISTINCT unit, value, period, series_id FROM macro)",
                "macro JOIN (SELECT unit, max(value) AS top FROM macro GROUP BY unit) USING (unit)",
                f"(FROM macro {TOTAL} LIMIT 500)",
                "(FROM macro LIMIT 500)",
            ]
        )
    )
    cut = draw(st.sampled_from(["", f" {TOTAL} LIMIT 40 OFFSET 11", " LIMIT 40"]))
    return f"SELECT series_id, period, {column} AS c FROM {source}{cut}"


@settings(max_examples=tiers.amount("QUERY_EXAMPLES", day=12, night=500))
@given(query=st.one_of(aggregates(), windows(), rows()))
def test_an_allowed_query_gives_the_same_rows_by_one_thread_and_by_four(
    handles: tuple[At, At], query: str
) -> None:
    try:
        handles[0].db.checked(query)
    except QueryError:
        event("refused")
        return
    event("allowed")
    for _ in range(2):
        assert difference(handles, query) is None
