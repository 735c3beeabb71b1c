"""What a model may be asked beside the checks: the words, the form of the answer, and what remains
of an answer once each quotation and each number in it has been looked up.

A draft is data: one field of a JSON document, of bounded length, without invisible characters. An
answer starts nothing and becomes no verdict: statements that it points to are judged by the lake.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from analytics.claims.model_reading import PROPOSED_MEASURES
from analytics.claims.rewrite import NUMERAL, rewrite_faults
from analytics.claims.statement import Language
from data.drafts.prompt_text import PromptText, prompt_text
from data.errors import ConfigError
from data.query import At
from data.state.checks import CheckVerdict
from data.state.values import choice
from ingest.models.json_schema import check_schema
from ingest.models.model import JsonSchema, ModelRequest

PROMPTS = Path(__file__).parent / "prompts"
VERSION = re.compile(r"version (\d{1,4})\n")
LANGUAGES: tuple[Language, ...] = ("en", "de", "fr", "es")
AIMS = ("shorter", "plainer", "more neutral")
ROLES = ("fundamentals", "technicals", "macro", "news", "bull", "bear", "risk")
STYLE_KINDS = (
    *("unclear", "ambiguous", "jargon", "one-sided", "loaded word", "missing context"),
    *("forecast as fact", "no source", "contradiction"),
)
MOST_CANDIDATES = 20
MOST_STATEMENTS = 60
MOST_KNOWN = 200
MOST_FACTS = 60_000
TITLE_LENGTH = 160
Open = Callable[[datetime, str], At]
Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TaskQuestion:
    """What is sent for one task, and the text to which its quotations belong."""

    data: dict[str, Any]
    schema: JsonSchema
    text: PromptText
    most_tokens: int = 8192
    temperature: float = 0.0


@dataclass(frozen=True, slots=True)
class ModelTask:
    """`prepare` makes a question of a payload; `settle` keeps what of an answer can be used."""

    name: str
    prepare: Callable[[Payload], TaskQuestion]
    settle: Callable[[Payload, TaskQuestion, dict[str, Any], Open], CheckVerdict]

    def request(self, question: TaskQuestion, deadline_s: float) -> ModelRequest:
        """The question as any model takes it."""
        check_schema(question.schema)
        instruction, _ = instruction_of(self.name)
        data = json.dumps(question.data, ensure_ascii=False)
        return ModelRequest(
            instruction,
            data,
            question.schema,
            question.temperature,
            question.most_tokens,
            deadline_s,
        )

    @property
    def prompt_version(self) -> str:
        """Its name, the number that its file bears, and the digest of its words."""
        instruction, number = instruction_of(self.name)
        digest = hashlib.sha256(instruction.encode()).hexdigest()[:8]
        return f"{self.name}-{number}-{digest}"


@functools.cache
def instruction_of(name: str) -> tuple[str, int]:
    """The words of a task and their version."""
    text = (PROMPTS / f"{name}.md").read_text(encoding="utf-8")
    found = VERSION.match(text)
    if found is None:
        raise ConfigError(f"prompts/{name}.md does not begin with `version N`")
    return text[found.end() :].strip(), int(found[1])


def _find_claims(payload: Payload) -> TaskQuestion:
    sent = _sent(payload)
    subjects = [_titled(one) for one in _rows(payload, "subjects")]
    known = [str(words)[:TITLE_LENGTH] for words in _list(payload, "known")][:MOST_KNOWN]
    claim = _object(
        quote=_word(),
        subject=_word(*(one["id"] for one in subjects)),
        measure=_word(*PROPOSED_MEASURES),
        value=_maybe("number"),
        unit=_word(),
        period=_maybe("string"),
        direction=_maybe("string", "up", "down", "flat"),
    )
    data = {
        "draft": sent.text,
        "date": _clock(payload).date().isoformat(),
        "subjects": subjects,
        "known": known,
    }
    return TaskQuestion(data, _object(claims=_many(claim)), sent)


def _keep_claims(
    payload: Payload, question: TaskQuestion, document: dict[str, Any], open_at: Open
) -> CheckVerdict:
    """Those whose words stand in the draft once; `Proposal` takes what is kept."""
    kept: list[dict[str, Any]] = []
    left: list[str] = []
    for claim in document["claims"]:
        place = question.text.find(claim["quote"])
        if place is None:
            left.append("Words were quoted that do not stand in the draft, or more than once.")
            continue
        kept.append({**claim, "start": place[0], "end": place[1]})
    return _verdict("read", {"claims": kept}, [question.text.note, *left], kept)


def _pick_subjects(payload: Payload) -> TaskQuestion:
    sent = _sent(payload)
    statements: list[dict[str, Any]] = []
    ids: dict[str, None] = {}
    for place, row in enumerate(_rows(payload, "statements")[:MOST_STATEMENTS]):
        found = [_titled(one) for one in _rows(row, "candidates")[:MOST_CANDIDATES]]
        ids |= dict.fromkeys(one["id"] for one in found)
        quote = prompt_text(str(row.get("quote", "")), 500).text
        statements.append({"statement": place, "quote": quote, "candidates": found})
    pick = _object(statement=_of("integer"), subject=_maybe("string", *ids), quote=_word())
    data = {"draft": sent.text, "statements": statements}
    return TaskQuestion(data, _object(picks=_many(pick)), sent)


def _keep_picks(
    payload: Payload, question: TaskQuestion, document: dict[str, Any], open_at: Open
) -> CheckVerdict:
    """Those that name a candidate of their own statement; `place` is the payload's for it."""
    kept: dict[int, dict[str, Any]] = {}
    left: list[str] = []
    rows = _rows(payload, "statements")
    for pick in document["picks"]:
        number, subject = pick["statement"], pick["subject"]
        if not subject:
            continue
        if not 0 <= number < len(question.data["statements"]) or number in kept:
            left.append("A statement was named that was not asked about, or twice.")
            continue
        if subject not in {one["id"] for one in question.data["statements"][number]["candidates"]}:
            left.append("A subject was picked that is no candidate of its statement.")
            continue
        if pick["quote"] and not question.text.find_all(pick["quote"]):
            left.append("Words were quoted that do not stand in the draft.")
            continue
        place = rows[number].get("place", number)
        kept[number] = {"place": place, "subject": subject, "quote": pick["quote"]}
    picks = list(kept.values())
    return _verdict("read", {"picks": picks}, [question.text.note, *left], picks)


def _judge_style(payload: Payload) -> TaskQuestion:
    sent = _sent(payload)
    finding = _object(quote=_word(), kind=_word(*STYLE_KINDS), reason=_word())
    return TaskQuestion({"draft": sent.text}, _object(findings=_many(finding)), sent)


def _keep_findings(
    payload: Payload, question: TaskQuestion, document: dict[str, Any], open_at: Open
) -> CheckVerdict:
    """Those whose words stand in the draft and whose reason says no number of its own."""
    kept: list[dict[str, Any]] = []
    left: list[str] = []
    for finding in document["findings"][:10]:
        places = question.text.find_all(finding["quote"])
        reason = prompt_text(finding["reason"], 400).text
        if not places:
            left.append("Words were quoted that do not stand in the draft.")
        elif set(NUMERAL.findall(reason)) - set(NUMERAL.findall(finding["quote"])):
            left.append("A reason with a number that is not in its quotation was withheld.")
        else:
            span = {"start": places[0][0], "end": places[0][1]}
            kept.append({**finding, "reason": reason, **span})
    return _verdict("read", {"findings": kept}, [question.text.note, *left], kept)


def _rewrite(payload: Payload) -> TaskQuestion:
    text, start, end = _passage(payload)
    sent = prompt_text(text[start:end], 8_000)
    if sent.is_cut:
        raise ConfigError("the passage is too long to be rewritten at once; take a shorter one")
    aim = choice(str(payload.get("aim", "plainer")), "the aim", AIMS)
    before = prompt_text(text[max(0, start - 1_000) : start], 1_000).text
    data = {"passage": sent.text, "before": before, "aim": aim}
    return TaskQuestion(data, _object(text=_word()), sent, 4096)


def _keep_rewrite(
    payload: Payload, question: TaskQuestion, document: dict[str, Any], open_at: Open
) -> CheckVerdict:
    """The new passage, or why it is withheld; what is withheld is kept nowhere."""
    text, start, end = _passage(payload)
    new = prompt_text(document["text"], 12_000).text.strip()
    if not new:
        return _verdict("withheld", {"text": None}, ["The answer has no words."], [])
    at = open_at(_clock(payload), str(payload.get("mode", "public")))
    faults = rewrite_faults(at, text, (start, end), new, language=_language(payload))
    if faults:
        return _verdict("withheld", {"text": None}, faults[:20], [])
    offset = payload.get("offset")
    first = offset if isinstance(offset, int) else 0
    reply = {"text": new, "start": first + start, "end": first + end}
    return _verdict("read", reply, [question.text.note], [])


def _write_role(payload: Payload) -> TaskQuestion:
    role = choice(str(payload.get("role", "")), "the role", ROLES)
    facts = payload.get("facts")
    packed = json.dumps(facts, ensure_ascii=False, sort_keys=True)
    if not facts or len(packed) > MOST_FACTS:
        raise ConfigError(f"expected facts of at most {MOST_FACTS:,} characters")
    sent = prompt_text(packed, MOST_FACTS)
    schema = payload.get("schema") or _object(text=_word())
    # As one field: what is in it was cleaned as a whole, and is still the JSON that it was.
    return TaskQuestion({"role": role, "facts": json.loads(sent.text)}, schema, sent, 4096, 0.2)


def _keep_role(
    payload: Payload, question: TaskQuestion, document: dict[str, Any], open_at: Open
) -> CheckVerdict:
    """As it was written: the gate of notes checks every number before it is shown."""
    return _verdict("unchecked", _cleaned(document), [], [])


TASKS: dict[str, ModelTask] = {
    task.name: task
    for task in (
        ModelTask("find_claims", _find_claims, _keep_claims),
        ModelTask("pick_subjects", _pick_subjects, _keep_picks),
        ModelTask("judge_style", _judge_style, _keep_findings),
        ModelTask("rewrite", _rewrite, _keep_rewrite),
        ModelTask("write_role", _write_role, _keep_role),
    )
}


def _verdict(
    word: str, reply: dict[str, Any], notes: Sequence[str], quoted: Sequence[Mapping[str, Any]]
) -> CheckVerdict:
    reasons = tuple(dict.fromkeys(note for note in notes if note))
    return CheckVerdict(
        word, reasons=reasons, quotes=tuple(one["quote"] for one in quoted), reply=reply
    )


def _cleaned(document: Any) -> Any:
    if isinstance(document, str):
        return prompt_text(document).text
    if isinstance(document, list):
        return [_cleaned(part) for part in document]
    if isinstance(document, dict):
        return {name: _cleaned(part) for name, part in document.items()}
    return document


def _object(**parts: JsonSchema) -> dict[str, Any]:
    names = list(parts)
    return {"type": "object", "properties": parts, "required": names, "propertyOrdering": names}


def _many(items: JsonSchema) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _of(kind: str) -> dict[str, Any]:
    return {"type": kind}


def _word(*allowed: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(allowed)} if allowed else {"type": "string"}


def _maybe(kind: str, *allowed: str) -> dict[str, Any]:
    return {**({"enum": list(allowed)} if allowed else {}), "type": kind, "nullable": True}


def _text(payload: Payload, name: str) -> str:
    found = payload.get(name)
    if not isinstance(found, str) or not found.strip():
        raise ConfigError(f"the question has no {name}; expected the words of a draft")
    return found


def _sent(payload: Payload) -> PromptText:
    """The draft; `length` says how long it is where the question holds its beginning alone."""
    sent = prompt_text(_text(payload, "text"))
    length = payload.get("length")
    if not isinstance(length, int) or length <= sent.length:
        return sent
    return replace(sent, length=length, is_cut=True)


def _passage(payload: Payload) -> tuple[str, int, int]:
    text, start, end = _text(payload, "text"), payload.get("start"), payload.get("end")
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
        raise ConfigError("the passage does not lie in the text; expected `start` and `end`")
    return text, start, end


def _clock(payload: Payload) -> datetime:
    words = "the question has no clock; expected `as_of` as a time in UTC"
    try:
        moment = datetime.fromisoformat(str(payload.get("as_of")))
    except ValueError:
        raise ConfigError(words) from None
    if moment.tzinfo is None:
        raise ConfigError(words)
    return moment


def _language(payload: Payload) -> Language:
    return choice(str(payload.get("language", "en")), "the language", LANGUAGES)


def _list(payload: Payload, name: str) -> list[Any]:
    found = payload.get(name, [])
    if not isinstance(found, list):
        raise ConfigError(f"{name} of the question is no list")
    return found


def _rows(payload: Payload, name: str) -> list[Payload]:
    found = _list(payload, name)
    if not found or not all(isinstance(one, dict) for one in found):
        raise ConfigError(f"the question has no {name}; expected a list of objects")
    return found


def _titled(row: Payload) -> dict[str, str]:
    return {name: str(row.get(name, ""))[:TITLE_LENGTH] for name in ("id", "title")}
