"""Drafts of any format through the process that reads them, and what is refused."""

from __future__ import annotations

import time

import pytest

from data.drafts.draft import MOST_CHARACTERS
from data.drafts.formats import draft_of, draft_of_text
from data.drafts.reader import paste, read_draft
from data.errors import ConfigError, UploadError
from tests.data.drafts.documents import docx, locked, paragraph, pdf
from tests.data.drafts.shown import blocks, links

HTML = b"<!DOCTYPE html><h1>Rates</h1><p>They rose to <a href='/x'>4.7%</a>.</p>"
FILES = {
    "a.md": b"# Rates\n\nThey rose to [4.7%](/x).\n",
    "a.html": HTML,
    "a.docx": docx(paragraph("Rates", style="H1") + paragraph("They rose to 4.7%.")),
    "a.pdf": pdf([(60, 780, 20, "Rates"), (60, 740, 11, "They rose to 4.7%.")]),
    "a.txt": b"# Rates\n\nThey rose to 4.7%.\n",
}


@pytest.mark.parametrize("name", FILES)
def test_the_reader_of_its_own_process_gives_the_same(name: str) -> None:
    draft = read_draft(FILES[name], name)
    assert draft == draft_of(FILES[name], name)
    assert blocks(draft) == [("heading", 1, "Rates"), ("paragraph", 0, "They rose to 4.7%.")]
    assert draft.notes == ()


def test_what_is_pasted_is_read_like_a_file() -> None:
    assert paste("Rates 4.7%").text == "Rates 4.7%"
    assert paste("Rates **4.7**%", "markdown").text == "Rates 4.7%"
    draft = paste(HTML.decode(), "html")
    assert links(draft) == [("/x", "4.7%")]
    assert draft.structured_data == ()
    with pytest.raises(ConfigError, match="expected text, markdown or html"):
        paste("x", "pdf")
    with pytest.raises(UploadError, match="NUL character .character 2."):
        paste("a\0b")
    for form in ("text", "html"):
        with pytest.raises(UploadError, match="half a character"):
            paste("a\ud83db", form)  # type: ignore[arg-type]  # both are formats
    with pytest.raises(UploadError, match="is empty"):
        paste(" \n")


@pytest.mark.parametrize(
    ("payload", "name", "form", "note"),
    [
        (HTML, "a.txt", "html", "named .txt, but its content is HTML"),
        (FILES["a.pdf"], "a.docx", "pdf", "named .docx, but its content is PDF"),
        (FILES["a.docx"], "a.pdf", "docx", "named .pdf, but its content is a Word document"),
        (b"no tag, 3 < 4", "a.html", "text", "named .html, but its content is plain text"),
        (b"Rates 4.7%", "a.csv", "text", "named .csv, but its content is plain text"),
        (b"Rates 4.7%", "draft of v1.2", "text", ""),
        (b"Rates 4.7%", "draft", "text", ""),
    ],
)
def test_the_content_tells_whatever_the_name_says(
    payload: bytes, name: str, form: str, note: str
) -> None:
    draft = draft_of(payload, name)
    assert draft.format == form
    assert len(draft.notes) == bool(note)
    assert not note or draft.notes[0].startswith(note)


@pytest.mark.parametrize(
    ("payload", "name", "words"),
    [
        ("Größe – 4,7 %".encode("cp1252"), "a.txt", "Größe – 4,7 %"),
        ("Größe – 4,7 %".encode("utf-8-sig"), "a.txt", "Größe – 4,7 %"),
        ("Größe – 4,7 %".encode("utf-16"), "a.txt", "Größe – 4,7 %"),
        ("été à 4,7 %".encode("mac_roman"), "a.txt", "été à 4,7 %"),
        ("日本の消費者物価は2.2%".encode("cp932"), "a.txt", "日本の消費者物価は2.2%"),
        ('<meta charset="latin1"><p>Größe – €</p>'.encode("cp1252"), "a.html", "Größe – €"),
        ('<meta charset="gb2312"><p>中国</p>'.encode("gb2312"), "a.html", "中国"),
        ('<meta charset="bogus"><p>Größe</p>'.encode(), "a.html", "Größe"),
        ("שלום 4.5% 🚀 \u200fمرحبا".encode(), "a.txt", "שלום 4.5% 🚀 \u200fمرحبا"),
    ],
)
def test_letters_of_any_encoding(payload: bytes, name: str, words: str) -> None:
    assert draft_of(payload, name).text == words


def test_invisible_letters_are_said() -> None:
    draft = draft_of("4\u200b.7% \u202eabc\U000e0041".encode(), "a.txt")
    assert draft.notes == ("3 invisible characters in the text",)


REFUSED = {
    "empty": (b" \n", "a.md", "is empty; expected a draft as .md"),
    "blank": (" \u2003\n".encode(), "a.md", "blank lines only"),
    "NUL": (b"Rates\x00 4.7% in a text that goes on", "a.txt", "bytes that are no text"),
    "picture": (b"\x89PNG\r\n\x1a\n", "a.pdf", "it is a picture"),
    "RTF": (rb"{\rtf1 Rates}", "a.doc", "save it as .docx"),
    "old Word": (b"\xd0\xcf\x11\xe0" + bytes(600), "a.doc", "old or a password-protected"),
    "locked Word": (
        b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
        "a.docx",
        "protected by a password",
    ),
    "locked PDF": (locked(FILES["a.pdf"], "x"), "a.pdf", "a password protects"),
    "half a letter": (b"\xff\xfe4\x00.", "a.txt", "not readable as text (byte 5)"),
    "script alone": (b"<html><script>x=4.7</script>", "a.html", "no text is seen in it"),
    "too long": (b"Rates 4.7%. " * 20_000, "a.txt", "240,000 characters of text, at most 200,000"),
    "too large": (b"<p>" * (9 << 20), "a.html", "27 MB, at most 25"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_in_one_sentence(name: str) -> None:
    payload, called, said = REFUSED[name]
    with pytest.raises(UploadError) as caught:
        draft_of(payload, called)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 250
    assert "\n" not in str(caught.value)


def test_a_refusal_comes_out_of_the_process() -> None:
    with pytest.raises(UploadError, match="a password protects"):
        read_draft(REFUSED["locked PDF"][0], "a.pdf")
    with pytest.raises(UploadError, match="at most 200,000"):
        paste("<p>" + "4.7% " * 60_000, "html")


def test_what_takes_too_much_is_stopped_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.confined.SECONDS", 0.01)
    with pytest.raises(UploadError, match="seconds or 2 GB of memory; split it, or give it as"):
        read_draft(HTML, "a.html")


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<a href='", "[", "![", "`a", "*a", "_a ", "&#", "| ", "> ", "- ", "<p hidden>", "\\"]
    + ["# a        ", "<div>", "[a](", "<td>", "http://", "===\n", "</", "<script>", "a\n---\n"],
)
def test_no_text_of_marks_takes_long(piece: str) -> None:
    """As long as a text may be, of one mark over and over: no search may go back and forth."""
    text = piece * (40_000 // len(piece)) + "b"
    began = time.process_time()
    for form in ("text", "markdown", "html"):
        try:
            draft_of_text(text, form)  # type: ignore[arg-type]  # all are formats
        except UploadError as error:
            assert "no text is seen" in str(error)
    assert time.process_time() - began < 4


def test_a_hundred_pages_are_read() -> None:
    lines = [(60.0, 780.0 - 12 * row, 10.0, f"Line {row} of text, 4.{row}%.") for row in range(60)]
    draft = read_draft(pdf(*[lines] * 100), "long.pdf")
    assert 100_000 < len(draft.text) < MOST_CHARACTERS
    assert draft.text.count("Line 30 of") == 100
