"""A real HTTP server on loopback that speaks as badly as it is told to, and notes who asked."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import socketserver
import threading
import zlib
from _thread import start_new_thread
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Act = Callable[["Handler"], None]


@dataclass(slots=True)
class Hit:
    """One request as it came."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    posted: bytes = b""


@dataclass(slots=True)
class Server:
    """`acts` answers by path, `*` for every other: one act for ever, or a list whose last stays."""

    port: int = 0
    acts: dict[str, Act | list[Act]] = field(default_factory=dict)
    hits: list[Hit] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def count(self, path: str) -> int:
        return sum(hit.path == path for hit in self.hits)

    def next_act(self, path: str) -> Act:
        found = self.acts.get(path, self.acts.get("*"))
        if found is None:
            return status(404, b"no such page")
        if not isinstance(found, list):
            return found
        return found.pop(0) if len(found) > 1 else found[0]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are two packets: the second would wait for the first to be acknowledged.
    disable_nagle_algorithm = True
    home: Server
    posted: bytes

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        headers = {name.lower(): value for name, value in self.headers.items()}
        # What was posted is read in any case: else it would stand before the next request.
        self.posted = self.rfile.read(int(headers.get("content-length") or 0))
        self.home.hits.append(Hit(parts.path, query, headers, self.posted))
        with contextlib.suppress(OSError):
            self.home.next_act(parts.path)(self)

    do_POST = do_GET

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.path).query))

    def raw(self, content: bytes) -> None:
        """Bytes as they are, then the end of the connection."""
        self.wfile.write(content)
        self.wfile.flush()
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Silent."""


class _Threads(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False
    request_queue_size = 64

    def process_request(self, request: Any, client_address: Any) -> None:
        """A bare thread each: two that are told of a running count of lines at once would fail."""
        start_new_thread(self.process_request_thread, (request, client_address))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that are killed leave their connections broken; that is what is tested."""


@contextmanager
def serving() -> Iterator[Server]:
    """A server on a free port; what hangs is let go at the end."""
    home = Server()
    handler = type("Bound", (Handler,), {"home": home})
    with _Threads(("127.0.0.1", 0), handler) as listening:
        home.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield home
        finally:
            home.let_go.set()
            listening.shutdown()
            thread.join()


def status(code: int, body: bytes = b"", **headers: str) -> Act:
    """A whole answer; `Retry_After="7"` becomes a header."""

    def act(to: Handler) -> None:
        to.send_response(code)
        for name, value in headers.items():
            to.send_header(name.replace("_", "-"), value)
        to.send_header("Content-Length", str(len(body)))
        to.end_headers()
        to.wfile.write(body)

    return act


def document(value: object, **headers: str) -> Act:
    """A JSON document with status 200."""
    return status(200, json.dumps(value).encode(), Content_Type="application/json", **headers)


def zipped(value: object) -> Act:
    """The same, compressed."""
    return status(200, gzip.compress(json.dumps(value).encode()), Content_Encoding="gzip")


def hang(to: Handler) -> None:
    """Nothing at all until the test ends."""
    to.home.let_go.wait(30)
    to.close_connection = True


def drip(head: bytes, pause_s: float = 0.02) -> Act:
    """One byte now and then: never late for the next one, never done."""

    def act(to: Handler) -> None:
        to.wfile.write(head)
        to.wfile.flush()
        while not to.home.let_go.wait(pause_s):
            to.wfile.write(b" ")
            to.wfile.flush()
        to.close_connection = True

    return act


def drip_packed(pause_s: float = 0.02) -> Act:
    """The same, compressed without a fault and without an end."""

    def act(to: Handler) -> None:
        to.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
        made = zlib.compressobj(wbits=31)
        while not to.home.let_go.wait(pause_s):
            to.wfile.write(made.compress(b" ") + made.flush(zlib.Z_SYNC_FLUSH))
            to.wfile.flush()
        to.close_connection = True

    return act


def plain(content: bytes) -> Act:
    """Bytes as they are, head included."""
    return lambda to: to.raw(content)
