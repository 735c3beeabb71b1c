"""The web process: opens the lake once, tunes the server, serves the pages and /healthz.

`python app.py [--workspace NAME] [--port N] [--address A]`; it makes no outbound call.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit.web.server.starlette import starlette_server

from data.settings import Settings
from pages.frame.health import health
from pages.frame.resources import open_resources
from pages.frame.warm import warm_up

ROOT = Path(__file__).resolve().parent
COLLECT_EVERY_SECONDS = 60
# A page elsewhere that makes a browser believe its name is this machine is refused.
LOOPBACK = ("127.0.0.1", "localhost", "::1")
LOG = logging.getLogger("barograph.web")


async def healthz(request: Request) -> JSONResponse:
    """200 while the lake can be read, 503 with the reason otherwise."""
    told = await asyncio.to_thread(health)
    return JSONResponse(told, status_code=200 if told["ok"] else 503)


@contextlib.asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[dict[str, object]]:
    """Pay for imports and first queries before the first analyst comes; then freeze the heap.

    Streamlit's full collection after every run is off, so a timed one takes its place.
    """
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


app = st.App(
    ROOT / "pages" / "frame" / "router.py",
    routes=[Route("/healthz", healthz)],
    lifespan=lifespan,
)


def main() -> None:
    """Read the arguments, open the lake, serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", help="demo, live or a name of your own")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--address", default="127.0.0.1")
    asked = parser.parse_args()
    logging.basicConfig(level="INFO", format="%(asctime)s %(name)s %(levelname)s %(message)s")
    open_resources(Settings.from_env(asked.workspace))
    send_small_packets_at_once()
    app.run(config=manners(asked.port, asked.address))


def manners(port: int, address: str) -> dict[str, object]:
    """What must hold however the process is started; on loopback, only for loopback's names."""
    is_local = address in LOOPBACK
    return {
        "server.port": port,
        "server.address": address,
        "server.allowedHosts": list(LOOPBACK) if is_local else [],
        "server.headless": True,
        "server.enableStaticServing": True,
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.toolbarMode": "viewer",
        "runner.postScriptGC": False,
    }


if __name__ == "__main__":
    main()
