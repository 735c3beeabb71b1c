"""A new analytic is found where it stands, with its parameters, and nothing else is."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

import analytics
from analytics.core import catalogue
from data.errors import ConfigError
from data.query import Answer, At, Db

AS_OF = datetime.fromisoformat("2024-01-01T00:00:00+00:00")


@pytest.fixture
def at(tmp_path: Path) -> At:
    """A clock over an empty lake."""
    return Db(tmp_path / "lake").at(AS_OF)


def test_a_query_file_is_an_analytic(tmp_path: Path, at: At) -> None:
    path = tmp_path / "doubled.sql"
    path.write_text(
        "-- Twice a number.\n-- $x float: the number\n-- $day date = 2020-01-02 : a day\n"
        "SELECT 2 * $x AS y, $day AS day\n"
    )
    analytic = catalogue._from_sql(path)
    assert (analytic.name, analytic.title) == ("doubled", "Twice a number.")
    assert [(p.name, p.kind, p.required) for p in analytic.parameters] == [
        ("x", "float", True),
        ("day", "date", False),
    ]
    assert analytic.run(at, {"x": "1.5"}).frame.rows() == [(3.0, date(2020, 1, 2))]
    with pytest.raises(ConfigError, match="needs x"):
        analytic.run(at, {})
    with pytest.raises(ConfigError, match="no parameter 'z'"):
        analytic.run(at, {"z": "1"})
    with pytest.raises(ConfigError, match="expected float"):
        analytic.run(at, {"x": "much"})


def test_a_public_function_is_an_analytic_and_its_neighbours_are_not(at: At) -> None:
    module = type(catalogue)("analytics.planted")

    def planted(at: At, *, days: int = 3, names: list[str] | None = None) -> Answer:
        """What it says."""
        return at.sql("SELECT $days AS days, $names AS names", days=days, names=names)

    def _private(at: At) -> Answer:
        return at.sql("SELECT 1")

    def maths(frame: object) -> object:
        return frame

    for function in (planted, _private, maths):
        function.__module__ = "analytics.planted"
        setattr(module, function.__name__, function)
    planted.__annotations__ = {"at": At, "days": int, "names": list[str] | None, "return": Answer}
    found = catalogue._from_module(module)
    assert list(found) == ["planted"]
    assert found["planted"].title == "What it says."
    answer = found["planted"].run(at, {"days": "5", "names": "a,b"})
    assert answer.frame.rows() == [(5, ["a", "b"])]


def test_every_analytic_of_the_house_has_a_title_and_runs_on_an_empty_lake(at: At) -> None:
    for analytic in catalogue.catalogue().values():
        assert analytic.title, analytic.name
        if not any(parameter.required for parameter in analytic.parameters):
            assert analytic.run(at, {}).frame.columns, analytic.name


def test_every_analytic_has_a_name_of_its_own_under_which_answers_are_kept() -> None:
    names = [
        (item.call.__module__, item.call.__qualname__) for item in catalogue.catalogue().values()
    ]
    assert len(set(names)) == len(names)


def test_every_analytic_is_listed_once_by_subject_or_as_plumbing() -> None:
    named = [name for names in catalogue.subjects().values() for name in names]
    missing = sorted(set(catalogue.catalogue()) - set(named))
    assert not missing, f"add {missing} to a subject, or to [plumbing], of analytics/catalogue.toml"
    gone = sorted(set(named) - set(catalogue.catalogue()))
    assert not gone, f"take {gone} out of analytics/catalogue.toml: there is no such analytic"
    assert len(set(named)) == len(named), "a name stands twice in analytics/catalogue.toml"
    public = [name for found in catalogue.public().values() for name in found]
    assert "market" in public and "resolve" not in public
    assert catalogue.find("resolve").name == "resolve"  # an old receipt can still call it


def test_no_two_functions_bear_one_name() -> None:
    found: dict[str, str] = {}
    for module in pkgutil.walk_packages(analytics.__path__, "analytics."):
        if module.ispkg or module.name == catalogue.__name__:
            continue
        for name in catalogue._from_module(importlib.import_module(module.name)):
            assert found.setdefault(name, module.name) == module.name, name


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="no analytic named 'nothing'"):
        catalogue.find("nothing")


def test_a_name_that_is_nearly_right_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"named 'mover'; did you mean movers"):
        catalogue.find("mover")


HALF_PAST = datetime.fromisoformat("2020-03-16T14:30:00+00:00")


@pytest.mark.parametrize(
    ("kind", "default", "value", "read"),
    [
        ("int", 1, 5, 5),
        ("float", 1.0, 5, 5),
        ("str", "", "demo:IMRB", "demo:IMRB"),
        ("bool", False, True, True),
        ("date", None, date(2020, 3, 16), date(2020, 3, 16)),
        ("date", None, None, None),
        ("datetime", None, HALF_PAST, HALF_PAST),
        ("datetime", None, HALF_PAST.replace(tzinfo=None), HALF_PAST),
        ("datetime", None, date(2020, 3, 16), HALF_PAST.replace(hour=0, minute=0)),
        ("list", None, ("a", "b"), ["a", "b"]),
    ],
)
def test_a_value_is_read_as_its_text_is(kind: str, default: object, value: Any, read: Any) -> None:
    analytic = _taking(catalogue.Parameter("x", kind, default))
    assert analytic.read({"x": value}) == {"x": read}
    text = {"list": "a,b", "bool": "true"}.get(kind, str(value))
    if value is not None:
        assert analytic.read({"x": text}) == {"x": read}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", 1.5),
        ("int", True),
        ("float", "much"),
        ("str", 3),
        ("bool", 1),
        ("date", HALF_PAST),
        ("datetime", 20200316),
        ("list", 7),
        ("int", None),
    ],
)
def test_a_value_of_another_type_is_refused(kind: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"^x=.*: expected {kind}, e.g. "):
        _taking(catalogue.Parameter("x", kind, 0)).read({"x": value})


def _taking(parameter: catalogue.Parameter) -> catalogue.Analytic:
    return catalogue.Analytic("planted", "What it says.", (parameter,), lambda at: at.sql("SELECT"))
