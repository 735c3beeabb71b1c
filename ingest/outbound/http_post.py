"""One message by POST: bounded in time, not redirected, and its address never written anywhere."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx

from data.errors import ConfigError
from ingest.outbound.sending import DRY, SendResult
from ingest.runs.http_client import Stopwatch
from ingest.runs.keys import quiet_http_logs

TIMEOUT_S = 10.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")
AGAIN = (408, 425, 429, 500, 502, 503, 504)


def check_address(name: str, address: str) -> None:
    """Refuse an address that would carry alerts in the clear."""
    parts = urlsplit(address)
    is_near = parts.scheme == "http" and parts.hostname in LOOPBACK
    if address != DRY and not (parts.hostname and (parts.scheme == "https" or is_near)):
        raise ConfigError(f"{name}: expected an https address, or {DRY}")


def open_client() -> httpx.Client:
    """A client that goes nowhere else: no proxy of the environment, no redirect."""
    quiet_http_logs()  # the address is a secret
    return httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False)


def post(
    client: httpx.Client, address: str, document: dict[str, Any], headers: dict[str, str]
) -> SendResult:
    """The status says it all: a body is not waited for, and a head only so long."""
    message = client.build_request("POST", address, json=document, headers=headers)
    try:
        with Stopwatch(TIMEOUT_S) as watch:
            message.extensions["trace"] = watch.see
            reply = client.send(message, stream=True)
            reply.close()
    except httpx.HTTPError as error:
        # The text of such an error may hold the address.
        return SendResult(False, type(error).__name__)
    if reply.is_success:
        return SendResult(True)
    wait_s = _asked(reply.headers.get("Retry-After"))
    return SendResult(False, f"HTTP {reply.status_code}", reply.status_code not in AGAIN, wait_s)


def _asked(header: str | None) -> float | None:
    """Seconds of a Retry-After, at most ten minutes."""
    return min(float(header), 600.0) if header and header.isdecimal() else None
