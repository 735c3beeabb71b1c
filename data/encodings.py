"""Bytes as text: by their mark, else UTF-8, else the encoding that fits what they say best.

Nothing is left out or replaced: bytes that are no text in any of the encodings are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from data.errors import UploadError

BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a]")
NO_ASCII = re.compile(rb"[\x80-\xff]{4,}")
ASIAN = {
    "cp932": "Japanese text (Shift-JIS)",
    "gb18030": "Chinese text (GB18030)",
    "big5hkscs": "Chinese text (Big5)",
}
EUROPEAN = {
    "cp1252": "Windows text (CP1252): check the accents",
    "cp1250": "Central European text (CP1250): check the accents",
    "iso8859_2": "Central European text (ISO 8859-2): check the accents",
    "mac_roman": "Macintosh text: check the accents",
}


def decode(payload: bytes, *, expected: str, score: Callable[[str], int]) -> tuple[str, list[str]]:
    """The text of a file, and what it was read as where that had to be found out.

    `score` says how well a reading fits; where none is above 0, Western European text is meant.
    """
    notices: list[str] = []
    text = _decoded(payload, notices, expected=expected, score=score)
    return text.removeprefix("\ufeff"), notices


def _decoded(
    payload: bytes, notices: list[str], *, expected: str, score: Callable[[str], int]
) -> str:
    if payload.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(payload, "utf-16", notices, "UTF-16")
    even, odd = payload[:4096:2].count(0), payload[1:4096:2].count(0)
    if max(even, odd) > 5 * min(even, odd) and max(even, odd) > len(payload[:4096]) // 3:
        order = "utf-16-le" if odd > even else "utf-16-be"
        return _strictly(payload, order, notices, "UTF-16 without its mark")
    if BINARY.search(payload):
        raise UploadError(f"it holds bytes that are no text; expected {expected}")
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError:
        return _of_before_unicode(payload, notices, score)


def _of_before_unicode(payload: bytes, notices: list[str], score: Callable[[str], int]) -> str:
    names = (ASIAN if NO_ASCII.search(payload) else {}) | EUROPEAN
    best: tuple[int, str] | None = None
    for name in names:
        try:
            text = payload.decode(name)
        except UnicodeDecodeError:
            continue
        found = score(text)
        if best is None or found > best[0]:
            best = found, name
    name = best[1] if best and best[0] > 0 else "cp1252"
    return _strictly(payload, name, notices, names[name])


def _strictly(payload: bytes, encoding: str, notices: list[str], words: str) -> str:
    try:
        text = payload.decode(encoding)
    except UnicodeDecodeError as error:
        raise UploadError(
            f"it is not readable as text (byte {error.start + 1}); save it as UTF-8 and try again"
        ) from None
    notices.append(f"read as {words}")
    return text
