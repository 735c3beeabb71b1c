"""The verdict on every claim of the gold set, put together without reading its text."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from analytics.claims.finding import Finding
from analytics.claims.judging.judge import judge, judge_many
from analytics.core.catalogue import function_named
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import Db
from tests import shred
from tests.analytics.claims.gold_statements import GoldStatements
from tests.demo_fixture import DemoLake
from tests.golden import gold

DRAFTS = [draft for draft in gold.drafts("demo") if draft.claims]
SCALES = [10.0**power for power in (0, 2, -2, 3, -3, 6, 9, 12)]
Judged = list[tuple[gold.GoldDraft, dict[str, Any], Finding]]


@pytest.fixture(scope="session")
def judged(demo_lake: DemoLake) -> Judged:
    """Every claim with its finding, draft by draft."""
    statements = GoldStatements(demo_lake.at())
    found: Judged = []
    for draft in DRAFTS:
        wanted = [statements.of(draft, claim) for claim in draft.claims]
        findings = judge_many(demo_lake.at(draft.date), wanted, demo_lake.at(draft.checked_at))
        found += [(draft, *pair) for pair in zip(draft.claims, findings, strict=True)]
    return found


def test_every_verdict_of_the_gold_set_is_found(judged: Judged) -> None:
    wrong = [
        (draft.name, claim["id"], claim["quote"], claim["verdict"], finding.verdict, finding.note)
        for draft, claim, finding in judged
        if finding.verdict not in (claim["verdict"], *claim.get("also", ()))
    ]
    assert not wrong
    assert len(judged) > 400
    assert len(Counter(finding.verdict for _, _, finding in judged)) == 9


def test_nothing_is_supported_that_is_not(judged: Judged) -> None:
    wrong = [
        (draft.name, claim["id"], finding.note)
        for draft, claim, finding in judged
        if finding.holds and claim["class"] != "supported"
    ]
    assert not wrong


def test_the_value_is_the_one_of_the_proof(judged: Judged) -> None:
    """In the unit of the lake or in that of the draft, which the proofs mix."""
    compared = 0
    for draft, claim, finding in judged:
        where = f"{draft.name} {claim['id']}: {finding}"
        expected = claim["expected"]
        if claim["class"] == "unverifiable" or isinstance(expected, bool):
            continue
        if isinstance(expected, str):
            if claim["measure"] == "rank" and finding.leader is not None:
                assert finding.leader == expected, where
            elif finding.day is not None and expected[:1].isdigit():
                assert finding.day.isoformat().startswith(expected), where
            continue
        values = [value for value in (finding.value, finding.drafted) if value is not None]
        scaled = [value * scale for value in values for scale in SCALES]
        assert any(abs(value - expected) <= 1e-6 * max(1, abs(expected)) for value in scaled), where
        compared += 1
    assert compared > 300


def test_what_became_of_a_superseded_value_is_said(judged: Judged) -> None:
    superseded = [
        (claim, finding) for _, claim, finding in judged if finding.verdict == "superseded"
    ]
    assert len(superseded) > 30
    for claim, finding in superseded:
        later = claim.get("later")
        if isinstance(later, float) and finding.later is not None:
            scaled = [finding.later * scale for scale in SCALES]
            assert any(abs(value - later) <= 1e-6 * max(1, abs(later)) for value in scaled), finding


def test_a_wrong_period_names_the_right_one(judged: Judged) -> None:
    for draft, claim, finding in judged:
        if finding.verdict == "wrong period":
            assert finding.other is not None, (draft.name, claim["id"])
            assert finding.other_period is not None
            other = claim["other_period"]
            assert finding.other_period.first.isoformat()[:4] == other[:4]


def test_an_old_print_is_named_with_its_day(judged: Judged) -> None:
    old = [finding for _, claim, finding in judged if claim.get("old_vintage")]
    assert len(old) >= 3
    assert all("It was the print of" in finding.note for finding in old)


def test_every_finding_has_a_receipt_that_runs_again(demo_lake: DemoLake, judged: Judged) -> None:
    seen: set[tuple[str, str]] = set()
    for _, claim, finding in judged:
        kind = (claim["kind"], finding.verdict)
        if kind in seen or finding.answer is None:
            continue
        seen.add(kind)
        receipt = make_receipt(finding.answer)
        assert receipt["kind"] == "SQL"
        for part in verify(receipt, demo_lake.settings.lake, function_named):
            assert part.same, (claim["id"], part)
    assert len(seen) > 20


def test_one_statement_alone_is_judged_as_among_others(demo_lake: DemoLake, judged: Judged) -> None:
    statements = GoldStatements(demo_lake.at())
    for draft, claim, finding in judged[::23]:
        at, later = demo_lake.at(draft.date), demo_lake.at(draft.checked_at)
        alone = judge(at, statements.of(draft, claim), later=later)
        assert _plain(alone) == _plain(finding)
        if alone.answer is not None and finding.answer is not None:
            assert alone.answer.frame.equals(finding.answer.frame)


def test_a_lake_without_a_future_gives_the_same_findings(
    demo_lake: DemoLake, tmp_path: Path
) -> None:
    statements = GoldStatements(demo_lake.at())
    for name in ("uk-2016-07-15", "crude-2023-07-22", "headlines-2024-06-14"):
        (draft,) = (draft for draft in DRAFTS if draft.name == name)
        copy = tmp_path / name / "lake"
        shred.shred(demo_lake.settings.lake, copy, draft.date, mode="public")
        torn = Db(copy, threads=2)
        wanted = [statements.of(draft, claim) for claim in draft.claims]
        whole = judge_many(demo_lake.at(draft.date), wanted)
        found = judge_many(torn.at(draft.date), wanted)
        torn.close()
        assert [_plain(one) for one in found] == [_plain(one) for one in whole]


def test_at_the_same_clock_nothing_is_superseded(demo_lake: DemoLake) -> None:
    statements = GoldStatements(demo_lake.at())
    for draft in DRAFTS[::5]:
        wanted = [statements.of(draft, claim) for claim in draft.claims]
        at = demo_lake.at(draft.date)
        once, again = judge_many(at, wanted), judge_many(at, wanted, at)
        assert [_plain(one) for one in once] == [_plain(one) for one in again]


def _plain(finding: Finding) -> tuple[object, ...]:
    return (
        finding.verdict,
        finding.note,
        finding.value,
        finding.drafted,
        finding.period,
        finding.day,
        finding.leader,
        finding.later,
        finding.source,
    )
