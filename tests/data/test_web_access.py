"""Where the web process may listen and under which names it answers."""

from __future__ import annotations

import pytest

from data.errors import ConfigError
from data.web_access import HostName, WebAccess, allowed_host


def host(text: str) -> HostName:
    found = HostName.parse(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "name", "port"),
    [
        ("127.0.0.1:8501", "127.0.0.1", 8501),
        ("LOCALHOST", "localhost", None),
        ("[::1]:8501", "::1", 8501),
        ("[0:0:0:0:0:0:0:1]", "::1", None),
        ("desk.example.", "desk.example", None),
    ],
)
def test_a_host_is_read_as_browsers_write_it(text: str, name: str, port: int | None) -> None:
    assert host(text) == HostName(name, port)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a b",
        "user@127.0.0.1",
        "127.0.0.1:0",
        "127.0.0.1:99999",
        "[::1",
        "::1",
        "a/b",
        "x:y",
        "127.0.0.1:8501, evil.example",
        "[fe80::1%25eth0]",
        "-",
        "\0",
    ],
)
def test_what_no_browser_writes_is_no_host(text: str) -> None:
    assert HostName.parse(text) is None


@pytest.mark.parametrize(
    ("text", "port", "answered"),
    [
        ("127.0.0.1:8501", 8501, True),
        ("localhost:8501", 8501, True),
        ("[::1]:8501", 8501, True),
        ("localhost", 80, True),
        ("localhost:9999", 8501, False),
        ("localhost", 8501, False),
        ("evil.example:8501", 8501, False),
        ("localhost.evil.example:8501", 8501, False),
        ("127.0.0.1.evil.example:8501", 8501, False),
        ("192.168.0.7:8501", 8501, False),
    ],
)
def test_on_this_machine_only_its_own_names_at_the_port_served(
    text: str, port: int, answered: bool
) -> None:
    assert WebAccess().answers(host(text), port) is answered


def test_an_allowed_host_is_answered_at_the_port_that_it_states() -> None:
    access = WebAccess.of("0.0.0.0", ["desk.example", "other.example:8443"], without_login=True)
    assert access.answers(host("desk.example:8501"), 8501)
    assert access.answers(host("desk.example"), 8501)
    assert not access.answers(host("desk.example:9000"), 8501)
    assert access.answers(host("other.example:8443"), 8501)
    assert not access.answers(host("other.example:8501"), 8501)
    assert not access.answers(host("evil.example"), 8501)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.5", "10.0.0.1"])
def test_beyond_this_machine_needs_names_and_a_word_about_the_login(address: str) -> None:
    with pytest.raises(ConfigError, match="--allowed-host"):
        WebAccess.of(address, [], without_login=True)
    with pytest.raises(ConfigError, match="--without-login"):
        WebAccess.of(address, ["desk.example"])
    access = WebAccess.of(address, ["desk.example"], without_login=True)
    assert access.banner and access.banner.startswith("No login")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_on_this_machine_nothing_more_is_asked(address: str) -> None:
    assert WebAccess.of(address, []).banner is None


@pytest.mark.parametrize("name", ["0.0.0.0", "*", "a,b", "http://desk.example", "", "::"])
def test_an_allowed_host_is_one_name(name: str) -> None:
    with pytest.raises(ConfigError, match="allowed host"):
        allowed_host(name)


def test_an_international_name_is_compared_as_browsers_send_it() -> None:
    assert allowed_host("bücher.example").name == "xn--bcher-kva.example"


def test_the_command_line_says_the_same_again() -> None:
    access = WebAccess.of("0.0.0.0", ["desk.example:8443"], without_login=True)
    words = access.words()
    assert words == [
        "--address",
        "0.0.0.0",
        "--allowed-host",
        "desk.example:8443",
        "--without-login",
    ]
    assert access.page(8501) == "http://desk.example:8443"
