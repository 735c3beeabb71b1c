"""Tables of the SEC's financial statement data sets, with or without notes: filings, and facts.

A fact counts once: those of a co-registrant, and those of a part of the company, are no facts of
the company.
"""

from __future__ import annotations

import zipfile
from collections.abc import Collection
from functools import cache

import polars as pl

from data.concepts import concepts, concepts_by_tag
from ingest.jobs import ReplyError
from ingest.sources._sec_facts import TAXONOMIES, unit_of
from ingest.sources._sec_tables import columns_of, pieces

PLAIN = "0x00000000"
GEOGRAPHY = ("Geographical", "GeographicalAreas")
DATED = {"adsh": "accession", "tag": "tag", "version": "taxonomy", "ddate": "ddate", "qtrs": "qtrs"}
VALUED = {"uom": "uom", "coreg": "coreg", "value": "value"}
STATED = DATED | VALUED | {"segments": "segments"}
ROUNDED = {"durp": "span_gap", "datp": "day_gap", "dcml": "decimals"}
WITH_NOTES = DATED | VALUED | {"dimh": "dimhash"} | ROUNDED
SUBMISSIONS = ("adsh", "cik", "form", "period", "filed", "accepted", "instance", "fye")
CODED = ("accession", "tag", "taxonomy", "uom", "segments")


def member_of(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo | None:
    """The table of that name, with or without notes."""
    wanted = (f"{name}.txt", f"{name}.tsv")
    for info in archive.infolist():
        if info.filename.rpartition("/")[2].lower() in wanted:
            return info
    return None


def _table_of(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    found = member_of(archive, name)
    if found is None:
        raise ReplyError("upstream", f"the archive has no table {name}")
    return found


def submissions(archive: zipfile.ZipFile, ciks: Collection[int]) -> pl.DataFrame:
    """One row a filing."""
    columns = {"adsh": "accession"} | {name: name for name in SUBMISSIONS[1:]}
    with archive.open(_table_of(archive, "sub")) as table:
        parts = [columns_of(piece, columns) for piece in pieces(table)]
    if not parts:
        raise ReplyError("upstream", "the table of filings is empty")
    ended = pl.col("instance").str.extract(r"(\d{8})").str.to_date("%Y%m%d", strict=False)
    found = pl.concat(parts).with_columns(
        pl.col("cik").cast(pl.Int64, strict=False),
        pl.col("filed", "period").str.to_date("%Y%m%d", strict=False),
        pl.col("form").fill_null(""),
        ended.alias("ended"),
    )
    found = found.filter(pl.col("cik").is_not_null(), pl.col("filed").is_not_null())
    if ciks:
        found = found.filter(pl.col("cik").is_in(list(ciks)))
    return found.unique("accession", keep="first", maintain_order=True)


def set_facts(archive: zipfile.ZipFile, filings: pl.DataFrame) -> tuple[pl.DataFrame, bool]:
    """Facts of our lines by concept, and whether their days are stated to the day."""
    number = _table_of(archive, "num")
    has_notes = number.filename.lower().endswith(".tsv")
    places = _geographies(archive) if has_notes else None
    owners = filings.select("accession", "cik", "form", "filed").with_columns(
        pl.col("accession").cast(pl.Categorical)
    )
    with archive.open(number) as table:
        columns = WITH_NOTES if has_notes else STATED
        parts = [
            _ours(columns_of(piece, columns), places).join(owners, on="accession")
            for piece in pieces(table)
        ]
    if not parts:
        raise ReplyError("upstream", "the table of numbers is empty")
    return _by_concept(pl.concat(parts)), has_notes


def _geographies(archive: zipfile.ZipFile) -> pl.DataFrame:
    """The dimensions that name a place, by their hash."""
    axis = "|".join(GEOGRAPHY)
    found = []
    with archive.open(_table_of(archive, "dim")) as table:
        for piece in pieces(table):
            rows = columns_of(piece, {"dimhash": "dimhash", "segments": "segments"})
            found.append(rows.filter(pl.col("segments").str.contains(rf"(^|;)({axis})=")))
    empty = pl.DataFrame(schema={"dimhash": pl.String, "segments": pl.String})
    return pl.concat([empty, *found]).unique("dimhash", keep="first")


def _ours(rows: pl.DataFrame, places: pl.DataFrame | None) -> pl.DataFrame:
    """Facts of the filer itself under tags of our lines: whole, or revenue of a year by place."""
    tags = [tag for taxonomy in TAXONOMIES for tag in concepts_by_tag(taxonomy)]
    revenues = concepts()["Revenues"]
    prefix = pl.col("taxonomy").str.extract("^([^/]*)/")
    rows = rows.filter(pl.col("coreg").is_null(), pl.col("tag").is_in(tags)).with_columns(
        pl.when(prefix.str.starts_with("ifrs"))
        .then(pl.lit("ifrs-full"))
        .otherwise(prefix)
        .alias("taxonomy"),
        pl.col("value").cast(pl.Float64, strict=False),
        pl.col("qtrs").cast(pl.Int32, strict=False),
        pl.col("ddate").str.to_date("%Y%m%d", strict=False),
    )
    numbers = [name for name in (*ROUNDED.values(),) if name in rows.columns]
    rows = rows.with_columns(pl.col(numbers).cast(pl.Float64, strict=False))
    is_whole = pl.col("segments").is_null()
    if places is not None:
        rows = rows.join(places, on="dimhash", how="left")
        is_whole = pl.col("dimhash") == PLAIN
    of_place = (
        pl.col("tag").is_in([*revenues.us_gaap, *revenues.ifrs_full])
        & (pl.col("qtrs") == 4)
        & pl.col("segments").is_not_null()
    )
    kept = rows.filter(
        pl.col("taxonomy").is_in(TAXONOMIES),
        pl.col("value").is_not_null(),
        pl.col("qtrs") >= 0,
        is_whole | (of_place if places is not None else pl.lit(value=False)),
    )
    if "decimals" not in kept.columns:
        kept = kept.with_columns(decimals=pl.lit(None, pl.Float64))
    return kept.drop("coreg", "dimhash", strict=False).with_columns(
        pl.col(CODED).cast(pl.Categorical)
    )


@cache
def _meanings() -> pl.DataFrame:
    """The concepts of each tag, with the place of the tag in their preference."""
    rows = [
        (taxonomy, tag, concept, place, concepts()[concept].unit)
        for taxonomy in TAXONOMIES
        for tag, pairs in concepts_by_tag(taxonomy).items()
        for concept, place in pairs
    ]
    names = ["taxonomy", "tag", "concept", "place", "kind"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(
        pl.col("taxonomy", "tag").cast(pl.Categorical), pl.col("place").cast(pl.Int32)
    )


def _by_concept(facts: pl.DataFrame) -> pl.DataFrame:
    """Facts under each concept that they may state, in a unit that fits it."""
    facts = facts.join(_meanings(), on=["taxonomy", "tag"])
    pairs = facts.select("uom", "kind").unique()
    words = [(uom, kind, *found) for uom, kind in pairs.iter_rows() if (found := _unit(uom, kind))]
    schema = {"uom": pl.Categorical, "kind": pl.String, "unit": pl.String, "money": pl.String}
    units = pl.DataFrame(words, schema=schema, orient="row")
    return facts.join(units, on=["uom", "kind"]).drop("uom", "kind", "tag", "taxonomy")


def _unit(uom: str | None, kind: str) -> tuple[str, str] | None:
    """Our word for a unit; some sets state money per share as money."""
    word = uom or ""
    return unit_of(word, kind) or (unit_of(f"{word}/shares", kind) if kind == "per_share" else None)
