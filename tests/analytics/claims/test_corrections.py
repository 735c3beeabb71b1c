"""Corrections: in the draft's own style, right by the gold set's own values, and proven."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from analytics.claims.check import CheckedStatement, check_draft
from analytics.claims.corrections.corrections import Correction, corrections
from analytics.claims.corrections.numbers import restyled
from analytics.claims.gold_set import MarkedDraft, read_gold
from analytics.claims.statement import Language
from data.drafts.draft import DraftText
from data.drafts.edits import with_edits
from data.drafts.formats import draft_of_text
from tests.demo_fixture import DemoLake
from tests.golden import gold

CLOCK = datetime(2024, 6, 20, 12, tzinfo=UTC)
DRAFTS = [draft for draft in read_gold(gold.FOLDER) if draft.world == "demo"]
NUMBER = re.compile(r"[0-9][0-9.,'\u00a0]*")


def corrected(lake: DemoLake, text: str, language: Language = "en") -> str:
    draft, at = draft_of_text(text, "text"), lake.at(CLOCK)
    checked = check_draft(at, draft, language=language)
    found = corrections(at, draft, checked, language=language)
    return with_edits(draft, [edit for one in found for edit in one.edits]).text


@pytest.mark.parametrize(
    ("language", "text", "right"),
    [
        ("en", "US unemployment was 4.9% in May.", "US unemployment was 4.4% in May."),
        ("en", "US unemployment was 4.90 percent.", "US unemployment was 4.40 percent."),
        ("en", "US unemployment fell to 4.4% in May.", "US unemployment rose to 4.4% in May."),
        ("en", "US unemployment rose 0.1%.", "US unemployment rose 0.1 percentage points."),
        ("en", "US unemployment rose 10 percent.", "US unemployment rose 10 basis points."),
        ("en", "US unemployment was 4.4% in May.", "US unemployment was 4.4% in May."),
        (
            "de",
            "Die Arbeitslosenquote in den USA sank im Mai auf 4,4 %.",
            "Die Arbeitslosenquote in den USA stieg im Mai auf 4,4 %.",
        ),
        (
            "de",
            "Die Arbeitslosenquote in den USA lag im Mai bei 5,10 %.",
            "Die Arbeitslosenquote in den USA lag im Mai bei 4,40 %.",
        ),
        (
            "fr",
            "Le taux de chômage aux États-Unis a atteint 5,0 % en mai.",
            "Le taux de chômage aux États-Unis a atteint 4,4 % en mai.",
        ),
        (
            "es",
            "La tasa de paro de Estados Unidos bajó al 4,4 % en mayo.",
            "La tasa de paro de Estados Unidos subió al 4,4 % en mayo.",
        ),
    ],
)
def test_in_the_style_of_the_draft(
    demo_lake: DemoLake, language: Language, text: str, right: str
) -> None:
    assert corrected(demo_lake, text, language) == right


@pytest.mark.parametrize(
    ("printed", "value", "places", "language", "written"),
    [
        ("7.38", 7.19098, 2, "en", "7.19"),
        ("7,38", 7.19098, 2, "de", "7,19"),
        ("1,234.5", 1299.96, 1, "en", "1,300.0"),
        ("1.234,5", 999.94, 1, "de", "999,9"),
        ("1 234", 12_345.6, 0, "fr", "12 346"),
        ("999", 1_000, 0, "en", "1000"),
        ("999", 12_000, 0, "en", "12,000"),
        ("2", 0.04, 0, "en", "0.04"),
        ("0.3", 0.0, 1, "en", "0.0"),
        ("2", 0.000004, 0, "en", None),
    ],
)
def test_numbers_as_the_draft_writes_them(
    printed: str, value: float, places: int, language: Language, written: str | None
) -> None:
    assert restyled(printed, value, places, language) == written


def test_corrections_of_the_gold_set(demo_lake: DemoLake) -> None:
    """Each makes its statement hold, and a number that it writes is the one that the gold set's
    own SQL finds. Most of what is wrong can be corrected."""
    wrong = offered = 0
    for marked in DRAFTS:
        at = demo_lake.at(marked.date)
        checked = check_draft(at, marked.draft, language=marked.language)
        found = corrections(at, marked.draft, checked, language=marked.language)
        edits = [edit for one in found for edit in one.edits]
        again = check_draft(at, with_edits(marked.draft, edits), language=marked.language)
        before = [n for n, one in enumerate(checked) if not may_stand(one)]
        assert sum(not may_stand(one) for one in again) == len(before) - len(found), marked.name
        for one in found:
            _agrees_with_gold(marked, checked[one.statement].statement.start, one, marked.draft)
        right = {one["span"][0] for one in marked.claims if one["class"] == "contradicted"}
        sought = {n for n in before if checked[n].statement.start in right}
        wrong += len(sought)
        offered += len(sought & {one.statement for one in found})
    assert wrong > 40
    assert offered / wrong > 0.75, (offered, wrong)


def may_stand(one: CheckedStatement) -> bool:
    return one.finding.verdict_class != "contradicted"


def _agrees_with_gold(marked: MarkedDraft, place: int, one: Correction, draft: DraftText) -> None:
    claims = [claim for claim in marked.claims if claim["span"][0] <= place < claim["span"][1]]
    if not claims or claims[0]["verdict"] not in ("wrong value", "wrong period"):
        return
    (claim,) = claims
    if isinstance(claim["expected"], str):
        return
    before, after = (
        [NUMBER.search(draft.text[edit.start : edit.end]) for edit in one.edits],
        [NUMBER.search(edit.words) for edit in one.edits],
    )
    if "stated" not in claim or not all(before) or not all(after):
        return
    sizes = [abs(_value(match[0], marked.language)) for match in (before[0], after[0]) if match]
    scale = abs(claim["stated"]) / sizes[0]
    assert sizes[1] * scale == pytest.approx(abs(claim["expected"]), abs=1.02 * claim["tolerance"])


def _value(text: str, language: Language) -> float:
    bare = text.rstrip(".,")
    if language != "en":
        bare = bare.replace(".", "").replace(",", ".")
    return float(bare.replace(",", "").replace("\u00a0", ""))
