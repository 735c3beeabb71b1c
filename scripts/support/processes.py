"""What runs: one line per process, in the order of their start. Nothing is started here."""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass

from data import redis_server
from data.settings import Settings

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """One workstation: a workspace and the port of its page."""

    settings: Settings
    port: int

    @property
    def address(self) -> str:
        """What a person types into a browser."""
        return f"http://{HOST}:{self.port}"


Command = Callable[[ProcessPlan], list[str] | None]


@dataclass(frozen=True, slots=True)
class Process:
    """`command` gives None where this machine has nothing to start; `instead` then says why."""

    name: str
    about: str
    command: Command
    is_ready: Callable[[ProcessPlan], bool] = lambda plan: True
    instead: Callable[[ProcessPlan], str] = lambda plan: ""
    is_needed: bool = False  # whether a start without it has failed
    has_keys: bool = False  # whether it asks sources, and so is given their keys


def module(name: str) -> Command:
    """`python -m name --workspace W`: how every loop of ours is started."""
    return lambda plan: [sys.executable, "-m", name, "--workspace", plan.settings.workspace]


def bus_command(plan: ProcessPlan) -> list[str] | None:
    """A private Redis server, unless REDIS_URL names one or none is installed."""
    server = None if plan.settings.redis_url else redis_server.find_server()
    return redis_server.command(server, plan.settings) if server else None


def bus_answers(plan: ProcessPlan) -> bool:
    """Whether the private server has loaded its log."""
    return redis_server.answers(redis_server.socket_path(plan.settings))


def bus_instead(plan: ProcessPlan) -> str:
    """Who carries the ticks when no private server does."""
    if plan.settings.redis_url:
        return "the server of REDIS_URL"
    return "no Redis server found: ticks stay inside one process; install redis-server"


def web_command(plan: ProcessPlan) -> list[str]:
    """The pages."""
    port, workspace = str(plan.port), plan.settings.workspace
    return [sys.executable, "app.py", "--port", port, "--workspace", workspace]


def web_answers(plan: ProcessPlan) -> bool:
    """Whether `/healthz` says so in JSON for this workspace, and `/` gives a page.

    A web server that does not know `/healthz` may answer it with its index page and status 200.
    """
    try:
        health = json.loads(_get(plan.port, "/healthz"))
        is_ours = health.get("workspace", plan.settings.workspace) == plan.settings.workspace
        return is_ours and b"<html" in _get(plan.port, "/").lower()
    except (OSError, http.client.HTTPException, ValueError, AttributeError):
        return False


def _get(port: int, path: str) -> bytes:
    line = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        line.request("GET", path)
        reply = line.getresponse()
        return reply.read() if reply.status == 200 else b""
    finally:
        line.close()


def on_bus(name: str) -> Command:
    """A loop that needs a bus that other processes can read."""

    def command(plan: ProcessPlan) -> list[str] | None:
        has_bus = plan.settings.redis_url or redis_server.find_server()
        return module(name)(plan) if has_bus else None

    return command


def no_bus(plan: ProcessPlan) -> str:
    """Why such a loop does not run."""
    return "no bus for it"


PROCESSES = (
    Process("bus", "carries ticks between processes", bus_command, bus_answers, bus_instead),
    Process("web", "serves the pages", web_command, web_answers, is_needed=True),
    Process("feed", "puts live ticks on the bus", on_bus("scripts.feed"), instead=no_bus),
    Process("monitor", "judges ticks by the rules", on_bus("scripts.monitor"), instead=no_bus),
    Process("archive", "keeps ticks in the lake", on_bus("scripts.archive"), instead=no_bus),
    Process("scheduler", "keeps the data fresh", module("scripts.scheduler"), has_keys=True),
)

SEED = module("scripts.seed_demo")
