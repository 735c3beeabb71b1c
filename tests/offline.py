"""No test reaches the network: whatever is neither loopback nor a unix socket is refused."""

from __future__ import annotations

import ipaddress
import os
import sys

attempts: list[str] = []
LOCAL_NAMES = ("", "localhost", "localhost.localdomain", "ip6-localhost", "none")
# A port on which nothing listens: programs that a test starts find only this proxy.
NOWHERE = "http://127.0.0.1:9"
# Events that the interpreter itself announces, and where in their arguments the address is.
EVENTS = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
}
_state = {"closed": False}


class NetworkBlockedError(RuntimeError):
    """Not an OSError, so that code which forgives a failed connection does not forgive this."""


def close() -> None:
    """Close it for this process and, by a proxy that leads nowhere, for those it starts."""
    if _state["closed"]:
        return
    _state["closed"] = True
    sys.addaudithook(_watch)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        os.environ[name] = os.environ[name.upper()] = NOWHERE
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = "localhost,127.0.0.1,::1"


def is_local(host: object) -> bool:
    """Whether a host stays on this machine."""
    name = host.decode() if isinstance(host, bytes) else str(host)
    try:
        found = ipaddress.ip_address(name.split("%")[0])
    except ValueError:
        return name.lower() in LOCAL_NAMES
    return found.is_loopback or found.is_unspecified


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    place = EVENTS.get(event)
    if place is None:
        return
    address = arguments[place]
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        if not isinstance(address, tuple):
            return  # a unix socket's address is a path, a connected socket's is None
        address = address[0]
    if not is_local(address):
        attempts.append(str(address))
        raise NetworkBlockedError(f"tests have no network, and this one asked for {address!r}")
