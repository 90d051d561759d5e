"""Files that aren't read: what each is by its content, whatever its name says, and how its table is got out of it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from necc.core.errors import CohortError
from necc.core.text import shorten
from necc.ingest.raw import fail, listed

START = 2**12  # bytes that tell what a file is
SAVE = "save the table itself as CSV or .xlsx"
IN_EXCEL = "open it in Excel or LibreOffice and save it as .xlsx"
UNPACK = "unpack it and load the file that it holds"
MARKUP = re.compile(r"(<\?xml[^>]*>|<!--.*?(-->|\Z)|\s)*", re.DOTALL)
HTML = re.compile(
    r"<(!doctype\s+html|html|head|meta|body|table|thead|tbody|tr|td|style|title|div|p|br|span|font|script|link)\b",
    re.IGNORECASE,
)
JSON = re.compile(r'\s*(\{\s*["}]|\[\s*(\{|\[|"|-?\d|\]))')
OLE = b"\xd0\xcf\x11\xe0"
ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Stranger:
    """A file that isn't read. what: for people. how: to get its table. code: of the finding."""

    what: str
    how: str = SAVE
    code: str = "not-a-table"

    def refusal(self) -> CohortError:
        return fail(self.code, f"the file is {self.what}; {self.how}")


PICTURE = "a picture{}, not a text table"
ASK = "ask for the table that it shows as CSV or .xlsx, since figures read off a picture are easily wrong"
BY_START: Sequence[tuple[bytes, Stranger]] = (
    (b"%PDF", Stranger("a PDF, not a table")),
    (b"{\\rtf", Stranger("a text document (RTF), not a table")),
    (b"MIME-Version:", Stranger("a web page saved as one file (MHTML)", IN_EXCEL)),
    *((start, Stranger(PICTURE.format(f" ({name})"), ASK, "not-text")) for start, name in (
        (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"), (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"),
    )),
    (b"SQLite format 3\0", Stranger("an SQLite database", "export the table of patients as CSV")),
    (b"\0\1\0\0Standard ", Stranger("an Access database", "export the table of patients as CSV or .xlsx")),
    (b"\x89HDF", Stranger("an HDF5 file", "save the table as CSV or Parquet")),
    (b"ARROW1", Stranger("an Arrow (Feather) file", "save it as Parquet or CSV", "unknown-format")),
    (b"ASCII SPSS PORT FILE", Stranger("a portable SPSS file (.por)", "save it as .sav", "unknown-format")),
    (b"Rar!", Stranger("a RAR archive", UNPACK)),
    (b"7z\xbc\xaf", Stranger("a 7-Zip archive", UNPACK)),
)  # fmt: skip
PACKED = ((b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz"))  # R packs its own files so
NUMBERS = Stranger(
    "a document of Apple Numbers, Pages or Keynote", "export the table as Excel or CSV", "unknown-format"
)
BY_MEMBER = (
    ("xl/workbook.bin", Stranger("a binary Excel workbook (.xlsb)", "save it as .xlsx", "unknown-format")),
    ("word/document.xml", Stranger("a Word document, not a table")),
    ("ppt/presentation.xml", Stranger("a PowerPoint presentation, not a table")),
    ("Index/Document.iwa", NUMBERS),
    ("Index.zip", NUMBERS),
)  # fmt: skip
OPENDOCUMENT = b"application/vnd.oasis.opendocument."
BY_STREAM = (  # of an OLE file, named in UTF-16
    ("EncryptedPackage", Stranger("a workbook or document with a password", "save it without one", "encrypted")),
    ("Workbook", Stranger("an old .xls workbook", f"{IN_EXCEL} without a password", "unknown-format")),
    ("Book", Stranger("an old .xls workbook", f"{IN_EXCEL} without a password", "unknown-format")),
    ("WordDocument", Stranger("an old Word document, not a table")),
    ("PowerPoint Document", Stranger("an old PowerPoint presentation, not a table")),
)
OLD_OFFICE = Stranger("an old .xls workbook, or another old Office file", IN_EXCEL, "unknown-format")
BY_ROOT = (  # of an XML file
    ("urn:schemas-microsoft-com:office:spreadsheet", Stranger("an Excel 2003 XML spreadsheet", IN_EXCEL)),
    ("http://www.cdisc.org/ns/odm", Stranger("a CDISC ODM file (XML)", "export one row per patient as CSV")),
)
WEB_PAGE = Stranger("a web page (HTML), not a table", f"where it shows the table, {IN_EXCEL}")


def refuse_stranger(data: bytes, suffix: str) -> None:
    """Nothing where the file may hold a table that is read.

    suffix: of its name, in lower case.

    Raises:
        CohortError: it is of another kind; the finding says which, and the way out.
    """
    stranger = (
        next((s for start, s in BY_START if data.startswith(start)), None)
        or _picture(data) or _packed(data, suffix) or _office(data) or _archive(data) or _markup(data)
    )  # fmt: skip
    if stranger:
        raise stranger.refusal()


def _picture(data: bytes) -> Stranger | None:
    riff = data.startswith(b"RIFF") and data[8:12] == b"WEBP"
    phone = data[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif")
    if riff or phone or data[128:132] == b"DICM":
        return Stranger(PICTURE.format(""), ASK, "not-text")
    return None


def _packed(data: bytes, suffix: str) -> Stranger | None:
    if suffix in ("rds", "rda", "rdata"):
        return None
    name = next((name for start, name in PACKED if data.startswith(start)), "")
    return Stranger(f"packed by {name}", UNPACK) if name else None


def _office(data: bytes) -> Stranger | None:
    """Files of Office before 2007, which name their streams in UTF-16."""
    if not data.startswith(OLE):
        return None
    return next((s for name, s in BY_STREAM if _stream(name) in data), OLD_OFFICE)


def _stream(name: str) -> bytes:
    """A stream's name as a directory entry holds it: padded with zeros."""
    return name.encode("utf-16-le") + b"\0\0"


def _archive(data: bytes) -> Stranger | None:
    """A zip file that is no workbook."""
    if not data.startswith(ZIP):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()[:10_000]
            kind = archive.read("mimetype") if "mimetype" in names else b""
    except Exception:  # noqa: BLE001 - a damaged zip file: its reader says so
        return None
    if kind.startswith(OPENDOCUMENT) and b"spreadsheet" not in kind:
        return Stranger("an OpenDocument text, drawing or presentation, not a table")
    if stranger := next((s for member, s in BY_MEMBER if member in names), None):
        return stranger
    if any(n.startswith("xl/workbook") or n in ("mimetype", "content.xml", "[Content_Types].xml") for n in names):
        return None
    held = [n for n in names if not n.endswith("/") and not n.startswith("__MACOSX")]
    what = f"a zip archive with {listed(held, 3)}, not an Excel workbook" if held else "an empty zip archive"
    return Stranger(what, UNPACK if held else SAVE, "unreadable-file")


def _markup(data: bytes) -> Stranger | None:
    """Web pages, JSON and XML, also after a byte order mark, a declaration and comments."""
    text = _start(data)
    if JSON.match(text):
        how = "save the table as CSV, in pandas by to_csv, in R by write.csv"
        return Stranger("a JSON file", how)
    match = MARKUP.match(text)
    root = text[match.end() :] if match else text
    if HTML.match(root) or (not root and "<!--" in text):
        return WEB_PAGE
    if not text.lstrip("\ufeff \t\r\n").startswith("<?xml") and not re.match(r"<[A-Za-z][\w:.-]*[\s>]", root):
        return None
    if stranger := next((s for name, s in BY_ROOT if name in text), None):
        return stranger
    tag = re.match(r"<([\w:.-]{1,40})", root)
    return Stranger(f"an XML file{f' (<{shorten(tag[1], 40)}>)' if tag else ''}, not a table", f"{SAVE}")


def _start(data: bytes) -> str:
    """The first characters, whatever the encoding."""
    sample = data[:START]
    for mark, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if sample.startswith(mark):
            return sample[2:].decode(name, "replace")
    return sample.removeprefix(b"\xef\xbb\xbf").decode("latin-1").replace("\0", "")
