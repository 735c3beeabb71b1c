"""What belongs together in a draft: sentences, cells with their heads, and what nobody sees."""

from __future__ import annotations

import random

import pytest

from analytics.claims.passages import Format, passages, visible
from tests.golden import gold


def parts(text: str, form: Format = "text") -> list[tuple[str, str]]:
    shown = visible(text, form)
    return [(part.kind, shown[part.start : part.end].strip()) for part in passages(shown, form)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Rates fell. Prices rose!", ["Rates fell.", "Prices rose!"]),
        ("The U.S. grew 2.5 %. So did we.", ["The U.S. grew 2.5 %.", "So did we."]),
        ("Rund 2,5 Mrd. Euro, d.h. mehr.", ["Rund 2,5 Mrd. Euro, d.h. mehr."]),
        ("Core is 2.0; headline is 3.1.", ["Core is 2.0;", "headline is 3.1."]),
        ("« Stable. » Ensuite ?", ["« Stable. »", "Ensuite ?"]),
        ("am 19. Juni um 0,25", ["am 19. Juni um 0,25"]),
        ("It grew... in fact by 2%.", ["It grew... in fact by 2%."]),
        ("", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert [words for _, words in parts(text)] == sentences


def test_a_cell_knows_its_column_and_its_row() -> None:
    text = (
        "China\n\n| | May | Apr |\n|:--|--:|--:|\n| CPI | 6.0 | 6.1 |\n| PMI | 48.7 | 50 |\n\nEnd."
    )
    found = passages(text)
    cells = {text[part.start : part.end].strip(): part for part in found if part.kind == "cell"}
    heads = [text[start:end].strip() for start, end in cells["50"].heads]
    assert heads == ["Apr", "PMI", "48.7"]
    assert [part.kind for part in found] == ["sentence", *["cell"] * 6, "sentence"]
    assert cells["CPI"].paragraph != found[0].paragraph != found[-1].paragraph


def test_rows_of_a_page_are_a_table_wherever_their_lines_end() -> None:
    rows = "<tr><th>Country</th><th>PMI</th></tr>\n<tr><td>Japan</td>\n<td>48.4</td></tr>"
    text = f"<p>Before 1</p><table>{rows}</table><p>After</p>"
    assert [words for kind, words in parts(text, "html") if kind == "cell"] == ["Japan", "48.4"]


def test_what_nobody_sees_is_blank_and_everything_keeps_its_place() -> None:
    text = (
        '<p title="5%">A&nbsp;<b>4.7%</b><!-- 9% --> <script>if (x>3) y("8%")</script>&minus;2'
        "<style>.a{width:7px}</style></p><!-- never closed 6%"
    )
    shown = visible(text, "html")
    assert len(shown) == len(text)
    assert shown.index("4.7%") == text.index("4.7%")
    assert "".join(shown.split()) == "A4.7%\u22122"
    assert visible(text, "text") == text


def test_any_text_is_cut_within_its_bounds_and_in_its_order(rng: random.Random) -> None:
    letters = "ab1 .|\n<>-#&;€😮שׁ\u00a0!?p/td"
    for _ in range(300):
        text = "".join(rng.choice(letters) for _ in range(rng.randrange(80)))
        for form in ("text", "html"):
            shown = visible(text, form)
            assert len(shown) == len(text)
            found = passages(shown, form)
            assert all(0 <= part.start <= part.end <= len(text) for part in found)
            assert [part.start for part in found] == sorted(part.start for part in found)


def test_every_claim_of_the_gold_set_lies_within_one_part() -> None:
    for draft in gold.drafts("demo"):
        form: Format = "html" if "<html>" in draft.text else "text"
        found = passages(visible(draft.text, form), form)
        for claim in draft.claims:
            start, end = claim["span"]
            inside = [part for part in found if part.start <= start and end <= part.end]
            assert len(inside) == 1, (draft.name, claim["quote"])
