"""SDMX-JSON's numbered slots: keys and attributes are positions in lists kept elsewhere.

A slot holds an index into a list of values or, where that list is empty, the value itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from ingest.formats.sdmx_sweep import observed

TIME, VALUE = "TIME_PERIOD", "OBS_VALUE"
KEPT = ("OBS_STATUS", "STATUS")
COUNTS = {"of": pl.UInt32, "times": pl.UInt32}


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

    def frame(self, dataset: Mapping[str, Any]) -> pl.DataFrame:
        """Text columns: dimensions, attributes of series, period, value, status.

        What a series has in common is written once per series and spread over its observations.
        """
        groups = self._groups(dataset.get("dimensionGroupAttributes") or {})
        series = dataset.get("series")
        if series is None and dataset.get("observations"):
            series = {"": {"observations": dataset["observations"]}}
        shared: list[dict[str, Any]] = []
        held: list[Any] = []
        for key, one in (series or {}).items():
            shared.append(self._shared(key, one, groups))
            held.append(one.get("observations") or {})
        names = dict.fromkeys(
            [*self.dims, *(each["id"] for each in self.of_group + self.of_series)]
        )
        common = pl.DataFrame({name: _texts(s.get(name) for s in shared) for name in names})
        counts, cells = observed(held, 1 + len(self.of_observation))
        places = pl.DataFrame({"of": range(len(counts)), "times": counts}, schema_overrides=COUNTS)
        spread = places.filter(pl.col("times") > 0).select(
            pl.col("of").repeat_by("times").explode()
        )
        found = common[spread["of"]] if cells.height else common.clear()
        return found.with_columns(*self._observed(cells))

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

    def _observed(self, cells: pl.DataFrame) -> list[pl.Series]:
        """Dimensions of observations, the value, and the status where one is stated."""
        made = [_literal(cells["0"]).alias(VALUE)]
        parts = cells["key"].str.split(":") if len(self.observation) > 1 else None
        for place, dim in enumerate(self.observation):
            names = _texts(_value(each) for each in dim["values"])
            mine = cells["key"] if parts is None else parts.list.get(place)
            made.append(names.gather(mine.cast(pl.UInt32)).alias(dim["id"]))
        for slot, attribute in enumerate(self.of_observation, start=1):
            if attribute["id"] in KEPT:
                made.append(_meant(attribute, cells[str(slot)]).alias(attribute["id"]))
        return made

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


def _meant(attribute: Mapping[str, Any], cells: pl.Series) -> pl.Series:
    """Cells of one slot: the word at the place that a bare number names, or what is written."""
    words = _texts(_value(each) for each in attribute.get("values") or [])
    place = cells.cast(pl.UInt32, strict=False)
    place = place.set(place >= len(words), None)
    named = words.gather(place) if len(words) else pl.Series([None], dtype=pl.String)
    return pl.select(pl.coalesce(named, _literal(cells))).to_series()


def _literal(cells: pl.Series) -> pl.Series:
    """Text without its quotation marks."""
    return cells.str.strip_chars('"')


def _slot(attribute: Mapping[str, Any], held: Any) -> Any:
    values = attribute.get("values") or []
    if isinstance(held, int) and not isinstance(held, bool) and 0 <= held < len(values):
        return _value(values[held])
    return held


def _resolved(known: list[Any], slots: list[Any]) -> dict[str, Any]:
    found = {a["id"]: _slot(a, held) for a, held in zip(known, slots, strict=False)}
    return {name: value for name, value in found.items() if value is not None}
