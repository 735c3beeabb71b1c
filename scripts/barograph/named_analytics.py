"""The analytics by name, with completion, titles and parameters for a notebook."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import polars as pl

from analytics.core.catalogue import Analytic, find, listing, public
from data.errors import ConfigError

from .results import Result

Run = Callable[..., Result]


class NamedAnalytics:
    """`desk.analytics.movers(...)`; completion shows the listed names, and printing the list."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def table(self) -> pl.DataFrame:
        """The analytics by subject, with their parameters and titles."""
        return listing()

    def __getattr__(self, name: str) -> Run:
        if name.startswith("_"):
            raise AttributeError(name)  # notebooks look for methods of their own
        try:
            return _callable(self._run, find(name))
        except ConfigError as error:
            raise AttributeError(str(error)) from None

    def __dir__(self) -> list[str]:
        return ["table", *(name for found in public().values() for name in found)]

    def __repr__(self) -> str:
        return "\n\n".join(
            f"{subject}\n" + "\n".join(f"  {name}: {item.title}" for name, item in found.items())
            for subject, found in public().items()
        )


def _callable(run: Run, analytic: Analytic) -> Run:
    """A function of that name, whose signature and help say what it takes."""

    def call(*values: Any, **params: Any) -> Result:
        if values:
            raise ConfigError(
                f"{analytic.name} takes its parameters by name: "
                f"{', '.join(f'{item.name}=...' for item in analytic.parameters) or 'none'}"
            )
        return run(analytic.name, **params)

    about = [
        f"{item.name} ({item.kind}){': ' if item.about else ''}{item.about}"
        for item in analytic.parameters
    ]
    call.__name__ = call.__qualname__ = analytic.name
    call.__doc__ = "\n".join([analytic.title, "", *about]).rstrip()
    vars(call)["__signature__"] = inspect.Signature(
        [
            inspect.Parameter(item.name, inspect.Parameter.KEYWORD_ONLY, default=item.default)
            for item in analytic.parameters
        ]
    )
    return call
