"""What another site makes a browser send is refused before the pages see it."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
from streamlit import file_util

from data.web_access import WebAccess
from pages.server.request_check import refusal
from pages.server.security_headers import content_policy, inline_scripts, protected

OPEN = WebAccess.of("0.0.0.0", ["desk.example"], without_login=True)


def scope(kind: str = "websocket", method: str = "GET", **headers: str) -> dict[str, Any]:
    """A request as a server hands it on."""
    named = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    return {"type": kind, "method": method, "headers": named, "server": ("127.0.0.1", 8501)}


HERE = "127.0.0.1:8501"
FOREIGN = (
    "http://evil.example",
    "null",
    "http://127.0.0.1:9999",
    "http://localhost:8501",
    "http://127.0.0.1",
    "file://",
    "https://127.0.0.1:8501.evil.example",
    "chrome-extension://abc",
    "http://user@127.0.0.1:8501",
    "http://127.0.0.1:8501/",
    "",
)


@pytest.mark.parametrize("kind", ["websocket", "http"])
@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_origin_is_refused(kind: str, origin: str) -> None:
    refused = refusal(scope(kind, host=HERE, origin=origin), WebAccess())
    assert refused is not None
    assert refused.status == 403
    assert refused.sentence.startswith("No ")


@pytest.mark.parametrize("origin", [f"http://{HERE}", f"https://{HERE}", f"HTTP://{HERE}"])
def test_our_own_page_is_answered(origin: str) -> None:
    assert refusal(scope(host=HERE, origin=origin), WebAccess()) is None


@pytest.mark.parametrize("name", ["evil.example", "evil.example:8501", "127.0.0.1:9999", "[::2]"])
def test_a_foreign_host_is_refused_even_with_its_own_origin(name: str) -> None:
    found = refusal(scope(host=name, origin=f"http://{name}"), WebAccess())
    assert found is not None
    assert found.status == 403


def test_no_host_two_hosts_and_a_forwarded_one_are_refused() -> None:
    assert refusal(scope(), WebAccess()).status == 400  # type: ignore[union-attr]  # a refusal is expected
    twice = scope(host=HERE)
    twice["headers"].append((b"host", b"evil.example"))
    assert refusal(twice, WebAccess()).status == 400  # type: ignore[union-attr]  # a refusal is expected
    forwarded = scope(host="evil.example", x_forwarded_host=HERE)
    assert refusal(forwarded, WebAccess()) is not None


def test_an_allowed_host_is_answered_from_its_own_pages_alone() -> None:
    assert refusal(scope(host="desk.example", origin="https://desk.example"), OPEN) is None
    assert refusal(scope(host="desk.example", origin="https://evil.example"), OPEN) is not None
    assert refusal(scope(host=HERE, origin="https://desk.example"), OPEN) is not None


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({}, True),
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "none"}, True),
        (
            {
                "sec_fetch_site": "cross-site",
                "sec_fetch_mode": "navigate",
                "sec_fetch_dest": "document",
            },
            True,
        ),
        (
            {
                "sec_fetch_site": "cross-site",
                "sec_fetch_mode": "navigate",
                "sec_fetch_dest": "iframe",
            },
            False,
        ),
        (
            {
                "sec_fetch_site": "cross-site",
                "sec_fetch_mode": "no-cors",
                "sec_fetch_dest": "image",
            },
            False,
        ),
        (
            {
                "sec_fetch_site": "same-site",
                "sec_fetch_mode": "no-cors",
                "sec_fetch_dest": "script",
            },
            False,
        ),
    ],
)
def test_only_a_link_leads_here_from_another_site(headers: dict[str, str], passes: bool) -> None:
    found = refusal(scope("http", host=HERE, **headers), WebAccess())
    assert (found is None) is passes


def test_a_form_of_another_site_is_refused() -> None:
    sent = {
        "sec_fetch_site": "cross-site",
        "sec_fetch_mode": "navigate",
        "sec_fetch_dest": "document",
    }
    assert refusal(scope("http", "POST", host=HERE, **sent), WebAccess()) is not None


def test_the_policy_names_the_inline_script_of_the_page_that_is_served() -> None:
    page = Path(file_util.get_static_dir(), "index.html").read_text(encoding="utf-8")
    (script,) = inline_scripts()
    inside = page[page.index("<script>") + 8 :]
    inside = inside[: inside.index("</script>")]
    assert base64.b64decode(script) == hashlib.sha256(inside.encode()).digest()
    policy = content_policy(HERE)
    assert f"'sha256-{script}'" in policy
    assert "frame-ancestors 'none'" in policy
    assert f"ws://{HERE}" in policy


def test_headers_of_ours_replace_what_invites_others() -> None:
    given = [
        (b"Access-Control-Allow-Origin", b"*"),
        (b"X-Frame-Options", b"ALLOW"),
        (b"content-type", b"text/html"),
    ]
    found = dict(protected(given, HERE))
    assert b"Access-Control-Allow-Origin" not in found
    assert found[b"x-frame-options"] == b"DENY"
    assert b"X-Frame-Options" not in found
    assert found[b"content-type"] == b"text/html"
