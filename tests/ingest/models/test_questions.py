"""From a checked draft to a question, its answer and what is shown of it."""

from __future__ import annotations

from analytics.claims import model_questions as questions
from analytics.claims.check import check_draft
from analytics.claims.model_reading import by_the_model, with_picks
from data.drafts.formats import draft_of_text
from data.state import model_calls
from tests.ingest.models.conftest import CLOCK, Office
from tests.ingest.models.gemini_server import gemini_server, said

FIRST = "Of every hundred Britons who want work, 5.1% found none in May."
TEXT = "Unemployment was 5.1% in May."
SPAN = (0, len(TEXT))


def test_every_question_of_a_draft_is_taken_and_its_answer_shown(office: Office) -> None:
    at, draft = office.lake.at(CLOCK), draft_of_text(TEXT, "text")
    checked = check_draft(at, draft)
    unread = draft_of_text(FIRST, "text")
    asked = {
        "find_claims": questions.claims_question(at, unread, check_draft(at, unread)),
        "pick_subjects": questions.subjects_question(draft, checked),
        "judge_style": questions.style_question(draft),
        "rewrite": questions.rewrite_question(at, draft, SPAN, "shorter"),
    }
    claim = {
        "quote": "Britons who want work, 5.1%",
        "subject": "demo:UNEMP:GBR",
        "measure": "level",
        "value": 5.1,
        "unit": "%",
        "period": "2024-05",
        "direction": None,
    }
    answers = {
        "find_claims": {"claims": [claim]},
        "pick_subjects": {
            "picks": [{"statement": 0, "subject": "demo:UNEMP:GBR", "quote": "Unemployment"}]
        },
        "judge_style": {"findings": []},
        "rewrite": {"text": "Unemployment: 5.1% in May."},
    }
    found = {}
    for task, payload in asked.items():
        with gemini_server(said(answers[task])) as server:
            found[task] = office.answer(office.desk(server), task, **payload)
        assert found[task].verdict is not None, found[task].message
        call = model_calls.read(office.state, found[task].model_call_id)
        expected = questions.expected_cost(task, payload, "gemini-2.5-flash")
        assert call is not None and 0 < call.tokens_reserved <= expected.tokens
        assert expected.dollars is not None and expected.dollars > call.cost.dollars
    reading = by_the_model(at, unread, questions.proposals_in(found["find_claims"].verdict.reply))
    assert [one.finding.verdict_class for one in reading.checked] == ["supported"]
    picked = with_picks(at, checked, questions.picks_in(found["pick_subjects"].verdict.reply))
    assert [one.finding.verdict_class for one in picked.values()] == ["supported"]
    new = found["rewrite"].verdict.reply
    assert (new["text"], new["start"], new["end"]) == ("Unemployment: 5.1% in May.", *SPAN)


def test_a_long_draft_says_what_was_read(office: Office) -> None:
    draft = draft_of_text("A line of words.\n" * 10_000, "text")
    with gemini_server(said({"findings": []})) as server:
        payload = questions.style_question(draft)
        found = office.answer(office.desk(server), "judge_style", **payload)
        assert len(server.questions[0].data["draft"]) <= 40_000
    assert found.verdict is not None
    assert f"of {len(draft.text):,} characters were read" in found.verdict.reasons[0]
    passage = (len(draft.text) - 17, len(draft.text) - 1)
    asked = questions.rewrite_question(office.lake.at(CLOCK), draft, passage, "shorter")
    assert asked["text"][asked["start"] : asked["end"]] == draft.text[slice(*passage)]
