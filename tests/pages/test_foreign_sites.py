"""A real server among foreign sites: nothing of theirs is accepted, and nobody outside is asked.

Some hundreds of handshakes and page loads by day, ten thousand with `NIGHT=1`; it prints how long
`/healthz` takes meanwhile.
"""

from __future__ import annotations

import http.client
import itertools
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import machine
from tests.pages import world

MANY = 10_000 if os.environ.get("NIGHT") else 400
AT_ONCE = 8
PATHS = ("/", "/_stcore/stream", "/_stcore/health", "/_stcore/host-config", "/static/x.js",
         "/healthz", "/media/x", "/_stcore/upload_file/a/b", "/replay", "/nowhere")  # fmt: skip


@dataclass
class Listener:
    """A proxy that every call to the outside would have to pass; it notes and refuses them."""

    socket: socket.socket
    calls: list[str] = field(default_factory=list)

    def serve(self) -> None:
        """Until the socket is closed."""
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            with client:
                self.calls.append(client.recv(200).decode(errors="replace").splitlines()[0])


@dataclass
class Served:
    """The server under test and who listens for its calls."""

    port: int
    listener: Listener


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The web process on a small world, all of whose ways out lead to a listener."""
    folder = tmp_path_factory.mktemp("foreign")
    world.build(folder)
    inside = socket.create_server(("127.0.0.1", 0))
    listener = Listener(inside)
    threading.Thread(target=listener.serve, daemon=True).start()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    proxy = f"http://127.0.0.1:{inside.getsockname()[1]}"
    ways = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), proxy)
    environment = os.environ | ways | {"DATA_DIR": str(folder), "MEMORY_LIMIT_MB": "512"}
    with Path(folder, "web.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "app.py", "--port", str(port), "--workspace", "demo"],
            cwd=machine.ROOT, env=environment | {"no_proxy": ""}, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _wait(port, server)
            yield Served(port, listener)
        finally:
            server.terminate()
            server.wait(20)
            inside.close()


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        assert server.poll() is None, "the web process ended at its start"
        try:
            if _healthz(port) == 200:
                return
        except OSError:
            time.sleep(0.25)
    raise AssertionError("the web process does not answer")


def _healthz(port: int) -> int:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        line.request("GET", "/healthz")
        reply = line.getresponse()
        reply.read()
        return reply.status
    finally:
        line.close()


def ask(port: int, path: str, *headers: tuple[str, str], method: str = "GET") -> int:
    """The status of one request written by hand; 0 where the line was cut without a word."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {text}" for name, text in headers)]
    with socket.create_connection(("127.0.0.1", port), 15) as line:
        line.settimeout(15)
        line.sendall(("\r\n".join([*lines, "Connection: close", "", ""])).encode())
        answer = line.recv(64)
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


def handshake(port: int, host: str, *more: tuple[str, str]) -> int:
    """The status of a websocket handshake."""
    upgrade = (("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
               ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="))  # fmt: skip
    lines = ["GET /_stcore/stream HTTP/1.1", f"Host: {host}", "Connection: Upgrade"]
    lines += [f"{name}: {text}" for name, text in (*upgrade, *more)]
    with socket.create_connection(("127.0.0.1", port), 15) as line:
        line.settimeout(15)
        line.sendall(("\r\n".join([*lines, "", ""])).encode())
        answer = line.recv(64)
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


def foreign(port: int, seed: int) -> int:
    """One request as a foreign page, a name pointed at this machine or another program sends it."""
    rng, here = random.Random(seed), f"127.0.0.1:{port}"
    origin = rng.choice((
        "http://evil.example", "https://evil.example:8501", "null", f"http://127.0.0.1:{port + 1}",
        f"http://localhost:{port}", f"http://{here}.evil.example", f"http://x@{here}", "file://",
    ))  # fmt: skip
    host = rng.choice((here, here, "evil.example", f"evil.example:{port}", f"10.0.0.1:{port}"))
    if rng.random() < 0.5:
        return handshake(port, host, ("Origin", origin), ("X-Forwarded-Host", here))
    path, method = rng.choice(PATHS), rng.choice(("GET", "GET", "POST", "PUT", "OPTIONS"))
    return ask(
        port, path, ("Host", host), ("Origin", origin), ("Content-Length", "0"), method=method
    )


def test_nothing_foreign_is_accepted_and_nobody_is_asked(served: Served) -> None:
    stop, waits = threading.Event(), []

    def watch() -> None:
        while not stop.is_set():
            begun = time.monotonic()
            assert _healthz(served.port) == 200
            waits.append(time.monotonic() - begun)
            stop.wait(0.02)

    watching = threading.Thread(target=watch)
    watching.start()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = Counter(pool.map(foreign, itertools.repeat(served.port), range(MANY)))
    stop.set()
    watching.join()
    waits.sort()
    median, worst = (1000 * waits[int(len(waits) * part)] for part in (0.5, 0.99))
    sys.stdout.write(
        f"{MANY} foreign requests: {dict(found)}; /healthz asked {len(waits)} times: "
        f"median {median:.1f} ms, p99 {worst:.1f} ms\n"
    )
    assert set(found) <= {400, 403}
    assert served.listener.calls == []


def test_our_own_page_is_served_and_its_handshake_accepted(served: Served) -> None:
    here = f"127.0.0.1:{served.port}"
    assert handshake(served.port, here, ("Origin", f"http://{here}")) == 101
    assert ask(served.port, "/", ("Host", here)) == 200
    assert served.listener.calls == []


def test_the_listener_hears_a_call(served: Served) -> None:
    """Positive control: what would ask the outside is seen."""
    proxy = f"http://127.0.0.1:{served.listener.socket.getsockname()[1]}"
    script = (
        "from streamlit import net_util; net_util._external_ip = None; net_util.get_external_ip()"
    )
    subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"http_proxy": proxy, "https_proxy": proxy, "no_proxy": ""},
        check=True,
        capture_output=True,
    )
    assert len(served.listener.calls) >= 1
    served.listener.calls.clear()


def test_every_reply_carries_the_security_headers(served: Served) -> None:
    for path, host in (("/", f"127.0.0.1:{served.port}"), ("/healthz", "evil.example")):
        line = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        line.request("GET", path, headers={"Host": host})
        reply = line.getresponse()
        assert "frame-ancestors 'none'" in str(reply.getheader("content-security-policy"))
        assert reply.getheader("x-content-type-options") == "nosniff"
        assert reply.getheader("referrer-policy") == "no-referrer"
        line.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--address", "0.0.0.0"], "--allowed-host"),
        (["--address", "0.0.0.0", "--allowed-host", "desk.example"], "--without-login"),
    ],
)
def test_it_does_not_start_beyond_this_machine_unasked(
    tmp_path: Path, words: list[str], said: str
) -> None:
    done = subprocess.run(
        [sys.executable, "app.py", *words],
        cwd=machine.ROOT, env=os.environ | {"DATA_DIR": str(tmp_path)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
