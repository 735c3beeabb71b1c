"""The network is closed in tests, and an attempt cannot be swallowed."""

from __future__ import annotations

import socket
import threading
import urllib.error
import urllib.request

import pytest

from tests import offline


@pytest.mark.parametrize("host", ["93.184.216.34", "2001:db8::1"])
def test_addresses_elsewhere_are_refused(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as sock, pytest.raises(offline.NetworkBlockedError):
        sock.connect((host, 80))
    assert offline.attempts == [host]
    offline.attempts.clear()


def test_datagrams_elsewhere_are_refused() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock,
        pytest.raises(offline.NetworkBlockedError),
    ):
        sock.sendto(b"x", ("10.1.2.3", 53))
    offline.attempts.clear()


def test_names_elsewhere_are_not_even_looked_up() -> None:
    with pytest.raises(offline.NetworkBlockedError, match=r"host\.test"):
        socket.getaddrinfo("host.test", 443)
    offline.attempts.clear()


def test_an_attempt_in_a_thread_that_swallows_it_is_remembered() -> None:
    def reach() -> None:
        try:
            socket.create_connection(("10.1.2.3", 80), timeout=1)
        except (OSError, RuntimeError):
            return

    thread = threading.Thread(target=reach)
    thread.start()
    thread.join()
    assert offline.attempts
    offline.attempts.clear()


def test_loopback_and_unix_sockets_are_open() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(("localhost", server.getsockname()[1])) as client,
    ):
        assert client.getpeername() == server.getsockname()
    left, right = socket.socketpair()
    with left, right:
        left.sendall(b"x")
        assert right.recv(1) == b"x"


def test_programs_that_a_test_starts_find_a_proxy_that_leads_nowhere() -> None:
    found = urllib.request.getproxies()
    assert {found["http"], found["https"]} == {offline.NOWHERE}
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen("http://host.test/", timeout=5)
