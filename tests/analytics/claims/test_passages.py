"""What belongs together in a draft: sentences, and cells with their heads."""

from __future__ import annotations

import random
import tomllib

import pytest

from analytics.claims.sentences.passages import passages
from data.drafts.draft import Format
from data.drafts.formats import draft_of_text
from tests.golden import gold


def parts(text: str, form: Format = "text") -> list[tuple[str, str]]:
    draft = draft_of_text(text, form)
    return [(part.kind, draft.text[part.start : part.end].strip()) for part in passages(draft)]


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
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert [words for _, words in parts(text)] == sentences


def test_a_cell_knows_its_column_and_its_row() -> None:
    text = (
        "China\n\n| | May | Apr |\n|:--|--:|--:|\n| CPI | 6.0 | 6.1 |\n| PMI | 48.7 | 50 |\n\nEnd."
    )
    draft = draft_of_text(text, "markdown")
    found = passages(draft)
    cells = {draft.text[part.start : part.end]: part for part in found if part.kind == "cell"}
    heads = [draft.text[start:end] for start, end in cells["50"].heads]
    assert heads == ["Apr", "PMI", "48.7"]
    assert [part.kind for part in found] == ["sentence", *["cell"] * 6, "sentence"]
    assert cells["CPI"].paragraph != found[0].paragraph != found[-1].paragraph


def test_rows_of_a_page_are_a_table_and_code_is_no_text() -> None:
    rows = "<tr><th>Country</th><th>PMI</th></tr>\n<tr><td>Japan</td>\n<td>48.4</td></tr>"
    text = f"<p>Before 1</p><table>{rows}</table><pre>inflation = 5</pre><p>After</p>"
    cells = [("cell", "Japan"), ("cell", "48.4")]
    assert parts(text, "html") == [("sentence", "Before 1"), *cells, ("sentence", "After")]


def test_any_text_is_cut_within_its_bounds_and_in_its_order(rng: random.Random) -> None:
    letters = "ab1 .|\n<>-#&;€😮שׁ\u00a0!?p/td"
    for _ in range(300):
        text = "".join(rng.choice(letters) for _ in range(1 + rng.randrange(80))) + "x"
        draft = draft_of_text(text, "text")
        found = passages(draft)
        assert all(0 <= part.start <= part.end <= len(draft.text) for part in found)
        assert [part.start for part in found] == sorted(part.start for part in found)


def test_every_claim_of_the_gold_set_lies_within_one_part() -> None:
    for path in sorted(gold.FOLDER.glob("*.toml")):
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        draft = draft_of_text(raw["text"], raw["format"])
        spans = [draft.source_span(part.start, part.end) for part in passages(draft)]
        for claim in raw.get("claim", []):
            start, end = claim["span"]
            inside = [span for span in spans if span and span[0] <= start and end <= span[1]]
            assert len(inside) == 1, (path.name, claim["quote"])
