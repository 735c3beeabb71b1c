"""Performs calls: cache, breaker, budget, pace, retries; a reply comes back or one clear reason.

Refuses to go to another host than the one asked, to send a key in clear over a network, and to
let a key into anything that is written.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from data.clock import iso
from data.errors import SourceError
from data.settings import Settings
from data.state import breakers
from data.state.budgets import Ask
from data.state.db import State
from ingest.jobs import Call, Reply, ReplyError, Source
from ingest.runs.budget import CallBudget
from ingest.runs.cache import Cache
from ingest.runs.http_client import (
    HttpAnswer,
    HttpClient,
    HttpError,
    HttpRequest,
    OversizeError,
    Waits,
)
from ingest.runs.keys import KeyPlace, Keys, MissingContactError
from ingest.runs.pace import LateError, Pace, Tempo
from ingest.runs.rejects import Rejects

LOG = logging.getLogger(__name__)
RETRIED = frozenset((408, 425, 429, 500, 502, 503, 504))
REDIRECTS = frozenset((301, 302, 303, 307, 308))
REPOSTS = frozenset((307, 308))  # the redirects that a POST keeps its body over
ATTEMPTS = 5
HOPS = 5
BACKOFF_S, LONGEST_BACKOFF_S = 1.0, 60.0
QUOTA_BACKOFF_S = 30.0  # after a 429 that does not say how long
LONGEST_SLEEP_S = 120.0  # what asks for more is left for a later run
LONGEST_RETRY_AFTER_S = 86_400.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")
WEB = ("https://", "http://")
AGENT = "Barograph/0.1"
SECONDS = re.compile(r"\d{1,12}(\.\d{1,9})?")


class RestingError(SourceError):
    """The source is left alone for now; nothing was sent."""


class _LostError(Exception):
    """A redirect that is not to be followed."""


@dataclass(frozen=True, slots=True)
class CallTerms:
    """Until when (monotonic clock) a call may take, and whether a person waits for it."""

    deadline: float
    is_user: bool = False


class Transport:
    """The calls of one run at a time, to any source; counts what went over the wire."""

    def __init__(
        self,
        settings: Settings,
        state: State,
        budget: CallBudget,
        *,
        tempo: Tempo | None = None,
        waits: Waits | None = None,
    ) -> None:
        self.tempo = tempo or Tempo()
        self.keys = Keys(settings.secret)
        self.calls = 0
        self.received = 0
        self.rejects = Rejects(settings.rejects, self.keys)
        self._state = state
        self._budget = budget
        self._cache = Cache(settings.cache)
        self._pace = Pace(settings.run / "pace", self.tempo)
        self._contact = settings.contact
        contact = f" ({settings.contact})" if settings.contact else ""
        self._wire = HttpClient(AGENT + contact, waits)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def fetch(self, source: Source, call: Call, terms: CallTerms) -> Reply:
        """The reply, of whatever status no further attempt could mend.

        Raises ReplyError (no reply), RestingError (breaker), BudgetError (quota) or
        MissingContactError.
        """
        if not call.url.startswith(WEB):  # drawn or kept in the house: there is nothing to send
            return Reply(call, 200, {}, b"", self.tempo.now())
        if source.needs_contact and not self._contact:
            raise MissingContactError(
                f"{source.title} needs a contact: set CONTACT to a mail address, which it reads in "
                "our User-Agent"
            )
        cached_reply = self._cache.find(source.name, call)
        if (
            cached_reply
            and not terms.is_user
            and cached_reply.is_fresh(source.cache_s, self.tempo.now())
        ):
            return cached_reply.reply
        asked = call
        if cached_reply:
            asked = replace(call, headers=dict(call.headers) | cached_reply.conditions)
        answer = _Trip(self, source, terms).go(asked)
        now = self.tempo.now()
        if answer.status == 304 and cached_reply:
            return replace(cached_reply.reply, fetched_at=now)
        body = self.keys.redact_bytes(answer.body)
        return Reply(call, answer.status, self.keys.redact_headers(answer.headers), body, now)

    def accept(self, source: Source, reply: Reply) -> None:
        """The reply was data: remember it, and that the source is well."""
        breakers.good(self._state, source.limited_as)
        if reply.status == 200:
            self._cache.keep(source.name, reply, source.cache_s)

    def refuse(self, source: Source, reply: Reply, error: ReplyError) -> None:
        """The reply was no data: keep it with the reason, and count it where it is trouble."""
        reason = str(error)
        self.rejects.keep(source.name, reply, problem=error.problem, reason=reason)
        if reply.status in RETRIED:
            return  # counted when it came
        now = self.tempo.now()
        if error.problem in ("quota", "blocked") and error.retry_after_s:
            self._hold(source, reason, min(error.retry_after_s, LONGEST_RETRY_AFTER_S))
        elif error.problem in ("quota", "upstream", "blocked"):
            breakers.bad(self._state, source.limited_as, self.keys.redact(reason), now=now)
        else:
            breakers.good(self._state, source.limited_as)

    def _hold(self, source: Source, reason: str, seconds: float) -> None:
        now = self.tempo.now()
        until = now + timedelta(seconds=seconds)
        breakers.hold(
            self._state, source.limited_as, self.keys.redact(reason), now=now, until=until
        )


class _Trip:
    """One call with its attempts and redirects."""

    def __init__(self, transport: Transport, source: Source, terms: CallTerms) -> None:
        self._on = transport
        self._source = source
        self._terms = terms

    def go(self, call: Call) -> HttpAnswer:
        """Attempt after attempt, until an answer that another attempt would not change."""
        tempo = self._on.tempo
        for attempt in range(1, ATTEMPTS + 1):
            answer, trouble = self._attempt(call)
            if answer is not None and answer.status not in RETRIED:
                return answer
            reason = f"HTTP {answer.status}" if answer is not None else str(trouble)
            state = self._on._state
            found = breakers.bad(state, self._source.limited_as, reason, now=tempo.now())
            asked = _retry_after(answer, tempo.now()) if answer is not None else None
            wait = self._wait(attempt, answer, asked)
            too_long = wait > LONGEST_SLEEP_S or tempo.monotonic() + wait > self._terms.deadline
            if too_long and asked:
                self._on._hold(self._source, f"{reason}, come back in {asked:.0f} s", asked)
            if attempt == ATTEMPTS or found.until is not None or too_long:
                break
            LOG.info(
                "source=%s attempt=%d wait_s=%.1f %s", self._source.name, attempt, wait, reason
            )
            tempo.sleep(wait)
        if answer is None:
            raise ReplyError("upstream", f"{self._source.name}: {trouble} ({attempt} attempts)")
        return answer

    def _attempt(self, call: Call) -> tuple[HttpAnswer | None, HttpError | None]:
        """One attempt with the redirects it meets: an answer, or what went wrong on the way."""
        url = httpx.URL(call.url).copy_merge_params(dict(call.params))
        seen: set[str] = set()
        try:
            while True:
                answer = self._send(url, call)
                if answer.status not in REDIRECTS or "location" not in answer.headers:
                    return answer, None
                if call.body is not None and answer.status not in REPOSTS:
                    raise _LostError("the source redirects what was posted to it")
                seen.add(str(url))
                url = self._follow(url, answer.headers["location"], seen)
        except (OversizeError, _LostError) as error:
            words = f"{self._source.name}: {error}"
            now = self._on.tempo.now()
            breakers.bad(self._on._state, self._source.limited_as, words, now=now)
            raise ReplyError("upstream", words) from None
        except HttpError as error:
            if error.partial:
                self._keep_partial(call, error)
            return None, error

    def _send(self, url: httpx.URL, call: Call) -> HttpAnswer:
        """One request, in its turn, paid for."""
        on, source = self._on, self._source
        request = self._with_key(url, call)
        resting = breakers.allow(on._state, source.limited_as, now=on.tempo.now())
        if resting is not None and resting.until is not None:
            raise RestingError(
                f"{source.name} is left alone until {iso(resting.until)}: {resting.reason}"
            )
        spacing, at_once = (
            on._budget.spacing(source.limited_as, call.credits),
            on._budget.at_once(source.limited_as),
        )
        try:
            with on._pace.turn(
                source.limited_as, spacing, at_once=at_once, deadline=self._terms.deadline
            ):
                asks = self._reserve(call)
                return self._pay(asks, request)
        except LateError as error:
            raise ReplyError("upstream", f"{source.name}: {error}") from None

    def _reserve(self, call: Call) -> tuple[Ask, ...]:
        return self._on._budget.reserve(
            self._source.limited_as,
            {"calls": 1, "credits": call.credits},
            now=self._on.tempo.now(),
            is_user=self._terms.is_user,
        )

    def _pay(self, asks: tuple[Ask, ...], request: HttpRequest) -> HttpAnswer:
        try:
            left = self._terms.deadline - self._on.tempo.monotonic()
            answer = self._on._wire.send(request, max_bytes=self._source.max_bytes, within_s=left)
        except HttpError as error:
            if error.sent:
                self._on.calls += 1
            else:
                self._on._budget.refund(asks)
            raise
        self._on.calls += 1
        self._on.received += answer.received
        return answer

    def _with_key(self, url: httpx.URL, call: Call) -> HttpRequest:
        """The call as it is sent; the only place where a key joins it."""
        key = self._on.keys.of(self._source)
        if key is None:
            return HttpRequest(url, call.headers, call.body)
        if url.scheme != "https" and url.host not in LOOPBACK:
            raise ReplyError(
                "client", f"{self._source.name}: a key is sent over https only, not to {url.host}"
            )
        place = KeyPlace.of(self._source)
        if place.kind == "query":
            return HttpRequest(url.copy_set_param(place.name, key), call.headers, call.body)
        if place.kind == "body":
            return HttpRequest(url, call.headers, {**(call.body or {}), place.name: key})
        value = f"Bearer {key}" if place.name.lower() == "authorization" else key
        return HttpRequest(url, {**call.headers, place.name: value}, call.body)

    def _follow(self, url: httpx.URL, location: str, seen: set[str]) -> httpx.URL:
        """Where a redirect leads, if it stays with the host."""
        target = url.join(location)
        upgraded = (url.scheme, target.scheme) == ("http", "https")
        if target.host != url.host or (target.netloc != url.netloc and not upgraded):
            raise _LostError(f"the source redirects to another host, {target.host[:100]}")
        if url.scheme == "https" and target.scheme != "https":
            raise _LostError("the source redirects away from https")
        place = self._source.key_in or ""
        if place.startswith("query:"):
            target = target.copy_remove_param(place.partition(":")[2])
        if str(target) in seen or len(seen) >= HOPS:
            raise _LostError(f"the source redirects in a circle, {len(seen)} times so far")
        return target

    def _wait(self, attempt: int, answer: HttpAnswer | None, asked: float | None) -> float:
        """As long as the source asked, else a random part of a span that doubles."""
        if asked is not None:
            return asked
        span = min(BACKOFF_S * float(1 << (attempt - 1)), LONGEST_BACKOFF_S)
        floor = QUOTA_BACKOFF_S if answer is not None and answer.status == 429 else 0.0
        return floor + span * self._on.tempo.chance()

    def _keep_partial(self, call: Call, error: HttpError) -> None:
        partial = Reply(call, 0, {}, error.partial, self._on.tempo.now())
        self._on.rejects.keep(
            self._source.name, partial, problem="upstream", reason=f"{error}; this is what came"
        )


def _retry_after(answer: HttpAnswer, now: datetime) -> float | None:
    """Seconds that the source asks us to wait, given as a number or as a date; a day at most."""
    text = answer.headers.get("retry-after", "").strip()
    if SECONDS.fullmatch(text):
        return min(float(text), LONGEST_RETRY_AFTER_S)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    wait = moment.replace(tzinfo=moment.tzinfo or UTC) - now
    return min(max(wait / timedelta(seconds=1), 0.0), LONGEST_RETRY_AFTER_S)
