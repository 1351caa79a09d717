"""The text of a file as lines, for comparing editions: .docx, .pdf with a text layer, .txt.

Files come from anybody, and a PDF can keep a reader busy for ever: a Word document or a PDF is read by a
child process with a bound on its time and memory, and what it cannot read is refused with a sentence.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator

from b24flow.rendering.package import BadDocument, check

MAX_FILE = 20 * 1024 * 1024
MAX_LINES, MAX_CHARACTERS = 4_000, 600_000
TIMEOUT_S = 20.0
_MEMORY = 1 << 30
_KINDS = (".docx", ".pdf", ".txt")


def lines_of(content: bytes, name: str, timeout_s: float = TIMEOUT_S) -> tuple[str, ...]:
    """Return the lines of a file that are not empty, spaces settled; raises BadDocument."""
    kind = next((one for one in _KINDS if name.lower().endswith(one)), None)
    if kind is None:
        raise BadDocument(f"«{name}»: сравнить можно файлы .docx, .pdf и .txt; скачайте обе редакции.")
    if len(content) > MAX_FILE:
        raise BadDocument(f"«{name}»: файл больше {MAX_FILE // 1024 // 1024} МБ, скачайте обе редакции.")
    if kind == ".txt":
        return _settled(_decoded(content, name).splitlines(), name)
    if kind == ".docx":
        check(content, name)
    found = _settled(_in_child(content, kind, name, timeout_s), name)
    if not found and kind == ".pdf":
        raise BadDocument(f"«{name}»: в файле нет текста, похоже на скан; сверьте редакции глазами.")
    return found


def _decoded(content: bytes, name: str) -> str:
    if b"\x00" in content[:4096]:
        raise BadDocument(f"«{name}»: это не текстовый файл.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1251", errors="replace")


def _settled(lines: Iterable[str], name: str) -> tuple[str, ...]:
    found = tuple(text for line in lines if (text := " ".join(line.split())))
    if len(found) > MAX_LINES or sum(map(len, found)) > MAX_CHARACTERS:
        raise BadDocument(f"«{name}»: текст слишком велик, чтобы показать сравнение на странице.")
    return found


def _in_child(content: bytes, kind: str, name: str, timeout_s: float) -> list[str]:
    command = [sys.executable, "-m", "b24flow.rendering.reading", kind]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=timeout_s, check=True)  # noqa: S603
        lines: list[str] = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise BadDocument(f"«{name}»: файл не удалось прочитать за {timeout_s:g} секунд.") from error
    except (subprocess.CalledProcessError, ValueError, OSError) as error:
        raise BadDocument(f"«{name}»: файл повреждён или защищён паролем.") from error
    return lines


def _docx(content: bytes) -> Iterator[str]:
    from docx import Document  # noqa: PLC0415
    from docx.table import Table  # noqa: PLC0415

    for block in Document(io.BytesIO(content)).iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                # A cell merged over several columns is met once per column.
                cells = dict.fromkeys(cell._tc for cell in row.cells)
                texts = {cell._tc: cell.text for cell in row.cells}
                yield " | ".join(texts[one] for one in cells)
        else:
            yield from block.text.splitlines()


def _pdf(content: bytes) -> Iterator[str]:
    from pypdf import PdfReader  # noqa: PLC0415

    for page in PdfReader(io.BytesIO(content)).pages:
        yield from page.extract_text().splitlines()


def bounded() -> None:
    """Keep this process from eating the machine; without such limits the parent's clock remains."""
    try:
        import resource  # noqa: PLC0415
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(TIMEOUT_S), int(TIMEOUT_S)))


def main() -> None:
    """Read a file from stdin and write its lines to stdout as JSON: the child's whole life."""
    bounded()
    read = {".docx": _docx, ".pdf": _pdf}[sys.argv[1]]
    total, lines = 0, []
    for line in read(sys.stdin.buffer.read()):
        lines.append(line)
        total += len(line)
        if len(lines) > 2 * MAX_LINES or total > 2 * MAX_CHARACTERS:
            break
    sys.stdout.write(json.dumps(lines))


if __name__ == "__main__":
    main()
