"""Only public addresses of allowed names over HTTPS are asked, however they are written."""

from __future__ import annotations

import pytest

from data.errors import ConfigError
from ingest.outbound.public_address import is_public, public_address

PUBLIC = "93.184.216.34"
ALLOWED = ("research.example", "xn--bcher-kva.example")
NOT_PUBLIC = [
    *("10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.9.9", "192.168.1.1", "127.0.0.1"),
    *("127.1.2.3", "0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.1", "100.64.0.1"),
    *("100.127.255.255", "192.0.0.1", "192.0.2.7", "198.18.0.1", "198.51.100.3", "203.0.113.9"),
    *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1"),
    *("::ffff:127.0.0.1", "::ffff:93.184.216.34", "::ffff:10.0.0.1", "64:ff9b::7f00:1"),
    *("64:ff9b::5db8:d822", "64:ff9b:1::1", "2002:7f00:1::", "2002:5db8:d822::", "2001::1"),
    *(
        "2001:db8::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "::5db8:d822",
    ),
    *("::5db8:d822", "not an address", "", "1.2.3", "1.2.3.4.5"),
]
REFUSED = [
    "http://research.example/a",
    "ftp://research.example/a",
    "file:///etc/passwd",
    "//research.example/a",
    "research.example/a",
    "https://",
    "https:///a",
    "https://user@research.example/",
    "https://user:word@research.example/",
    "https://research.example@127.0.0.1/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://127.0.0.1.:443/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://localhost/",
    "https://localhost./",
    "https://research/",
    "https://research.example./",
    "https://research.example.evil.example/",
    "https://evil.example/research.example",
    "https://evil.example?research.example",
    "https://evil.example#research.example",
    "https://notresearch.example/",
    "https://sub.research.example/",
    "https://research.example\\@evil.example/",
    "https://169.254.169.254/latest/meta-data/",
    "https://93.184.216.34/",
    "https://research.example:99999/",
    "https://research.example:abc/",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://research .example/",
    "https://research.example\x00.evil.example/",
    "https://\u2460.\u2461.example/",
]


def resolve(host: str, port: int) -> list[str]:
    return [PUBLIC]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946"])
def test_a_public_address_is_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("url", REFUSED)
def test_a_url_that_may_not_be_asked_is_refused(url: str) -> None:
    with pytest.raises(ConfigError) as refused:
        public_address(url, ALLOWED, resolve=resolve)
    assert "word" not in str(refused.value)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_that_leads_elsewhere_too_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="private network"):
        public_address(
            "https://research.example/", ALLOWED, resolve=lambda host, port: [PUBLIC, address]
        )


def test_the_checked_address_itself_is_asked() -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])  # the second answer is another one
    found = public_address(
        "https://Research.Example:8443/a?b=c#d", ALLOWED, resolve=lambda host, port: next(answers)
    )
    assert str(found.url) == f"https://{PUBLIC}:8443/a?b=c"
    assert found.host == "research.example"
    assert found.host_header == "research.example:8443"


def test_a_name_without_an_address_says_so() -> None:
    with pytest.raises(ConfigError, match="no address now"):
        public_address("https://research.example/", ALLOWED, resolve=lambda host, port: [])


def test_there_are_as_many_spellings_as_the_rule_asks_for() -> None:
    assert len(NOT_PUBLIC) + len(REFUSED) >= 80
