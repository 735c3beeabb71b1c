"""Whether a document has the form that was asked for: the part of OpenAPI that models are given.

Refuses a schema with any other word in it, since a provider would refuse it too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from data.errors import ConfigError
from ingest.models.model import JsonSchema

WORDS = frozenset(
    {"type", "properties", "required", "enum", "items", "nullable", "propertyOrdering"}
)
TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
}
MOST_DEPTH = 12
MOST_ITEMS = 500
MOST_LETTERS = 20_000


def check_schema(schema: JsonSchema, where: str = "the schema") -> None:
    """Raise ConfigError where a schema uses a word that models do not take."""
    strange = sorted(set(schema) - WORDS)
    if strange:
        raise ConfigError(
            f"{where} has {', '.join(strange)}; a model takes {', '.join(sorted(WORDS))}"
        )
    if schema.get("type") not in TYPES:
        raise ConfigError(f"{where} has the type {schema.get('type')!r}; use {', '.join(TYPES)}")
    for name, part in schema.get("properties", {}).items():
        check_schema(part, f"{where}.{name}")
    if schema["type"] == "array":
        check_schema(schema.get("items", {}), f"{where}[]")


def mismatch(document: Any, schema: JsonSchema, where: str = "it", depth: int = 0) -> str | None:
    """What about a document is not as asked for, in a few words without any of its own; or none."""
    if depth > MOST_DEPTH:
        return f"{where} is nested too deeply"
    if document is None:
        return None if schema.get("nullable") else f"{where} is null"
    kind = schema["type"]
    is_flag = isinstance(document, bool) and kind != "boolean"
    if is_flag or not isinstance(document, TYPES[kind]):
        return f"{where} is no {kind}"
    if "enum" in schema and document not in schema["enum"]:
        return f"{where} is none of the words that may stand there"
    if isinstance(document, float) and not math.isfinite(document):
        return f"{where} is no finite number"
    if isinstance(document, str) and len(document) > MOST_LETTERS:
        return f"{where} is too long"
    if isinstance(document, list):
        return _in_list(document, schema, where, depth)
    return _in_object(document, schema, where, depth) if isinstance(document, dict) else None


def _in_list(document: list[Any], schema: JsonSchema, where: str, depth: int) -> str | None:
    if len(document) > MOST_ITEMS:
        return f"{where} has more than {MOST_ITEMS} entries"
    found = (
        mismatch(one, schema["items"], f"{where}[{place}]", depth + 1)
        for place, one in enumerate(document)
    )
    return next((words for words in found if words), None)


def _in_object(document: dict[str, Any], schema: JsonSchema, where: str, depth: int) -> str | None:
    parts = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in document:
            return f"{where} lacks {name}"
    if set(document) - set(parts):
        return f"{where} has a field that was not asked for"
    found = (
        mismatch(document[name], part, f"{where}.{name}", depth + 1)
        for name, part in parts.items()
        if name in document
    )
    return next((words for words in found if words), None)
