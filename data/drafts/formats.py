"""A draft of any format, told by its content, whatever it is called.

Runs in the process of `reader.py`, whose memory and time are bounded, since what a file states of
itself may be untrue.
"""

from __future__ import annotations

import re
from dataclasses import replace

from data.archives import ENCRYPTED, OLD_OFFICE, PACKED
from data.confined import MB, MOST_BYTES
from data.drafts.draft import MOST_CHARACTERS, DraftText, Format
from data.drafts.markdown import read_markdown
from data.drafts.plain import read_plain
from data.drafts.web_page import counted, read_html
from data.encodings import decode
from data.errors import UploadError
from data.uploads.grid import short

EXPECTED = "a draft as .md, .txt, .docx, .html or .pdf"
ENDINGS: dict[str, Format] = {
    "md": "markdown",
    "markdown": "markdown",
    "txt": "text",
    "text": "text",
    "html": "html",
    "htm": "html",
    "xhtml": "html",
    "docx": "docx",
    "docm": "docx",
    "pdf": "pdf",
}
NAMES: dict[Format, str] = {
    "text": "plain text",
    "markdown": "Markdown",
    "html": "HTML",
    "docx": "a Word document",
    "pdf": "PDF",
}
# What is no text at all, by its first bytes.
FOREIGN = {
    b"{\\rtf": "it is RTF; save it as .docx",
    b"\x89PNG": f"it is a picture; expected {EXPECTED}",
    b"\xff\xd8\xff": f"it is a picture; expected {EXPECTED}",
    b"GIF8": f"it is a picture; expected {EXPECTED}",
    b"PAR1": f"it is a table; expected {EXPECTED}",
    b"%!PS": "it is PostScript; print it to a PDF",
    b"\x1f\x8b": f"it is a packed file; unpack it and give {EXPECTED}",
    b"7z\xbc\xaf": f"it is a packed file; unpack it and give {EXPECTED}",
    b"Rar!": f"it is a packed file; unpack it and give {EXPECTED}",
}
HTML_HEAD = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype html|html|head|body)\b",
    re.I | re.S,
)
ANY_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>|<!--")
CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
LATIN = {"iso-8859-1", "iso8859-1", "latin-1", "latin1", "us-ascii", "ascii"}  # CP1252 on the web
EUROPEAN_LETTERS = frozenset("äöüÄÖÜßéèêëàâçîïôûùœæÉñáíóú¿¡€£°§«»„“”‘’–—…·\u00a0²³½")
ASIAN_LETTERS = frozenset("的了是在有不人这這中国國年月日大上个一和为為の")
UNSEEN = re.compile("[\u200b\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")


def draft_of(payload: bytes, name: str) -> DraftText:
    """The draft in a file; one clear sentence where there is none."""
    if not payload.strip():
        raise UploadError(f"{short(name)} is empty; expected {EXPECTED}")
    if len(payload) > MOST_BYTES:
        raise UploadError(
            f"{short(name)} has {len(payload) / MB:.0f} MB, at most {MOST_BYTES // MB} are read; "
            "leave out the pictures, or split it"
        )
    for start, words in FOREIGN.items():
        if payload.startswith(start):
            raise UploadError(words)
    ending = name.rpartition(".")[2].casefold() if "." in name else ""
    named = ENDINGS.get(ending)
    if payload.startswith(PACKED):
        from data.drafts.word import read_word  # most drafts are text

        draft = read_word(payload, [])
    elif payload.startswith(OLD_OFFICE):
        raise UploadError(_of_old_office(payload))
    elif b"%PDF-" in payload[:1024]:
        from data.drafts.pdf import read_pdf

        draft = read_pdf(payload, [])
    else:
        draft = _of_text(payload, named)
    return judged(draft, _misnamed(ending, named, draft.format))


def draft_of_text(text: str, form: Format) -> DraftText:
    """The draft in a text of a known format."""
    if not text.strip():
        raise UploadError("the text is empty; expected the words of a draft")
    if any("\ud800" <= mark <= "\udfff" for mark in text):
        raise UploadError("it holds half a character (a lone surrogate); paste the text again")
    if "\0" in text:
        raise UploadError(
            f"it holds a NUL character (character {text.index(chr(0)) + 1}), which is no text; "
            "take it out and try again"
        )
    return judged(_by_format(text, form, []), [])


def judged(draft: DraftText, notes: list[str]) -> DraftText:
    """The draft, if it has words and no more than are checked at once."""
    count = len(draft.text)
    if not draft.text.strip():
        raise UploadError(
            f"no text is seen in it, read as {NAMES[draft.format]}; expected the words of a draft"
        )
    if count > MOST_CHARACTERS:
        raise UploadError(
            f"it has {count:,} characters of text, at most {MOST_CHARACTERS:,} are checked at "
            "once; split it into parts"
        )
    if unseen := len(UNSEEN.findall(draft.text)):
        notes = [*notes, f"{counted(unseen, 'invisible character')} in the text"]
    return replace(draft, notes=(*notes, *draft.notes))


def _of_text(payload: bytes, named: Format | None) -> DraftText:
    text, notes = _decoded(payload)
    if not text.strip():
        raise UploadError(f"it holds blank lines only; expected {EXPECTED}")
    if HTML_HEAD.match(text) or (named == "html" and ANY_TAG.search(text)):
        return _by_format(text, "html", notes)
    return _by_format(text, "markdown" if named == "markdown" else "text", notes)


def _by_format(text: str, form: Format, notes: list[str]) -> DraftText:
    if form == "html":
        return read_html(text, notes)
    return (read_markdown if form == "markdown" else read_plain)(text, notes)


def _decoded(payload: bytes) -> tuple[str, list[str]]:
    """The letters; what is not UTF-8 is read as a page says, or else by how its words look."""
    stated = CHARSET.search(payload[:4096])
    name = stated[1].decode("ascii").casefold() if stated else ""
    if name and b"\0" not in payload:
        name = "cp1252" if name in LATIN else name
        for encoding in ("utf-8", name):
            try:
                return payload.decode(encoding).removeprefix("\ufeff"), []
            except (UnicodeDecodeError, LookupError):
                continue
    return decode(payload, expected=EXPECTED, score=_looks_like_words)


def _looks_like_words(text: str) -> int:
    """How many letters are common in what is written, less those that are not."""
    return sum(_likely(mark) for mark in text[:20_000] if not mark.isascii())


def _likely(mark: str) -> int:
    """A letter of East Asia takes two bytes and stands for two of Europe; signs are unlikely."""
    if "\u3040" <= mark <= "\u30ff" or mark in ASIAN_LETTERS:
        return 12
    if mark in EUROPEAN_LETTERS or "\u4e00" <= mark <= "\u9fff":
        return 4
    return 0 if mark.isalpha() else -1


def _of_old_office(payload: bytes) -> str:
    if ENCRYPTED in payload:
        return "it is protected by a password; save it as .docx without one"
    return "this is an old or a password-protected Office file; save it as .docx without a password"


def _misnamed(ending: str, named: Format | None, form: Format) -> list[str]:
    is_ending = ending.isalnum() and not ending.isdigit() and len(ending) <= 5
    if named == form or (named is None and not is_ending):
        return []
    return [f"named .{short(ending)}, but its content is {NAMES[form]}: read as that"]
