"""Keys: found where they belong, and nowhere in what is written."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from data.errors import ConfigError
from data.settings import Settings
from ingest.jobs import Window
from ingest.runs.engine import open_engine
from ingest.runs.http_client import Waits
from ingest.runs.keys import KeyPlace, Keys, MissingKeyError, guard_logs
from ingest.runs.runner import JobRun, execute
from tests.ingest.conftest import JOB, FakeTime, quota, rows, tiny
from tests.ingest.server import Act, Handler, Server, document, drip, plain, status, zipped

CANARY = "k3y+with/odd=signs&4f9d1c"
PLAIN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """Everything logged anywhere, at the lowest level, also by the libraries."""
    path = tmp_path / "everything.log"
    handler = logging.FileHandler(path)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield path
    root.removeHandler(handler)
    root.setLevel(level)
    handler.close()


def echo(to: Handler) -> None:
    """A refusal that repeats the whole request, key and all."""
    body = f"refused {to.path} {to.headers} key={CANARY} {PLAIN}".encode()
    status(403, body, X_Echo=to.path, Set_Cookie=f"k={CANARY}", ETag=f'"{quote(CANARY)}"')(to)


def good_echo(to: Handler) -> None:
    """Data whose remark repeats the key."""
    document(rows(1.0) | {"note": f"your key {CANARY} ends soon"}, ETag='"1"')(to)


def cut_echo(to: Handler) -> None:
    plain(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{" + CANARY.encode())(to)


ACTS: dict[str, Act | list[Act]] = {
    "echoed refusal": echo,
    "echoed data": good_echo,
    "echoed half": cut_echo,
    "storm": status(503, CANARY.encode()),
    "circle": lambda to: status(302, Location=to.path)(to),
    "elsewhere": lambda to: status(302, Location=f"https://example.com{to.path}")(to),
    "html": status(200, f"<html>{CANARY}".encode()),
    "error in 200": document({"error": ["client", f"bad key {CANARY} {quote(CANARY, safe='')}"]}),
    "parser trips": document({"rows": [[CANARY, CANARY, 1.0]]}),
    "contract trips": document(
        {"rows": [[CANARY, "2020-01-01", 1.0], [CANARY, "2020-01-01", 2.0]]}
    ),
    "broken gzip": status(200, CANARY.encode(), Content_Encoding="gzip"),
    "packed": zipped({"error": ["upstream", CANARY]}),
    "drip": drip(b"HTTP/1.1 200 " + CANARY.encode()),
    "no HTTP": plain(CANARY.encode()),
    "quota": document({"error": ["quota", CANARY], "retry_after_s": 5}),
}


@pytest.mark.parametrize(
    "key_in", ["query:api_key", "header:X-Api-Key", "header:Authorization", "body:registrationkey"]
)
@pytest.mark.parametrize("key", [CANARY, PLAIN])
def test_no_key_in_anything_written(
    key: str,
    key_in: str,
    server: Server,
    tmp_path: Path,
    log: Path,
    clock: FakeTime,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TINY_KEY", key)
    settings = Settings.from_env("test", {"DATA_DIR": str(tmp_path / "var")})
    source = tiny(server.url, secret="TINY_KEY", key_in=key_in, cache_s=60)
    given = quota("1000 calls per second", "500 calls per day")
    statuses = set()
    for name, act in ACTS.items():
        server.acts["/values"] = act
        waits = Waits(1.0, 0.2, 0.3)
        with open_engine(settings, quotas=given, tempo=clock.tempo, waits=waits) as engine:
            window = Window((name,), clock.now_at, job=JOB.name)
            run = execute(engine, JobRun(source, JOB, window, clock.now_at), owner="test")
            statuses.add(run.outcome.status)
            logging.getLogger("somewhere").error("%s %r", engine.transport.keys, {"url": key})
        clock.sleep(90_000)
    assert {"ok", "failed", "over_budget"} <= statuses
    sent = [
        hit
        for hit in server.hits
        if key in (*hit.query.values(), *hit.headers.values())
        or (hit.posted and json.loads(hit.posted) == {"registrationkey": key})
    ]
    bearer = [hit for hit in server.hits if hit.headers.get("authorization") == f"Bearer {key}"]
    assert len(bearer if key_in.endswith("zation") else sent) == len(server.hits) > 20
    written = b"".join(
        path.read_bytes() for path in (tmp_path / "var").rglob("*") if path.is_file()
    )
    written += log.read_bytes() + "".join(capfd.readouterr()).encode()
    assert b"***" in written and b"tiny answered HTTP 503" in written
    for form in (key, quote(key, safe=""), quote(key)):
        assert form.encode() not in written


def test_a_key_file_must_be_ones_own(tmp_path: Path) -> None:
    settings = Settings.from_env("test", {"DATA_DIR": str(tmp_path)})
    assert settings.secret("TINY_KEY", {}) is None
    settings.secrets.write_text(f"# keys\nexport TINY_KEY='{PLAIN}'\nEMPTY=\nOTHER = abc\n")
    settings.secrets.chmod(0o644)
    with pytest.raises(ConfigError, match="may be read by others; run `chmod 600`"):
        settings.secret("TINY_KEY", {})
    settings.secrets.chmod(0o600)
    assert settings.secret("TINY_KEY", {}) == PLAIN
    assert settings.secret("OTHER", {}) == "abc"
    assert settings.secret("EMPTY", {}) is None and settings.secret("NONE", {}) is None
    assert settings.secret("TINY_KEY", {"TINY_KEY": "from-env"}) == "from-env"
    assert PLAIN not in repr(settings)
    settings.secrets.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read; it holds `NAME=key` per line"):
        settings.secret("TINY_KEY", {})
    moved = Settings.from_env("test", {"SECRETS_FILE": str(tmp_path / "elsewhere")})
    assert moved.secrets == tmp_path / "elsewhere"


def test_a_source_without_its_key_says_what_it_needs(
    settings: Settings, server: Server, clock: FakeTime
) -> None:
    os.environ.pop("TINY_KEY", None)
    source = replace(tiny(server.url), secret="TINY_KEY", key_in="query:k")
    with open_engine(settings, quotas={}, tempo=clock.tempo) as engine:
        window = Window(("a", "b"), clock.now_at, job=JOB.name)
        run = execute(engine, JobRun(source, JOB, window, clock.now_at), owner="test")
    assert run.outcome.status == "skipped"
    assert "Tiny needs a key: put TINY_KEY=... into the environment" in run.outcome.message
    assert not server.hits


def test_a_key_goes_over_https_only(clock: FakeTime, settings: Settings) -> None:
    source = tiny("http://example.org", secret="TINY_KEY", key_in="query:k")
    settings.data_dir.mkdir(exist_ok=True)
    settings.secrets.write_text(f"TINY_KEY={PLAIN}")
    settings.secrets.chmod(0o600)
    with open_engine(settings, quotas={}, tempo=clock.tempo) as engine:
        window = Window(("a",), clock.now_at, job=JOB.name)
        run = execute(engine, JobRun(source, JOB, window, clock.now_at), owner="test")
    assert run.outcome.status == "failed"
    assert "a key is sent over https only, not to example.org" in run.outcome.message


@pytest.mark.parametrize("bad", ["short", "with\nline ends", "schlüssel-lang-genug"])
def test_what_cannot_be_struck_out_is_no_key(bad: str) -> None:
    keys = Keys(lambda name: bad)
    with pytest.raises(ConfigError, match="TINY_KEY is no usable key") as caught:
        keys.of(tiny("http://x", secret="TINY_KEY"))
    assert bad not in str(caught.value)


def test_a_place_that_is_none(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="expected query:NAME, header:NAME or body:NAME"):
        KeyPlace.of(tiny("http://x", key_in="cookie"))
    with pytest.raises(MissingKeyError):
        Keys(lambda name: None).of(tiny("http://x", secret="TINY_KEY"))
    assert Keys(lambda name: None).of(tiny("http://x")) is None


def test_addresses_lose_keys_that_are_not_ours() -> None:
    keys = Keys(lambda name: None)
    text = "GET https://x.org/a?b=1&api_key=abc123&c=2 and ?token=zz; ?apikey=q"
    assert keys.redact("https://x.org/data?UserID=ab-12&c=2") == "https://x.org/data?UserID=***&c=2"
    assert keys.redact(text) == "GET https://x.org/a?b=1&api_key=***&c=2 and ?token=*** ?apikey=***"
    assert keys.redact_headers({"Authorization": "Bearer x", "Age": "3"}) == {
        "Authorization": "***",
        "Age": "3",
    }


def test_logs_are_guarded_where_they_are_made(log: Path) -> None:
    keys = Keys(lambda name: PLAIN)
    keys.plant(PLAIN, "K")
    guard_logs(keys)
    guard_logs(keys)
    there = logging.getLogger("anywhere.else")
    there.error("url %s", f"https://x?y={PLAIN}")
    there.error("ill formed %d", PLAIN)
    there.error("with stack", stack_info=True)
    try:
        raise ValueError(PLAIN)
    except ValueError:
        there.exception("as it was")
    text = log.read_text()
    assert PLAIN not in text and text.count("***") == 3
    assert "ValueError: ***" in text and "ill formed %d" in text


def test_every_way_of_writing_a_key_is_struck_out() -> None:
    key = "a/b+c&d e=f\"g<h'i\\j%k"
    keys = Keys(lambda name: key)
    keys.plant(key, "K")
    keys.plant(key, "K")
    ways = [
        key,
        quote(key),
        quote(key, safe=""),
        quote_plus(key),
        escape(key),
        json.dumps(key)[1:-1],
    ]
    ways += [quote(key, safe="").lower(), json.dumps(key)[1:-1].replace("&", "\\u0026")]
    ways.append(json.dumps(key)[1:-1].replace("/", "\\/"))
    for way in ways:
        assert keys.redact(f"<{way}>") == "<***>"
        assert keys.redact_bytes(f"\xff{way}\xff".encode("latin-1")) == b"\xff***\xff"
    assert key not in repr(keys)
