"""PDF by LibreOffice when the machine has it; without it the .docx is the document, and that is said."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from b24flow.errors import Refused

TIMEOUT_S = 120.0
_PROGRAMS = ("soffice", "libreoffice")


class NoPdf(Refused):
    """A PDF could not be made; the .docx is unaffected, the text says why."""

    code = "refused.no_pdf"


def program() -> str | None:
    """Return the path of LibreOffice, None when it is not installed."""
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)


def to_pdf(docx: bytes, timeout_s: float = TIMEOUT_S) -> bytes:
    """Return a .docx as PDF; raises NoPdf.

    Each call has a profile and a folder of its own, so calls do not wait for one another's locks.
    """
    office = program()
    if office is None:
        raise NoPdf("PDF не сделан: на сервере не установлен LibreOffice. Документ остаётся в формате .docx.")
    with tempfile.TemporaryDirectory(prefix="b24flow-pdf-") as folder:
        source = Path(folder) / "document.docx"
        source.write_bytes(docx)
        command = [
            office, "--headless", "--norestore", "--nolockcheck",
            f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "pdf", "--outdir", folder,
            str(source),
        ]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=timeout_s)  # noqa: S603
        except subprocess.TimeoutExpired as error:
            raise NoPdf("PDF не сделан: LibreOffice не ответил вовремя.") from error
        except (subprocess.CalledProcessError, OSError) as error:
            raise NoPdf("PDF не сделан: LibreOffice отказался открыть документ.") from error
        target = source.with_suffix(".pdf")
        if not target.is_file():
            raise NoPdf("PDF не сделан: LibreOffice не создал файл.")
        return target.read_bytes()
