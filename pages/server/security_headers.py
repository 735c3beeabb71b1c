"""The headers that every reply carries, above all what the browser may load and run for a page."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path

from streamlit import file_util

Header = tuple[bytes, bytes]
INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
PLAIN = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",  # for browsers that do not know frame-ancestors
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


@lru_cache(maxsize=64)
def security_headers(host: str) -> tuple[Header, ...]:
    """For a page that was opened under this host."""
    named = PLAIN | {"content-security-policy": content_policy(host)}
    return tuple((name.encode(), value.encode()) for name, value in named.items())


def content_policy(host: str) -> str:
    """Only what this server serves; Vega compiles its expressions, hence `unsafe-eval`.

    The stream's address is named, because not every browser takes it for a part of 'self'.
    """
    scripts = " ".join(f"'sha256-{digest}'" for digest in inline_scripts())
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {scripts} 'unsafe-eval' 'wasm-unsafe-eval' blob:",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self' ws://{host} wss://{host}",
            "worker-src blob: 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


@lru_cache(maxsize=1)
def inline_scripts() -> tuple[str, ...]:
    """Hashes of the scripts that stand inside Streamlit's own page, as it is installed here."""
    page = Path(file_util.get_static_dir(), "index.html").read_text(encoding="utf-8")
    return tuple(
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        for script in INLINE.findall(page)
    )


def protected(headers: list[Header], host: str) -> list[Header]:
    """A reply's headers with ours in place of its own, and without invitations to other sites."""
    ours = security_headers(host)
    names = {name for name, _ in ours}
    pairs = [
        (name, value)
        for name, value in headers
        if name.lower() not in names and not name.lower().startswith(b"access-control-")
    ]
    return [*pairs, *ours]
