"""Time a full World Bank pass from a server on this machine: `python -m scripts.bench_ingest`.

58 indicators of 217 economies over 60 years are served as the World Bank writes them, fetched,
parsed and stored in a lake of its own, then fetched again unchanged. On stdout seconds, rows and
peak memory; exit code 1 where a pass takes more than `--seconds` or `--mb`.
"""

from __future__ import annotations

import argparse
import http.server
import json
import multiprocessing
import resource
import tempfile
import time
from dataclasses import replace
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

import polars as pl

from data.clock import utc_now
from data.errors import ConfigError
from data.quotas import Limit, Quota
from data.settings import Settings
from ingest.country_codes import from_alpha2
from ingest.jobs import Call, Source, Window
from ingest.runs.engine import Engine, open_engine
from ingest.runs.runner import JobRun, execute
from ingest.sources import worldbank
from scripts.support import console

YEARS = range(1966, 2026)
ECONOMIES = 217
JOB = "worldbank_indicators"


class Handler(http.server.BaseHTTPRequestHandler):
    """One indicator for all economies, as one page."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The rows, whose values follow from indicator, place and year."""
        indicator = self.path.partition("?")[0].rpartition("/")[2]
        body = page(indicator)
        self.send_response(200)
        self.send_header("Content-Type", "application/json;charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Silent."""


def page(indicator: str) -> bytes:
    """13,020 rows in the shape of the World Bank."""
    seed = sum(indicator.encode())
    rows = [
        {
            "indicator": {"id": indicator, "value": f"Indicator {indicator}"},
            "country": {"id": two, "value": f"Economy {two}"},
            "countryiso3code": three,
            "date": str(year),
            "value": None if (number + year) % 11 == 0 else number * 1000.25 + year / 7 + seed,
            "unit": "",
            "obs_status": "",
            "decimal": 1,
        }
        for number, (two, three) in enumerate(economies())
        for year in reversed(YEARS)
    ]
    head = {"page": 1, "pages": 1, "per_page": 20000, "total": len(rows), "sourceid": "2"}
    return json.dumps([head | {"lastupdated": "2026-07-01"}, rows]).encode()


def economies() -> list[tuple[str, str]]:
    """Codes of 217 economies."""
    return sorted(from_alpha2().items())[:ECONOMIES]


def serve(told: Connection) -> None:
    """A server in a process of its own, so that its memory is not counted."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.send(server.server_address[1])
    server.serve_forever()


def source_at(port: int) -> Source:
    """The World Bank, at another address."""
    base = f"http://127.0.0.1:{port}/"

    def plan(window: Window) -> list[Call]:
        calls = worldbank.plan(window)
        return [replace(call, url=call.url.replace(worldbank.BASE, base)) for call in calls]

    return replace(worldbank.SOURCE, plan=plan, cache_s=0)


def main(arguments: argparse.Namespace) -> int:
    """Two passes; the table, and whether both kept the limits."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            if not here.poll(60):
                raise ConfigError("the local server did not start within 60 s; try again")
            rows = passes(Path(folder), source_at(here.recv()))
    finally:
        server.terminate()
        server.join()
    frame = pl.DataFrame(rows)
    console.emit(frame, arguments.format)
    is_good = frame["seconds"].max() <= arguments.seconds and frame["peak_mb"].max() <= arguments.mb
    return console.DONE if is_good else console.FAILED


def passes(folder: Path, source: Source) -> list[dict[str, object]]:
    """A first pass into an empty lake and a second one that brings nothing new."""
    settings = Settings.from_env("bench", {"DATA_DIR": str(folder), "MEMORY_LIMIT_MB": "200"})
    limits = (Limit(10_000, "calls", "second"),)
    quotas = {source.name: Quota(source.name, limits, "UTC", "here", date(2026, 1, 1))}
    with open_engine(settings, quotas=quotas) as engine:
        return [timed(engine, source, name) for name in ("first", "second")]


def timed(engine: Engine, source: Source, name: str) -> dict[str, object]:
    """One pass."""
    now = utc_now()
    job = next(job for job in source.jobs if job.name == JOB)
    job_run = JobRun(source, job, Window((), now, job=JOB), now)
    began = time.monotonic()
    run = execute(engine, job_run, owner="bench")
    if run.outcome.status != "ok":
        raise ConfigError(f"the {name} pass ended {run.outcome.status}: {run.outcome.message}")
    return {
        "pass": name,
        "seconds": round(time.monotonic() - began, 1),
        "calls": run.outcome.calls,
        "mb_received": round(run.outcome.bytes / 1e6, 1),
        "rows_added": run.outcome.rows_added,
        "vintages_added": run.outcome.vintages_added,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("bench_ingest", __doc__ or "")
    made.add_argument("--seconds", type=float, default=60.0, help="limit of a pass (default: 60)")
    made.add_argument("--mb", type=float, default=500.0, help="limit of memory (default: 500)")
    made.add_argument("--format", choices=console.FORMATS, default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
