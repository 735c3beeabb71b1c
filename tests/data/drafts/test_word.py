"""Word documents: paragraphs, tables, notes and changes as a reader sees them."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.drafts.draft import DraftText
from data.drafts.word import read_word
from data.errors import UploadError
from tests.data.drafts.documents import W, archive, docx, paragraph
from tests.data.drafts.shown import blocks, check_spans, links, rows

CHART = (
    '<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><c:chart><c:title><a:t>Rates '
    "to </a:t><a:t>May</a:t></c:title><c:v>9.9</c:v></c:chart></c:chartSpace>"
)
NOTES = (
    f'<w:footnotes xmlns:w="{W}"><w:footnote w:id="0"><w:p/></w:footnote>'
    f'<w:footnote w:id="2">{paragraph("Source: the office, 7%.")}</w:footnote></w:footnotes>'
)


def read(body: str, **more: object) -> DraftText:
    draft = read_word(docx(body, **more), [])  # type: ignore[arg-type]  # named as in docx()
    check_spans(draft)
    return draft


def run(text: str, look: str = "") -> str:
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def test_paragraphs_have_the_kind_of_their_style() -> None:
    draft = read(
        paragraph("The week", style="T")
        + paragraph("One", style="H1")
        + paragraph("Two", style="Own")
        + paragraph("Rates rose to 4.7%.", style="Loop")
        + paragraph("first", style="L")
        + '<w:p><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="3"/></w:numPr></w:pPr>'
        + run("inner")
        + "</w:p>"
        + paragraph("Chart 1", style="C")
        + "<w:p/>"
        + '<w:sdt><w:sdtContent><w:p><w:pPr><w:outlineLvl w:val="2"/></w:pPr>'
        + run("Three")
        + "</w:p></w:sdtContent></w:sdt>"
    )
    assert blocks(draft) == [
        ("heading", 1, "The week"),
        ("heading", 1, "One"),
        ("heading", 2, "Two"),
        ("paragraph", 0, "Rates rose to 4.7%."),
        ("list item", 1, "first"),
        ("list item", 2, "inner"),
        ("caption", 0, "Chart 1"),
        ("heading", 3, "Three"),
    ]
    assert draft.title == "The week"
    assert draft.meta["author"] == "Ann Example"
    assert draft.meta["created"] == "2024-06-14T09:00:00Z"


def test_runs_changes_hidden_words_and_breaks() -> None:
    draft = read(
        "<w:p>"
        + run("Rose to 4.")
        + run("7%")
        + f"<w:del><w:r><w:delText>9.9</w:delText></w:r></w:del><w:ins>{run(' in May')}</w:ins>"
        + run("hidden 5.5", "<w:vanish/>")
        + run("1", '<w:vertAlign w:val="superscript"/>')
        + run("seen", '<w:vanish w:val="0"/>')
        + "<w:r><w:tab/><w:t>a</w:t><w:br/><w:t>b</w:t><w:noBreakHyphen/><w:softHyphen/>"
        + '<w:t>c</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>',
        relations=[("f", "footnotes", "footnotes.xml")],
        parts={"word/footnotes.xml": NOTES},
    )
    assert blocks(draft) == [
        ("paragraph", 0, "Rose to 4.7% in May¹seen a\nb-c¹"),
        ("footnote", 0, "Source: the office, 7%."),
    ]
    assert draft.notes == (
        "tracked changes are read as if they were accepted",
        "hidden text is not read",
    )
    assert draft.title == "Core title"


def test_tables_keep_their_columns() -> None:
    cell = "<w:tc><w:tcPr>{}</w:tcPr>{}</w:tc>"
    draft = read(
        "<w:tbl><w:tr><w:trPr><w:tblHeader/></w:trPr>"
        + cell.format('<w:gridSpan w:val="2"/>', paragraph("Country"))
        + cell.format("", paragraph("May"))
        + "</w:tr><w:tr>"
        + cell.format("", paragraph("Germany") + paragraph("(all)"))
        + cell.format("", "<w:p/>")
        + cell.format("", f"<w:tbl><w:tr>{cell.format('', paragraph('48.4'))}</w:tr></w:tbl>")
        + "</w:tr></w:tbl>"
        + paragraph("after")
    )
    assert rows(draft) == [
        [(0, "Country"), (2, "May")],
        [(0, "Germany (all)"), (1, ""), (2, "48.4")],
    ]
    assert [block.is_header for block in draft.blocks] == [True, False, False]
    assert draft.text == "Country\tMay\nGermany (all)\t\t48.4\n\nafter"


def test_links_fields_boxes_charts_and_pictures() -> None:
    field = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    order = '<w:r><w:instrText> HYPERLINK "https://f.example" </w:instrText></w:r>'
    drawing = "<w:r><w:drawing>{}</w:drawing></w:r>"
    draft = read(
        "<w:p>"
        + f'<w:hyperlink r:id="l">{run("the office")}</w:hyperlink>'
        + f'<w:bookmarkStart w:name="top"/><w:hyperlink w:anchor="top">{run(" up")}</w:hyperlink> '
        + run(" and ")
        + field.format("begin")
        + order
        + field.format("separate")
        + run("a field")
        + field.format("end")
        + "<w:r><mc:AlternateContent xmlns:mc='x'><mc:Choice>"
        + f"<w:drawing><w:txbxContent>{paragraph('Boxed 3%')}</w:txbxContent></w:drawing>"
        + f"</mc:Choice><mc:Fallback><w:pict>{paragraph('twice')}</w:pict></mc:Fallback>"
        + "</mc:AlternateContent></w:r>"
        + drawing.format("<pic:pic xmlns:pic='p'/>")
        + drawing.format('<c:chart xmlns:c="c" r:id="c"/>')
        + "</w:p>",
        relations=[
            ("l", "hyperlink", "https://x.example/"),
            ("c", "chart", "charts/chart1.xml"),
            ("h", "header", "header1.xml"),
        ],
        parts={"word/charts/chart1.xml": CHART},
    )
    assert blocks(draft) == [
        ("paragraph", 0, "the office up and a field"),
        ("paragraph", 0, "Boxed 3%"),
        ("caption", 0, "Rates to May"),
    ]
    assert links(draft) == [
        ("https://x.example/", "the office"),
        ("#top", "up"),
        ("https://f.example", "a field"),
    ]
    assert draft.anchors == ("top",)
    assert draft.notes == (
        "1 image is not read",
        "of 1 chart only the title is read",
        "running heads and feet are not read",
    )


def test_macros_are_never_run_and_said() -> None:
    draft = read(paragraph("Rates 4.7%."), parts={"word/vbaProject.bin": b"\xd0\xcf"})
    assert draft.notes == ("it carries macros, which are never run",)


def test_the_strict_kind_and_an_unusual_place_are_read() -> None:
    payload = docx(paragraph("Rates 4.7%."), main="word/document2.xml")
    strict = payload  # names are compared without their namespaces
    assert read_word(strict, []).text == "Rates 4.7%."


SECRET = "<!DOCTYPE w [<!ENTITY x SYSTEM 'file://{}'>]><w:document xmlns:w='{}'>&x;</w:document>"
LAUGHS = "<!DOCTYPE w [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><w xmlns:w='{}'>&b;</w>"


def refused() -> dict[str, tuple[bytes, str]]:
    """A file and what is said of it."""
    secret = Path(__file__).as_posix()
    deep = "<w:sdt>" * 500 + "</w:sdt>" * 500
    part = "word/document.xml"
    external = docx("", parts={part: SECRET.format(secret, W)})
    return {
        "external entity": (external, "has a DOCTYPE"),
        "entities": (docx("", parts={part: LAUGHS.format(W)}), "has a DOCTYPE"),
        "wide letters": (
            docx("", parts={part: SECRET.format(secret, W).encode("utf-16")}),
            "has a DOCTYPE",
        ),
        "bomb": (docx("", parts={"word/media/x.bmp": bytes(60 << 20)}), "unpacks from"),
        "nested": (docx(deep), "nested too deeply"),
        "broken XML": (docx("", parts={part: "<w:document"}), "is damaged (line 1)"),
        "workbook": (archive({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "a workbook"),
        "presentation": (archive({"ppt/presentation.xml": ""}), "a presentation"),
        "odt": (archive({"mimetype": "", "content.xml": ""}), "OpenDocument"),
        "archive": (archive({"a.txt": "x"}), "without a document"),
        "cut off": (docx(paragraph("x"))[:-40], "damaged archive"),
    }


@pytest.mark.parametrize("name", refused())
def test_what_cannot_be_read_is_refused_in_one_sentence(name: str) -> None:
    payload, said = refused()[name]
    with pytest.raises(UploadError) as caught:
        read_word(payload, [])
    assert said in str(caught.value)
    assert len(str(caught.value)) < 250
    assert "\n" not in str(caught.value)
