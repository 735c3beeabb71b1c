"""One request over HTTP, bounded in time, size and decompression; it neither retries nor redirects.

What a library says of a failure may hold the address and so the key: only our own words leave.
"""

from __future__ import annotations

import contextlib
import math
import socket
import threading
import weakref
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import httpx

UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
ENCODINGS = ("gzip", "x-gzip", "deflate")
SLICE = 1 << 20


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds: to connect, between two pieces of an answer, and for all of it."""

    connect_s: float = 10.0
    read_s: float = 60.0
    total_s: float = 300.0


@dataclass(frozen=True, slots=True, repr=False)
class HttpRequest:
    """What is sent: a GET, or with a `body` a POST of that JSON object; it may hold a key, so that
    it is never printed.

    Where the URL has an address in the place of a name, `certificate_of` is the name to be proven.
    """

    url: httpx.URL
    headers: Mapping[str, str]
    body: Mapping[str, Any] | None = None
    certificate_of: str | None = None


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Status, headers by lower-case name, body as it is without compression, bytes on the wire."""

    status: int
    headers: dict[str, str]
    body: bytes
    received: int


class HttpError(Exception):
    """No whole answer. `sent` tells whether the source may have counted the call."""

    def __init__(self, words: str, *, sent: bool = True, partial: bytes = b"") -> None:
        super().__init__(words)
        self.sent = sent
        self.partial = partial


# The library's own limit lies after the stopwatch's, so that the call's end is told as what it is.
AFTER_S = 1.0


class OversizeError(HttpError):
    """More than the source's `max_bytes`: asking again would not help."""


class HttpClient:
    """One client with its open connections; used by one thread at a time."""

    def __init__(
        self, agent: str, waits: Waits | None = None, *, trusts_environment: bool = True
    ) -> None:
        """Without trust in the environment no proxy and no netrc of it is used."""
        self.waits = waits or Waits()
        headers = {"User-Agent": agent, "Accept-Encoding": "gzip, deflate", "Accept": "*/*"}
        timeout = httpx.Timeout(self.waits.read_s, connect=self.waits.connect_s)
        self._open: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._client = httpx.Client(
            headers=headers,
            timeout=timeout,
            follow_redirects=False,
            trust_env=trusts_environment,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def send(
        self,
        request: HttpRequest,
        *,
        max_bytes: int,
        within_s: float = math.inf,
    ) -> HttpAnswer:
        """The answer whole, or HttpError; `within_s` is what is left to the caller."""
        seconds = min(self.waits.total_s, within_s)
        if seconds <= 0:
            raise HttpError("no time is left for this call", sent=False)
        waits = httpx.Timeout(
            min(self.waits.read_s, seconds + AFTER_S), connect=min(self.waits.connect_s, seconds)
        )
        with Stopwatch(seconds, self._open) as watch:
            extensions: dict[str, Any] = {"trace": watch.see}
            if request.certificate_of:
                extensions["sni_hostname"] = request.certificate_of
            asked = self._client.build_request(
                "GET" if request.body is None else "POST",
                request.url,
                json=request.body,
                headers=dict(request.headers),
                timeout=waits,
                extensions=extensions,
            )
            try:
                return self._answered(asked, watch, max_bytes)
            except HttpError as error:
                raise (watch.late(error) if watch.fired else error) from None
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError) as error:
                known = _explained(error)
                raise (watch.late(known) if watch.fired else known) from None

    def _answered(self, asked: httpx.Request, watch: Stopwatch, max_bytes: int) -> HttpAnswer:
        response = self._client.send(asked, stream=True)
        try:
            answer = _read(response, watch, max_bytes)
        finally:
            response.close()
        if watch.fired:  # an answer that ends with its connection looks whole when that is cut
            raise HttpError("", partial=answer.body[:SLICE])
        return answer


class Stopwatch:
    """Cuts the connections of a client when an exchange takes too long.

    The client's own limits start anew with every byte, so a server that drips one byte at a time
    would never meet them. Pass `see` as the extension `trace` of the request.
    """

    def __init__(
        self, seconds: float, connections: weakref.WeakSet[socket.socket] | None = None
    ) -> None:
        self._seconds = seconds
        self._open = weakref.WeakSet() if connections is None else connections
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self.fired = False

    def __enter__(self) -> Stopwatch:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._timer.cancel()

    def see(self, event: str, info: Mapping[str, Any]) -> None:
        """Learn of each connection as it is opened."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            found = info["return_value"].get_extra_info("socket")
            if found is not None:
                self._open.add(found)
            if self.fired:  # it was being opened when the time was over
                self._cut()

    def late(self, error: HttpError) -> HttpError:
        """What to say of it, whatever the library met when its connection was cut."""
        words = f"the answer took longer than {self._seconds:.3g} s"
        return HttpError(words, sent=error.sent, partial=error.partial)

    def _cut(self) -> None:
        self.fired = True
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _read(response: httpx.Response, watch: Stopwatch, max_bytes: int) -> HttpAnswer:
    body = bytearray()
    pieces = _pieces(response)
    try:
        for piece in pieces:
            body += piece
            if watch.fired:
                raise HttpError("")
            if max(len(body), response.num_bytes_downloaded) > max_bytes:
                raise OversizeError(f"the answer is larger than the {max_bytes} bytes allowed")
    except OversizeError:
        raise
    except HttpError as error:
        raise HttpError(str(error), partial=bytes(body[:SLICE])) from None
    except httpx.HTTPError as error:
        raise HttpError(str(_explained(error)), partial=bytes(body[:SLICE])) from None
    headers = {name.lower(): value for name, value in response.headers.items()}
    return HttpAnswer(response.status_code, headers, bytes(body), response.num_bytes_downloaded)


def _pieces(response: httpx.Response) -> Iterator[bytes]:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ENCODINGS:
        return _inflated(response.iter_raw())
    if encoding in ("", "identity"):
        return response.iter_raw()
    raise HttpError(f"the answer is compressed by {encoding[:20]!r}, which was not asked for")


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Decompressed by a megabyte at a time, so that no bomb can go off in one step."""
    machine = zlib.decompressobj(wbits=47)  # gzip or zlib, as its head says
    started = False
    try:
        for piece in pieces:
            waiting = piece
            while waiting:
                if machine.eof:  # another member follows
                    machine = zlib.decompressobj(wbits=47)
                yield machine.decompress(waiting, SLICE)
                started = True
                waiting = machine.unconsumed_tail or machine.unused_data
    except zlib.error:
        raise HttpError("the answer is compressed, and broken") from None
    if started and not machine.eof:
        raise HttpError("the answer is compressed, and ends too early")


def _explained(error: Exception) -> HttpError:
    """Our words for what the library met."""
    words = {
        httpx.ConnectTimeout: "no connection in time",
        httpx.ConnectError: "no connection (name, network, port or certificate)",
        httpx.ReadTimeout: "no answer in time",
        httpx.WriteTimeout: "the request could not be sent in time",
        httpx.RemoteProtocolError: "the answer ended too early or is no HTTP",
        httpx.ReadError: "the connection broke while the answer came",
        httpx.ProxyError: "the proxy refused",
        httpx.InvalidURL: "the address cannot be used",
        httpx.UnsupportedProtocol: "the address cannot be used",
    }
    said = words.get(type(error), f"the exchange failed ({type(error).__name__})")
    return HttpError(said, sent=not isinstance(error, (*UNSENT, httpx.InvalidURL, ValueError)))
