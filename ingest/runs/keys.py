"""Keys of the sources: found at the last moment, and struck out of whatever is written.

Refuses a key too short to be told from ordinary words, since it could not be struck out.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Literal, get_args

from data.errors import ConfigError
from ingest.jobs import Source

STRUCK = "***"
SHORTEST = 8
# What a key is called in the addresses and headers of the sources we know. A value that stands
# there is struck out even where we do not hold it, e.g. in an address that a source sends back.
NAMES = (
    r"api[_-]?key|apikey|access[_-]?key|access[_-]?token|app[_-]?id|subscription[_-]?key|token"
    r"|x-api-key|x-goog-api-key|x-cg-demo-api-key|x-cg-pro-api-key|ocp-apim-subscription-key"
    r"|authorization|password|secret|signature|registrationkey|userid"
)
IN_ADDRESS = re.compile(rf"(?i)([?&](?:{NAMES})=)[^&\s\"'<>]+")
PRIVATE_HEADERS = re.compile(rf"(?i)^(?:{NAMES}|cookie|set-cookie|proxy-authorization)$")


KeyKind = Literal["query", "header", "body"]
KEY_KINDS: tuple[KeyKind, ...] = get_args(KeyKind)


class MissingKeyError(ConfigError):
    """A source cannot be asked before somebody gives it a key."""


class MissingContactError(MissingKeyError):
    """A source cannot be asked before somebody says who asks."""


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a key goes: the name of a query parameter, of a header or of a field of the body."""

    kind: KeyKind
    name: str

    @classmethod
    def of(cls, source: Source) -> KeyPlace:
        """From the source's `key_in`."""
        kind, _, name = (source.key_in or "").partition(":")
        for known in KEY_KINDS:
            if kind == known and name:
                return cls(known, name)
        raise ConfigError(
            f"{source.name}: key_in is {source.key_in!r}; expected query:NAME, header:NAME "
            "or body:NAME"
        )


class Keys:
    """The keys of one process. `read` finds one by the name of its environment variable."""

    def __init__(self, read: Callable[[str], str | None]) -> None:
        self._read = read
        self._struck: dict[str, tuple[re.Pattern[str], re.Pattern[bytes]]] = {}

    def __repr__(self) -> str:
        return f"Keys({len(self._struck)} struck out)"

    def of(self, source: Source) -> str | None:
        """The source's key, none where it can do without; MissingKeyError says what to do."""
        if source.secret is None:
            return None
        found = self._read(source.secret)
        if not found and source.is_key_optional:
            return None
        if not found:
            raise MissingKeyError(
                f"{source.title} needs a key: put {source.secret}=... into the environment of the "
                "scheduler or into the secrets file"
            )
        self.plant(found, source.secret)
        return found

    def has(self, source: Source) -> bool:
        """Whether the source's key is known."""
        return source.secret is not None and bool(self._read(source.secret))

    def plant(self, value: str, name: str) -> None:
        """From now on this value is struck out, as it is or as addresses, JSON or HTML write it."""
        if len(value) < SHORTEST or not value.isprintable() or not value.isascii():
            raise ConfigError(
                f"{name} is no usable key: expected at least {SHORTEST} printable ASCII characters"
            )
        # Some sources write in capitals what they were asked.
        for form in dict.fromkeys((value, value.upper(), value.lower())):
            if form not in self._struck:
                pattern = "".join(_written(mark) for mark in form)
                self._struck[form] = re.compile(pattern), re.compile(pattern.encode())

    def redact(self, text: str) -> str:
        """The text without any key."""
        for pattern, _ in self._struck.values():
            text = pattern.sub(STRUCK, text)
        return IN_ADDRESS.sub(rf"\1{STRUCK}", text)

    def redact_bytes(self, body: bytes) -> bytes:
        """A body without any key that we hold: some sources echo what they were asked."""
        for _, pattern in self._struck.values():
            body = pattern.sub(STRUCK.encode(), body)
        return body

    def redact_headers(self, headers: dict[str, str]) -> dict[str, str]:
        """Headers without keys and cookies."""
        return {
            name: STRUCK if PRIVATE_HEADERS.match(name) else self.redact(value)
            for name, value in headers.items()
        }


def _written(mark: str) -> str:
    """All ways in which one character of a key may be written, as a pattern."""
    code = f"{ord(mark):02x}"
    if mark.isalnum():
        return mark
    ways = [re.escape(mark), f"%(?i:{code})", rf"\\u00(?i:{code})", rf"\\{re.escape(mark)}"]
    ways += [re.escape(escape(mark)), rf"&\#{ord(mark)};"]
    return f"(?:{'|'.join(ways)}{'|[+]' if mark == ' ' else ''})"


def guard_logs(keys: Keys) -> None:
    """No log line of this process, of ours or of a library, can hold a key from here on.

    Done where records are made, so that it holds for every logger, handler and traceback; the
    HTTP libraries, which log whole addresses, speak from warnings on only.
    """
    made = logging.getLogRecordFactory()
    made = getattr(made, "unguarded", made)

    def guarded(*arguments: object, **named: object) -> logging.LogRecord:
        record: logging.LogRecord = made(*arguments, **named)
        try:
            record.msg, record.args = keys.redact(record.getMessage()), None
        except (TypeError, ValueError, KeyError):
            record.msg, record.args = keys.redact(f"{record.msg!r} {record.args!r}"), None
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = keys.redact("".join(traceback.format_exception(*record.exc_info)))
        if record.stack_info:
            record.stack_info = keys.redact(record.stack_info)
        return record

    guarded.unguarded = made  # type: ignore[attr-defined]  # found again by the next call
    logging.setLogRecordFactory(guarded)
    quiet_http_logs()


def quiet_http_logs() -> None:
    """The HTTP libraries log whole addresses at lower levels; from here on warnings only."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
