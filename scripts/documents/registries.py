"""Tables of what the registries list: datasets with their columns, analytics, settings, sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from analytics.core.catalogue import Analytic, Parameter, public
from data.contracts import Dataset, Origin
from data.datasets import DATASETS
from data.fields import BITEMPORAL
from data.query.functions import LISTED
from data.settings import SETTINGS
from scripts.documents.markdown import plain, table
from scripts.sources import coverage

TYPES = {
    "string": "text",
    "double": "number",
    "int32": "whole number",
    "int64": "whole number",
    "bool": "yes or no",
    "date32[day]": "date",
    "timestamp[us, tz=UTC]": "instant (UTC)",
}
KINDS = {
    "numbers": "numbers",
    "texts": "texts",
    "times": "times",
    "lists": "lists and structures",
    "documents": "JSON",
    "choices": "choices and types",
    "aggregates": "aggregates",
    "choosing": "aggregates that choose a row",
    "ordered": "aggregates that need an order",
    "windows": "windows",
    "ordered_windows": "windows that need an order",
    "tables": "tables",
}
ORIGINS: Mapping[Origin, str] = {
    "source": "sources",
    "team": "the team",
    "maintenance": "our own processes",
}
COLUMNS = ("column", "type", "unit", "null", "meaning")


def datasets() -> str:
    """One line per dataset of the lake."""
    rows = [
        (
            f"[`{dataset.name}`](#{dataset.name})",
            dataset.about,
            ", ".join(dataset.key),
            ", ".join(dataset.partition_by) or "none",
            ORIGINS[dataset.origin],
        )
        for dataset in DATASETS.values()
    ]
    return table(
        ("dataset", "one row is", "key (with `known_at`)", "partitions", "rows come from"), rows
    )


def columns() -> str:
    """A section per dataset with its own columns, and the columns that all of them have."""
    parts = [_section(dataset) for dataset in DATASETS.values()]
    return "\n\n".join([*parts, "## Columns of every dataset", _columns(BITEMPORAL)])


def analytics() -> str:
    """A table per subject, one line per analytic."""
    parts = []
    for subject, found in public().items():
        rows = [
            (f"`{entry.name}`", plain(entry.title), _parameters(entry)) for entry in found.values()
        ]
        lines = table(("analytic", "answers", "parameters"), rows)
        parts.append(f"## {subject.capitalize()}\n\n{lines}")
    return "\n\n".join(parts)


def _parameters(analytic: Analytic) -> str:
    return ", ".join(map(_parameter, analytic.parameters)) or "none"


def settings() -> str:
    """One line per setting."""
    rows = [(f"`{name}`", default, about) for name, (default, about) in SETTINGS.items()]
    return table(("environment", "default", "what it sets"), rows)


def functions() -> str:
    """The functions that a query may call, by kind; operators are left out."""
    rows = [
        (label, " ".join(f"`{name}`" for name in LISTED[kind].split()))
        for kind, label in KINDS.items()
    ]
    return table(("kind", "functions"), rows)


def sources() -> str:
    """One line per source."""
    return coverage()


def _section(dataset: Dataset) -> str:
    order = ", ".join(f"`{name}`" for name in dataset.order)
    return (
        f"## {dataset.name}\n\n{dataset.about}\n\n{_columns(dataset.columns)}\n\n"
        f"Rows in a file are sorted by {order}."
    )


def _columns(fields: Sequence[pa.Field]) -> str:
    return table(COLUMNS, [_column(field) for field in fields])


def _column(field: pa.Field) -> tuple[str, ...]:
    notes = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    values = notes.get("one_of", "").split("|") if "one_of" in notes else []
    listed = f"; one of {', '.join(f'`{value}`' for value in values)}" if values else ""
    about = plain(notes["about"])
    return (
        f"`{field.name}`",
        _type(field.type),
        notes.get("unit", ""),
        "yes" if field.nullable else "no",
        about + listed,
    )


def _type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"list of {_type(kind.value_type)}"
    return TYPES.get(str(kind), str(kind))


def _parameter(parameter: Parameter) -> str:
    if parameter.required:
        return f"`{parameter.name}`"
    value = parameter.default
    if isinstance(value, (list, tuple)):
        value = ",".join(str(item) for item in value)
    shown = "none" if value is None or value == "" else str(value)
    return f"`{parameter.name}={shown}`"
