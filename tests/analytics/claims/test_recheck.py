"""Claims on record: what is judged again after the lake changed, and what is left alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from analytics.claims.judging.judge import judge_many
from analytics.claims.ledger import recheck as module
from analytics.claims.ledger.recheck import RecheckReport
from analytics.claims.ledger.records import finding_of, plain, statement_of, verdict_record
from analytics.claims.statement import Span, Statement, Subject
from data.drafts.draft import DraftText
from data.lake import Lake
from data.query import Db
from data.state import claim_ledger, documents
from data.state.claim_ledger import LedgerClaim
from data.state.db import State
from data.state.documents import Document
from data.state.hash_chain import head, verify
from data.state.values import Edit
from tests.analytics.claims.recorded_claims import (
    CLAIMS,
    ENTERED,
    LATER,
    MARCH,
    PUBLISHED,
    VALUES,
    a_claim,
    a_close,
    again,
    enter,
    revise,
    words,
)
from tests.analytics.claims.small_lakes import months, of, says, series
from tests.analytics.claims.test_accounts import line
from tests.analytics.months import describe
from tests.analytics.quotes import quotes, table
from tests.analytics.test_market import instruments, listed


def test_statements_and_findings_come_back_as_they_were(world: Lake, db: Db, state: State) -> None:
    document = enter(state, db)
    claims = claim_ledger.claims_of(state, document.id, 1, as_of=LATER)
    by_place = sorted(claims, key=lambda claim: claim.of.place)
    assert tuple(statement_of(claim.record.statement) for claim in by_place) == CLAIMS
    at = db.at(PUBLISHED)
    for claim, finding in zip(by_place, judge_many(at, CLAIMS), strict=True):
        assert claim.latest is not None
        kept = finding_of(claim.latest.record.finding)
        assert plain(kept) == {**plain(finding), "answer": None}
        assert claim.latest.record.verdict_class == finding.verdict_class
        for asked, run in zip(claim.latest.record.asked, finding.answer.asked, strict=True):
            sql = claim_ledger.query_sql(state, asked["sha256"])
            assert sql == run.sql
            assert db.at(PUBLISHED).sql(sql, **asked["params"]).frame.equals(run.frame)


def test_nothing_is_judged_where_nothing_changed(
    world: Lake, db: Db, state: State, judged: list[Statement]
) -> None:
    document = enter(state, db)
    assert words(state, document) == [["supported"]] * 4
    count = head(state).count
    assert again(state, db) == RecheckReport(1, 0, (), ())
    describe(world, {"x:Z": "percent"}, country="FRA")
    months(world, VALUES, name="x:Z")  # moves the rows of the others into another file
    assert again(state, db) == RecheckReport(1, 0, (), ())
    assert (judged, head(state).count) == ([], count)


def test_one_revised_series_turns_exactly_its_claims_ours_and_theirs(
    world: Lake, db: Db, state: State, judged: list[Statement]
) -> None:
    ours = enter(state, db)
    theirs = enter(state, db, side="theirs", site="Rival")
    other = enter(state, db, (a_claim("x:B"), a_close("x:BBB")))
    revise(world)
    report = again(state, db)
    assert {place.document_id for place in report.recorded} == {ours.id, theirs.id}
    assert [place.place for place in report.recorded] == [1, 1]
    # Both claims of the series, of two months, are judged again; nothing else is.
    assert report.judged == 4 == len(judged)
    assert {one.candidates[0].id for one in judged} == {"x:A"}
    turned = ["supported", "superseded"]
    for document in (ours, theirs):
        assert words(state, document) == [turned, ["supported"], ["supported"], ["supported"]]
    assert words(state, other) == [["supported"]] * 2
    for side, document in (("ours", ours), ("theirs", theirs)):
        found = claim_ledger.turned(state, since=ENTERED, as_of=LATER, side=side)
        assert [(one.document.id, one.before, one.now.record.verdict) for one in found] == [
            (document.id, "supported", "superseded")
        ]
        assert found[0].now.record.finding["later"] == 4.0
    # At the clock before, nothing had turned; and again nothing is left to do.
    assert words(state, ours, LATER - timedelta(days=1)) == [["supported"]] * 4
    assert again(state, db).judged == 0
    assert verify(state).fault is None


def test_rows_of_later_periods_reach_no_claim(
    world: Lake, db: Db, state: State, judged: list[Statement]
) -> None:
    enter(state, db)
    months(world, [*VALUES, 9.0, 9.0, 9.0, 9.0], name="x:A")
    world.upsert("prices", table(quotes({n: 100.0 + n for n in range(155, 200)})))
    report = again(state, db)
    # April and May of the series begin before the draft's date, so they reach its claims.
    assert {one.candidates[0].id for one in judged} == {"x:A"}
    assert (report.judged, report.recorded) == (2, ())


def test_a_split_reaches_the_claims_of_its_share(
    world: Lake, db: Db, state: State, judged: list[Statement]
) -> None:
    enter(state, db, (*CLAIMS, a_close("x:BBB")))
    later: dict[int, float | None] = {n: 50.0 + n for n in range(155, 160)}
    world.upsert("prices", table(quotes(later, splits={155: 2.0})))
    again(state, db)
    assert [one.candidates[0].id for one in judged] == ["x:AAA"]


def test_a_backfilled_row_turns_what_rested_on_its_lack(world: Lake, db: Db, state: State) -> None:
    document = enter(state, db, (a_claim("x:C"), a_claim()))
    assert words(state, document) == [["not in the lake"], ["supported"]]
    months(world, VALUES, name="x:C")
    assert again(state, db).judged == 1
    assert words(state, document) == [["not in the lake", "supported"], ["supported"]]


def test_rows_that_only_come_into_view_later_are_seen(world: Lake, db: Db, state: State) -> None:
    revise(world)
    document = enter(state, db)
    assert words(state, document) == [["supported"]] * 4
    assert again(state, db, ENTERED + timedelta(days=1)).judged == 0
    assert again(state, db).judged == 2
    assert words(state, document)[0] == ["supported", "superseded"]


def _decide(lake: Lake, values: dict[date, float], known: datetime) -> None:
    """Rates that were decided on before they apply."""
    rows = [
        {
            "series_id": "x:P",
            "period": day,
            "value": value,
            "unit": "percent",
            "is_forecast": False,
            "known_at": known,
            "vintage_grade": "native",
            "source": "office",
        }
        for day, value in values.items()
    ]
    lake.upsert("macro", pl.DataFrame(rows))


@pytest.mark.parametrize("changed", [date(2020, 6, 10), date(2020, 6, 20)])
def test_what_was_known_ahead_holds_and_its_revision_is_seen(
    world: Lake, db: Db, state: State, changed: date
) -> None:
    """A rate of 20 June that was decided on before the draft of 1 June."""
    early = PUBLISHED - timedelta(days=9)
    describe(world, {"x:P": "percent"})
    _decide(world, {date(2020, 5, 1): 2.0, date(2020, 6, 20): 3.0}, early)
    step = Statement(0, 1, "change", (series("x:P"),), says("1.0", "pp"))
    document = enter(state, db, (step, a_claim()))
    assert words(state, document) == [["supported"]] * 2
    _decide(world, {date(2020, 8, 1): 9.0}, LATER - timedelta(days=2))
    assert again(state, db, LATER - timedelta(days=1)).judged == 0  # of later than all it knew
    _decide(world, {changed: 2.5}, LATER - timedelta(days=1))
    assert again(state, db).judged == 1
    assert words(state, document) == [["supported", "superseded"], ["supported"]]


def test_a_rhythm_that_shows_later_turns_nothing(lake: Lake, db: Db) -> None:
    """Two balance sheets have no rhythm, and the fourth does not make them miss a quarter."""
    ends = [date(2019, 12, 31), date(2020, 3, 31), date(2020, 6, 30), date(2020, 9, 30)]
    rows = [line(end, 7e9, "Assets", period_start=end) for end in ends]
    lake.upsert("instruments", instruments(listed("x:CO", company="x:co")))
    lake.upsert("fundamentals", pl.DataFrame(rows))
    subject = Subject("account", "x:CO", concept="Assets")
    stated = says("7", "USD", scale=1e9)
    said = Statement(0, 1, "level", (subject,), stated, period=Span(*[date(2020, 5, 1)] * 2, "day"))
    at = db.at(datetime(2020, 5, 20, tzinfo=UTC))
    found = judge_many(at, [said], db.at(datetime(2021, 1, 1, tzinfo=UTC)))[0]
    assert found.verdict == judge_many(at, [said])[0].verdict == "supported"


def test_a_rank_rests_on_all_that_it_ranks(
    world: Lake, db: Db, state: State, judged: list[Statement]
) -> None:
    ranked = Statement(
        0, 1, "rank", (series("x:A"),), others=((series("x:B"),),), period=of(MARCH), sense="high"
    )
    enter(state, db, (ranked, a_claim()))
    revise(world, "x:B")
    again(state, db)
    assert [one.measure for one in judged] == ["rank"]


def test_a_damaged_file_stops_verdicts_until_it_is_whole(world: Lake, db: Db, state: State) -> None:
    document = enter(state, db)
    revise(world)
    files = [world.root / "macro" / entry.file for entry in db.manifest("macro").files]
    whole = {path: path.read_bytes() for path in files}
    for path in files:
        path.write_bytes(b"PAR1 damaged")
    assert again(state, db) == RecheckReport(1, 0, (), (document.id,))
    assert words(state, document) == [["supported"]] * 4
    for path, content in whole.items():
        path.write_bytes(content)
    reader = Db(world.root, threads=1)
    assert again(state, reader).judged == 2
    reader.close()
    assert words(state, document)[0] == ["supported", "superseded"]


def test_a_kill_between_judging_and_recording_loses_nothing(
    world: Lake, db: Db, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = enter(state, db)
    revise(world)
    count = head(state).count
    real = claim_ledger.append

    def killed(*arguments: Any) -> int:
        real(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(claim_ledger, "append", killed)
        with pytest.raises(KeyboardInterrupt):
            again(state, db)
    assert head(state).count == count
    assert verify(state).fault is None
    assert again(state, db).judged == 2
    assert words(state, document)[0] == ["supported", "superseded"]


def test_a_clock_that_was_put_back_judges_nothing(world: Lake, db: Db, state: State) -> None:
    """Else what turned would be said to hold again, at a date at which it had turned."""
    document = enter(state, db)
    revise(world)
    assert again(state, db).judged == 2
    assert again(state, db, LATER - timedelta(days=40)) == RecheckReport(0, 0, (), ())
    assert words(state, document)[0] == ["supported", "superseded"]


def test_documents_of_several_clocks_are_one_transaction_each_time(
    world: Lake, db: Db, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is judged together is what would be judged alone."""
    dates = [PUBLISHED - timedelta(days=n % 3) for n in range(7)]
    entered = [enter(state, db, published_at=date) for date in dates]
    revise(world)
    monkeypatch.setattr(module, "AT_ONCE", 3)
    report = again(state, db)
    assert (report.judged, len(report.recorded)) == (14, 7)
    for document in entered:
        assert words(state, document) == [["supported", "superseded"], *[["supported"]] * 3]
        at, later = db.at(document.heading.published_at), db.at(LATER)
        claims = claim_ledger.claims_of(state, document.id, 1, as_of=LATER)
        alone = [
            verdict_record(finding, at, later)
            for finding in judge_many(
                at, [statement_of(one.record.statement) for one in claims], later
            )
        ]
        for one, expected in zip(claims, alone, strict=True):
            assert one.latest is not None
            assert one.latest.record.finding == expected.finding
            assert one.latest.record.clock == expected.clock
            for asked in one.latest.record.asked:
                assert claim_ledger.query_sql(state, asked["sha256"])
    assert again(state, db).judged == 0


def test_a_document_is_read_by_an_index_of_its_own(state: State) -> None:
    """However many other documents there are."""
    bound = {"clock": "9", "document": 1, "version": 1}
    queries = [
        (claim_ledger.STATEMENTS, (1, 1, "9")),
        (claim_ledger.VERDICTS, (1, 1, "9")),
        (documents.HEADS + documents.OF_ONE, bound),
    ]
    for query, values in queries:
        plan = " ".join(row["detail"] for row in state.rows(f"EXPLAIN QUERY PLAN {query}", values))
        assert "claim_ledger_of" in plan
        assert "claim_ledger_recorded" not in plan


def test_what_was_withdrawn_or_replaced_is_left_alone(
    world: Lake, db: Db, state: State, judged: list[Statement]
) -> None:
    gone, replaced = enter(state, db), enter(state, db)
    documents.withdraw(state, gone.id, edit=Edit("ann", ENTERED))
    draft = DraftText("other words", "text")
    documents.revise(state, replaced.id, draft, heading=replaced.heading, edit=Edit("ann", ENTERED))
    revise(world)
    # The new version was never checked: it is read now, and says nothing. The old one stays.
    assert again(state, db) == RecheckReport(1, 0, (), ())
    assert again(state, db) == RecheckReport(1, 0, (), ())
    assert words(state, replaced) == [["supported"]] * 4


def _latest(claims: tuple[LedgerClaim, ...]) -> list[Any]:
    return [claim.latest.record.finding for claim in claims if claim.latest is not None]


def test_the_ledger_ends_as_if_all_had_been_judged_again(revised: Db, state: State) -> None:
    """At many clocks over a lake with corrections, late rows and several ingestions."""
    at = revised.at(datetime(2100, 1, 1, tzinfo=UTC))
    rows = at.sql(
        "SELECT series_id, period, arg_min(value, known_at) AS value, min(known_at) AS known_at"
        " FROM macro_vintages WHERE NOT is_forecast AND value IS NOT NULL GROUP BY ALL ORDER BY ALL"
    ).frame
    picked = rows.gather_every(max(1, rows.height // 40))
    kept: list[tuple[Document, tuple[Statement, ...]]] = []
    known = picked["known_at"].sort()
    for clock in known.gather_every(max(1, len(known) // 5)):
        statements = tuple(
            Statement(n, n + 1, "level", (series(row["series_id"]),), says(f"{row['value']:.2f}"))
            for n, row in enumerate(picked.filter(pl.col("known_at") <= clock).to_dicts())
        )
        document = enter(state, revised, statements, published_at=clock, at=clock)
        kept.append((document, statements))
    end = at.sql("SELECT max(known_at) AS t FROM macro_vintages").frame["t"][0]
    total, superseded = 0, 0
    for step in range(1, 5):
        now = known[-1] + (end - known[-1]) * step / 4 + timedelta(days=step)
        total += again(state, revised, now).judged
        for document, statements in kept:
            slow = judge_many(
                revised.at(document.heading.published_at), statements, revised.at(now)
            )
            claims = claim_ledger.claims_of(state, document.id, 1, as_of=now)
            for said, finding in zip(_latest(claims), slow, strict=True):
                assert said["verdict"] == finding.verdict
                superseded += finding.verdict == "superseded"
                assert (said["value"], said["later"]) == (finding.value, finding.later)
    assert superseded > 0
    assert 0 < total < 4 * sum(len(statements) for _, statements in kept)
