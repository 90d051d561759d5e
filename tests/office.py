"""Another program's look at what was exported: LibreOffice makes PDF of it, Poppler text and pictures of that."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

PATIENCE_S = 240  # for all files of one call; the first start of LibreOffice takes most of it


def to_pdf(soffice: str, folder: Path, files: Iterable[Path]) -> dict[str, Path]:
    """Each file as PDF, by its stem; one start of LibreOffice for all, with a profile of its own in `folder`."""
    files = list(files)
    command = [soffice, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "pdf"]
    done = subprocess.run(
        [*command, "--outdir", folder, *files], capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    made = {file.stem: folder / f"{file.stem}.pdf" for file in files}
    missing = [name for name, pdf in made.items() if not pdf.exists()]
    assert not missing, f"LibreOffice made no PDF of {missing}: {done.stdout}{done.stderr}"
    return made


def text_of(pdf: Path) -> str:
    """All words of a PDF, a line as it is set, without what only fills a line."""
    done = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def pictures(pdf: Path, dpi: int = 50) -> list[Path]:
    """A PNG of each page, beside the PDF."""
    stem = pdf.with_suffix("")
    subprocess.run(["pdftoppm", "-png", "-r", str(dpi), pdf, stem], check=True, timeout=120)
    return sorted(pdf.parent.glob(f"{stem.name}-*.png"))
