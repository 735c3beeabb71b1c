"""Run a receipt again on a lake, wherever that lies now, and compare with what was recorded.

Queries run in plain DuckDB, on the files that were read or, where those are gone, on today's files
with what was ingested since left out. A figure that a function made is made again by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from data.clock import parse_instant
from data.contracts import Dataset
from data.datasets import dataset_named
from data.errors import ConfigError, LakeError, QueryError, WorkstationError
from data.lake.damage import find_damage
from data.lake.manifest import LakeFile, Manifest, read_manifest
from data.lake.store import DiskStore, Store
from data.proof.receipts import FORMAT, PREPARE, decoded, placed, prepare, script
from data.proof.results import compare, plain
from data.proof.rule_files import code_version
from data.query import Answer, At, Db, QueryRun
from data.query.guard import check

SCRIPT_KINDS = ["SET", "SET", "SET", "PREPARE", "EXECUTE"]
NEVER = "1677-09-22T00:00:00Z"
Find = Callable[[str], Callable[..., Answer]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of running a part of a receipt again: the figure, or a query behind it."""

    part: str
    same: bool
    note: str
    text: str = ""


def verify(receipt: Mapping[str, Any], root: Path, find: Find) -> list[Verdict]:
    """Each query of a receipt run again on a lake, then the figure; `find` gives a function."""
    if receipt.get("barograph_receipt") != FORMAT or not isinstance(receipt.get("queries"), list):
        raise ConfigError(_no_receipt(receipt))
    try:
        lake = _Lake(receipt, root.absolute())
        found = [lake.query(number, one) for number, one in enumerate(receipt["queries"], 1)]
        if receipt["figure"].get("derived") is not None:
            found.append(lake.figure(receipt["figure"], find))
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        raise ConfigError(f"not a receipt of this program: {error!r} is missing or odd") from error
    return found


def _no_receipt(receipt: Mapping[str, Any]) -> str:
    made = receipt.get("barograph_receipt")
    if isinstance(made, int) and 0 < made < FORMAT:
        return (
            f"a receipt of format {made}, which an earlier version of this program made; expected "
            f"format {FORMAT}. Save it anew from the page or the command it came from"
        )
    return f"not a receipt: expected JSON with barograph_receipt = {FORMAT} and a list of queries"


@dataclass(frozen=True)
class _Version:
    """One version of a dataset as it can be read today: its own files, or pinned in later ones."""

    dataset: Dataset
    manifest: Manifest
    pin: str | None
    files: tuple[str, ...]
    altered: tuple[str, ...] = ()


class _Lake:
    """The lake of today, read as a receipt read it."""

    def __init__(self, receipt: Mapping[str, Any], root: Path) -> None:
        self.root, self.versions = root, receipt["datasets"]
        self.read_at = parse_instant(receipt["read_at"])
        self._found: dict[str, _Version] = {}

    @cached_property
    def db(self) -> Db:
        """The engine of ours, for functions alone."""
        return Db(self.root)

    def query(self, number: int, query: Mapping[str, Any]) -> Verdict:
        """Run one query in plain DuckDB."""
        part, text = f"query {number}", str(query["sql"])
        at, how, altered = self._handle(query)
        if altered:
            return Verdict(part, False, f"altered since: {', '.join(altered[:5])}", text)
        try:
            query_run = QueryRun(
                text, _params(query), frozenset(query["tables"]), at, pl.DataFrame()
            )
            made = str(query["script"]) if "script" in query and not at.pins else script(query_run)
            _refuse_others(query, made)
            frame = _run_plain(placed(made, self.root), self.root)
        except (duckdb.Error, pl.exceptions.PolarsError, WorkstationError) as error:
            return Verdict(part, False, f"failed: {str(error).splitlines()[0]}", text)
        return _judged(part, query["result"], frame, how, text)

    def figure(self, figure: Mapping[str, Any], find: Find) -> Verdict:
        """Let the function make the figure again from its own queries."""
        part, name = "figure", figure.get("function")
        if name is None:
            note = "no function is named that makes it again; only its queries can be run"
            return Verdict(part, False, note)
        at, how, altered = self._handle(figure)
        text = f"{name}({', '.join(f'{k}={plain(v)}' for k, v in _params(figure).items())})"
        if altered:
            return Verdict(part, False, f"altered since: {', '.join(altered[:5])}", text)
        is_other_code = figure["code"] != code_version()
        if is_other_code:
            how += ", by other code than then"
        try:
            frame = find(str(name))(at, **_params(figure)).frame
            if is_other_code:
                frame = _columns_of_then(figure["result"], frame)
        except Exception as error:  # noqa: BLE001 - by other code it may fail in any way
            return Verdict(part, False, f"failed: {str(error).splitlines()[0]}", text)
        return _judged(part, figure["result"], frame, how, text)

    def _handle(self, part: Mapping[str, Any]) -> tuple[At, str, list[str]]:
        """The clock and versions of a query or figure, how they are had, and what was altered."""
        manifests, pins, altered = dict[str, Manifest](), dict[str, str](), list[str]()
        for name, (key, places) in part["reads"].items():
            version = self._version(str(key), dataset_named(name))
            manifests[name] = _chosen(version, places)
            altered += version.altered
            if version.pin is not None:
                pins[name] = version.pin
        as_of, mode = parse_instant(part["as_of"]), part["mode"]
        at = self.db.at(as_of, mode, all_vintages=bool(part["all_vintages"]))
        at = replace(at, manifests={**at.manifests, **manifests}, pins=pins, read_at=self.read_at)
        how = "the lake as it is now, with what was ingested since left out"
        return at, how if pins else "the same files", altered

    def _version(self, key: str, dataset: Dataset) -> _Version:
        if key not in self._found:
            self._found[key] = self._read(self.versions[key], dataset)
        return self._found[key]

    def _read(self, stored: Mapping[str, Any], dataset: Dataset) -> _Version:
        store, folder = DiskStore(self.root), self.root / dataset.name
        then = _kept_manifest(store, dataset.name, stored)
        whole = {entry.file: entry.sha256 for entry in then.files}
        files: Mapping[str, str] = stored.get("files", whole)
        here = {entry.file: entry for entry in then.files if (folder / entry.file).exists()}
        names = tuple(sorted(files))
        if len(files) == stored["count"] and files.keys() <= here.keys():
            kept = tuple(replace(here[name], sha256=files[name]) for name in names)
            bad = tuple(f"{dataset.name}/{file}" for file in find_damage(store, dataset.name, kept))
            ordered = tuple(sorted(kept, key=lambda entry: (entry.partition, entry.file)))
            return _Version(dataset, replace(then, files=ordered), None, names, bad)
        now = read_manifest(store, dataset.name)
        bad = tuple(
            f"{dataset.name}/{file}" for file in find_damage(store, dataset.name, now.files)
        )
        return _Version(dataset, now, stored["published_at"] or NEVER, names, bad)


def _kept_manifest(store: Store, name: str, stored: Mapping[str, Any]) -> Manifest:
    """The manifest of the version that was read or, once it is gone, an empty one."""
    try:
        found = read_manifest(store, name, int(stored["version"]))
    except LakeError:
        return Manifest(name)
    return found if found.published_at == stored["published_at"] else Manifest(name)


def _chosen(version: _Version, places: list[int] | None) -> Manifest:
    """The files that were read, where those were not all; later ones by their partitions.

    Segments are compacted into partitions of another name, so all of theirs are looked through.
    """
    read = set(version.files if places is None else [version.files[place] for place in places])
    if version.pin is None:
        return _with(version.manifest, lambda entry: entry.file in read)
    if version.dataset.appended or not read:
        return version.manifest
    partitions = {file.rpartition("/")[0] for file in read}
    return _with(version.manifest, lambda entry: entry.partition in partitions)


def _with(manifest: Manifest, keep: Callable[[LakeFile], bool]) -> Manifest:
    return replace(manifest, files=tuple(entry for entry in manifest.files if keep(entry)))


def _params(part: Mapping[str, Any]) -> dict[str, Any]:
    return {key: decoded(value) for key, value in part["params"].items()}


def _refuse_others(query: Mapping[str, Any], text: str) -> None:
    """A receipt comes from anywhere: its script runs the query that it shows, and only reads."""
    with duckdb.connect() as con:
        check(con, query["sql"])
        kinds = [str(statement.type).split(".")[-1] for statement in con.extract_statements(text)]
    others = [kind for kind in kinds if kind != "CREATE"]
    if others != SCRIPT_KINDS or prepare(query["sql"]) not in text or PREPARE not in text:
        raise QueryError("the script does not run the query that the receipt shows")


def _columns_of_then(was: Mapping[str, Any], frame: pl.DataFrame) -> pl.DataFrame:
    """A function that has learned further columns since is judged by those of the receipt."""
    names = list(was["columns"])
    return frame.select(names) if set(names) < set(frame.columns) else frame


def _run_plain(text: str, root: Path) -> pl.DataFrame:
    with duckdb.connect(config={"python_enable_replacements": "false"}) as con:
        con.execute("SET allowed_directories = $folders", {"folders": [f"{root}/"]})
        con.execute("SET enable_external_access = false")
        return pl.DataFrame(con.sql(text).to_arrow_table())


def _judged(part: str, was: Mapping[str, Any], frame: pl.DataFrame, how: str, text: str) -> Verdict:
    found = compare(was, frame)
    if found:
        return Verdict(part, False, f"{found} (run on {how})", text)
    return Verdict(part, True, f"{frame.height} rows, the same (run on {how})", text)
