"""PDF is a wish: without LibreOffice, with a broken or a hanging one, a person gets a sentence."""

from __future__ import annotations

import os
import select
from pathlib import Path

import pytest

from b24flow.rendering import pdf
from tests.libreoffice import needs_libreoffice
from tests.unit.rendering.test_templates import docx


def pretend(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program called soffice in the place of LibreOffice."""
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")


def test_without_libreoffice_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pdf.NoPdf, match="не установлен LibreOffice"):
        pdf.to_pdf(b"")


@pytest.mark.parametrize(("script", "said"), [("exit 3", "отказался"), ("exit 0", "не создал файл")])
def test_a_libreoffice_that_fails_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    pretend(tmp_path, monkeypatch, script)
    with pytest.raises(pdf.NoPdf, match=said):
        pdf.to_pdf(b"")


def test_a_libreoffice_that_hangs_is_ended_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(tmp_path, monkeypatch, f"sleep 1000 &\necho $! > {tmp_path}/child\nwait")
    with pytest.raises(pdf.NoPdf, match="не ответил вовремя"):
        pdf.to_pdf(b"", timeout_s=1.0)
    child = int((tmp_path / "child").read_text())
    try:
        handle = os.pidfd_open(child)
    except ProcessLookupError:
        return
    ended, _, _ = select.select([handle], [], [], 10)
    os.close(handle)
    assert ended


@needs_libreoffice
def test_a_document_becomes_a_pdf() -> None:
    assert pdf.to_pdf(docx("Ёлка")).startswith(b"%PDF-")
