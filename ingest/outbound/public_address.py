"""Addresses that people give: only public ones are asked, at the very address that was checked.

Between a check of a name and its use another answer may be given for it, so that the connection
goes to the address itself.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import httpx

from data.errors import ConfigError

Resolve = Callable[[str, int], Iterable[str]]
NAME = re.compile(
    r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,62}"
)
HTTPS, LAST_PORT = 443, 65_535
# What carries an address of the fourth version within one of the sixth.
CARRIERS = tuple(
    ipaddress.IPv6Network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """A page's address with its host's checked address in the place of its name."""

    url: httpx.URL
    host: str
    port: int | None

    @property
    def host_header(self) -> str:
        """The name that the server is asked for."""
        return self.host if self.port is None else f"{self.host}:{self.port}"


def resolve_name(host: str, port: int) -> list[str]:
    """Every address of a name, as the system tells them."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(entry[4][0]) for entry in found]


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and (
        found.ipv4_mapped is not None or any(found in network for network in CARRIERS)
    ):
        return False
    return (
        found.is_global
        and not found.is_multicast
        and not found.is_reserved
        and not found.is_link_local
    )


def public_address(
    url: str, allowed: Iterable[str], *, resolve: Resolve = resolve_name
) -> PublicAddress:
    """The address to ask for a page, or one sentence why it is not asked.

    HTTPS alone, a name of the allowed ones and no number, no user, and every address of the name
    public: one that is not refuses them all.
    """
    given = _readable(url)
    host = given.host.lower()
    if host not in {one.lower() for one in allowed}:
        raise ConfigError(f"{host} is not in TEXT_HOSTS; add it there to have it fetched")
    addresses = list(dict.fromkeys(resolve(host, given.port or HTTPS)))
    if not addresses:
        raise ConfigError(f"{host} has no address now; check its name")
    if not all(is_public(one) for one in addresses):
        raise ConfigError(f"{host} leads into a private network; it is not fetched")
    return PublicAddress(given.copy_with(host=addresses[0], fragment=None), host, given.port)


def _readable(url: str) -> httpx.URL:
    """An address of HTTPS with the name of a site, or why it is none."""
    try:
        given = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise ConfigError("the address cannot be read; correct it") from None
    if given.scheme != "https":
        raise ConfigError("the address is not of https; only that is fetched")
    if given.userinfo:
        raise ConfigError("the address holds a user; take it out")
    if not NAME.fullmatch(given.host.lower()):
        raise ConfigError("the address has no name of a site; numbers and local names are refused")
    if not 0 < (given.port or HTTPS) <= LAST_PORT:
        raise ConfigError("the address has a port that is none; correct it")
    return given
