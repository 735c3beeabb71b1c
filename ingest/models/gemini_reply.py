"""What a body of Gemini's REST protocol says: a document, or which fault.

Read from the bytes rather than from a library's classes: the library that is used knows neither
the parts that are thoughts nor ends that were introduced after it. None of the provider's own
words gets into a fault, since they may hold the key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ingest.models.model import FaultKind, ModelFault, ModelReply, ModelUsage

BLOCKED = frozenset(
    {
        *("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE"),
        *("IMAGE_SAFETY", "IMAGE_RECITATION", "IMAGE_PROHIBITED_CONTENT", "MODEL_ARMOR"),
    }
)
MALFORMED = frozenset({"MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE", "UNEXPECTED_TOOL_CALL"})
# The library asks for ends as numbers; a gateway may send words all the same.
FINISH_NUMBERS = (
    *("", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER", "LANGUAGE", "BLOCKLIST"),
    *("PROHIBITED_CONTENT", "SPII", "MALFORMED_FUNCTION_CALL", "IMAGE_SAFETY"),
)
BLOCK_NUMBERS = ("", "SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY")
WORD = re.compile(r"[A-Z][A-Z_]{1,39}")
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/@-]{0,79}")
DELAY = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)s")
QUOTA_REST_S = 60.0
BAD_KEYS = frozenset({"API_KEY_INVALID", "API_KEY_EXPIRED", "API_KEY_SERVICE_BLOCKED"})


def read_reply(status: int, body: bytes, usage: ModelUsage) -> ModelReply:
    """The document that the body holds; ModelFault for everything else."""
    chunks = _chunks(status, body, usage)
    for chunk in chunks:
        if "error" in chunk:
            raise fault_of_error(status, chunk["error"], usage)
    if status != 200:
        raise fault_of_error(status, {}, usage)
    usage = _counted(chunks, usage)
    reason = _finish(chunks, usage)
    text = "".join(_texts(chunks))
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        what = "no text" if not text.strip() else "no JSON"
        raise ModelFault(
            "malformed", f"The model's answer holds {what}, so it was not used.", usage=usage
        ) from None
    return ModelReply(document, _version(chunks), reason, usage)


def fault_of_error(status: int, error: Any, usage: ModelUsage) -> ModelFault:
    """Which fault an error object is, by its status and its reason; its text is not read."""
    said = error if isinstance(error, dict) else {}
    code = said.get("code") if isinstance(said.get("code"), int) else status
    word = _word(said.get("status"))
    details = [one for one in _list(said.get("details")) if isinstance(one, dict)]
    reasons = {one.get("reason") for one in details if isinstance(one.get("reason"), str)}
    if reasons & BAD_KEYS or code == 401:
        return ModelFault(
            "bad_key",
            "The model's provider refuses the key; set a valid one, then ask again.",
            usage=usage,
        )
    if code == 429 or word == "RESOURCE_EXHAUSTED":
        return _quota(details, usage)
    code = int(code or 0)
    kind, words = _by_status(code, word)
    return ModelFault(kind, words, is_passing=kind == "unavailable" and code >= 500, usage=usage)


def _by_status(code: int, word: str) -> tuple[FaultKind, str]:
    told = f"HTTP {code}{f' {word}' if word else ''}"
    if code == 403:
        return "bad_key", (
            f"The key may not use the model ({told}); allow the Generative Language API for its "
            "project, or set another key."
        )
    if code == 404:
        return "unavailable", (
            f"The provider has no such model ({told}); set MODEL to one that it offers."
        )
    if word == "FAILED_PRECONDITION":
        return "unavailable", f"The provider does not offer the model here ({told})."
    if code == 504 or word == "DEADLINE_EXCEEDED":
        return "slow", f"The provider did not finish its answer in time ({told})."
    if code >= 500 or word == "UNAVAILABLE":
        return "unavailable", f"The model is overloaded or out of order ({told}); ask again later."
    return "unknown", f"The provider refused the question ({told})."


def _quota(details: list[dict[str, Any]], usage: ModelUsage) -> ModelFault:
    delays = [DELAY.fullmatch(str(one.get("retryDelay", ""))) for one in details]
    wait = next((float(found[1]) for found in delays if found), None)
    words = f"in {wait:.0f} s" if wait is not None else "later"
    return ModelFault(
        "quota",
        f"The provider's quota is used up; it may be asked again {words}.",
        retry_after_s=QUOTA_REST_S if wait is None else wait,
        usage=usage,
    )


def _chunks(status: int, body: bytes, usage: ModelUsage) -> list[dict[str, Any]]:
    """One object, a list of them, or lines of `data:` as a stream sends them."""
    try:
        text = body.decode("utf-8")
        if text.lstrip().startswith("data:"):
            lines = (line.strip() for line in text.splitlines())
            raw: Any = [json.loads(line[5:]) for line in lines if line.startswith("data:")]
        else:
            raw = json.loads(text)
        found = raw if isinstance(raw, list) else [raw]
        if found and all(isinstance(one, dict) for one in found):
            return found
    except (ValueError, RecursionError):
        pass
    if status != 200:
        return [{}]
    raise ModelFault(
        "malformed", "The provider's reply cannot be read, so it was not used.", usage=usage
    )


def _finish(chunks: list[dict[str, Any]], usage: ModelUsage) -> str:
    """STOP, or the fault that another end is."""
    for chunk in chunks:
        feedback = chunk.get("promptFeedback")
        reason = (
            _named(feedback.get("blockReason"), BLOCK_NUMBERS) if isinstance(feedback, dict) else ""
        )
        if reason or (isinstance(feedback, dict) and not _list(chunk.get("candidates"))):
            told = f" ({reason})" if reason else ""
            raise ModelFault("blocked", f"The provider blocked the text{told}.", usage=usage)
    ends = [one.get("finishReason") for chunk in chunks for one in _candidates(chunk)]
    said = [_named(end, FINISH_NUMBERS) or "an end without a name" for end in ends if end]
    reason = next((end for end in said if end != "STOP"), said[-1] if said else "")
    if reason == "STOP":
        return reason
    if reason in BLOCKED:
        raise ModelFault("blocked", f"The provider blocked the answer ({reason}).", usage=usage)
    if reason == "MAX_TOKENS":
        words = "The answer was cut off at its limit of tokens, so it was not used."
        raise ModelFault("truncated", words, usage=usage)
    if reason in MALFORMED:
        words = f"The model could not form its answer ({reason})."
        raise ModelFault("malformed", words, usage=usage)
    told = f"it ended with {reason}" if reason else "it does not say how it ended"
    raise ModelFault("unknown", f"The answer was not used: {told}.", usage=usage)


def _texts(chunks: list[dict[str, Any]]) -> Iterator[str]:
    """The text of the first candidate, without the model's thoughts."""
    for chunk in chunks:
        for candidate in _candidates(chunk)[:1]:
            content = candidate.get("content")
            parts = _list(content.get("parts")) if isinstance(content, dict) else []
            for part in parts:
                if isinstance(part, dict) and not part.get("thought"):
                    yield str(part.get("text") or "")


def _counted(chunks: list[dict[str, Any]], usage: ModelUsage) -> ModelUsage:
    """Thoughts are paid for like words of the answer."""
    found = [
        chunk["usageMetadata"] for chunk in chunks if isinstance(chunk.get("usageMetadata"), dict)
    ]
    if not found:
        return usage
    asked = _count(found[-1], "promptTokenCount")
    total = _count(found[-1], "totalTokenCount")
    spoken, thought = (
        _count(found[-1], name) for name in ("candidatesTokenCount", "thoughtsTokenCount")
    )
    out = None if spoken is None and thought is None else (spoken or 0) + (thought or 0)
    if out is None and asked is not None and total is not None:
        out = max(total - asked, 0)
    return replace(usage, tokens_in=asked, tokens_out=out)


def _count(said: Mapping[str, Any], name: str) -> int | None:
    number = said.get(name)
    is_count = isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**40
    return number if is_count else None


def _version(chunks: list[dict[str, Any]]) -> str:
    said = next((chunk["modelVersion"] for chunk in chunks if chunk.get("modelVersion")), "")
    return said if isinstance(said, str) and VERSION.fullmatch(said) else ""


def _candidates(chunk: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [one for one in _list(chunk.get("candidates")) if isinstance(one, dict)]


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _named(found: Any, numbers: tuple[str, ...]) -> str:
    if isinstance(found, int) and not isinstance(found, bool):
        return numbers[found] if 0 <= found < len(numbers) else f"NUMBER {found}"[:20]
    return _word(found)


def _word(found: Any) -> str:
    return found if isinstance(found, str) and WORD.fullmatch(found) else ""
