"""A server on loopback that speaks Gemini's REST protocol, with whatever answer it is told."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATH = re.compile(r"/v1beta/models/([A-Za-z0-9._-]+):generateContent")
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: the JSON of the call, its headers by lower-case name, its model."""

    body: Body
    headers: dict[str, str]
    model: str
    query: str

    @property
    def instruction(self) -> str:
        return "".join(part["text"] for part in self.body["systemInstruction"]["parts"])

    @property
    def data(self) -> Any:
        """The one JSON document of the question."""
        return json.loads(self.body["contents"][0]["parts"][0]["text"])


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body; `wait_s` before it, `drip_s` between its bytes."""

    body: bytes
    status: int = 200
    wait_s: float = 0.0
    drip_s: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


Respond = Callable[[Question], Answer]


@dataclass(slots=True)
class GeminiServer:
    """`respond` answers each question; `questions` are those that came."""

    respond: Respond
    url: str = ""
    questions: list[Question] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)


@contextmanager
def gemini_server(respond: Respond | Answer) -> Iterator[GeminiServer]:
    """Answers every question alike, or as the function says."""
    act = respond if callable(respond) else lambda question: respond
    home = GeminiServer(act)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            path, _, query = self.path.partition("?")
            found = PATH.fullmatch(path)
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            if found is None:
                self.send_error(404)
                return
            question = Question(body, headers, found[1], query)
            home.questions.append(question)
            _give(self, home.respond(question), home.let_go)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        home.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield home
        finally:
            home.let_go.set()
            server.shutdown()
            thread.join()


def _give(to: BaseHTTPRequestHandler, answer: Answer, let_go: threading.Event) -> None:
    let_go.wait(answer.wait_s)
    with contextlib.suppress(OSError):
        to.send_response(answer.status)
        for name, value in answer.headers.items():
            to.send_header(name, value)
        to.send_header("Content-Type", "application/json; charset=UTF-8")
        to.send_header("Content-Length", str(len(answer.body)))
        to.end_headers()
        if not answer.drip_s:
            to.wfile.write(answer.body)
            return
        for one in answer.body:
            if let_go.wait(answer.drip_s):
                return
            to.wfile.write(bytes([one]))
            to.wfile.flush()


def said(document: object, reason: object = "STOP", **more: Any) -> Answer:
    """A whole reply whose text is this document."""
    return parts([{"text": json.dumps(document)}], reason, **more)


def parts(found: list[Body] | None, reason: object = "STOP", **more: Any) -> Answer:
    """A reply of these parts; none: content without any."""
    content: Body = {"role": "model"} | ({} if found is None else {"parts": found})
    candidate: Body = {"content": content, "index": 0}
    if reason is not None:
        candidate["finishReason"] = reason
    return whole({"candidates": [candidate], **counted(), **more})


def counted(asked: int = 120, spoken: int = 30, thought: int = 0) -> Body:
    """The tokens of a reply, and the version of the model that gave it."""
    return {
        "usageMetadata": {
            "promptTokenCount": asked,
            "candidatesTokenCount": spoken,
            "thoughtsTokenCount": thought,
            "totalTokenCount": asked + spoken + thought,
        },
        "modelVersion": "gemini-2.5-flash",
    }


def whole(document: object, status: int = 200, **more: Any) -> Answer:
    """Any JSON as the body."""
    return Answer(json.dumps(document).encode(), status, **more)


def error(code: int, status: str, message: str = "", *details: Body) -> Answer:
    """An error as the provider writes it."""
    found = {"code": code, "message": message, "status": status, "details": list(details)}
    return whole({"error": found}, code)


def bad_key(key: str) -> Answer:
    """The provider refuses a key, and says it aloud."""
    told = f"API key not valid. Please pass a valid API key. Key: {key}"
    reason = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
    debug = {"@type": "type.googleapis.com/google.rpc.DebugInfo", "detail": f"Invalid key: {key}"}
    return error(400, "INVALID_ARGUMENT", told, reason, debug)


def quota(delay: str | None = "37s") -> Answer:
    """The quota is used up, perhaps with the wait that is asked for."""
    retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}
    return error(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", *([retry] if delay else []))


def in_turn(*answers: Answer) -> Respond:
    """One after the other; the last one stays."""
    left = list(answers)

    def respond(_: Question) -> Answer:
        return left.pop(0) if len(left) > 1 else left[0]

    return respond
