"""SDMX-JSON's numbered slots: keys and attributes are positions in lists kept elsewhere.

A slot holds an index into a list of values or, where that list is empty, the value itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TIME, VALUE = "TIME_PERIOD", "OBS_VALUE"
KEPT = ("OBS_STATUS", "STATUS")


class Slots:
    """The lists of one structure, and what a data set's numbers mean by them."""

    def __init__(self, structure: Mapping[str, Any]) -> None:
        dimensions, attributes = structure["dimensions"], structure.get("attributes") or {}
        self.fixed = dimensions.get("dataSet") or []
        self.series = dimensions.get("series") or []
        self.observation = dimensions.get("observation") or []
        self.of_set = attributes.get("dataSet") or attributes.get("dataset") or []
        self.of_group = attributes.get("dimensionGroup") or []
        self.of_series = attributes.get("series") or []
        self.of_observation = attributes.get("observation") or []
        named = [*self.fixed, *self.series, *self.observation]
        placed = sorted(
            (each for each in named if each["id"] != TIME),
            key=lambda each: each.get("keyPosition", 0),
        )
        self.dims: tuple[str, ...] = tuple(each["id"] for each in placed)

    def dataset(self, dataset: Mapping[str, Any]) -> dict[str, str]:
        """Attributes of the whole data set."""
        return _resolved(self.of_set, dataset.get("attributes") or [])

    def columns(self, dataset: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Columns of equal length: dimensions, attributes of series, period, value, status."""
        groups = self._groups(dataset.get("dimensionGroupAttributes") or {})
        kept = [(i + 1, a) for i, a in enumerate(self.of_observation) if a["id"] in KEPT]
        names = [each["id"] for each in (*self.of_group, *self.of_series)]
        columns: dict[str, list[Any]] = {name: [] for name in (*self.dims, *names)}
        columns |= {a["id"]: [] for _, a in kept} | {TIME: [], VALUE: []}
        series = dataset.get("series")
        if series is None and dataset.get("observations"):
            series = {"": {"observations": dataset["observations"]}}
        for key, one in (series or {}).items():
            observations = one.get("observations") or {}
            shared = self._shared(key, one, groups)
            for name in columns:
                if name in shared:
                    columns[name].extend([shared[name]] * len(observations))
            self._observed(observations, columns, kept)
            _level(columns)
        return columns

    def _shared(self, key: str, one: Mapping[str, Any], groups: Any) -> dict[str, Any]:
        places = key.split(":") if key else []
        found: dict[str, Any] = {each["id"]: _only(each) for each in self.fixed}
        found |= {
            dim["id"]: _value(dim["values"][int(place)])
            for dim, place in zip(self.series, places, strict=True)
        }
        for pattern, members in groups.items():
            found |= members.get(tuple(places[i] for i in pattern if i < len(places)), {})
        return found | _resolved(self.of_series, one.get("attributes") or [])

    def _observed(
        self, observations: Mapping[str, Any], columns: dict[str, list[Any]], kept: Any
    ) -> None:
        cells = list(observations.values())
        columns[VALUE].extend(cell[0] for cell in cells)
        keys = list(observations)
        for place, dim in enumerate(self.observation):
            names = [_value(each) for each in dim["values"]]
            if len(self.observation) == 1:
                columns[dim["id"]].extend(names[int(key)] for key in keys)
            else:
                columns[dim["id"]].extend(names[int(key.split(":")[place])] for key in keys)
        for slot, attribute in kept:
            columns[attribute["id"]].extend(
                _slot(attribute, cell[slot]) if len(cell) > slot else None for cell in cells
            )

    def _groups(self, given: Mapping[str, Any]) -> dict[tuple[int, ...], dict[Any, Any]]:
        """Attributes by the positions that a group fixes, then by what stands there; an empty
        position stands for anything."""
        found: dict[tuple[int, ...], dict[Any, Any]] = {}
        for key, slots in given.items():
            places = key.split(":")
            fixed = tuple(i for i, place in enumerate(places) if place)
            members = found.setdefault(fixed, {})
            words = _resolved(self.of_group, slots)
            members.setdefault(tuple(places[i] for i in fixed), {}).update(words)
        return found


def _level(columns: dict[str, list[Any]]) -> None:
    """Fill up what a series did not state, so that all columns stay of one length."""
    length = len(columns[VALUE])
    for values in columns.values():
        values.extend([None] * (length - len(values)))


def _value(entry: Mapping[str, Any]) -> Any:
    """Periods carry `value`, other dimensions `id`."""
    return next((entry[n] for n in ("id", "value", "name") if entry.get(n) is not None), None)


def _only(dim: Mapping[str, Any]) -> Any:
    values = dim.get("values") or []
    return _value(values[0]) if values else None


def _slot(attribute: Mapping[str, Any], held: Any) -> Any:
    values = attribute.get("values") or []
    if isinstance(held, int) and not isinstance(held, bool) and 0 <= held < len(values):
        return _value(values[held])
    return held


def _resolved(known: list[Any], slots: list[Any]) -> dict[str, Any]:
    found = {a["id"]: _slot(a, held) for a, held in zip(known, slots, strict=False)}
    return {name: value for name, value in found.items() if value is not None}
