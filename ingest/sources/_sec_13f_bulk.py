"""Form 13F data sets: one zip a quarter with tab-separated tables of every filing.

The information table has millions of lines: it is read a piece at a time and summed as it comes.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

import polars as pl

from data.datasets import fund_holdings as form_13f
from ingest.jobs import ReplyError
from ingest.sources._sec_tables import columns_of, pieces
from ingest.sources._sec_times import CLOSES, NEW_YORK

MAGIC = b"PK\x03\x04"
SLICE = 300_000  # rows that are written out at a time
LARGEST = 3_000_000_000  # what a table may hold when it is unpacked
DAY = "%d-%b-%Y"
CODED = ["accession", "cusip", "issuer", "title_of_class", "figi", "discretion"]
WORDS = {*CODED, "put_call", "amount_kind"}
KEY = ["accession", "cusip", "put_call", "amount_kind", "discretion"]
LINES = {
    "ACCESSION_NUMBER": "accession",
    "NAMEOFISSUER": "issuer",
    "TITLEOFCLASS": "title_of_class",
    "CUSIP": "cusip",
    "FIGI": "figi",
    "VALUE": "value",
    "SSHPRNAMT": "amount",
    "SSHPRNAMTTYPE": "amount_kind",
    "PUTCALL": "put_call",
    "INVESTMENTDISCRETION": "discretion",
}
FILINGS = {
    "SUBMISSION": {
        "ACCESSION_NUMBER": "accession",
        "FILING_DATE": "filed_on",
        "SUBMISSIONTYPE": "form",
        "CIK": "cik",
    },
    "COVERPAGE": {
        "ACCESSION_NUMBER": "accession",
        "REPORTCALENDARORQUARTER": "period_end",
        "AMENDMENTTYPE": "amendment_type",
        "FILINGMANAGER_NAME": "manager_name",
        "REPORTTYPE": "report_type",
    },
    "SUMMARYPAGE": {
        "ACCESSION_NUMBER": "accession",
        "TABLEENTRYTOTAL": "cover_entries",
        "TABLEVALUETOTAL": "cover_total",
    },
}


def read_archive(body: bytes) -> Iterator[pl.DataFrame]:
    """The rows of `fund_holdings` of one data set, a slice at a time."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            filings = _filings(archive)
            with archive.open(_member(archive, "INFOTABLE")) as table:
                lines = summed(table)
    except (zipfile.BadZipFile, zlib.error) as error:
        raise ReplyError("upstream", f"the archive cannot be read: {error}") from None
    yield from rows(filings, lines)


def _member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    for info in archive.infolist():
        if info.filename.rpartition("/")[2].upper() == f"{name}.TSV":
            if info.file_size > LARGEST:
                raise ReplyError("upstream", f"{name} holds more than {LARGEST:,} bytes")
            return info
    raise ReplyError("upstream", f"the archive has no table {name}")


def _filings(archive: zipfile.ZipFile) -> pl.DataFrame:
    """One row a filing: what EDGAR says, with its cover and totals."""
    found: pl.DataFrame | None = None
    for name, columns in FILINGS.items():
        with archive.open(_member(archive, name)) as table:
            part = columns_of(table.read(LARGEST), columns)
        found = part if found is None else found.join(part, on="accession", how="left")
    assert found is not None
    amounts = [
        pl.col(name).cast(pl.Float64, strict=False) for name in ("cover_entries", "cover_total")
    ]
    return found.unique("accession", keep="first", maintain_order=True).with_columns(
        pl.col("filed_on", "period_end").str.to_titlecase().str.to_date(DAY),
        pl.col("amendment_type").str.to_uppercase(),
        pl.col("report_type").str.to_uppercase().fill_null(""),
        pl.concat_str(pl.lit("sec:"), pl.col("cik").str.zfill(10)).alias("manager"),
        *amounts,
    )


def summed(table: IO[bytes]) -> pl.DataFrame:
    """The lines by filing, security, option, kind of amount and discretion."""
    parts = [_sum(_typed(columns_of(piece, LINES))) for piece in pieces(table)]
    if not parts:
        raise ReplyError("empty", "the information table has no line")
    return _sum(pl.concat(parts)) if len(parts) > 1 else parts[0]


def _typed(lines: pl.DataFrame) -> pl.DataFrame:
    """Kinds in our words; a number that is none, or an unknown kind, is refused."""
    made = lines.with_columns(
        pl.col("value", "amount").cast(pl.Float64, strict=False),
        pl.col("cusip").str.to_uppercase().fill_null("unstated"),
        pl.col("put_call")
        .str.to_lowercase()
        .fill_null("none")
        .cast(pl.Enum(form_13f.PUT_CALL), strict=False),
        pl.col("amount_kind").str.to_uppercase().cast(pl.Enum(form_13f.AMOUNT_KINDS), strict=False),
        pl.col("discretion").str.to_uppercase().fill_null("unstated"),
        pl.lit(1, pl.Int32).alias("entries"),
    ).with_columns(pl.col(CODED).cast(pl.Categorical))
    fits = pl.col("value").is_between(0, 1e300) & pl.col("amount").is_between(0, 1e300)
    known = pl.col("put_call").is_not_null() & pl.col("amount_kind").is_not_null()
    odd = made.filter(~(fits & known).fill_null(value=False))
    if odd.height:
        raise ReplyError(
            "upstream",
            f"{odd.height} lines without an amount or of an unknown kind, "
            f"as in {odd['accession'][0]}",
        )
    return made


def _sum(lines: pl.DataFrame) -> pl.DataFrame:
    first = [pl.col(name).first() for name in ("issuer", "title_of_class")]
    return lines.group_by(KEY, maintain_order=True).agg(
        *first,
        pl.col("figi").drop_nulls().first(),
        pl.col("value", "amount").sum(),
        pl.col("entries").sum().cast(pl.Int32),
    )


def rows(filings: pl.DataFrame, lines: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Positions with their filing, and one row for each filing that has none."""
    filings = filings.with_columns(pl.col("accession").cast(pl.Categorical))
    totals = lines.group_by("accession").agg(
        pl.col("entries").sum().alias("lines"),
        pl.col("value").sum().alias("total"),
        (
            (pl.col("value").max() <= 0)
            & (pl.col("entries").sum() == 1)
            & (
                (pl.col("amount").max() <= 1)
                | (pl.col("cusip").first().cast(pl.String).str.strip_chars("0") == "")
            )
        ).alias("is_placeholder"),
    )
    filed = filings.join(totals, on="accession", how="left")
    is_notice = pl.col("report_type").str.contains("NOTICE") | pl.col("form").str.starts_with(
        "13F-NT"
    )
    is_empty = pl.col("is_placeholder").fill_null(value=True)
    bare = filed.filter(is_notice | is_empty)
    missing = bare.filter(~is_notice, pl.col("lines").is_null(), pl.col("cover_entries") > 0)
    if missing.height:
        raise ReplyError(
            "upstream",
            f"{missing.height} filings without their table, as {missing['accession'][0]}",
        )
    marked = bare.with_columns(
        pl.lit(form_13f.NO_CUSIP).alias("cusip"),
        pl.lit("none").alias("put_call"),
        pl.lit("SH").alias("amount_kind"),
        pl.lit("SOLE").alias("discretion"),
        *(pl.lit(None, pl.String).alias(name) for name in ("figi", "issuer", "title_of_class")),
        *(pl.lit(0.0).alias(name) for name in ("value_usd", "amount")),
        pl.lit(0, pl.Int32).alias("entries"),
        pl.when(is_notice)
        .then(pl.lit(form_13f.NOTICE))
        .otherwise(pl.lit(form_13f.EMPTY_BOOK))
        .alias("flag"),
    )
    full = filed.filter(~(is_notice | is_empty))
    for part in lines.iter_slices(SLICE):
        held = part.join(full, on="accession", how="inner", maintain_order="left")
        if held.height:
            yield _known(_flagged(held))
    if marked.height:
        yield _known(marked)


def _flagged(held: pl.DataFrame) -> pl.DataFrame:
    """Values in dollars by the filing date, and what is odd, as for a single filing."""
    odd = {
        form_13f.COMBINATION: pl.col("report_type").str.contains("COMBINATION"),
        form_13f.ENTRIES_DIFFER: pl.col("cover_entries") != pl.col("lines"),
        form_13f.TOTAL_DIFFERS: (pl.col("cover_total") - pl.col("total")).abs() > pl.col("lines"),
        form_13f.VALUE_IS_AMOUNT: (pl.col("amount_kind") == "SH")
        & (pl.col("value") == pl.col("amount"))
        & (pl.col("value") > 0),
        form_13f.ODD_CUSIP: pl.col("cusip").cast(pl.String).str.len_chars()
        != form_13f.CUSIP_LENGTH,
    }
    flag = pl.concat_str(
        [pl.when(test).then(pl.lit(words)) for words, test in odd.items()],
        separator="; ",
        ignore_nulls=True,
    )
    thousands = pl.col("filed_on") < form_13f.DOLLARS_FROM
    return held.with_columns(
        (pl.col("value") * pl.when(thousands).then(1000.0).otherwise(1.0)).alias("value_usd"),
        pl.when(flag != "").then(flag).alias("flag"),
    )


def _known(frame: pl.DataFrame) -> pl.DataFrame:
    """The data set tells no time of acceptance: known when EDGAR closed on the filing day."""
    local = pl.col("filed_on").dt.combine(CLOSES).dt.replace_time_zone(str(NEW_YORK))
    kept = [*("manager", "manager_name", "period_end", "accession", "cusip", "figi", "issuer")]
    kept += ["title_of_class", "put_call", "amount_kind", "discretion", "value_usd", "amount"]
    kept += ["entries", "form", "amendment_type", "filed_on", "flag"]
    return frame.select(
        *(pl.col(name).cast(pl.String) if name in WORDS else name for name in kept),
        local.dt.convert_time_zone("UTC").dt.cast_time_unit("us").alias("known_at"),
        pl.lit("lagged").alias("vintage_grade"),
    )
