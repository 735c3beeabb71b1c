"""What a page says of its kind of scenario, and what the address of one is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from data.proof.results import is_same_result
from data.state.scenarios import Scenario, ScenarioTerms
from pages.frame.errors import Trouble, explain
from pages.frame.run import current
from pages.frame.tables import Column


class Assumptions(Protocol):
    """What is assumed, as it was chosen; equal where the account is the same."""

    def parameters(self) -> Mapping[str, object]:
        """As they are saved."""

    def query(self) -> dict[str, str]:
        """The part of the address that says them."""

    def words(self) -> str:
        """In a line."""


A = TypeVar("A", bound=Assumptions)


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """The hash of a result at the reader's clock, and what is saved beside the assumptions."""

    result_hash: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScenarioPage(Generic[A]):
    """A kind of scenario and the view of the page where it is drawn up.

    `names` are the parameters of the address that say what is assumed. `noun` calls one of them.
    `read` gives what was saved back, none where it cannot be read; `outcome` computes the result
    at the reader's clock or raises why not; `differs` says why a result is another than at the
    save.
    """

    kind: str
    page: str
    view: str
    noun: str
    names: frozenset[str]
    read: Callable[[Mapping[str, Any]], A | None]
    outcome: Callable[[A], ScenarioResult]
    columns: tuple[Column, ...]
    row: Callable[[A], dict[str, Any]]
    differs: Callable[[Scenario, ScenarioResult], Trouble]

    def key(self, name: str) -> str:
        """Of an element or a word in the session."""
        return f"{self.page}_scenario_{name}"

    def opening(self, one: Scenario, assumed: A) -> dict[str, str]:
        """The parameters of the address that open a version of a scenario."""
        mine = {"view": self.view, "scenario": str(one.id), "version": str(one.version)}
        return mine | assumed.query()

    def terms(self, assumed: A) -> ScenarioTerms:
        """What is saved: the assumptions and the hash of the result, at the reader's clock."""
        view, found = current().view, self.outcome(assumed)
        given = {**assumed.parameters(), **found.facts, "mode": view.mode}
        return ScenarioTerms(given, view.as_of, found.result_hash)

    def computed(self, assumed: A) -> ScenarioResult | None:
        """The result at the reader's clock; none where it cannot be computed, as its panel says."""
        try:
            return self.outcome(assumed)
        except Exception as error:  # noqa: BLE001 - the panel says it; explain() logs it
            explain(error, "scenario")
            return None

    def difference(self, one: Scenario, found: ScenarioResult) -> Trouble | None:
        """Why the result is another than at the save; none where it is the same."""
        is_same = is_same_result(one.terms.result_hash, found.result_hash)
        return None if is_same else self.differs(one, found)
