"""Runs: what a run says of itself is what happened, and the lake has exactly what was sent."""

from __future__ import annotations

from ingest.engine import Engine
from tests.ingest.conftest import Go, rows, stored
from tests.ingest.server import Server, document


def test_rows_arrive_and_are_counted(server: Server, go: Go, engine: Engine) -> None:
    server.acts["/values"] = document(rows(1.0, 2.0))
    run = go("a")
    assert run.outcome.status == "ok", run.outcome.message
    assert (run.outcome.calls, run.outcome.rows_added, run.outcome.vintages_added) == (1, 2, 0)
    assert run.outcome.bytes > 50
    assert [row[:3:2] for row in stored(engine)] == [("tiny:a", 1.0), ("tiny:a", 2.0)]
