"""Edits of a draft keep its structure, and reach its source in the source's own marks."""

from __future__ import annotations

import pytest

from data.drafts.draft import DraftText, Format
from data.drafts.edits import DraftEdit, edited_source, moved_to, with_edits
from data.drafts.formats import draft_of_text
from data.errors import ConfigError

MARKDOWN = """# Jobs at *4.4%*

US unemployment rose to **4.4%** in May.

| Country | Rate |
| --- | --- |
| US | 4.4 |
| [Japan](https://example.org/a) | 2.6 |
"""


def edits_of(draft: DraftText, *pairs: tuple[str, str]) -> list[DraftEdit]:
    """Each word, wherever it stands, with what comes in its place."""
    found = []
    for word, other in pairs:
        start = draft.text.find(word)
        while start >= 0:
            found.append(DraftEdit(start, start + len(word), other))
            start = draft.text.find(word, start + len(word))
    return found


@pytest.mark.parametrize(("word", "other"), [("4.4", "10.25"), ("4.4%", "4%"), ("Japan", "Zambia")])
def test_a_draft_with_edits_is_as_one_that_was_written_so(word: str, other: str) -> None:
    draft = draft_of_text(MARKDOWN, "markdown")
    edited = with_edits(draft, edits_of(draft, (word, other)))
    written = draft_of_text(MARKDOWN.replace(word, other), "markdown")
    assert edited.text == written.text
    assert edited.blocks == written.blocks
    assert edited.links == written.links


def test_a_source_is_edited_in_its_own_marks() -> None:
    draft = draft_of_text(MARKDOWN, "markdown")
    edits = edits_of(draft, ("4.4", "4.5"), ("rose", "fell"))
    assert edited_source(draft, edits) == MARKDOWN.replace("4.4", "4.5").replace("rose", "fell")


def test_html_stays_html() -> None:
    source = "<p>Sales of <b>Fictor &amp; Sons</b> rose <em>4.4&nbsp;%</em>.</p>"
    draft = draft_of_text(source, "html")
    edits = edits_of(draft, ("rose", "fell <fast> & far"))
    assert edited_source(draft, edits) == source.replace("rose", "fell &lt;fast&gt; &amp; far")


def test_without_a_source_there_is_none_to_edit() -> None:
    draft = draft_of_text(MARKDOWN, "markdown")
    edits = edits_of(draft, ("rose", "fell"))
    assert edited_source(with_edits(draft, edits), edits) is None


def test_places_move_with_what_stands_before_them() -> None:
    edits = [DraftEdit(2, 4, "xyz"), DraftEdit(6, 7, "")]
    assert [moved_to(edits, place) for place in (0, 2, 4, 5, 6, 7, 9)] == [0, 2, 5, 6, 7, 7, 9]


def test_two_edits_of_the_same_words_are_refused() -> None:
    draft = draft_of_text(MARKDOWN, "markdown")
    with pytest.raises(ConfigError, match="accept one of them"):
        with_edits(draft, [DraftEdit(0, 4, "a"), DraftEdit(3, 6, "b")])


@pytest.mark.parametrize(
    ("form", "source", "old", "new", "corrected"),
    [
        ("markdown", "It was **2.5** % then.", "2.5 %", "3.1 %", "It was **3.1** % then."),
        ("markdown", "It was **2.5%** then.", "2.5%", "3.5%", "It was **3.5%** then."),
        ("markdown", "It was **2.5** % then.", "2.5 %", "3 pp", "It was **3 pp** then."),
        ("markdown", "It was 2**.**5 % then.", "2.5", "30", "It was 30 % then."),
        ("markdown", "It was *2*.5% then.", "2.5%", "31.4%", "It was *31.4*% then."),
        (
            "html",
            "<p>It was <b>0</b>.15&#37; up</p>",
            "0.15%",
            "0.25%",
            "<p>It was <b>0</b>.25&#37; up</p>",
        ),
        (
            "html",
            "<p>It was <b>0</b>.15&#37; up</p>",
            "0.15",
            "7",
            "<p>It was <b>7</b>&#37; up</p>",
        ),
        ("html", "<p>A 2&nbsp;% b</p>", "2\u00a0%", "3\u00a0%", "<p>A 3&nbsp;% b</p>"),
        ("html", "<p>R&amp;D 2 % b</p>", "R&D 2 %", "R&D <3 %", "<p>R&amp;D &lt;3 % b</p>"),
        (
            "text",
            "It was 2.5 %\r\nthen \U0001f680 2.5",
            "2.5 %",
            "3.1 %",
            "It was 3.1 %\r\nthen \U0001f680 2.5",
        ),
    ],
)
def test_marks_within_a_number_stay_whole(
    form: Format, source: str, old: str, new: str, corrected: str
) -> None:
    draft = draft_of_text(source, form)
    start = draft.text.index(old)
    edits = [DraftEdit(start, start + len(old), new)]
    made = edited_source(draft, edits)
    assert made == corrected
    assert draft_of_text(made, form).text == with_edits(draft, edits).text
