"""A PDF as a draft: the lines that its pages draw, in the order in which they were drawn.

Nothing of it is run or fetched and no picture is read; a page that is only a picture has no text.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from typing import Any

from data.drafts.draft import DraftText
from data.drafts.pdf_layout import PdfFragment, PdfLine, PdfPage, write_pages
from data.drafts.web_page import counted, first_heading, not_read
from data.drafts.writer import DraftWriter
from data.errors import UploadError

MOST_PAGES = 1_000
UNREADABLE = 0.3  # share of letters without a meaning above which a text cannot be checked
LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB06: "st"}
CLEAN = LIGATURES | {0xAD: ""} | dict.fromkeys([*range(9), *range(14, 32), 127], "\ufffd")
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)(\d\d)")
META = {"/Author": "author", "/Subject": "subject", "/Keywords": "keywords"}
META |= {"/CreationDate": "created", "/ModDate": "modified", "/Title": "title"}
MADE_BY = re.compile(r"^Microsoft (?:Word|PowerPoint) - ")


def read_pdf(payload: bytes, notes: list[str]) -> DraftText:
    """The draft of a file's bytes."""
    import logging

    import pypdf
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    damage = (PyPdfError, LookupError, ArithmeticError, ValueError, TypeError, AttributeError)
    try:
        file = pypdf.PdfReader(io.BytesIO(payload))
        is_locked = _unlock(file)
        pages = [_page(page) for page in _counted(file)]
        meta = _meta(file)
    except (*damage, AssertionError, NotImplementedError, RecursionError, OSError):
        raise UploadError(
            "it is a PDF that is damaged; open it and print it to a new PDF, or give .docx"
        ) from None
    _judge(pages)
    writer = DraftWriter()
    running = write_pages(writer, pages)
    if is_locked:
        notes = [*notes, "its author restricts what may be done with it; it is only read"]
    title = MADE_BY.sub("", meta.pop("title", "")).strip()
    return DraftText(
        writer.text,
        "pdf",
        tuple(writer.blocks),
        title=title or first_heading(writer),
        meta=meta,
        links=writer.links_in_order(),
        notes=(*notes, *_said(pages, writer.text), *running),
    )


def _unlock(file: Any) -> bool:
    """Whether it is encrypted but opens for everybody; one that asks for a password is refused."""
    if not file.is_encrypted:
        return False
    if not file.decrypt(""):
        raise UploadError(
            "it is a PDF that a password protects; save it without the password, or give .docx"
        )
    return True


def _counted(file: Any) -> Iterator[Any]:
    number = len(file.pages)
    if number > MOST_PAGES:
        raise UploadError(
            f"it has {number:,} pages, at most {MOST_PAGES:,} are read; split it into parts"
        )
    return iter(file.pages)


def _page(page: Any) -> PdfPage:
    lines = [PdfLine()]

    def take(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        scale = abs((cm[0] * cm[3] - cm[1] * cm[2]) * (tm[0] * tm[3] - tm[1] * tm[2]))
        name = str(font.get("/BaseFont", "")) if font else ""
        is_bold = re.search("bold|black|heavy", name, re.IGNORECASE) is not None
        for number, part in enumerate(text.translate(CLEAN).split("\n")):
            if number:
                lines.append(PdfLine())
            if part:
                height = math.sqrt(scale) * float(size)
                lines[-1].fragments.append(PdfFragment(part, x, y, height, is_bold))

    page.extract_text(visitor_text=take)
    kept = [line for line in lines if line.text.strip()]
    return PdfPage(kept, list(_links(page)), _images(page))


def _links(page: Any) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    """Addresses and the rectangles that lead there."""
    for each in page.get("/Annots") or ():
        annotation = each.get_object()
        action = annotation.get("/A")
        uri = action.get_object().get("/URI") if action is not None else None
        corners = annotation.get("/Rect")
        if uri is not None and corners is not None and len(corners) == 4:
            left, low, right, high = (float(corner) for corner in corners)
            yield str(uri), (min(left, right), min(low, high), max(left, right), max(low, high))


def _images(page: Any) -> int:
    resources = page.get("/Resources")
    objects = resources.get_object().get("/XObject") if resources is not None else None
    if objects is None:
        return 0
    values = (value.get_object() for value in objects.get_object().values())
    return sum(value.get("/Subtype") == "/Image" for value in values)


def _meta(file: Any) -> dict[str, str]:
    found = {}
    for key, value in (file.metadata or {}).items():
        text = " ".join(str(value).split())[:2_000]
        if key in META and text:
            date = DATE.match(text) if key.endswith("Date") else None
            found[META[key]] = "-".join(date.groups()) if date else text
    return found


def _judge(pages: list[PdfPage]) -> None:
    text = "".join(line.text for page in pages for line in page.lines)
    if not text.strip():
        raise UploadError(
            f"it is a PDF of {counted(len(pages), 'page')} without text, as a scanner makes it; "
            "run text recognition on it, or give the text as .docx"
        )
    if text.count("\ufffd") > UNREADABLE * len(text):
        raise UploadError(
            "it is a PDF whose fonts do not say which letters they draw; export it again, or give "
            "the text as .docx"
        )


def _said(pages: list[PdfPage], text: str) -> Iterator[str]:
    if images := sum(page.images for page in pages):
        yield not_read(images, "image")
    empty = [str(number) for number, page in enumerate(pages, 1) if not page.lines]
    if empty:
        names = ", ".join(empty[:9]) + (", ..." if len(empty) > 9 else "")
        yield f"{'page' if len(empty) == 1 else 'pages'} {names} without text: not read"
    if unknown := text.count("\ufffd"):
        yield f"{counted(unknown, 'character')} cannot be read and stand as \ufffd"
    if RIGHT_TO_LEFT.search(text):
        yield "right-to-left lines of a PDF may be read in another order than they are seen"
