"""The same bytes on the same input: an archive (docx, pptx, xlsx, zip) without the clock of who packed it."""

from __future__ import annotations

import io
import os
import re
import zipfile
from datetime import UTC, date, datetime, time

EPOCH = date(1980, 1, 1)
"""The first day that a zip archive can name: what stands where a report has no day of its own."""
NESTED = (".xlsx", ".docx", ".pptx", ".zip")
PROPERTIES = "docProps/core.xml"
_STAMP = re.compile(rb"(<dcterms:(created|modified)\b[^>]*>)[^<]*(</dcterms:\2>)")
_PACKED = (".png", ".jpg", ".jpeg", ".gif", *NESTED)
_LEVEL = 6


def epoch_day() -> date | None:
    """The day of SOURCE_DATE_EPOCH [1]; None where the environment doesn't give it.

    1. reproducible-builds.org/specs/source-date-epoch
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC).date() if epoch.isdigit() else None


def moment(day: date | None) -> datetime:
    """Midnight of a report's day, or of 1 January 1980 where it has none or an earlier one.

    Example:
        >>> from datetime import date
        >>> from necc.report.stable import moment
        >>> moment(None).isoformat(), moment(date(2026, 3, 1)).isoformat()
        ('1980-01-01T00:00:00', '2026-03-01T00:00:00')
    """
    return datetime.combine(max(day, EPOCH) if day and day.year < 2100 else EPOCH, time())


def same_bytes(archive: bytes, day: date | None = None) -> bytes:
    """A zip archive with the times, modes and properties of one day; archives inside it too.

    The order of the parts is kept: who made it must put them in the same order. Deflate may differ between builds of
    zlib, so compare parts, not archives, of two computers.

    Raises:
        zipfile.BadZipFile: it isn't an archive.

    Example:
        >>> import io, zipfile
        >>> from necc.report.stable import same_bytes
        >>> def packed(year):
        ...     file = io.BytesIO()
        ...     with zipfile.ZipFile(file, "w") as archive:
        ...         archive.writestr(zipfile.ZipInfo("a.txt", (year, 1, 1, 0, 0, 0)), "the same")
        ...     return file.getvalue()
        >>> packed(2024) == packed(2025), same_bytes(packed(2024)) == same_bytes(packed(2025))
        (False, True)
    """
    at = moment(day)
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(file, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename.lower().endswith(NESTED) and zipfile.is_zipfile(io.BytesIO(content)):
                content = same_bytes(content, day)
            elif part.filename == PROPERTIES:
                content = _STAMP.sub(rb"\g<1>" + f"{at:%Y-%m-%dT%H:%M:%SZ}".encode() + rb"\g<3>", content)
            _add(new, part.filename, content, at)
    return file.getvalue()


def zipped(parts: dict[str, bytes], day: date | None = None) -> bytes:
    """An archive of named parts in their order, with the times of one day: the same bytes for the same parts.

    Example:
        >>> from necc.report.stable import zipped
        >>> zipped({"a.txt": b"1"}) == zipped({"a.txt": b"1"})
        True
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            _add(archive, name, content, moment(day))
    return file.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes, at: datetime) -> None:
    part = zipfile.ZipInfo(name, (at.year, at.month, at.day, 0, 0, 0))
    part.create_system = 3  # Unix, on Windows too
    part.external_attr = (0o40755 << 16 | 0x10) if name.endswith("/") else 0o100644 << 16
    # what is packed already hardly gets smaller, and takes the most time
    packed = name.endswith("/") or name.lower().endswith(_PACKED)
    archive.writestr(part, content, zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED, _LEVEL)
