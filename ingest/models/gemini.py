"""Gemini through google-generativeai, which is imported when it is first asked and not before.

The library's own retry is switched off: it repeats a 503 for ten minutes, its timeout holds for
one attempt only and a read that times out passes it by. Here one deadline holds for everything.
"""

from __future__ import annotations

import logging
import random
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from data.errors import ConfigError
from ingest.models.gemini_reply import read_reply
from ingest.models.model import ModelFault, ModelReply, ModelRequest, ModelUsage

BASE_URL = "https://generativelanguage.googleapis.com"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
ATTEMPTS = 3
FIRST_PAUSE_S = 0.5
LEAST_S = 1.0  # with less time left than this, no further attempt is begun
GRACE_S = 0.5
MOST_BYTES = 4_000_000
SENT = frozenset({"type", "properties", "required", "enum", "items", "nullable"})

log = logging.getLogger(__name__)


def check_base_url(address: str) -> str:
    """The address of the provider; one that would carry the key in the clear is refused."""
    parts = urlsplit(address)
    is_near = parts.scheme == "http" and parts.hostname in LOOPBACK
    is_bare = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username)
    if not (parts.hostname and is_bare and (parts.scheme == "https" or is_near)):
        raise ConfigError(
            "MODEL_URL: expected an https address without a path, e.g. "
            f"{BASE_URL} (http on this machine alone)"
        )
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(slots=True)
class _Body:
    """The last reply as it came, read by a hook of the session, at most so many bytes of it."""

    status: int = 0
    content: bytes = b""
    is_too_long: bool = False

    def take(self, response: Any, *_: Any, **__: Any) -> None:
        """Called by the session before it reads a body of any length."""
        pieces, size = [], 0
        for piece in response.iter_content(65536):
            size += len(piece)
            if size > MOST_BYTES:
                self.is_too_long = True
                response.close()
                break
            pieces.append(piece)
        self.status, self.content = response.status_code, b"".join(pieces)
        response._content = self.content


@dataclass(slots=True)
class GeminiModel:
    """One model of Gemini's; `redact` strikes the key out of whatever the provider echoes."""

    model: str
    key: str = field(repr=False)
    base_url: str = BASE_URL
    redact: Callable[[bytes], bytes] = field(default=lambda body: body, repr=False)
    provider: str = "gemini"

    def ask(self, request: ModelRequest) -> ModelReply:
        """The answer within the deadline, whatever the provider does meanwhile.

        The call is made by a thread that is left behind when the time is over: a provider that
        sends a byte now and then is late for no read.
        """
        begun = time.monotonic()
        asking = _Asking(self, request, begun + request.deadline_s)
        thread = threading.Thread(target=asking.run, name="gemini", daemon=True)
        thread.start()
        thread.join(request.deadline_s + GRACE_S)
        asking.is_given_up = True
        usage = ModelUsage(attempts=max(asking.attempts, 1), latency_s=time.monotonic() - begun)
        found = asking.found
        if isinstance(found, ModelReply):
            return replace(found, usage=_timed(found.usage, usage))
        if isinstance(found, ModelFault):
            found.usage = _timed(found.usage, usage)
            raise found
        raise ModelFault("slow", _slow(request), usage=usage)


@dataclass(slots=True)
class _Asking:
    """The attempts at one question, in a thread of their own."""

    of: GeminiModel
    request: ModelRequest
    until: float
    attempts: int = 0
    is_given_up: bool = False
    found: ModelReply | ModelFault | None = None

    def run(self) -> None:
        """Ends with `found`; nothing leaves the thread otherwise."""
        pause = FIRST_PAUSE_S
        try:
            send = _sender(self.of, self.request)
            while True:
                self.found = self._attempt(send)
                if not self._may_repeat(pause):
                    return
                time.sleep(pause * (1 + random.random() / 4))  # spread, no secret
                pause *= 2
                if self.is_given_up:
                    return
        except Exception as error:  # noqa: BLE001  # a library's own fault must not end silently
            log.warning("model=%s fault=%s", self.of.model, type(error).__name__)
            words = "The library that speaks to the model failed; the log says more."
            self.found = ModelFault("unknown", words)

    def _may_repeat(self, pause: float) -> bool:
        is_passing = isinstance(self.found, ModelFault) and self.found.is_passing
        has_time = self.until - time.monotonic() > pause * 1.25 + LEAST_S
        return is_passing and has_time and self.attempts < ATTEMPTS and not self.is_given_up

    def _attempt(self, send: Callable[[float], _Body | ModelFault]) -> ModelReply | ModelFault:
        self.attempts += 1
        came = send(max(self.until - time.monotonic(), LEAST_S / 2))
        if isinstance(came, ModelFault):
            return came
        usage = ModelUsage(attempts=self.attempts)
        if came.is_too_long:
            return ModelFault("malformed", "The reply is far too long, so it was not used.")
        try:
            return read_reply(came.status, self.of.redact(came.content), usage)
        except ModelFault as fault:
            return fault


def _sender(of: GeminiModel, request: ModelRequest) -> Callable[[float], _Body | ModelFault]:
    """What makes one attempt within so many seconds: the reply as it came, or why none did."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        import google.generativeai as genai  # 540 modules, for this process alone
        from google.generativeai import client  # as above

    genai.configure(api_key=of.key, transport="rest", client_options={"api_endpoint": of.base_url})
    model = genai.GenerativeModel(of.model, system_instruction=request.instruction)
    settings = genai.GenerationConfig(
        temperature=request.temperature,
        max_output_tokens=request.most_tokens,
        response_mime_type="application/json",
        response_schema=_sent_schema(request.schema),
    )
    body = _Body()
    session = client.get_default_generative_client().transport._session
    session.hooks["response"].append(body.take)
    session.trust_env = False  # no proxy and no netrc of the environment
    session.max_redirects = 0  # the key goes to nobody else

    def send(seconds: float) -> _Body | ModelFault:
        body.status, until = 0, time.monotonic() + seconds
        try:
            options = {"timeout": seconds, "retry": None}
            model.generate_content(
                request.data, generation_config=settings, request_options=options
            )
        except Exception as error:  # noqa: BLE001  # each layer raises its own; the bytes decide
            if not body.status:
                return _no_reply(error, request, is_over=time.monotonic() >= until)
        return body

    return send


def _no_reply(error: Exception, request: ModelRequest, *, is_over: bool) -> ModelFault:
    """Why nothing came, by the kind of error alone: its words may hold the address and the key."""
    log.info("no_reply=%s", type(error).__name__)
    if is_over or "Timeout" in type(error).__name__:
        return ModelFault("slow", _slow(request))
    if not type(error).__module__.startswith("requests."):  # the library's own, or ours
        raise error
    words = "The model's provider cannot be reached; ask again later."
    return ModelFault("unavailable", words, is_passing=True)


def _sent_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Without the words that the library does not know; fields come in the order they stand in."""
    kept = {word: value for word, value in schema.items() if word in SENT}
    if "properties" in kept:
        kept["properties"] = {name: _sent_schema(part) for name, part in kept["properties"].items()}
    if "items" in kept:
        kept["items"] = _sent_schema(kept["items"])
    return kept


def _timed(counted: ModelUsage, measured: ModelUsage) -> ModelUsage:
    return replace(counted, attempts=measured.attempts, latency_s=measured.latency_s)


def _slow(request: ModelRequest) -> str:
    return f"No answer came within {request.deadline_s:.0f} s."
