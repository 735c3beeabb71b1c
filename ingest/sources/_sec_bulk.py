"""EDGAR's nightly archives, companyfacts.zip and submissions.zip, read one member at a time.

Each member is the very document that the address of its filer serves, so it is parsed as one. The
archive is never unpacked as a whole; of a member only as much is read as a reply may hold.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from data.errors import SourceError
from ingest.jobs import Call, Reply
from ingest.sources._sec_addresses import facts_url, noted, older_url, packed_times, submissions_url

MEMBER = re.compile(r"CIK(\d{10})(-submissions-\d{3})?\.json")
LARGEST = 200_000_000  # bytes of one member, unpacked
Times = Callable[[str], Mapping[str, datetime]]


def bulk_replies(
    path: Path,
    *,
    fetched_at: datetime,
    times: Times,
    ciks: Collection[str] = (),
    after: int = 0,
) -> Iterator[Reply]:
    """The members of an archive as replies, of some filers or of all, after the first so many.

    `times` gives when each filing of a filer was public, by accession, where the hour is known.
    """
    is_facts = "facts" in path.name.lower()
    wanted = {f"{int(cik):010}" for cik in ciks}
    try:
        with zipfile.ZipFile(path) as archive:
            members = [
                (member, found)
                for member in archive.infolist()
                if (found := MEMBER.fullmatch(member.filename))
                and (not wanted or found[1] in wanted)
            ]
            for member, found in members[after:]:
                url = _address(found, times) if is_facts else _page(found)
                yield Reply(Call(url), 200, {}, _content(archive, member), fetched_at)
    except FileNotFoundError:
        raise SourceError(f"{path} does not exist; download it from the SEC first") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise SourceError(f"{path.name} is damaged or cut ({error}): download it again") from None


def _address(found: re.Match[str], times: Times) -> str:
    return noted(facts_url(found[1]), public=packed_times(times(found[1])))


def _page(found: re.Match[str]) -> str:
    return older_url(found[0]) if found[2] else submissions_url(found[1])


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """One member unpacked; one that is larger than any reply may be is cut, and so no JSON."""
    with archive.open(member) as file:
        return file.read(LARGEST)
