"""SDMX messages in JSON, XML and CSV as one table of dimensions, attributes, period and value.

It reads names of dimensions and attributes from the message and never guesses their order.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

import polars as pl

from ingest.formats.body import decoded, refuse, said
from ingest.formats.records import number
from ingest.formats.sdmx_slots import TIME, VALUE, Slots
from ingest.formats.xml import attributes, local, root
from ingest.jobs import Problem, Reply, ReplyError

# Columns of SDMX-CSV that are neither dimension nor attribute.
FRAMING = {
    *("KEY", "DATAFLOW", "STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "LAST UPDATE")
}
LABEL = "_LABEL"  # ends the column that has the words of a code
# Where the attributes begin in XML that mixes both: writers put dimensions first.
FIRST_ATTRIBUTES = re.compile(
    r"SCALE|DECIMALS.*|OVERLAP|UNIT|UNIT_MULT.*|TIME_FORMAT|TITLE.*|COLLECTION|.*_DATE|.*UPDATE.*"
    r"|SOURCE.*|COMPILATION|AVAILABILITY|OBS_.*|LATEST_.*|BASE_.*|METHODOLOGY.*|.*NAME"
)
EMPTY = "the query matches no series (a wrong order of the key's parts looks the same)"


@dataclass(frozen=True, slots=True)
class Message:
    """Rows with text columns for `dims`, TIME_PERIOD and attributes, and OBS_VALUE as a number."""

    flow: str
    dims: tuple[str, ...]
    frame: pl.DataFrame
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def has(self) -> frozenset[str]:
        """Names of the columns there are."""
        return frozenset(self.frame.columns)

    def text(self, name: str) -> pl.Expr:
        """A column, or nulls where the message has none of that name."""
        return pl.col(name) if name in self.has else pl.lit(None, dtype=pl.String).alias(name)

    def key(self) -> pl.Expr:
        """The series key: dimensions in their order, joined by points."""
        if not self.dims:
            return pl.lit("")
        return pl.concat_str([pl.col(name).fill_null("") for name in self.dims], separator=".")


def message(reply: Reply, body: bytes) -> Message | dict[str, list[dict[str, Any]]]:
    """A data message, or the lists of a structure message by name."""
    if body[:1] == b"<":
        return from_xml(reply, root(body))
    if body[:1] in b"{[":
        return from_json(reply, decoded(reply, body))
    return from_csv(reply, body)


def from_csv(reply: Reply, body: bytes) -> Message:
    """SDMX-CSV: columns by header name, since their set differs from flow to flow."""
    if reply.status >= 300:
        refuse(reply)
    _refuse_cut(body)
    frame = _plain_names(pl.read_csv(io.BytesIO(body), infer_schema=False))
    if VALUE not in frame.columns or TIME not in frame.columns:
        raise ReplyError(
            "upstream",
            f"expected columns {TIME} and {VALUE}, found {', '.join(frame.columns)[:120]}",
        )
    if not frame.height:
        raise ReplyError("empty", EMPTY)
    before = frame.columns[: frame.columns.index(TIME)]
    dims = tuple(n for n in before if n not in FRAMING and not n.endswith(LABEL))
    flow = ""
    if "KEY" in frame.columns:
        flow = str(frame["KEY"][0]).partition(".")[0]
    for name in ("DATAFLOW", "STRUCTURE_ID"):
        if name in frame.columns:
            flow = flow_of(str(frame[name][0]))
    parts = {name: pl.col(name).str.splitn(": ", 2) for name in (*dims, TIME)}
    plain = [part.struct.field("field_0").str.strip_chars().alias(n) for n, part in parts.items()]
    words = [parts[n].struct.field("field_1").alias(n + LABEL) for n in _labelled(frame, dims)]
    return Message(flow, dims, frame.with_columns(*plain, *words, number(VALUE)))


def _refuse_cut(body: bytes) -> None:
    """A last row of fewer fields than the head is cut, perhaps in the middle of a number."""
    first, _, rest = body.partition(b"\n")
    last = rest.rstrip().rpartition(b"\n")[2].decode("utf-8", "replace")
    if not last or last.count('"') % 2:
        return
    head, fields = (
        next(csv.reader([line]), []) for line in (first.decode("utf-8", "replace"), last)
    )
    if len(fields) < len(head):
        raise ReplyError("upstream", f"the last row is cut: {said(last)}")


def _labelled(frame: pl.DataFrame, dims: tuple[str, ...]) -> list[str]:
    """Dimensions whose cells read `CODE: words`, as `labels=both` writes them."""
    return [
        name
        for name in dims
        if name + LABEL not in frame.columns and frame[name].str.contains(": ").any()
    ]


def _plain_names(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns by their codes. `csvfilewithlabels` has the words of each in the column behind it:
    those are named after the code, so that none is taken for a dimension."""
    names = [re.split(r"[:\[]", name)[0].strip() for name in frame.columns]
    if "STRUCTURE_NAME" in names and TIME in names:
        behind = zip(["", *names], names, strict=False)
        names = [f"{code}{LABEL}" if _is_words(name) else name for code, name in behind]
    return frame.rename(dict(zip(frame.columns, names, strict=True)))


def _is_words(name: str) -> bool:
    return re.search(r"[a-z]", name) is not None


def flow_of(word: str) -> str:
    """`IMF.RES:WEO(9.0.0)` or a URN that ends so, as WEO."""
    return re.sub(r"\(.*$", "", word).rpartition(":")[2].strip()


def from_json(reply: Reply, document: Any) -> Message | dict[str, list[dict[str, Any]]]:
    """SDMX-JSON 1.0 and 2.0."""
    if not isinstance(document, dict):
        raise ReplyError("upstream", "expected an SDMX message, found another kind of JSON")
    data = document.get("data", document)
    sets = data.get("dataSets") if isinstance(data, dict) else None
    if not isinstance(sets, list):
        return _structures(reply, document, data)
    if reply.status >= 300:
        refuse(reply)
    structure = (data.get("structures") or [data.get("structure")])[0]
    slots = Slots(structure)
    frame = slots.frame(sets[0] if sets else {})
    if not frame.height:
        raise ReplyError("empty", EMPTY)
    frame = frame.with_columns(number(VALUE))
    links = structure.get("links") or []
    words = [str(link.get("urn") or link.get("href") or "") for link in links]
    named = [flow_of(w) for w in words if "Dataflow=" in w]
    named += [m.group(1) for w in words if (m := re.search(r"/dataflow/[^/]+/([^/]+)", w))]
    return Message(named[0] if named else "", slots.dims, frame, slots.dataset(sets[0]))


def _structures(reply: Reply, document: Any, data: Any) -> dict[str, list[dict[str, Any]]]:
    """Code lists, dataflows and structures: lists of objects with an id."""
    if isinstance(data, dict):
        lists = {name: rows for name, rows in data.items() if isinstance(rows, list)}
        found = {n: [r for r in rows if isinstance(r, dict)] for n, rows in lists.items()}
        found = {name: rows for name, rows in found.items() if rows and "id" in rows[0]}
        if found and reply.status < 300:
            return found
    if reply.status >= 300:
        refuse(reply)
    if isinstance(data, dict) and data is not document and not any(data.values()):
        raise ReplyError("empty", "the structure asked for is not there")
    raise ReplyError("upstream", f"no SDMX message: it has {', '.join(map(str, document))[:120]}")


def from_xml(reply: Reply, top: Element) -> Message | dict[str, list[dict[str, Any]]]:
    """SDMX-ML, generic or structure-specific."""
    kind = local(top.tag)
    if kind == "Structure":
        return _structures_xml(top)
    if kind == "Error" or reply.status >= 300:
        refuse(reply, " ".join(text.strip() for text in top.itertext() if text.strip()))
    sets = [child for child in top.iter() if local(child.tag) == "DataSet"]
    if not sets:
        _refuse_footer(top)
        raise ReplyError("upstream", f"expected an SDMX data set, found {kind[:60]!r}")
    rows: list[dict[str, str]] = []
    dims: tuple[str, ...] = ()
    for item in sets:
        dims = _set_rows(item, rows) or dims
    if not rows:
        raise ReplyError("empty", EMPTY)
    names = list(dict.fromkeys([*dims, TIME, VALUE, *(name for row in rows for name in row)]))
    columns = {name: [row.get(name) for row in rows] for name in names}
    frame = pl.DataFrame(columns, schema={name: pl.String for name in names})
    return Message(_flow_xml(top), dims, frame.with_columns(number(VALUE)), attributes(sets[0]))


def _refuse_footer(top: Element) -> None:
    """A message without data may say why in its footer, with an HTTP code of its own."""
    for element in top.iter():
        if local(element.tag) == "Message" and element.get("code"):
            words = " ".join(text.strip() for text in element.itertext() if text.strip())
            problem: Problem = "client" if str(element.get("code")).startswith("4") else "upstream"
            raise ReplyError(problem, f"no data, code {element.get('code')}: {said(words)}")


def _flow_xml(top: Element) -> str:
    for element in top.iter():
        if local(element.tag) in ("Ref", "DataSetID"):
            return element.get("id") or flow_of(element.text or "")
        if local(element.tag) == "DataSet":
            # The prefix that structure ids of the ECB carry is that of the flow.
            found = re.search(r"ECB_([A-Z]+)\d*", element.get("structureRef") or "")
            return found.group(1) if found else ""
    return ""


def _set_rows(dataset: Element, rows: list[dict[str, str]]) -> tuple[str, ...]:
    """Rows of one data set; attributes of a group go to the series that it names."""
    groups = [attributes(g) for g in dataset if local(g.tag) == "Group" and len(g) == 0]
    dims: tuple[str, ...] = ()
    for series in dataset:
        if local(series.tag) == "Series":
            shared, dims = _series(series)
            for group in groups:
                _share(group, shared, dims)
            rows.extend(shared | _obs(obs) for obs in series if local(obs.tag) == "Obs")
        elif local(series.tag) == "Obs":
            flat = _obs(series)
            dims = dims or tuple(name for name in flat if name not in (TIME, VALUE))
            rows.append(flat)
    return dims


def _share(group: dict[str, str], shared: dict[str, str], dims: tuple[str, ...]) -> None:
    named = [name for name in dims if name in group]
    if named and all(group[name] == shared.get(name) for name in named):
        for name, value in group.items():
            if name not in ("type", *dims):
                shared.setdefault(name, value)


def _series(series: Element) -> tuple[dict[str, str], tuple[str, ...]]:
    keys = [child for child in series if local(child.tag) == "SeriesKey"]
    if keys:
        found = _values(keys[0])
        dims = tuple(found)
        for child in series:
            if local(child.tag) == "Attributes":
                found |= {k: v for k, v in _values(child).items() if k not in found}
        return found, dims
    found = attributes(series)
    names = list(found)
    end = next((i for i, n in enumerate(names) if FIRST_ATTRIBUTES.fullmatch(n)), len(names))
    return found, tuple(names[:end])


def _values(element: Element) -> dict[str, str]:
    return {child.get("id", ""): child.get("value", "") for child in element}


def _obs(obs: Element) -> dict[str, str]:
    found = attributes(obs)
    for child in obs:
        name = local(child.tag)
        if name == "ObsDimension":
            found[TIME] = child.get("value", "")
        elif name == "ObsValue":
            found[VALUE] = child.get("value", "")
        elif name in ("Attributes", "ObsKey"):
            found |= _values(child)
    return found


def _structures_xml(top: Element) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for element in top.iter():
        name = local(element.tag)
        if name in ("Dataflow", "Codelist", "Code", "DataStructure", "ConceptScheme", "Concept"):
            names = [child.text for child in element if local(child.tag) == "Name"]
            found.setdefault(name, []).append(
                attributes(element) | ({"name": names[0]} if names else {})
            )
    if not found:
        raise ReplyError("empty", "the structure asked for is not there")
    return found
