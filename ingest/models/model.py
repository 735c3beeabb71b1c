"""What every model takes and gives, whoever provides it; one provider is one more file.

A model has no tools, sees one reader's text and gives an advice: a JSON document of the form that
was asked for. Anything else is a fault with a sentence of ours, in which neither the key nor the
question nor the provider's own words stand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, get_args

from data.errors import SourceError

FaultKind = Literal[
    "no_key",
    "bad_key",
    "quota",
    "blocked",
    "truncated",
    "malformed",
    "slow",
    "unavailable",
    "unknown",
]
FAULT_KINDS: tuple[FaultKind, ...] = get_args(FaultKind)
# A schema in the part of OpenAPI that models take: type, properties, required, enum, items,
# nullable, propertyOrdering.
JsonSchema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One question. `instruction` is ours and never quotes `data`, which is all that is foreign.

    `deadline_s` holds for everything, repetitions included.
    """

    instruction: str
    data: str
    schema: JsonSchema = field(hash=False)
    temperature: float = 0.0
    most_tokens: int = 8192
    deadline_s: float = 60.0

    @property
    def bytes_sent(self) -> int:
        """Of everything that the model reads."""
        parts = (self.instruction, self.data, json.dumps(dict(self.schema)))
        return sum(len(part.encode()) for part in parts)


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """Tokens as the provider counted them (thoughts are part of those out), and how many times it
    was asked; a number that it did not say is none."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    attempts: int = 1
    latency_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ModelReply:
    """The document that came back, not validated yet, and which model gave it."""

    document: Any = field(hash=False)
    model_version: str
    finish_reason: str
    usage: ModelUsage


class ModelFault(SourceError):
    """No answer that could be used. `retry_after_s` is the wait that the provider asked for;
    `is_passing` says that the same question may fare better in a moment."""

    def __init__(
        self,
        kind: FaultKind,
        message: str,
        *,
        retry_after_s: float | None = None,
        is_passing: bool = False,
        usage: ModelUsage | None = None,
    ) -> None:
        super().__init__(message)
        self.kind: FaultKind = kind
        self.retry_after_s = retry_after_s
        self.is_passing = is_passing
        self.usage = usage or ModelUsage()


class TextModel(Protocol):
    """A model of a provider, ready to be asked."""

    @property
    def provider(self) -> str:
        """Under which quotas, breaker and calls are kept."""

    @property
    def model(self) -> str:
        """As the settings name it."""

    def ask(self, request: ModelRequest) -> ModelReply:
        """The answer, or a ModelFault within the request's deadline."""
