"""A real server among foreign sites: nothing of theirs is accepted, and nobody outside is asked.

Some hundreds of handshakes and page loads by day, ten thousand at night; it prints how long
`/healthz` takes meanwhile.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import machine, tiers
from tests.pages import world
from tests.pages.foreign_load import ask, handshake

MANY = tiers.amount("FOREIGN_REQUESTS", day=400, night=10_000)


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
            cwd=machine.ROOT,
            env=environment | {"no_proxy": ""},
            stdout=log,
            stderr=log,
        )
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


def test_nothing_foreign_is_accepted_and_nobody_is_asked(served: Served) -> None:
    waits = []
    load = subprocess.Popen(
        [sys.executable, "-m", "tests.pages.foreign_load", str(served.port), str(MANY)],
        cwd=machine.ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    while load.poll() is None:
        begun = time.monotonic()
        assert _healthz(served.port) == 200
        waits.append(time.monotonic() - begun)
        time.sleep(0.02)
    found = json.loads(load.communicate()[0])
    waits.sort()
    median, worst = (1000 * waits[int(len(waits) * part)] for part in (0.5, 0.99))
    sys.stdout.write(
        f"{MANY} foreign requests: {found}; /healthz asked {len(waits)} times: "
        f"median {median:.1f} ms, p99 {worst:.1f} ms\n"
    )
    assert sum(found.values()) == MANY
    assert set(found) <= {"400", "403"}
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
        cwd=machine.ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
