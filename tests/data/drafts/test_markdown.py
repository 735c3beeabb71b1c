"""Markdown and plain text: the words without their marks, or every letter in its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.drafts.markdown import read_markdown
from data.drafts.plain import read_plain
from tests.data.drafts.shown import blocks, check_letters, check_spans, links, rows, sourced
from tests.golden import gold

NOTE = """---
title: "The week, in short"
date: 2024-06-14
---
# Heading **one** 4.7% #

Unemployment was **4.7**% in *May*, [see *the* note](https://x.example/a_(b)?c=1 "t") and [ref][1]
and 5 * 3 * 2, snake_case_name, 4.7* too. \\* escaped &amp; `code 4.4`<br>next <b>bold</b>
x<sup>2</sup>[^1] <!-- 99%
hidden --> ![alt 44](img.png) https://y.example/2024/06. <https://auto.example/1> [none]

Setext two
----------

- one 1%
- two
  continued 2%
  - inner
1. first
2. second

> quoted 3%
> more *quo
> ted*

The rate of the
3. quarter rose.

| A | B \\| C |
|---|---:|
| x **y** | 4.2 |
| z | |

```
code = 5

  more
```
<script>
alert(77)
</script>

[1]: https://ref.example/
[^1]: A footnote 7%.
"""


def test_markdown_is_read_as_it_is_shown() -> None:
    draft = read_markdown(NOTE, [])
    check_spans(draft)
    assert blocks(draft) == [
        ("heading", 1, "Heading one 4.7%"),
        (
            "paragraph",
            0,
            "Unemployment was 4.7% in May, see the note and ref and 5 * 3 * 2, snake_case_name, "
            "4.7* too. * escaped & code 4.4\nnext bold x²¹ https://y.example/2024/06. "
            "https://auto.example/1 [none]",
        ),
        ("heading", 2, "Setext two"),
        ("list item", 1, "one 1%"),
        ("list item", 1, "two continued 2%"),
        ("list item", 2, "inner"),
        ("list item", 1, "first"),
        ("list item", 1, "second"),
        ("quotation", 0, "quoted 3% more quo ted"),
        ("paragraph", 0, "The rate of the 3. quarter rose."),
        ("table row", 0, "A\tB | C"),
        ("table row", 0, "x y\t4.2"),
        ("table row", 0, "z\t"),
        ("code", 0, "code = 5\n  more"),
        ("footnote", 0, "A footnote 7%."),
    ]
    assert [block.is_header for block in draft.blocks if block.cells] == [True, False, False]
    assert links(draft) == [
        ("https://x.example/a_(b)?c=1", "see the note"),
        ("https://ref.example/", "ref"),
        ("https://y.example/2024/06", "https://y.example/2024/06"),
        ("https://auto.example/1", "https://auto.example/1"),
    ]
    assert draft.meta == {"title": "The week, in short", "date": "2024-06-14"}
    assert draft.title == "The week, in short"
    assert draft.notes == ("1 image is not read",)


def test_words_of_markdown_are_traced_to_the_source() -> None:
    draft = read_markdown(NOTE, [])
    assert sourced(draft, "4.7% in May") == "4.7**% in *May"
    assert sourced(draft, "quo ted") == "quo\n> ted"
    assert sourced(draft, "& code 4.4") == "&amp; `code 4.4"
    assert sourced(draft, "7%.") == "7%."


def test_plain_text_keeps_every_letter() -> None:
    text = "HEAD\r\n====\r\n\r\nUS jobs rose 0.2%,\r\n  and **more**.\x0b\r\n\r\na\t1\r\nb\t2\r\n"
    draft = read_plain(text, [])
    check_spans(draft)
    assert draft.text == text.replace("\x0b", " ")
    assert blocks(draft)[:2] == [
        ("heading", 1, "HEAD"),
        ("paragraph", 0, "US jobs rose 0.2%,\r\n  and **more**."),
    ]
    assert rows(draft) == [[(0, "a"), (1, "1")], [(0, "b"), (1, "2")]]
    assert draft.source_span(10, 14) == (10, 14)


def test_plain_text_has_tables_between_bars_and_addresses() -> None:
    text = "### Pack\n\n| Series | May |\n|:--|--:|\n| CPI | (0.2) |\n\nSee (https://x.example/a_(b)).\n"
    draft = read_plain(text, [])
    check_spans(draft)
    assert draft.title == "Pack"
    assert rows(draft) == [[(0, "Series"), (1, "May")], [(0, "CPI"), (1, "(0.2)")]]
    assert draft.blocks[1].is_header
    assert links(draft) == [("https://x.example/a_(b)", "https://x.example/a_(b)")]


def test_a_footer_with_bars_is_no_table() -> None:
    assert blocks(read_plain("© 2024 | Disclaimer 4 | legal\n", []))[0][0] == "paragraph"


@pytest.mark.parametrize("draft", [d for d in gold.drafts("demo") if "<html" not in d.text])
def test_every_claim_of_the_gold_set_is_in_a_block(draft: gold.GoldDraft) -> None:
    read = read_plain(draft.text, [])
    check_spans(read)
    for claim in draft.claims:
        start, end = claim["span"]
        homes = [block for block in read.blocks if block.start <= start and end <= block.end]
        assert len(homes) == 1, claim["quote"]
        assert read.source_span(start, end) == (start, end)


MARKS = "*_`~[]()!<>#|-\\&;:^ \n\tab1.%é🚀>"


@given(st.text(alphabet=MARKS, max_size=120))
def test_any_markdown_is_read_and_every_letter_is_in_its_place(source: str) -> None:
    for draft in (read_markdown(source, []), read_plain(source, [])):
        check_spans(draft)
        check_letters(draft)
