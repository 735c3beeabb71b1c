"""Requests as foreign pages send them, and our own; as a program of its own it sends many at once.

`python -m tests.pages.foreign_load PORT COUNT` prints how often each status came back.
"""

from __future__ import annotations

import itertools
import json
import random
import socket
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

AT_ONCE = 8
PATHS = (
    "/",
    "/_stcore/stream",
    "/_stcore/health",
    "/_stcore/host-config",
    "/static/x.js",
    "/healthz",
    "/media/x",
    "/_stcore/upload_file/a/b",
    "/replay",
    "/nowhere",
)


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
    upgrade = (
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="),
    )
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
    origin = rng.choice(
        (
            "http://evil.example",
            "https://evil.example:8501",
            "null",
            f"http://127.0.0.1:{port + 1}",
            f"http://localhost:{port}",
            f"http://{here}.evil.example",
            f"http://x@{here}",
            "file://",
        )
    )
    host = rng.choice((here, here, "evil.example", f"evil.example:{port}", f"10.0.0.1:{port}"))
    if rng.random() < 0.5:
        return handshake(port, host, ("Origin", origin), ("X-Forwarded-Host", here))
    path, method = rng.choice(PATHS), rng.choice(("GET", "GET", "POST", "PUT", "OPTIONS"))
    return ask(
        port, path, ("Host", host), ("Origin", origin), ("Content-Length", "0"), method=method
    )


def main() -> None:
    """Send them and say what came of it."""
    port, count = int(sys.argv[1]), int(sys.argv[2])
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = Counter(pool.map(foreign, itertools.repeat(port), range(count)))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
