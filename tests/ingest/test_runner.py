"""Runs: what a run says of itself is what happened, and the lake has exactly what was sent."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from data.errors import ConfigError, StateError
from data.settings import Settings
from data.state import runs
from ingest.jobs import Call, Parsed, Reply, ReplyError, Window
from ingest.runs.engine import Engine, open_engine
from ingest.runs.journal import Journal, Tally
from ingest.runs.reading import by_status, read
from ingest.runs.runner import JobRun, Progress, carry_out, execute, window
from ingest.sources import worldbank
from tests.ingest.conftest import JOB, START, FakeTime, Go, parse, rows, stored, tiny
from tests.ingest.server import Handler, Server, document, status


def test_rows_arrive_and_are_counted(server: Server, go: Go, engine: Engine) -> None:
    server.acts["/values"] = document(rows(1.0, 2.0))
    run = go("a")
    assert run.outcome.status == "ok", run.outcome.message
    assert (run.outcome.calls, run.outcome.rows_added, run.outcome.vintages_added) == (1, 2, 0)
    assert run.outcome.bytes > 50
    assert [row[:3:2] for row in stored(engine)] == [("tiny:a", 1.0), ("tiny:a", 2.0)]
    assert server.hits[0].headers["user-agent"] == "Barograph/0.1 (a@example.org)"


def test_the_same_again_adds_nothing_and_a_change_is_a_vintage(
    server: Server, go: Go, clock: FakeTime
) -> None:
    server.acts["/values"] = document(rows(1.0))
    go("a")
    clock.now_at += timedelta(days=1)
    same = go("a")
    assert (same.outcome.status, same.outcome.rows_added, same.outcome.vintages_added) == (
        "ok",
        0,
        0,
    )
    changed = {"rows": [["a", "2020-01-01", 5.0, "2026-11-22T00:00:00+00:00"]]}
    server.acts["/values"] = document(changed)
    clock.now_at += timedelta(days=1)
    assert go("a").outcome.vintages_added == 1


def test_a_run_that_ended_well_is_left_alone(server: Server, go: Go) -> None:
    server.acts["/values"] = document(rows(1.0))
    first = go("a", due_at=START)
    assert go("a", due_at=START) == first
    assert server.count("/values") == 1


def test_a_partial_run_is_taken_up_where_it_stopped(
    server: Server, go: Go, clock: FakeTime
) -> None:
    def by_name(to: Handler) -> None:
        name = to.query["name"]
        (status(404) if name == "b" else document(rows(1.0, name=name)))(to)

    server.acts["/values"] = by_name
    assert go("a", "b", "c", due_at=START).outcome.status == "partial"
    server.acts["/values"] = document(rows(1.0, name="b"))
    again = go("a", "b", "c", due_at=START)
    assert (again.outcome.status, again.attempt, again.outcome.rows_added) == ("ok", 2, 3)
    assert [hit.query["name"] for hit in server.hits] == ["a", "b", "c", "b"]


def test_a_run_that_died_between_lake_and_journal_counts_what_it_stored(
    server: Server, go: Go, clock: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    server.acts["/values"] = document(rows(1.0, 2.0))
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "write", dies)
        with pytest.raises(KeyboardInterrupt):
            go("a", due_at=START)
    clock.now_at += timedelta(hours=1)
    server.acts["/values"] = lambda to: (
        status(404) if to.query["name"] == "b" else document(rows(1.0, 2.0))
    )(to)
    partial = go("a", "b", due_at=START).outcome
    assert (partial.status, partial.rows_added, partial.vintages_added) == ("partial", 2, 0)
    server.acts["/values"] = document(rows(1.0, name="b"))
    last = go("a", "b", due_at=START)
    assert (last.outcome.status, last.outcome.rows_added, last.attempt) == ("ok", 3, 3)
    # The first attempt died before it could say what it had asked.
    assert last.outcome.calls == 3 and server.count("/values") == 4


def test_nothing_to_ask_for_is_skipped(engine: Engine, server: Server) -> None:
    job_run = JobRun(tiny(server.url), JOB, Window((), START), START)
    run = execute(engine, job_run, owner="test")
    assert run.outcome.status == "skipped"
    assert "nothing to ask for" in run.outcome.message


def test_a_job_that_runs_is_not_started_again(engine: Engine, go: Go) -> None:
    folder = engine.settings.run / "jobs"
    folder.mkdir(parents=True)
    handle = os.open(folder / "tiny.values.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(StateError, match=r"tiny\.values is running already"):
        go("a")
    os.close(handle)


def claimed(engine: Engine, server: Server, **changes: object) -> tuple[JobRun, runs.Run]:
    job_run = JobRun(tiny(server.url, **changes), JOB, Window(("a", "b"), START), START)
    run = runs.plan(engine.state, job_run.name, "tiny", due_at=START, now=START)
    mine = runs.claim(
        engine.state, run.id, runs.Holder("scheduler", 4, START + timedelta(minutes=5)), now=START
    )
    assert mine is not None
    return job_run, mine


def test_a_run_claimed_by_the_scheduler_is_carried_out(engine: Engine, server: Server) -> None:
    server.acts["/values"] = document(rows(1.0))
    job_run, run = claimed(engine, server)
    seen: list[Progress] = []
    done = carry_out(engine, job_run, run, seen.append)
    assert (done.outcome.status, done.attempt) == ("ok", 1)
    assert [(item.done, item.total, item.rows) for item in seen] == [(1, 2, 1), (2, 2, 2)]


def test_a_run_that_was_taken_over_writes_nothing_more(
    engine: Engine, server: Server, clock: FakeTime
) -> None:
    job_run, run = claimed(engine, server)

    def slow(to: Handler) -> None:
        later = START + timedelta(hours=1)
        other = runs.Holder("other", 5, later + timedelta(hours=1))
        runs.claim(engine.state, run.id, other, now=later)
        document(rows(1.0))(to)

    server.acts["/values"] = slow
    with pytest.raises(StateError, match="was taken over"):
        carry_out(engine, job_run, run)
    assert stored(engine) == []
    again = runs.read(engine.state, run.id)
    assert again is not None and again.holder is not None and again.holder.owner == "other"


def test_a_program_error_in_a_source_fails_the_run(engine: Engine, server: Server) -> None:
    def broken(span: Window) -> list[Call]:
        return [Call(server.url, {"n": str(1 // len(span.job))})]

    job_run = JobRun(tiny(server.url, plan=broken), JOB, Window(("a",), START), START)
    run = execute(engine, job_run, owner="test")
    assert run.outcome.status == "failed"
    assert "ZeroDivisionError" in run.outcome.message


def test_what_the_lake_does_not_keep_is_said(engine: Engine, server: Server) -> None:
    server.acts["/values"] = document(rows(1.0))

    def strange(reply: Reply) -> Parsed:
        return Parsed({"weather": parse(reply).tables["macro"]})

    job_run = JobRun(tiny(server.url, parse=strange), JOB, Window(("a",), START), START)
    run = execute(engine, job_run, owner="test")
    assert run.outcome.status == "empty"
    assert "tiny also gave weather, which the lake does not keep" in run.outcome.message


def test_a_lake_that_cannot_be_written_leaves_the_run_to_be_tried_again(
    engine: Engine, server: Server, go: Go
) -> None:
    server.acts["/values"] = document(rows(1.0))
    engine.settings.lake.write_text("a file where the lake should be")
    run = go("a", due_at=START)
    assert run.outcome.status in ("partial", "failed")
    engine.settings.lake.unlink()
    again = go("a", due_at=START)
    assert (again.outcome.status, again.outcome.rows_added) == ("ok", 1)


def test_ticks_are_appended_once(engine: Engine, server: Server, go: Go, clock: FakeTime) -> None:
    server.acts["/values"] = document(rows(1.0))

    def ticks(reply: Reply) -> Parsed:
        at = pa.array([START], pa.timestamp("us", "UTC"))
        table = pa.table(
            {
                "symbol": ["x:A"],
                "event_at": at,
                "price": [1.0],
                "size": [1.0],
                "venue": ["x"],
                "venue_seq": [1],
                "known_at": at,
                "vintage_grade": ["native"],
            }
        )
        return Parsed({"ticks": fitted(table)})

    first = go("a", parse=ticks)
    assert first.outcome.rows_added == 1, first.outcome.message
    clock.now_at += timedelta(days=1)
    go("a", parse=ticks)
    from data.datasets import dataset_named
    from data.lake.manifest import read_manifest
    from data.lake.store import DiskStore

    assert read_manifest(DiskStore(engine.settings.lake), "ticks").rows == 1
    assert dataset_named("ticks").appended


def fitted(table: pa.Table) -> pa.Table:
    """The table with what else the contract of ticks demands, whatever that is."""
    from data.datasets import dataset_named
    from data.lake.conform import SET_BY_LAKE

    dataset = dataset_named("ticks")
    for column in dataset.schema:
        optional = column.nullable or column.name in (*dataset.derived, *SET_BY_LAKE, "source")
        if column.name not in table.column_names and not optional:
            limits = column.metadata or {}
            word = limits.get(b"one_of", b"x").decode().split("|")[0]
            value = word if pa.types.is_string(column.type) else 1
            table = table.append_column(column.name, pa.array([value]).cast(column.type))
    return table.select([name for name in table.column_names if name in dataset.schema.names])


def reply(body: bytes = b"{}", code: int = 200) -> Reply:
    return Reply(Call("https://x"), code, {}, body, START + timedelta(hours=3))


def test_snapshots_are_known_since_they_were_fetched() -> None:
    source = tiny("https://x", grade="snapshot")
    table = read(source, reply(json.dumps(rows(1.0)).encode())).tables["macro"]
    assert table["known_at"].to_pylist() == [START + timedelta(hours=3)]
    assert table["vintage_grade"].to_pylist() == ["snapshot"]
    assert table["source"].to_pylist() == ["tiny"]
    native = read(tiny("https://x"), reply(json.dumps(rows(1.0)).encode())).tables["macro"]
    assert native["known_at"].to_pylist() == [START]
    undated = replace(source, parse=lambda got: Parsed({"macro": pa.table({"value": [1.0]})}))
    table = read(undated, reply()).tables["macro"]
    assert table["known_at"].to_pylist() == [START + timedelta(hours=3)]
    assert table["vintage_grade"].to_pylist() == ["snapshot"]


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (400, "client"),
        (401, "auth"),
        (403, "auth"),
        (404, "client"),
        (408, "upstream"),
        (418, "quota"),
        (429, "quota"),
        (451, "blocked"),
        (500, "upstream"),
        (599, "upstream"),
    ],
)
def test_a_status_says_what_came(code: int, problem: str) -> None:
    assert by_status(code) == problem
    for body in (b"{}", b"", json.dumps(rows(1.0)).encode()):
        with pytest.raises(ReplyError, match=f"HTTP {code}") as caught:
            read(tiny("https://x"), reply(body, code))
        assert caught.value.problem == problem


def test_what_a_window_covers() -> None:
    assert window(JOB, START).since is None
    found = window(replace(JOB, lookback_days=2), START, {"names": ["a"], "until": "2026-01-01"})
    assert (str(found.since), str(found.until), found.names) == ("2026-11-19", "2026-01-01", ("a",))
    assert str(window(JOB, START, {"since": "2000-01-01"}).since) == "2000-01-01"
    for bad in ({"names": "abc"}, {"names": 5}, {"since": "yesterday"}):
        with pytest.raises(ConfigError, match="expected a"):
            window(JOB, START, bad)


def test_a_journal_that_was_cut_off_or_is_old(tmp_path: Path) -> None:
    journal = Journal.of(tmp_path / "j", "x.y", START)
    follow = [Call("https://x", {"page": "2"}, credits=3)]
    journal.write(["one"], follow, ["a:1"], Tally(calls=1, rows=5))
    with open(journal.path, "ab") as file:
        file.write(b'\n{"done": ["tw')
    journal.write(["three"], [], ["a:1", "a:2"], Tally(rows=2))
    found = journal.read()
    assert found.published == {"a:1", "a:2"}
    assert found.done == {"one", "three"} and found.tally == Tally(calls=1, rows=7)
    assert found.follow == follow
    old = tmp_path / "j" / "old.jsonl"
    old.write_text("")
    os.utime(old, (0, 0))
    journal.clear(datetime.now(UTC))
    assert not list((tmp_path / "j").iterdir())
    Journal.of(tmp_path / "none", "x", START).clear(START)


@pytest.fixture
def bank(server: Server) -> Iterator[worldbank.Source]:
    """The World Bank at another address."""

    def plan(span: Window) -> list[Call]:
        calls = worldbank.plan(span)
        base = server.url + "/v2/"
        return [replace(call, url=call.url.replace(worldbank.BASE, base)) for call in calls]

    yield replace(worldbank.SOURCE, plan=plan)


def test_the_world_bank_page_by_page(
    bank: worldbank.Source, engine: Engine, server: Server, clock: FakeTime
) -> None:
    def page(to: Handler) -> None:
        number = int(to.query.get("page", "1"))
        row = {
            "indicator": {"id": "SP.POP.TOTL", "value": "Population, total"},
            "country": {"id": "DE", "value": "Germany"},
            "countryiso3code": "DEU",
            "date": str(2020 + number),
            "value": 80e6 + number,
            "unit": "",
            "obs_status": "",
            "decimal": 0,
        }
        head = {"page": number, "pages": 3, "per_page": 1, "total": 3, "lastupdated": "2026-07-01"}
        document([head, [row]])(to)

    server.acts["/v2/country/all/indicator/SP.POP.TOTL"] = page
    server.acts["/v2/country/all/indicator/NO.SUCH"] = document(
        [{"message": [{"id": "120", "key": "Invalid value", "value": "not valid"}]}]
    )
    job = bank.jobs[0]
    span = window(job, START, {"names": ["SP.POP.TOTL", "NO.SUCH"], "since": "2000-01-01"})
    run = execute(engine, JobRun(bank, job, span, START), owner="test")
    assert (run.outcome.status, run.outcome.calls) == ("partial", 4)
    assert "Invalid value not valid (id 120)" in run.outcome.message
    found = stored(engine)
    assert [row[0] for row in found] == ["wb:SP.POP.TOTL:DEU"] * 3
    assert {row[3] - START for row in found} <= {timedelta(seconds=at) for at in range(5)}
    assert server.hits[0].query["date"] == "2000:2026"


def test_the_demo_world_needs_no_network(tmp_path: Path) -> None:
    from ingest.sources import demo

    settings = Settings.from_env("demo-x", {"DATA_DIR": str(tmp_path)})
    invented = replace(demo.SOURCE, parse=lambda got: replace(parse_demo(got)))
    with open_engine(settings, quotas={}) as engine:
        span = Window(("tiny",), START, job="demo_world")
        run = execute(engine, JobRun(invented, demo.SOURCE.jobs[0], span, START), owner="test")
    assert (run.outcome.status, run.outcome.calls, run.outcome.rows_added) == ("ok", 0, 1)


def parse_demo(got: Reply) -> Parsed:
    made = parse(replace(got, body=json.dumps(rows(1.0)).encode())).tables["macro"]
    return Parsed({"macro": made.append_column("source", pa.array(["demo"]))})
