"""Archives that office programs write: refused before anything of them is unpacked."""

from __future__ import annotations

import io
import zipfile

from data.confined import MB
from data.errors import UploadError

PACKED, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
RATIO = 100
SMALL = 10_000  # bytes; a file of fewer may be all of one letter
MOST_MEMBERS = 10_000


def open_archive(payload: bytes, *, most: int, advice: str) -> zipfile.ZipFile:
    """The archive, if by its own account it unpacks to no more than `most` bytes."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(payload))
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise UploadError(f"it is a damaged archive; save it again as {advice}") from None
    members = archive.infolist()
    size = sum(member.file_size for member in members)
    if size > most or size > RATIO * max(len(payload), SMALL):
        raise UploadError(
            f"it unpacks from {len(payload) / MB:.1f} to {size / MB:.0f} MB, at most "
            f"{most // MB} MB and {RATIO} times are read"
        )
    if len(members) > MOST_MEMBERS:
        raise UploadError(
            f"it is an archive of {len(members):,} files, at most {MOST_MEMBERS:,} are read; "
            f"save it again as {advice}"
        )
    return archive
