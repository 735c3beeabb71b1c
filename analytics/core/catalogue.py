"""Every analytic by name, found where it stands: a query file or a function of a module.

A query is `analytics/ROOM/sql/NAME.sql`, whose header gives title and parameters; a function is
any public one in `analytics/` whose first parameter is `at`. Queries in a folder `parts` serve
functions. `analytics/catalogue.toml` says which analytics are listed, by subject.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
import re
import tomllib
import types
import typing
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

import analytics
from analytics.core.entries import split_outside
from analytics.core.listing import listing_hint
from analytics.core.query_texts import expanded, query_files, query_text
from analytics.core.steady import steady_answer
from data.clock import parse_instant
from data.errors import ConfigError
from data.query import Answer, At, Called, Value

LISTED = Path(__file__).parents[1] / "catalogue.toml"
PLUMBING = "plumbing"
# Under which names earlier receipts know what bears another one today.
RENAMED = {"analytics.coverage.history": "analytics.dataset_history"}
# `-- $days int = 21: what it means`; default and meaning may be left out, an empty default
# (`= :`) is an empty list or text.
PARAMETER = re.compile(
    r"--\s*\$(?P<name>\w+)\s+(?P<kind>\w+)"
    r"(?P<has>\s*=\s*(?P<default>[^\s:]\S*?)?)?\s*:?(?:\s+(?P<about>.*))?$"
)
READERS: Mapping[str, Callable[[str], Value]] = {
    "int": int,
    "float": float,
    "str": str,
    "bool": lambda text: {"true": True, "1": True, "false": False, "0": False}[text.lower()],
    "date": date.fromisoformat,
    "datetime": parse_instant,
    "list": lambda text: [word for word in split_outside(text, ",") if word],
}

TYPES: Mapping[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "bool": (bool,),
    "date": (date,),
    "datetime": (datetime,),
    "list": (list, tuple),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; without a default it is required."""

    name: str
    kind: str
    default: Any = inspect.Parameter.empty
    about: str = ""

    @property
    def required(self) -> bool:
        """Whether a call must give it."""
        return self.default is inspect.Parameter.empty


@dataclass(frozen=True, slots=True)
class Analytic:
    """One public analytic: what it is called, what it says, what it takes."""

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    call: Callable[..., Answer]

    def run(self, at: At, arguments: Mapping[str, Any]) -> Answer:
        """Call with arguments as values, or as text, as a command line gives them."""
        return called(self.call, at, **self.read(arguments))

    def read(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments in the types of their parameters; unknown or missing ones are refused."""
        known = {parameter.name: parameter for parameter in self.parameters}
        takes = ", ".join(known) or "no parameters"
        if unknown := [key for key in arguments if key not in known]:
            raise ConfigError(f"{self.name} has no parameter {unknown[0]!r}; it takes {takes}")
        required = [name for name, parameter in known.items() if parameter.required]
        if missing := [name for name in required if name not in arguments]:
            raise ConfigError(f"{self.name} needs {', '.join(missing)}; it takes {takes}")
        return {key: _read(known[key], value) for key, value in arguments.items()}


def called(call: Callable[..., Answer], at: At, **params: Any) -> Answer:
    """What a function answers, with its name and arguments, so that a receipt can call it again."""
    return replace(call(at, **params), called=Called(full_name(call), params, at))


def full_name(call: Callable[..., Answer]) -> str:
    """By which name a receipt calls a function: an analytic's own, wherever its module lies."""
    package, _, _ = call.__module__.partition(".")
    return f"{package if package == 'analytics' else call.__module__}.{call.__qualname__}"


def function_named(name: str) -> Callable[..., Answer]:
    """The analytic of a full name; no other function is ever called for a receipt.

    Earlier receipts have the module in it, as in `analytics.market.movers`.
    """
    package, *_, last = RENAMED.get(name, name).split(".")
    found = catalogue().get(last) if package == "analytics" else None
    if found is None:
        raise ConfigError(f"there is no function {name[:80]!r} in this version")
    return found.call


def run(at: At, name: str, **params: Value) -> Answer:
    """Run the query of that name, or of `parts/NAME`, under a clock."""
    text = query_text(name)
    return steady_answer(text, at, **params, **listing_hint(at, text))


def find(name: str) -> Analytic:
    """The analytic of that name, or one sentence that lists the names there are."""
    try:
        return catalogue()[name]
    except KeyError:
        names = [name for found in public().values() for name in found]
        near = difflib.get_close_matches(name.lower(), names, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(names)}"
        raise ConfigError(f"no analytic named {name[:60]!r}; {hint}") from None


@cache
def catalogue() -> dict[str, Analytic]:
    """Every analytic; a function stands for the query file it is named after."""
    found = {
        name: _from_sql(path)
        for name, path in query_files().items()
        if not name.startswith("parts/")
    }
    for module in pkgutil.walk_packages(analytics.__path__, "analytics."):
        if not module.ispkg and module.name != __name__:
            found |= _from_module(importlib.import_module(module.name))
    return dict(sorted(found.items()))


@cache
def subjects() -> dict[str, tuple[str, ...]]:
    """The names of analytics by subject as `catalogue.toml` has them, the plumbing last."""
    raw = tomllib.loads(LISTED.read_text(encoding="utf-8"))
    return {subject: tuple(part["names"]) for subject, part in raw.items()}


def public() -> dict[str, dict[str, Analytic]]:
    """The listed analytics, by subject."""
    every = catalogue()
    return {
        subject: {name: every[name] for name in names}
        for subject, names in subjects().items()
        if subject != PLUMBING
    }


def listing(*, plumbing: bool = False) -> pl.DataFrame:
    """The analytics by subject, with their parameters and defaults."""
    every = catalogue()
    rows = [
        (subject, name, ", ".join(map(_shown, every[name].parameters)), every[name].title)
        for subject, names in subjects().items()
        for name in names
        if plumbing or subject != PLUMBING
    ]
    return pl.DataFrame(rows, schema=["subject", "name", "parameters", "title"], orient="row")


def _shown(parameter: Parameter) -> str:
    default = "" if parameter.required else f"={parameter.default}"
    return f"{parameter.name}:{parameter.kind}{default}"


def _from_sql(path: Path) -> Analytic:
    text = expanded(path.read_text(encoding="utf-8"))
    header = [line for line in text.splitlines() if line.startswith("--")]
    parameters = []
    for line in header:
        if match := PARAMETER.match(line):
            name, kind, has_default, default, about = match.groups()
            value = READERS[kind](default or "") if has_default else inspect.Parameter.empty
            parameters.append(Parameter(name, kind, value, about or ""))
    defaults = {p.name: p.default for p in parameters if not p.required}

    def call(at: At, **params: Value) -> Answer:
        return steady_answer(text, at, **{**defaults, **params}, **listing_hint(at, text))

    # Answers are kept by the name of what was asked: each query has one of its own.
    call.__module__, call.__qualname__ = "analytics", path.stem
    return Analytic(path.stem, header[0].lstrip("- ") if header else "", tuple(parameters), call)


def _from_module(module: types.ModuleType) -> dict[str, Analytic]:
    found = {}
    for name, function in inspect.getmembers(module, inspect.isfunction):
        signature = inspect.signature(function)
        first = next(iter(signature.parameters), None)
        if name.startswith("_") or function.__module__ != module.__name__ or first != "at":
            continue
        hints = typing.get_type_hints(function)
        if hints.get("return") is not Answer:
            continue
        parameters = tuple(
            Parameter(parameter.name, _kind(hints.get(parameter.name)), parameter.default)
            for parameter in list(signature.parameters.values())[1:]
        )
        title = (inspect.getdoc(function) or "").splitlines()[0:1]
        found[name] = Analytic(name, "".join(title), parameters, function)
    return found


def _kind(hint: Any) -> str:
    """The reader's name for a type; `X | None` reads as `X`."""
    options = [option for option in typing.get_args(hint) if option is not type(None)]
    if isinstance(hint, types.UnionType) and options:
        return _kind(options[0])
    if typing.get_origin(hint) in (list, tuple):
        return "list"
    return hint.__name__ if hint in (int, float, bool, date, datetime) else "str"


def _read(parameter: Parameter, value: Any) -> Any:
    """A value of the parameter's type, read from text where it is not one yet."""
    if parameter.kind != "date" and isinstance(value, date):  # an instant is a date as well
        value = value.isoformat()
    if isinstance(value, str):
        with suppress(ValueError, KeyError):
            return READERS[parameter.kind](value)
    elif _fits(parameter, value):
        return list(value) if parameter.kind == "list" and value is not None else value
    raise ConfigError(
        f"{parameter.name}={value[:60] if isinstance(value, str) else value!r:.60}: expected "
        f"{parameter.kind}, e.g. true, 21, 0.5, 2020-03-16 or a,b,c"
    )


def _fits(parameter: Parameter, value: Any) -> bool:
    """Whether a value that is no text can be given as it is; a yes or no is no number."""
    if value is None:
        return parameter.default is None
    if isinstance(value, bool | datetime):
        return type(value).__name__ == parameter.kind
    return isinstance(value, TYPES[parameter.kind])
