"""The rules of the state as the engine folds them, with the instruments they are about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from analytics.formulas.values import MOST_FORMULAS, formulas_in
from analytics.live.rules import LIVE, OF_CLOSES, Rule, read_rule
from data.errors import ConfigError
from data.state import positions, rules, watchlists
from data.state.db import State
from data.state.rules import Terms


@dataclass(frozen=True, slots=True)
class ActiveRule:
    """A rule of the state as the engine folds it, over points from `since` on."""

    stored: rules.SavedRule
    rule: Rule

    @property
    def since(self) -> datetime:
        """When this version was made: it says nothing of what was before."""
        return self.stored.created_at


def rules_of(
    state: State, metrics: Mapping[str, str], now: datetime
) -> tuple[list[ActiveRule], dict[int, str]]:
    """The rules that are switched on and about these metrics, and why others cannot be used."""
    found, errors = [], dict[int, str]()
    for stored in rules.listed(state, as_of=now):
        if not stored.terms.is_enabled:
            continue
        try:
            rule = read_rule(stored.terms.definition, f"{stored.id}.{stored.version}")
            if rule.metric in metrics:
                found.append(ActiveRule(stored, scoped(state, rule, now)))
        except ConfigError as error:
            errors[stored.id] = str(error)
    return found, errors


def same(terms: Terms, other: Terms) -> bool:
    """Whether two rules say the same, defaults written out or not."""
    if (terms.name, terms.severity, terms.is_enabled) != (
        other.name,
        other.severity,
        other.is_enabled,
    ):
        return False
    try:
        return read_rule(terms.definition, "0") == read_rule(other.definition, "0")
    except ConfigError:
        return terms == other


def scoped(state: State, rule: Rule, now: datetime) -> Rule:
    """With the instruments of its watchlist or portfolio, as they are now."""
    names = rule.symbols
    if rule.watchlist:
        listed = watchlists.find(state, rule.watchlist, as_of=now)
        if listed is None:
            raise ConfigError(f"there is no watchlist {rule.watchlist[:40]!r}")
        members = frozenset(member.symbol for member in listed.members)
        names = members if names is None else names & members
    if rule.portfolio and (rule.metric in LIVE or rule.metric in OF_CLOSES):
        lots = positions.held(state, as_of=now, portfolio=rule.portfolio)
        held = frozenset(lot.draft.symbol for lot in lots)
        names = held if names is None else names & held
    if rule.metric == "formula" and (count := len(formulas_in(names or ()))) > MOST_FORMULAS:
        raise ConfigError(f"{count:,} formulas: a rule watches at most {MOST_FORMULAS}; split it")
    return replace(rule, symbols=names)
