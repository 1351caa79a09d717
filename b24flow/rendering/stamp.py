"""The registration stamp and the QR code on the first sheet of a copy of a PDF; the file stays as it came.

Domain §2.7: the stamp of registration stands at the bottom right of the first sheet, beside the QR requisite
of ГОСТ Р 7.0.97-2025; what a later document did to this one is said across the top. Drawn by reportlab (BSD)
with a free font that has Cyrillic, laid over the sheet by pypdf (BSD). The PDF comes from anybody, so a child
process with bounds on time and memory opens it, like one that is compared.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from b24flow.rendering.package import BadDocument
from b24flow.rendering.qr import png
from b24flow.rendering.reading import MAX_FILE, TIMEOUT_S, bounded

_FONT, _BOLD = "b24flow-stamp", "b24flow-stamp-bold"
_POINT_MM = 72 / 25.4
_EDGE, _QR, _LINE, _SIZE, _WIDTH = 8.0, 20.0, 3.6, 7.5, 64.0
"""Millimetres: edge of the sheet, side of the code, height and width of a line; the letters are in points."""


def stamped(
    content: bytes, name: str, *, lines: Sequence[str], link: str, warning: str = "",
    timeout_s: float = TIMEOUT_S,
) -> bytes:
    """Return a copy of a PDF with the stamp on its first sheet; raises BadDocument."""
    if len(content) > MAX_FILE:
        raise BadDocument(f"«{name}»: файл больше {MAX_FILE // 1024 // 1024} МБ, штамп не ставится.")
    said = json.dumps({"lines": list(lines), "link": link, "warning": warning})
    command = [sys.executable, "-m", "b24flow.rendering.stamp", said]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=timeout_s, check=True)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise BadDocument(f"«{name}»: штамп не удалось поставить за {timeout_s:g} секунд.") from error
    except (subprocess.CalledProcessError, OSError) as error:
        raise BadDocument(f"«{name}»: файл повреждён или защищён паролем, штамп не поставлен.") from error
    return done.stdout


def _overlay(width: float, height: float, said: dict[str, Any]) -> bytes:
    """Return one transparent sheet of this size (points) with the stamp, the code and the warning."""
    from reportlab.lib.utils import ImageReader  # noqa: PLC0415
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415

    _fonts()
    target = io.BytesIO()
    sheet = Canvas(target, pagesize=(width, height), invariant=1)
    edge, side, line = (one * _POINT_MM for one in (_EDGE, _QR, _LINE))
    if said["link"]:
        sheet.drawImage(ImageReader(io.BytesIO(png(said["link"]))), width - edge - side, edge, side, side)
    lines = [_fitted(sheet, one) for one in said["lines"]]
    # The first line is bold, and bold is never the narrower one.
    broad = max((sheet.stringWidth(one, _BOLD, _SIZE) for one in lines), default=0) + 2 * line
    right = width - edge - side - line
    sheet.setFillGray(1)
    sheet.rect(right - broad, edge, broad, line * (len(lines) + 1), fill=1, stroke=1)
    sheet.setFillGray(0)
    for place, text in enumerate(reversed(lines)):
        sheet.setFont(_BOLD if place == len(lines) - 1 else _FONT, _SIZE)
        sheet.drawString(right - broad + line, edge + line * (place + 0.8), text)
    if said["warning"]:
        sheet.setFont(_BOLD, 12)
        sheet.setFillColorRGB(0.7, 0, 0)
        sheet.drawCentredString(width / 2, height - edge - 4, said["warning"][:90])
    sheet.showPage()
    sheet.save()
    return target.getvalue()


def _fitted(sheet: Any, text: str) -> str:
    """Return a line that fits the stamp; what is cut ends with an ellipsis."""
    widest = _WIDTH * _POINT_MM
    if sheet.stringWidth(text, _BOLD, _SIZE) <= widest:
        return text
    while text and sheet.stringWidth(f"{text}…", _BOLD, _SIZE) > widest:
        text = text[:-1]
    return f"{text}…"


def _fonts() -> None:
    import ttf_opensans  # noqa: PLC0415
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415
    from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415

    for name, face in ((_FONT, ttf_opensans.OPENSANS_REGULAR), (_BOLD, ttf_opensans.OPENSANS_BOLD)):
        pdfmetrics.registerFont(TTFont(name, str(face.path)))


def _laid(content: bytes, said: dict[str, Any]) -> bytes:
    from pypdf import PdfReader, PdfWriter, Transformation  # noqa: PLC0415

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    page = writer.pages[0]
    if page.rotation:
        page.transfer_rotation_to_content()
    box = page.cropbox
    over = PdfReader(io.BytesIO(_overlay(float(box.width), float(box.height), said))).pages[0]
    page.merge_transformed_page(over, Transformation().translate(float(box.left), float(box.bottom)))
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def main() -> None:
    """Read a PDF from stdin and write the copy to stdout: the child's whole life."""
    bounded()
    sys.stdout.buffer.write(_laid(sys.stdin.buffer.read(), json.loads(sys.argv[1])))


if __name__ == "__main__":
    main()
