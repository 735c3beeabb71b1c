"""Fetch and backfill by hand, as a person types them, against a local server."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from data.errors import ConfigError
from ingest.registry import SOURCES
from ingest.runs.runner import Progress
from scripts import backfill, bench_ingest, fetch
from scripts.support.progress import Bar
from tests.ingest.conftest import rows, tiny
from tests.ingest.server import Handler, Server, document, serving, status


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    with serving() as home:
        monkeypatch.setitem(SOURCES, "tiny", tiny(home.url))
        monkeypatch.setenv("DATA_DIR", str(tmp_path))
        monkeypatch.setenv("WORKSPACE", "test")
        yield home


def run_fetch(*words: str) -> int:
    return fetch.main(fetch.parser().parse_args([*words, "--format", "csv"]))


def run_backfill(*words: str) -> int:
    return backfill.main(backfill.parser().parse_args([*words, "--format", "csv"]))


def test_a_fetch_ends_in_the_lake_and_says_so(server: Server, capfd) -> None:
    server.acts["/values"] = document(rows(1.0, 2.0))
    assert run_fetch("tiny", "a", "--since", "2000") == 0
    said = capfd.readouterr()
    assert "tiny.values@fetch ok: 2 rows: 2 new, 0 revised" in said.err
    assert "tiny 100% 1/1 calls, 2 rows" in said.err
    assert said.out.startswith("run,job,status,calls,bytes,rows_added,vintages_added\n1,tiny.")
    assert run_fetch("tiny", "a") == 0
    assert ",0,0\n" in capfd.readouterr().out


def test_a_fetch_that_fails_says_why(server: Server, capfd) -> None:
    server.acts["/values"] = status(404, b"no such series")
    assert run_fetch("tiny", "b", "--until", "2020-05") == 1
    assert "failed: tiny answered HTTP 404: 'no such series'" in capfd.readouterr().err


def test_the_list_and_wrong_words(server: Server, capfd) -> None:
    assert run_fetch("--list") == 0
    assert "tiny,values,macro,Values of the tiny source," in capfd.readouterr().out
    with pytest.raises(ConfigError, match="no source named 'nobody'"):
        run_fetch("nobody")
    with pytest.raises(ConfigError, match="tiny has no job 'x'; it has values"):
        run_fetch("tiny", "a", "--job", "x")
    for bad in ("yesterday", "2020-13", "20-1-1-1x"):
        with pytest.raises(ConfigError, match="expected a year, a month or a date"):
            run_fetch("tiny", "a", "--since", bad)


def test_days_in_three_lengths() -> None:
    assert [fetch.first_day(text) for text in ("2000", "2000-03", "2000-03-16")] == [
        "2000-01-01",
        "2000-03-01",
        "2000-03-16",
    ]


def test_a_backfill_goes_on_where_it_stopped(server: Server, capfd) -> None:
    def by_name(to: Handler) -> None:
        name = to.query["name"]
        (status(404) if name == "b" else document(rows(1.0, name=name)))(to)

    server.acts["/values"] = by_name
    assert run_backfill("tiny", "a", "b", "--since", "1990") == 1
    assert "tiny.values:a,b,1990-01-01 partial" in capfd.readouterr().err
    server.acts["/values"] = document(rows(1.0, name="b"))
    assert run_backfill("tiny", "a", "b", "--since", "1990", "--job", "values") == 0
    assert [hit.query["name"] for hit in server.hits] == ["a", "b", "b"]
    assert run_backfill("tiny", "a", "b", "--since", "1990") == 0  # complete: a new one
    assert len(server.hits) == 5
    names = [f"a-rather-long-name-{at}" for at in range(4)]
    assert run_backfill("tiny", *names) == 0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal_and_in_a_log() -> None:
    for out, wanted in ((Terminal(), "\rx [" + "#" * 15), (io.StringIO(), "x 50% 1/2 calls")):
        with Bar("x", out) as bar:
            bar.show(Progress(1, 2, 1500))
            bar.show(Progress(1, 2, 1500))
            bar.show(Progress(2, 2, 3000))
        text = out.getvalue()
        assert wanted in text and text.count("1/2") == 1
        assert "2/2 calls, 3,000 rows" in text
        assert text.endswith("\n")
    nothing = Terminal()
    with Bar("x", nothing):
        pass
    assert nothing.getvalue() == ""
    Bar("x", nothing).show(Progress(0, 0, 0))
    assert "100%" in nothing.getvalue()


def test_the_bench_serves_what_the_bank_would() -> None:
    body = bench_ingest.page("SP.POP.TOTL")
    assert body.count(b'"countryiso3code"') == 217 * 60
    source = bench_ingest.source_at(1)
    assert source.name == "worldbank" and source.cache_s == 0
