"""One server on loopback in the place of every host that the sources ask.

The address of a host becomes the beginning of the path, so that one port serves them all. Plan
and parse go on seeing the sources' own addresses; what lies between is the real transport.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from ingest.jobs import Call, Parsed, Reply, Source, Window
from tests.ingest.server import Act, Handler, Server, status
from tests.recorded_world.fortnight import Clock

OF_THE_HOUSE = ("house:", "demo:")


@dataclass(frozen=True, slots=True)
class Ask:
    """What a host is asked, and the instant at which."""

    path: str
    query: Mapping[str, str]
    now: datetime
    posted: bytes = b""

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def last(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Answer:
    """What it says; most say 200."""

    body: bytes
    status: int = 200


Host = Callable[[Ask], Answer]


@dataclass
class Hosts:
    """Answers by host, each at the clock of the world; `acts` says what a host does instead."""

    clock: Clock
    server: Server
    hosts: Mapping[str, Host]
    acts: dict[str, Act] = field(default_factory=dict)
    behind: dict[str, timedelta] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server.acts["*"] = self

    def __call__(self, to: Handler) -> None:
        parts = urlsplit(to.path)
        host, _, path = parts.path.lstrip("/").partition("/")
        self.asked.append((host, f"/{path}"))
        if act := self.acts.get(host):
            return act(to)
        query = dict(parse_qsl(parts.query))
        now = self.clock.now_at - self.behind.get(host, timedelta())
        answer = self.hosts[host](Ask(f"/{path}", query, now, to.posted))
        kind = "application/json" if answer.body[:1] in b"{[" else "text/plain"
        status(answer.status, answer.body, Content_Type=kind)(to)

    def nearby(self, sources: Iterable[Source]) -> dict[str, Source]:
        """The sources with their hosts here."""
        return {source.name: self._near(source) for source in sources}

    def _near(self, source: Source) -> Source:
        def plan(window: Window) -> list[Call]:
            return [self._here(call) for call in source.plan(window)]

        def parse(reply: Reply) -> Parsed:
            parsed = source.parse(replace(reply, call=self._there(reply.call)))
            return replace(parsed, follow=tuple(self._here(call) for call in parsed.follow))

        return replace(source, plan=plan, parse=parse)

    def _here(self, call: Call) -> Call:
        if call.url.startswith(OF_THE_HOUSE):
            return call
        assert call.url.startswith("https://"), call.url
        return replace(call, url=f"{self.server.url}/{call.url.removeprefix('https://')}")

    def _there(self, call: Call) -> Call:
        if call.url.startswith(OF_THE_HOUSE):
            return call
        return replace(call, url=f"https://{call.url.removeprefix(self.server.url + '/')}")
