"""The web process: opens the lake once, tunes the server, serves the pages and /healthz.

`python app.py [--workspace NAME] [--port N]`; it makes no outbound call. `--address` beyond this
machine needs `--allowed-host` and, until there is a login, `--without-login`: docs/security.md.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import gc
import logging
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit import net_util
from streamlit.web.server.starlette import starlette_server

from data.errors import ConfigError
from data.private import private_settings
from data.web_access import LOOPBACK, WebAccess
from pages.frame.resources import open_resources, resources
from pages.server.health import health
from pages.server.probe import Probe
from pages.server.reader_cookie import ReaderCookie
from pages.server.request_check import RequestCheck, server_error
from pages.server.unknown_address import UnknownAddress
from pages.server.vendor import VENDOR_ROUTES
from pages.server.warm import warm_up

ROOT = Path(__file__).resolve().parent
COLLECT_EVERY_SECONDS = 60
USAGE = 2
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # malloc.h
PROBE = Probe(health)
LOG = logging.getLogger("barograph.web")


async def healthz(request: Request) -> JSONResponse:
    """200 while the lake can be read, 503 with the reason otherwise."""
    told = await PROBE.answer()
    return JSONResponse(told, status_code=200 if told["ok"] else 503)


@contextlib.asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[dict[str, object]]:
    """Pay for imports and first queries before the first analyst comes; then freeze the heap.

    Streamlit's full collection after every run is off, so a timed one takes its place.
    """
    # A line for each handshake would let any page elsewhere fill the log.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    await asyncio.to_thread(warm_up)
    gc.collect()
    gc.freeze()
    collector = asyncio.create_task(_collect())
    yield {}
    collector.cancel()


async def _collect() -> None:
    while True:
        await asyncio.sleep(COLLECT_EVERY_SECONDS)
        await asyncio.to_thread(gc.collect)


def send_small_packets_at_once() -> None:
    """Turn Nagle off on the listening socket; accepted ones inherit it.

    The server binds its socket with protocol 0, for which asyncio does not do it by itself, and
    every small answer would then wait some 40 ms for an acknowledgement.
    """
    bind = starlette_server._bind_socket

    def bind_without_delay(address: str, port: int, backlog: int) -> socket.socket:
        bound = bind(address, port, backlog)
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return bound

    starlette_server._bind_socket = bind_without_delay


def give_memory_back() -> None:
    """Let glibc keep two arenas and give every larger piece back at once: left alone, each thread
    that drew a page once holds what its frames took."""
    with contextlib.suppress(OSError, AttributeError):  # another C library has no such door
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(M_ARENA_MAX, 2)
        libc.mallopt(M_MMAP_THRESHOLD, 256 << 10)
        libc.mallopt(M_TRIM_THRESHOLD, 256 << 10)


def ask_nobody_for_addresses() -> None:
    """Streamlit asks a host on the internet for this machine's address; nothing here needs it."""
    net_util.get_external_ip = lambda: None
    net_util.get_internal_ip = lambda: None


ask_nobody_for_addresses()
app = st.App(
    ROOT / "pages" / "frame" / "router.py",
    routes=[Route("/healthz", healthz), *VENDOR_ROUTES],
    lifespan=lifespan,
    middleware=[
        Middleware(RequestCheck, access=lambda: resources().access),
        Middleware(UnknownAddress),
        Middleware(ReaderCookie),
    ],
    exception_handlers={Exception: server_error},
)


def main() -> int:
    """Read the arguments, open the lake, serve until stopped."""
    asked = arguments().parse_args()
    logging.basicConfig(level="INFO", format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        settings = private_settings(asked.workspace)
        names = (*settings.allowed_hosts, *asked.allowed_host)
        access = WebAccess.of(asked.address, names, without_login=asked.without_login)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    give_memory_back()
    open_resources(settings, access)
    send_small_packets_at_once()
    app.run(config=manners(asked.port, access))
    return 0


def arguments() -> argparse.ArgumentParser:
    """What the command takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", help="demo, live or a name of your own")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--address", default=LOOPBACK, help="address to listen on")
    parser.add_argument(
        "--allowed-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name or address under which the pages are opened, besides this machine's own; "
        "may be repeated, and ALLOWED_HOSTS adds to it",
    )
    parser.add_argument(
        "--without-login",
        action="store_true",
        help="serve other machines although there is no login; every page then says so",
    )
    return parser


def manners(port: int, access: WebAccess) -> dict[str, object]:
    """What must hold however the process is started."""
    return {
        "server.port": port,
        "server.address": access.address,
        # Without it, Streamlit would look for the machine's external address at the start.
        "browser.serverAddress": access.own_address,
        "server.headless": True,
        "server.enableCORS": True,
        "server.enableXsrfProtection": True,
        "server.enableAgentApi": False,
        "server.enableStaticServing": True,
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.toolbarMode": "viewer",
        "runner.postScriptGC": False,
    }


if __name__ == "__main__":
    sys.exit(main())
