"""Pages of other sites, asked for politely: robots are respected, and only what changed is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.robotparser import RobotFileParser

from ingest.outbound.public_address import PublicAddress
from ingest.runs.http_client import HttpAnswer, HttpClient, HttpError, HttpRequest, Waits

AGENT = "Barograph"
MOST_BYTES = 5_000_000
MOST_ROBOTS = 500_000
WAITS = Waits(connect_s=5.0, read_s=10.0, total_s=10.0)
CLOSED = frozenset(("noindex", "noarchive", "none"))
HTTP_OK, HTTP_SAME, HTTP_MISSING, HTTP_REFUSED = 200, 304, (404, 410), 400


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """An answer: the page as it is, that it is the same as before, or why there is none."""

    state: Literal["new", "same", "failed"]
    body: bytes = b""
    etag: str = ""
    last_modified: str = ""
    why: str = ""


@dataclass(slots=True)
class PageReader:
    """Asks for pages, one after the other; the rules for robots of each site are asked for once."""

    client: HttpClient
    robots: dict[str, RobotFileParser | str] = field(default_factory=dict)

    @classmethod
    def open(cls, contact: str | None) -> PageReader:
        """A reader that says who it is, and uses no proxy and no password of the environment."""
        agent = f"{AGENT} ({contact})" if contact else AGENT
        return cls(HttpClient(agent, WAITS, trusts_environment=False))

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def read(self, page: PublicAddress, before: Mapping[str, str]) -> FetchedPage:
        """A page; `before` has the marks of the version that is there already."""
        if refusal := self._refused(page):
            return FetchedPage("failed", why=refusal)
        conditions = {
            "If-None-Match": before.get("etag", ""),
            "If-Modified-Since": before.get("last_modified", ""),
        }
        try:
            answer = self._get(page, {key: text for key, text in conditions.items() if text})
        except HttpError as error:
            return FetchedPage("failed", why=str(error))
        if answer.status == HTTP_SAME:
            return FetchedPage("same")
        if answer.status != HTTP_OK:
            where = ": the address has moved" if 300 <= answer.status < HTTP_REFUSED else ""
            return FetchedPage("failed", why=f"HTTP {answer.status}{where}")
        if says_closed(answer.headers.get("x-robots-tag", "")):
            return FetchedPage("failed", why="the site lets no robots keep the page")
        marks = (answer.headers.get(name, "")[:500] for name in ("etag", "last-modified"))
        etag, last_modified = marks
        return FetchedPage("new", answer.body, etag, last_modified)

    def _get(
        self, page: PublicAddress, headers: Mapping[str, str], most: int = MOST_BYTES
    ) -> HttpAnswer:
        asked = {"Host": page.host_header, **headers}
        request = HttpRequest(page.url, asked, certificate_of=page.host)
        return self.client.send(request, max_bytes=most)

    def _refused(self, page: PublicAddress) -> str:
        """Why the site lets no robot read a page; empty where it does."""
        if page.host not in self.robots:
            self.robots[page.host] = self._rules(page)
        rules = self.robots[page.host]
        if isinstance(rules, str):
            return rules
        path = page.url.raw_path.decode("ascii")
        return "" if rules.can_fetch(AGENT, path) else "the site's robots.txt lets no robot read it"

    def _rules(self, page: PublicAddress) -> RobotFileParser | str:
        address = PublicAddress(
            page.url.copy_with(path="/robots.txt", query=None), page.host, page.port
        )
        rules = RobotFileParser()
        try:
            answer = self._get(address, {}, MOST_ROBOTS)
        except HttpError as error:
            return f"robots.txt: {error}"
        if answer.status in HTTP_MISSING:
            rules.parse([])
        elif answer.status == HTTP_OK:
            rules.parse(answer.body.decode("utf-8", "replace").splitlines())
        else:
            return f"robots.txt: HTTP {answer.status}"
        return rules


def says_closed(robots: str) -> bool:
    """Whether words for robots forbid to keep a page; rules for one named robot are not for us."""
    words = robots.casefold()
    if ":" in words:
        name, _, words = words.rpartition(":")
        if AGENT.casefold() not in name and name.strip() != "*":
            return False
    return bool(CLOSED.intersection(word.strip() for word in words.split(",")))
