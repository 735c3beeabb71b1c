"""Rules as a plain file: read, checked, entered as new versions; and written out again."""

from __future__ import annotations

import contextlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from analytics.live.active_rules import same
from analytics.live.rules import read_rule, with_rearm
from data.errors import ConfigError
from data.state import rules
from data.state.db import State
from data.state.rules import Terms
from data.state.values import Edit

OWN = Path(__file__).with_name("rules.toml")
ABOUT = ("name", "severity", "enabled")


def parse(text: str, where: str) -> list[Terms]:
    """The rules of a file, each checked; a ConfigError says which one is odd and why."""
    try:
        tables = tomllib.loads(text).get("rule", [])
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where} is no TOML file: {error}") from None
    if not isinstance(tables, list) or not all(isinstance(item, dict) for item in tables):
        raise ConfigError(f"{where}: expected a list of [[rule]] tables")
    return [_terms(table, f"{where}, rule {number}") for number, table in enumerate(tables, 1)]


def _terms(table: Mapping[str, object], where: str) -> Terms:
    title = table.get("name")
    if not isinstance(title, str) or not title.strip():
        raise ConfigError(f"{where}: expected a name")
    definition = {key: value for key, value in table.items() if key not in ABOUT}
    try:
        definition = with_rearm(definition)
        read_rule(definition, "0.0")
    except ConfigError as error:
        raise ConfigError(f"{where} ({title}): {error}") from None
    severity = str(table.get("severity", "warning"))
    if severity not in rules.SEVERITIES:
        raise ConfigError(f"{where} ({title}): severity is one of {', '.join(rules.SEVERITIES)}")
    return Terms(title, definition, severity, bool(table.get("enabled", True)))


def enter(state: State, found: Iterable[Terms], edit: Edit) -> tuple[int, int]:
    """New rules, and new versions of those of the same name; how many of each."""
    saved_rules = {rule.terms.name: rule for rule in rules.listed(state, as_of=edit.at)}
    added = changed = 0
    for terms in found:
        known = saved_rules.get(terms.name)
        if known is None:
            rules.create(state, terms, edit=edit)
            added += 1
        elif not same(known.terms, terms):
            rules.save(state, known.id, terms, edit=edit)
            changed += 1
    return added, changed


def furnish(state: State, now: datetime) -> int:
    """The house's own rules for a workspace that never had any."""
    if rules.has_any(state):
        return 0
    edit = Edit("barograph", now, "the rules that a fresh workspace begins with")
    return enter(state, parse(OWN.read_text(encoding="utf-8"), OWN.name), edit)[0]


def dump(state: State, now: datetime) -> str:
    """Every rule as such a file; what `load` would take back without a change."""
    return "\n".join(_table(rule.terms) for rule in rules.listed(state, as_of=now))


def _table(terms: Terms) -> str:
    about = {"name": terms.name, "severity": terms.severity, "enabled": terms.is_enabled}
    definition = dict(terms.definition)
    with contextlib.suppress(ConfigError):  # what cannot be read goes out as it is
        definition["rearm"] = read_rule(definition, "0.0").rearm
    # JSON texts, numbers, lists and truths are TOML ones too.
    lines = [
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in (about | definition).items()
        if value is not None
    ]
    return "\n".join(["[[rule]]", *lines, ""])
