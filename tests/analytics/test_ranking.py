"""One instrument under several ids: the file ranks them, all are kept, one is shown."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from analytics.core.closes import read_closes
from analytics.core.ranking import Ranking, ranking
from analytics.home.overview import moves
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from ingest.lists import listed
from tests.analytics.quotes import FIRST, evening, quotes, table

RANKS = Ranking(("first", "second"), (), ["b:X", "c:X", "c:X"], ["a:X", "a:X", "b:X"])


def held(*rows: tuple[str, str, int]) -> pl.DataFrame:
    """Symbol, source and age in days of the last session."""
    return pl.DataFrame(
        [(symbol, source, FIRST - timedelta(days=age)) for symbol, source, age in rows],
        schema=["symbol", "source", "date"],
        orient="row",
    )


def shown(*rows: tuple[str, str, int]) -> list[tuple[str, str]]:
    return RANKS.preferred(held(*rows)).select("symbol", "source").rows()


def test_the_preferred_id_is_shown_alone_and_what_is_not_ranked_stays() -> None:
    rows = (("c:X", "s", 0), ("d:Y", "s", 0), ("a:X", "s", 3), ("b:X", "s", 0))
    assert shown(*rows) == [("d:Y", "s"), ("a:X", "s")]


def test_a_preferred_id_that_went_stale_stands_back() -> None:
    assert shown(("a:X", "s", 10), ("b:X", "s", 0)) == [("a:X", "s")]
    assert shown(("a:X", "s", 11), ("b:X", "s", 0)) == [("a:X", "s"), ("b:X", "s")]
    assert shown(("a:X", "s", 30), ("b:X", "s", 0), ("c:X", "s", 0))[1:] == [("b:X", "s")]


def test_of_one_id_from_several_sources_the_best_ranked_is_shown() -> None:
    assert shown(("e:Z", "unlisted", 0), ("e:Z", "second", 0)) == [("e:Z", "second")]
    assert shown(("e:Z", "second", 0), ("e:Z", "first", 0)) == [("e:Z", "first")]
    assert shown(("e:Z", "z", 0), ("e:Z", "b", 0)) == [("e:Z", "b")]


def test_the_file_of_the_house_ranks_sources_that_exist() -> None:
    ranks = ranking()
    assert ranks.place("marketstack") < ranks.place("yahoo_chart") < ranks.place("nobody")
    assert ("yahoo:AAPL", "marketstack:AAPL.XNAS") in zip(ranks.worse, ranks.better, strict=True)


def test_a_fixing_of_the_ecb_is_shown_once_whoever_passes_it_on() -> None:
    """Else each counts twice in breadth, movers and correlations."""
    passed_on = {
        f"frankfurter:EUR{code}": f"ecb:EUR{code}" for code in listed("frankfurter", "code")
    }
    ranks = ranking()
    assert len(passed_on) > 20
    assert passed_on.items() <= set(zip(ranks.worse, ranks.better, strict=True))


def test_a_symbol_in_two_places_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "ranking.toml"
    file.write_text('sources = []\nids = []\n[instruments]\nA = ["x:A"]\nB = ["y:B", "x:A"]\n')
    with pytest.raises(ConfigError, match="x:A stands there twice"):
        ranking(file)
    file.write_text("sources = [")
    with pytest.raises(ConfigError, match="cannot be read"):
        ranking(file)


def test_closes_of_one_id_come_from_the_ranked_source_not_the_longest(lake: Lake, db: Db) -> None:
    long = quotes({day: 100.0 + day for day in range(9)}, "e:Z", source="stooq")
    short = quotes({day: 1.0 + day for day in range(5)}, "e:Z", source="marketstack")
    lake.upsert("prices", table(long))
    lake.upsert("prices", table(short))
    closes = read_closes(db.at(evening(9)), ["e:Z"], date(1900, 1, 1))
    assert closes.close.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_what_moved_shows_one_instrument_once_and_its_second_source_when_the_first_is_stale(
    lake: Lake, db: Db
) -> None:
    walk = {day: 100.0 + (day * 7 % 5) for day in range(30)}
    both = [quotes(walk, symbol) for symbol in ("marketstack:AAPL.XNAS", "yahoo:AAPL")]
    lake.upsert("prices", table(*both))
    assert moves(db.at(evening(29))).frame["symbol"].to_list() == ["marketstack:AAPL.XNAS"]
    later = {day: 100.0 + (day * 7 % 5) for day in range(30, 45)}
    lake.upsert("prices", table(quotes(later, "yahoo:AAPL")))
    assert moves(db.at(evening(44))).frame["symbol"].to_list() == ["yahoo:AAPL"]
