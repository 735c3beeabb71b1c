"""PDFs: their lines in reading order, as paragraphs, headings, tables and links."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pypdf
import pytest

from data.drafts.draft import DraftText
from data.drafts.pdf import read_pdf
from data.errors import UploadError
from tests.data.drafts.documents import Words, locked, pdf
from tests.data.drafts.shown import blocks, check_spans, links, rows

NOTE: list[Words] = [
    (60, 780, 20, "Week ahead"),
    (60, 740, 11, "Unemployment was 4.7% in May, the low-"),
    (60, 726, 11, "est since 2021, and year-on-"),
    (60, 712, 11, "year prices rose; the year-on-year rate is a long-"),
    (60, 698, 11, "term low. It is long, the term. The second unem-"),
    (60, 684, 11, "ployment sentence of this paragraph ends here."),
    (60, 660, 11, "*Bold words"),
    (60, 640, 11, "- first point"),
    (60, 626, 11, "- second point"),
    (60, 600, 11, "*Country"),
    (200, 600, 11, "*May"),
    (300, 600, 11, "*June"),
    (60, 584, 11, "Germany"),
    (200, 584, 11, "48.4"),
    (300, 584, 11, "(0.3)"),
    (60, 568, 11, "A very long country name"),
    (300, 568, 11, "49.1"),
    (60, 540, 11, "Prices rose by 2.2%"),
    (157, 545, 7, "3"),
]


def read(payload: bytes) -> DraftText:
    draft = read_pdf(payload, [])
    check_spans(draft)
    return draft


def test_lines_become_paragraphs_headings_and_tables() -> None:
    draft = read(pdf(NOTE, title="The week"))
    assert blocks(draft) == [
        ("heading", 1, "Week ahead"),
        (
            "paragraph",
            0,
            "Unemployment was 4.7% in May, the lowest since 2021, and year-on-year prices rose; "
            "the year-on-year rate is a long-term low. It is long, the term. The second "
            "unemployment sentence of this paragraph ends here.",
        ),
        ("heading", 2, "Bold words"),
        ("list item", 1, "- first point"),
        ("list item", 1, "- second point"),
        ("table row", 0, "Country\tMay\tJune"),
        ("table row", 0, "Germany\t48.4\t(0.3)"),
        ("table row", 0, "A very long country name\t49.1"),
        ("paragraph", 0, "Prices rose by 2.2%³"),
    ]
    assert rows(draft)[2] == [(0, "A very long country name"), (2, "49.1")]
    assert [block.is_header for block in draft.blocks if block.cells] == [True, False, False]
    assert draft.title == "The week"
    assert draft.meta == {"created": "2024-06-14"}


def test_what_each_page_repeats_is_left_out_and_said() -> None:
    pages = [
        [
            (60.0, 800.0, 9.0, "House view 14 June"),
            (60.0, 700.0, 11.0, f"Page {number} says 4.{number}%."),
            (290.0, 30.0, 9.0, f"{number} / 3"),
        ]
        for number in (1, 2, 3)
    ]
    draft = read(pdf(*pages))
    assert [words for _, _, words in blocks(draft)] == [
        "Page 1 says 4.1%.",
        "Page 2 says 4.2%.",
        "Page 3 says 4.3%.",
    ]
    assert set(draft.notes) == {
        "repeated on the pages and left out: House view 14 June",
        "page numbers are left out",
    }


def test_a_page_without_text_is_said() -> None:
    draft = read(pdf([(60, 700, 11, "Rates rose to 4.7%.")], []))
    assert draft.notes == ("page 2 without text: not read",)


def test_one_that_opens_for_everybody_is_read() -> None:
    draft = read(locked(pdf(NOTE), ""))
    assert draft.notes == ("its author restricts what may be done with it; it is only read",)


def damaged() -> dict[str, tuple[bytes, str]]:
    """A file and what is said of it."""
    whole = pdf(NOTE)
    return {
        "password": (locked(whole, "secret"), "password protects"),
        "scanned": (pdf([], []), "2 pages without text, as a scanner makes it"),
        "cut off": (whole[:300], "is damaged"),
        "nothing": (b"%PDF-1.7\n", "is damaged"),
        "no pages": (whole.replace(b"/Type /Pages", b"/Type /Pegas")[:-400], "PDF"),
        "noise": (b"%PDF-1.7\n" + bytes(range(256)) * 50, "is damaged"),
    }


@pytest.mark.parametrize("name", damaged())
def test_what_cannot_be_read_is_refused_in_one_sentence(name: str) -> None:
    payload, said = damaged()[name]
    with pytest.raises(UploadError) as caught:
        read_pdf(payload, [])
    assert said in str(caught.value)
    assert len(str(caught.value)) < 250
    assert "\n" not in str(caught.value)


def test_a_byte_that_was_changed_is_read_or_refused() -> None:
    whole = bytearray(pdf(NOTE))
    for at in range(0, len(whole), 97):
        changed = bytes(whole[:at]) + b"\xff" + bytes(whole[at + 1 :])
        try:
            read(changed)
        except UploadError as error:
            assert "PDF" in str(error)


PAGE = """<html lang="en"><head><title>Week ahead</title><style>body{font:16px sans-serif}
.two{column-count:2} td,th{padding:4px 20px}</style></head><body><h1>Week ahead: inflation</h1>
<p>Unemployment in the <a href="https://x.example/uk">United Kingdom</a> was <b>4.7%</b> in May, and
consumer prices rose by 2.2&nbsp;% from a year before, which is the lowest reading since the summer
of 2021 and a little below what was expected by most people in the market.<sup>1</sup></p>
<h2>Table</h2><table><tr><th>Country</th><th>PMI services, May</th><th>Change</th></tr>
<tr><td>Germany</td><td>48.4</td><td>-0.3</td></tr>
<tr><td>France (long name that takes room)</td><td>48.9</td><td></td></tr></table>
<div class="two"><p>Left column speaks about the euro, which fell by 1.2% against the dollar in the
week, after it had risen in each of the four weeks before. That is a long sentence.</p>
<p>Right column speaks about gold, which rose to a record of 2,450 dollars an ounce and then fell
back in thin trading on Friday afternoon, when London was closed.</p></div>
<p style="page-break-before:always">Größe naïve œuvre ﬁnance.</p></body></html>"""


@pytest.mark.needs("chromium")
def test_a_page_that_a_browser_printed(chromium: Path, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    words = [str(chromium), "--headless", "--no-sandbox", "--disable-gpu"]
    words += [f"--user-data-dir={tmp_path / 'profile'}", "--no-pdf-header-footer"]
    words += [f"--print-to-pdf={tmp_path / 'page.pdf'}", (tmp_path / "page.html").as_uri()]
    subprocess.run(words, check=True, capture_output=True, timeout=120)
    payload = (tmp_path / "page.pdf").read_bytes()
    assert len(pypdf.PdfReader(io.BytesIO(payload)).pages) == 2
    draft = read(payload)
    flat = [(kind, level, " ".join(words.split())) for kind, level, words in blocks(draft)]
    assert [kind for kind, _, _ in flat] == [
        *("heading", "paragraph", "heading", "table row", "table row", "table row"),
        *("paragraph", "paragraph", "paragraph"),
    ]
    assert flat[0] == ("heading", 1, "Week ahead: inflation")
    assert flat[1][2].startswith("Unemployment in the United Kingdom was 4.7% in May, and consumer")
    assert flat[1][2].endswith("by most people in the market.¹")
    assert [len(cells) for cells in rows(draft)] == [3, 3, 2]
    assert rows(draft)[2][1] == (1, "48.9")
    assert flat[6][2].startswith("Left column speaks")
    assert flat[6][2].endswith("That is a long sentence.")
    assert flat[7][2].endswith("when London was closed.")
    assert flat[8][2] == "Größe naïve œuvre finance."
    assert links(draft) == [("https://x.example/uk", "United Kingdom")]
    assert draft.title == "Week ahead"
