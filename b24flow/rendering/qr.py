"""The QR requisite (ГОСТ Р 7.0.97-2025, the 31st, bottom right of the first sheet) as a picture.

segno 1.6: BSD, pure Python without dependencies, writes PNG itself; the picture depends on the text alone, so
the same document always gets the same bytes.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docxtpl import DocxTemplate

QR_FILTER = "qr"
SIDE_MM = 20
_LIMIT = 300


def png(text: str) -> bytes:
    """Return the code of a text, black on white, with the quiet zone that readers need."""
    import segno  # noqa: PLC0415 - needed only by who renders

    target = io.BytesIO()
    segno.make(text[:_LIMIT], error="m", micro=False).save(target, kind="png", scale=6, border=2)
    return target.getvalue()


def picture(document: DocxTemplate, text: str) -> Any:
    """Return what stands for the code in a document; nothing for an empty text."""
    if not text:
        return ""
    from docx.shared import Mm  # noqa: PLC0415
    from docxtpl import InlineImage  # noqa: PLC0415

    return InlineImage(document, io.BytesIO(png(text)), width=Mm(SIDE_MM))
