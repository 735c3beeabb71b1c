"""Where backups lie: a folder, or a bucket of any S3 service; both keep whole objects by name.

Refuses nothing by itself and keeps no keys: a bucket's come from where boto3 looks for them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from data.disk import explain, make_folder, settle, temporary, write_file
from data.errors import ConfigError, LakeError
from data.settings import Settings


class BackupStore(Protocol):
    """Names are relative paths with `/`. What has a name is whole."""

    def names(self, prefix: str) -> set[str]:
        """Names that start so."""

    def ages(self, prefix: str) -> dict[str, datetime]:
        """The same, each with the instant at which it was put there."""

    def put(self, name: str, source: Path) -> None:
        """Store a file."""

    def put_bytes(self, name: str, content: bytes) -> None:
        """Store a few bytes."""

    def read(self, name: str) -> bytes:
        """A small object."""

    def get(self, name: str, target: Path) -> None:
        """An object into a file."""

    def remove(self, name: str) -> None:
        """Gone, if it was there."""


class FolderStore:
    """A folder, preferably on another disk."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __str__(self) -> str:
        return str(self._root)

    def names(self, prefix: str) -> set[str]:
        """See `Shelf`."""
        return set(self.ages(prefix))

    def ages(self, prefix: str) -> dict[str, datetime]:
        """See `Shelf`."""
        return {
            path.relative_to(self._root).as_posix(): datetime.fromtimestamp(
                path.stat().st_mtime, UTC
            )
            for path in (self._root / prefix).rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }

    def put(self, name: str, source: Path) -> None:
        """See `Shelf`."""
        final = self._root / name
        with self._explained():
            make_folder(final.parent)
            half = temporary(final.parent)
            try:
                shutil.copyfile(source, half)
                settle(half, final)
            finally:
                half.unlink(missing_ok=True)

    def put_bytes(self, name: str, content: bytes) -> None:
        """See `Shelf`."""
        with self._explained():
            make_folder((self._root / name).parent)
            write_file(self._root / name, content)

    def read(self, name: str) -> bytes:
        """See `Shelf`."""
        with self._explained():
            return (self._root / name).read_bytes()

    def get(self, name: str, target: Path) -> None:
        """See `Shelf`."""
        with self._explained():
            shutil.copyfile(self._root / name, target)

    def remove(self, name: str) -> None:
        """See `Shelf`."""
        (self._root / name).unlink(missing_ok=True)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            # A source that went away is the caller's to judge.
            if error.filename and not Path(error.filename).is_relative_to(self._root):
                raise
            raise LakeError(f"{error.filename} is missing from the backup {self}") from None
        except OSError as error:
            raise explain(error, f"backup in {self}") from error


class BucketStore:
    """A bucket, below a prefix."""

    def __init__(self, client: Any, bucket: str, prefix: str = "") -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    def __str__(self) -> str:
        return f"s3://{self._bucket}/{self._prefix}"

    def names(self, prefix: str) -> set[str]:
        """See `Shelf`."""
        return set(self.ages(prefix))

    def ages(self, prefix: str) -> dict[str, datetime]:
        """See `Shelf`."""
        found: dict[str, datetime] = {}
        with self._explained("list"):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix
            )
            for page in pages:
                for item in page.get("Contents", ()):
                    found[item["Key"].removeprefix(self._prefix)] = item["LastModified"]
        return found

    def put(self, name: str, source: Path) -> None:
        """See `Shelf`."""
        with self._explained(name):
            self._client.upload_file(str(source), self._bucket, self._prefix + name)

    def put_bytes(self, name: str, content: bytes) -> None:
        """See `Shelf`."""
        with self._explained(name):
            self._client.put_object(Bucket=self._bucket, Key=self._prefix + name, Body=content)

    def read(self, name: str) -> bytes:
        """See `Shelf`."""
        with self._explained(name):
            reply = self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)
            content: bytes = reply["Body"].read()
            return content

    def get(self, name: str, target: Path) -> None:
        """See `Shelf`."""
        with self._explained(name):
            self._client.download_file(self._bucket, self._prefix + name, str(target))

    def remove(self, name: str) -> None:
        """See `Shelf`."""
        with self._explained(name):
            self._client.delete_object(Bucket=self._bucket, Key=self._prefix + name)

    @contextmanager
    def _explained(self, name: str) -> Iterator[None]:
        from boto3.exceptions import S3UploadFailedError
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (BotoCoreError, ClientError, S3UploadFailedError) as error:
            raise LakeError(
                f"{self}: {name} failed ({str(error)[:200]}); check the bucket's name, its region "
                "and the rights of the key"
            ) from None


def find_store(settings: Settings) -> BackupStore:
    """Where BACKUP says, else a folder beside the workspaces."""
    place = settings.backup
    if place is None:
        return FolderStore(settings.data_dir / "backups" / settings.workspace)
    if "://" not in place:
        return FolderStore(Path(place).expanduser() / settings.workspace)
    parts = urlsplit(place)
    if parts.scheme != "s3" or not parts.netloc:
        raise ConfigError(f"BACKUP={place[:80]!r}: expected a folder or s3://bucket/prefix")
    import boto3  # a second of start-up that nobody else needs

    prefix = f"{parts.path.strip('/')}/{settings.workspace}"
    return BucketStore(boto3.client("s3"), parts.netloc, prefix)
