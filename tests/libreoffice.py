"""LibreOffice and a reader of PDF, for tests that look at real pages; the gate insists on them."""

from __future__ import annotations

import os
import shutil

import pytest

needs_libreoffice = pytest.mark.skipif(
    (shutil.which("soffice") is None or shutil.which("pdftotext") is None)
    and not os.environ.get("TEST_REQUIRE_LIBREOFFICE"),
    reason="no libreoffice-writer-nogui or poppler-utils; TEST_REQUIRE_LIBREOFFICE=1 makes this a failure",
)
