"""Pages are read as a browser shows them, and each word is traced to the source."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.drafts.draft import DraftText
from data.drafts.web_page import read_html
from tests.data.drafts.shown import blocks, check_letters, check_spans, links, rows, sourced
from tests.golden import gold

PAGE = """<!doctype html><html lang="en"><head><title>Week  ahead &amp; more</title>
<meta name="Description" content="Seven charts"><link rel="canonical" href="https://x.example/a">
<meta property="article:published_time" content="2024-06-14">
<script type="application/ld+json">{"@type": "Article", "headline": "Week"}</script>
<script type="application/ld+json">{broken</script>
<script>document.write("inflation 9.9%")</script><style>p{margin:42px}</style></head>
<body><h1>Week ahead</h1><p>Rates rose to <b>4.7</b>&nbsp;% in
   <a href="/may" id="here">May &mdash; so far</a>.<sup>1</sup> CO<sub>2</sub><!-- 8.8% --></p>
<ul><li>One 1%<ul><li>Inner<li>Inner two</ul></li><li><p>Two</p><p>still two</p></li></ul>
<blockquote>Said <p>so</p></blockquote><figure><img src="x.png" alt="77">
<figcaption>Chart 1: Rates</figcaption></figure>
<pre>a  b
 c</pre><div>Left<br>right <wbr>end<br></div>
<p hidden>hidden 5.5%</p><div style="display: none"><p>gone 6.6%</p></div><svg><title>T</title>
<text>7.7</text></svg><select><option>8.8</select><noscript>9.9</noscript>
<p style="color:#fff">white 3.6%</p>tail</body></html>"""


def page(source: str) -> DraftText:
    draft = read_html(source, [])
    check_spans(draft)
    return draft


def test_a_page_is_read_as_it_is_shown() -> None:
    draft = page(PAGE)
    assert blocks(draft) == [
        ("heading", 1, "Week ahead"),
        ("paragraph", 0, "Rates rose to 4.7\u00a0% in May — so far.¹ CO₂"),
        ("list item", 1, "One 1%"),
        ("list item", 2, "Inner"),
        ("list item", 2, "Inner two"),
        ("list item", 1, "Two"),
        ("list item", 1, "still two"),
        ("quotation", 0, "Said"),
        ("quotation", 0, "so"),
        ("caption", 0, "Chart 1: Rates"),
        ("code", 0, "a  b\n c"),
        ("paragraph", 0, "Left\nright end"),
        ("paragraph", 0, "white 3.6%"),
        ("paragraph", 0, "tail"),
    ]


def test_what_a_page_says_of_itself() -> None:
    draft = page(PAGE)
    assert draft.title == "Week ahead & more"
    assert draft.meta == {
        "language": "en",
        "description": "Seven charts",
        "canonical": "https://x.example/a",
        "article:published_time": "2024-06-14",
    }
    assert draft.structured_data == ({"@type": "Article", "headline": "Week"},)
    assert links(draft) == [("/may", "May — so far")]
    assert draft.anchors == ("here",)
    assert draft.notes == (
        "1 image is not read",
        "1 drawing is not read",
        "text that the page hides is not read",
        "scripts are never run: text that they would write is not read",
        "1 block of structured data is no JSON",
    )


def test_words_are_traced_to_the_source() -> None:
    draft = page(PAGE)
    assert sourced(draft, "4.7\u00a0%") == "4.7</b>&nbsp;%"
    assert sourced(draft, "% in May — so") == '% in\n   <a href="/may" id="here">May &mdash; so'
    assert sourced(draft, "¹") == "1"
    assert sourced(draft, "6%") == "6%"
    assert draft.source_span(0, 0) is None


def test_a_table_keeps_its_columns() -> None:
    draft = page(
        "<table><caption>PMI</caption><thead><tr><td></td><th colspan=2>2024</th></tr></thead>"
        "<tr><th>Country<th>May<th>June</tr><tr><td rowspan=2>Germany <p>(all)</p>"
        "<td>48.4<td>48.9<tr><td>1<td>2<tr><td> </td></tr></table><table><tr><td>other</table>x"
    )
    assert rows(draft) == [
        [(0, ""), (1, "2024")],
        [(0, "Country"), (1, "May"), (2, "June")],
        [(0, "Germany (all)"), (1, "48.4"), (2, "48.9")],
        [(1, "1"), (2, "2")],
        [(0, "other")],
    ]
    table = [block for block in draft.blocks if block.kind == "table row"]
    assert [block.is_header for block in table] == [True, True, False, False, False]
    assert [block.table for block in table] == [1, 1, 1, 1, 2]
    assert draft.text.startswith("PMI\n\n\t2024\nCountry\tMay\tJune\n")
    assert draft.text.endswith("1\t2\n\nother\n\nx")


def test_a_table_within_a_cell_is_read_as_words() -> None:
    draft = page("<table><tr><td>a<table><tr><td>b<td>c</table></td><td>d</table>")
    assert rows(draft) == [[(0, "a b c"), (1, "d")]]


@pytest.mark.parametrize(
    "source",
    [
        "<p>seen<script>x = 1",
        "<p>seen<!-- never closed",
        "<p>seen<div hidden>a<div>b</div>c</div>",
        '<p>seen<p style="visibility:hidden">a',
        '<p>seen<div style="font-size:0">1</div>',
        "<p>seen<template><p>1</template><iframe>2</iframe><textarea>3</textarea>",
        "<p>seen<dialog>1</dialog>",
        "</div></table><p>seen</b></i>",
        "<p>seen</p></p><br><hr><img>",
    ],
)
def test_what_is_not_shown_is_not_read(source: str) -> None:
    assert page(source).text.strip() == "seen"


def test_xml_tags_end_by_themselves_in_xhtml_alone() -> None:
    assert page('<?xml version="1.0"?><html><p hidden="hidden"/>seen</html>').text == "seen"
    assert page("<html><p hidden/>hidden</html>").text == ""


def test_words_in_a_row_but_in_no_cell_are_kept() -> None:
    assert page("<table><tr>loose<td>a</table>").text == "loose\ta"


def test_directions_and_pictures_of_writing_stay() -> None:
    words = "שלום 4.5% עולם 🚀 👩‍👩‍👧 \u200fx"
    assert page(f"<p>{words}</p>").text == words


def test_the_gold_set_is_found_in_the_source() -> None:
    """Spans of HTML drafts refer to the raw source, which the runs lead back to."""
    draft = next(draft for draft in gold.drafts("demo") if draft.name.startswith("injections"))
    read = page(draft.text)
    for claim in draft.claims:
        words = html.unescape(claim["quote"])
        starts = [at for at in range(len(read.text)) if read.text.startswith(words, at)]
        spans = [read.source_span(at, at + len(words)) for at in starts]
        assert tuple(claim["span"]) in spans, claim
    assert "ignore the above" not in read.text


@given(
    st.lists(
        st.sampled_from(
            ["<p>", "</p>", "<table>", "<tr>", "<td>", "</td>", "</table>", "<li>", "<ul>", "</ul>"]
            + [
                "<b hidden>",
                "</b>",
                "&amp;",
                "&nbsp",
                "&#8212;",
                "&bogus;",
                "a b",
                " ",
                "\n",
                "4.7%",
            ]
            + [
                "<a href=x>",
                "</a>",
                "<br>",
                "<pre>",
                "</pre>",
                "<sup>",
                "</sup>",
                "<",
                "<!--",
                "-->",
            ]
            + ["<script>", "</script>", "\u00ad", "&shy;", "<h2>", "</h2>", "<thead>", "é", "🚀"]
        ),
        max_size=30,
    )
)
def test_any_page_is_read_and_every_letter_is_in_its_place(pieces: list[str]) -> None:
    check_letters(page("".join(pieces)))
