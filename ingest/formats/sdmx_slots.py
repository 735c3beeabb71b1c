"""SDMX-JSON's numbered slots: keys and attributes are positions in lists kept elsewhere.

A slot holds an index into a list of values or, where that list is empty, the value itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

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
            (item for item in named if item["id"] != TIME),
            key=lambda item: item.get("keyPosition", 0),
        )
        self.dims: tuple[str, ...] = tuple(item["id"] for item in placed)

    def dataset(self, dataset: Mapping[str, Any]) -> dict[str, str]:
        """Attributes of the whole data set."""
        return _resolved(self.of_set, dataset.get("attributes") or [])

    def frame(self, dataset: Mapping[str, Any]) -> pl.DataFrame:
        """Text columns: dimensions, attributes of series, period, value, status.

        What a series has in common is written once per series and spread over its observations.
        """
        groups = self._groups(dataset.get("dimensionGroupAttributes") or {})
        series = dataset.get("series")
        if series is None and dataset.get("observations"):
            series = {"": {"observations": dataset["observations"]}}
        shared = [self._shared(key, content, groups) for key, content in (series or {}).items()]
        observations = [content.get("observations") or {} for content in (series or {}).values()]
        names = dict.fromkeys(
            [*self.dims, *(item["id"] for item in self.of_group + self.of_series)]
        )
        common = pl.DataFrame({name: _texts(s.get(name) for s in shared) for name in names})
        owner = [number for number, cells in enumerate(observations) for _ in cells]
        keys = [key for cells in observations for key in cells]
        cells = [cell for cells in observations for cell in cells.values()]
        return common[owner].with_columns(*self._observed(keys, cells))

    def _shared(self, key: str, fields: Mapping[str, Any], groups: Any) -> dict[str, Any]:
        places = key.split(":") if key else []
        found: dict[str, Any] = {item["id"]: _only(item) for item in self.fixed}
        found |= {
            dim["id"]: _value(dim["values"][int(place)])
            for dim, place in zip(self.series, places, strict=True)
        }
        for pattern, members in groups.items():
            found |= members.get(tuple(places[i] for i in pattern if i < len(places)), {})
        return found | _resolved(self.of_series, fields.get("attributes") or [])

    def _observed(self, keys: list[str], cells: list[list[Any]]) -> list[pl.Series]:
        """Dimensions of observations, the value, and the status where one is stated."""
        columns = [_texts(cell[0] if cell else None for cell in cells).alias(VALUE)]
        places = pl.Series(keys, dtype=pl.String).str.split(":")
        if not (places.list.len() == len(self.observation)).all():
            raise ValueError("an observation's key has not one position per dimension")
        for position, dim in enumerate(self.observation):
            names = _texts(_value(entry) for entry in dim["values"])
            place = places.list.get(position).cast(pl.UInt32)
            columns.append(names.gather(place).alias(dim["id"]))
        for position, attribute in enumerate(self.of_observation, start=1):
            if attribute["id"] in KEPT:
                slots = (cell[position] if len(cell) > position else None for cell in cells)
                words = _texts(_slot(attribute, slot) for slot in slots)
                columns.append(words.alias(attribute["id"]))
        return columns

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


def _texts(values: Iterable[Any]) -> pl.Series:
    """A column of text; numbers are written out."""
    words = [v if v is None or type(v) is str else str(v) for v in values]
    return pl.Series(words, dtype=pl.String)


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
