"""The list of allowed functions against the engine that is installed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from analytics.core.query_texts import query_text
from data.errors import QueryError
from data.lake import Lake
from data.query import Db
from data.query.functions import (
    AGGREGATES,
    ALLOWED,
    INSTEAD,
    MACHINE_TIME,
    OF_ENGINE,
    ORDERED,
    ORDERED_WINDOWS,
    TABLES,
    WINDOWS,
)
from data.query.guard import check
from tests import tiers
from tests.data.samples import day, observation, table

# The parser's own forms, and the one that tells the clock, whose argument is looked at.
OF_PARSER = {"->"}
SETTLED_PER_QUERY = {"getvariable"}
INSTALLED = """SELECT lower(function_name) AS name, list(DISTINCT function_type) AS kinds,
    list(DISTINCT coalesce(stability, 'MACRO')) AS stability
FROM duckdb_functions() GROUP BY ALL"""


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Db]:
    lake = Lake(tmp_path_factory.mktemp("functions") / "live" / "lake", workspace="live")
    lake.upsert("macro", table(observation(1.0, day(1))))
    db = Db(lake.root, threads=1)
    yield db
    db.close()


@pytest.fixture(scope="module")
def installed(db: Db) -> dict[str, tuple[set[str], set[str]]]:
    """Kinds and stabilities of every function of the engine."""
    with db._con.cursor() as cursor:
        rows = cursor.execute(INSTALLED).fetchall()
    return {name: (set(kinds), set(stability)) for name, kinds, stability in rows}


def gone_or_changed(installed: Mapping[str, tuple[set[str], set[str]]]) -> list[str]:
    """Allowed functions that the engine has no more, or that it calls repeatable no more."""
    kept = {"CONSISTENT", "MACRO"}
    return sorted(
        name
        for name in (ALLOWED | TABLES) - OF_PARSER - SETTLED_PER_QUERY
        if name not in installed or not installed[name][1] <= kept
    )


def test_every_allowed_function_is_there_and_repeatable(
    installed: dict[str, tuple[set[str], set[str]]],
) -> None:
    assert gone_or_changed(installed) == []


def test_one_that_vanished_or_changed_is_named(
    installed: dict[str, tuple[set[str], set[str]]],
) -> None:
    """The comparison itself, on an engine that lost `sum` and draws in `abs`."""
    other = {name: found for name, found in installed.items() if name != "sum"}
    other["abs"] = ({"scalar"}, {"VOLATILE"})
    assert gone_or_changed(other) == ["abs", "sum"]


def test_kinds_are_those_of_the_engine(installed: dict[str, tuple[set[str], set[str]]]) -> None:
    for names, kinds in (
        (AGGREGATES | ORDERED, {"aggregate", "macro"}),
        (WINDOWS | ORDERED_WINDOWS, {"window"}),
        (TABLES, {"table"}),
    ):
        assert [name for name in names if not installed[name][0] & kinds] == []


def test_every_aggregate_and_window_function_is_judged(
    installed: dict[str, tuple[set[str], set[str]]],
) -> None:
    """A new one of a later engine is refused until somebody has looked at it, and named here."""
    known_and_refused = {
        "approx_count_distinct",
        "approx_quantile",
        "approx_top_k",
        "bitstring_agg",
        "combine_aggr",
        "decimal_average",
        "lttb",
        "reservoir_quantile",
        "sum_no_overflow",
        "variant_group_object",
    }
    found = {name for name, (kinds, _) in installed.items() if kinds & {"aggregate", "window"}}
    assert found - ALLOWED == known_and_refused


def test_no_macro_leads_out_of_the_list(db: Db) -> None:
    """The engine's macros are SQL themselves: an allowed one may call nothing that is refused."""
    with db._con.cursor() as cursor:
        macros = dict(
            cursor.execute(
                "SELECT lower(function_name), macro_definition FROM duckdb_functions() "
                "WHERE function_type = 'macro'"
            ).fetchall()
        )
        for name in sorted(ALLOWED & macros.keys()):
            text = str(macros[name])
            if "list_aggr(" in text:  # with the name of an aggregate as a constant
                assert set(re.findall(r"list_aggr\([^']*'(\w+)'", text)) <= AGGREGATES | ORDERED
                continue
            check(cursor, f"SELECT {text}")


def test_every_other_function_is_refused(
    db: Db, installed: dict[str, tuple[set[str], set[str]]]
) -> None:
    others = {name for name in installed if name.isidentifier()} - ALLOWED - TABLES
    assert len(others) > 400
    with db._con.cursor() as cursor:
        for name in tiers.daily(sorted(others), 4, "tests/data/test_functions.py, functions"):
            for text in (f'SELECT "{name}"(value) FROM macro', f'SELECT "{name}"() OVER ()'):
                with pytest.raises(QueryError, match="query refused"):
                    check(cursor, text)


def test_no_word_alone_tells_of_the_engine(
    db: Db, installed: dict[str, tuple[set[str], set[str]]]
) -> None:
    """Some functions answer without brackets, as if they were columns."""
    answered = set()
    with db._con.cursor() as cursor:
        for name in sorted(name for name in installed if name.isidentifier()):
            try:
                cursor.execute(f'SELECT "{name}"').fetchall()
            except Exception:  # noqa: BLE001 - no word of that kind
                continue
            answered.add(name)
    assert answered <= MACHINE_TIME | OF_ENGINE
    assert {"current_user", "current_date"} <= answered


def test_advice_names_what_is_allowed() -> None:
    assert not INSTEAD.keys() & ALLOWED
    for advice in INSTEAD.values():
        assert advice.split("(")[0].split()[-1] in ALLOWED, advice


ROOT = Path(__file__).resolve().parents[2]
SQL = sorted((ROOT / "analytics").rglob("*.sql"))


# Parts of a query that other parts begin, or end.
BEGUN_BY = {"parts/trade_rows": "parts/trade_years", "parts/mirrors": "parts/trade_years"}
ENDED_BY = {
    "parts/filing_standings": "SELECT * FROM counted",
    "parts/trade_years": "SELECT * FROM filed JOIN reports USING (reporter)",
    "parts/trade_months": "SELECT * FROM filed JOIN filed_known USING (reporter)",
    "parts/trade_rows": "SELECT * FROM trade_rows",
    "parts/mirrors": "SELECT * FROM mirrors",
}


@pytest.mark.parametrize("path", SQL, ids=[path.stem for path in SQL])
def test_every_query_of_the_project_passes(db: Db, path: Path) -> None:
    with db._con.cursor() as cursor:
        name = f"parts/{path.stem}" if path.parent.name == "parts" else path.stem
        begun = query_text(BEGUN_BY[name]) if name in BEGUN_BY else ""
        assert check(cursor, f"{begun}\n{query_text(name)}\n{ENDED_BY.get(name, '')}").tables


def test_every_query_of_the_docs_passes(db: Db) -> None:
    text = (ROOT / "docs" / "queries.md").read_text(encoding="utf-8")
    shown = [block.split("```")[0] for block in text.split("```sql\n")[1:]]
    assert len(shown) >= 3
    at = db.at(day(5))
    for query in shown:
        at.sql(query)
