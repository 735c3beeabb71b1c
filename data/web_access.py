"""Where the web process listens, and under which names a browser may open it.

Judged before anything starts: an address that other machines reach needs the names under which it
is opened and, as there is no login yet, a word that this is meant.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from data.errors import ConfigError

LOOPBACK = "127.0.0.1"
WILDCARDS = {"0.0.0.0": LOOPBACK, "::": "::1"}  # every address of the machine, and its own one
HTTP, HTTPS = 80, 443  # ports that a browser leaves out
HOST = re.compile(
    r"(?:\[(?P<six>[0-9a-f:.]{2,45})\]|(?P<name>[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?)\.?)"
    r"(?::(?P<port>[0-9]{1,5}))?"
)


@dataclass(frozen=True, slots=True)
class HostName:
    """A name or an address, and the port where one is stated."""

    name: str
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> HostName | None:
        """What a browser writes into `Host`; None where no browser would write that."""
        found = HOST.fullmatch(text.lower())
        if found is None:
            return None
        port = int(found["port"]) if found["port"] else None
        if port is not None and not 0 < port < 65536:
            return None
        if found["six"] is None:
            return cls(found["name"], port)
        address = _address(found["six"])
        return cls(str(address), port) if address else None

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine wherever it is read, so that no other site can be it."""
        return is_loopback(self.name)

    def __str__(self) -> str:
        name = f"[{self.name}]" if ":" in self.name else self.name
        return name if self.port is None else f"{name}:{self.port}"


@dataclass(frozen=True, slots=True)
class WebAccess:
    """The address that is listened on, the names that are answered, whether a login is missing."""

    address: str = LOOPBACK
    hosts: tuple[HostName, ...] = ()
    without_login: bool = False

    @classmethod
    def of(cls, address: str, names: Iterable[str], *, without_login: bool = False) -> WebAccess:
        """As asked for on a command line, or one sentence about what is missing."""
        found = HostName.parse(f"[{address}]" if ":" in address else address)
        if found is None or found.port is not None:
            raise ConfigError(
                f"--address {address[:60]!r}: expected an address of this machine, "
                "e.g. 127.0.0.1, 0.0.0.0 or ::1"
            )
        access = cls(found.name, tuple(allowed_host(name) for name in names), without_login)
        if access.is_local:
            return access
        if not access.hosts:
            raise ConfigError(
                f"--address {access.address} can be reached by other machines: name the hosts "
                "under which the pages are opened, e.g. --allowed-host desk.example"
            )
        if not without_login:
            raise ConfigError(
                f"--address {access.address} can be reached by other machines, and there is no "
                "login yet: everybody who reaches it could read and change the workspace; add "
                "--without-login if that is meant"
            )
        return access

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches it."""
        return is_loopback(self.address)

    @property
    def own_address(self) -> str:
        """Where this machine itself reaches it."""
        return WILDCARDS.get(self.address, self.address)

    @property
    def banner(self) -> str | None:
        """What every page says where others may reach it without a login."""
        if self.is_local:
            return None
        return "No login: everybody who can reach this server can read and change this workspace."

    def page(self, port: int) -> str:
        """What a person types into a browser."""
        first = HostName(self.own_address, port)
        if not self.is_local and self.hosts:
            chosen = self.hosts[0]
            first = HostName(chosen.name, chosen.port or port)
        return f"http://{first}"

    def words(self) -> list[str]:
        """The same as words of a command line."""
        named = [word for host in self.hosts for word in ("--allowed-host", str(host))]
        login = ["--without-login"] if self.without_login else []
        return ["--address", self.address, *named, *login]

    def answers(self, host: HostName, port: int | None) -> bool:
        """Whether a request for this host, arriving at this port, is for us.

        Another port of a loopback name is another program, or a tunnel that has to be named. An
        allowed host without a port is ours at the port served, and at the one a browser leaves out.
        """
        if host.is_loopback and (host.port or HTTP) == port:
            return True
        for allowed in self.hosts:
            if allowed.name != host.name:
                continue
            if allowed.port is None and host.port in (None, port):
                return True
            if allowed.port is not None and host.port == allowed.port:
                return True
            if host.port is None and allowed.port in (HTTP, HTTPS):
                return True
        return False


def allowed_host(text: str) -> HostName:
    """A name that somebody allows: written with or without a port, international names too."""
    plain = text.strip()
    bare = _address(plain)
    found = HostName.parse(f"[{plain}]" if bare and bare.version == 6 else _ascii(plain))
    if found is None or found.name in WILDCARDS:
        raise ConfigError(
            f"allowed host {text[:60]!r}: expected one name or address, with a port where it is "
            "another one than that of the server, e.g. desk.example or desk.example:8443"
        )
    return found


def is_loopback(name: str) -> bool:
    """Whether a name or an address stays on this machine by definition."""
    address = _address(name)
    if address is None:
        return name == "localhost"
    return address.is_loopback and (address.version == 4 or str(address) == "::1")


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _ascii(text: str) -> str:
    """An international name as browsers send it."""
    name, sign, port = text.partition(":")
    try:
        return name.encode("idna").decode("ascii") + sign + port
    except UnicodeError:
        return text
