"""A webhook on loopback that answers with chosen codes and keeps what was posted to it."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

SECRET_PATH = "/secret-path-of-the-hook"


@dataclass(frozen=True, slots=True)
class Posted:
    """One message: its JSON and the key that marks a repetition."""

    body: dict[str, Any]
    key: str | None


@contextmanager
def webhook(*codes: int) -> Iterator[tuple[str, list[Posted]]]:
    """A server that answers with these codes, the last one for ever: its address and messages."""
    posted: list[Posted] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            code = codes[min(len(posted), len(codes) - 1)]
            posted.append(Posted(body, self.headers["Idempotency-Key"]))
            self.send_response(code)
            if code == 429:
                self.send_header("Retry-After", "7")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}{SECRET_PATH}", posted
        server.shutdown()
        thread.join()
