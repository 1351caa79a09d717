"""PDF by LibreOffice when the machine has it; without it the .docx is the document, and that is said."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

from b24flow.errors import Refused

TIMEOUT_S = 120.0
AT_ONCE = 2
"""LibreOffice takes a core and 200 MB: more people than that wait for one another."""

_SLOTS = threading.BoundedSemaphore(AT_ONCE)
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
        with _SLOTS:
            _run(command, timeout_s)
        target = source.with_suffix(".pdf")
        if not target.is_file():
            raise NoPdf("PDF не сделан: LibreOffice не создал файл.")
        return target.read_bytes()


def _run(command: list[str], timeout_s: float) -> None:
    """Run LibreOffice to its end; what it started itself does not outlive it."""
    try:
        running = subprocess.Popen(  # noqa: S603 - the program found on this machine, a file of ours
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
    except OSError as error:
        raise NoPdf("PDF не сделан: LibreOffice не запускается.") from error
    try:
        code = running.wait(timeout_s)
    except subprocess.TimeoutExpired as error:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        raise NoPdf("PDF не сделан: LibreOffice не ответил вовремя.") from error
    if code:
        raise NoPdf("PDF не сделан: LibreOffice отказался открыть документ.")
