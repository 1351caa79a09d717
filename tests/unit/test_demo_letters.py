from __future__ import annotations

import io
import zipfile
import zlib
from datetime import date

import docx
import pytest

from b24flow.definitions.loader import load_process
from b24flow.demo.letters import LETTERS, in_words, make
from tests.desk import ROOT

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize("code", [one.code for one in LETTERS.values() if one.form == "docx"])
def test_a_docx_letter_has_everything_the_registration_form_asks(code: str) -> None:
    letter = LETTERS[code]
    made = make(letter, TODAY)
    text = "\n".join(one.text for one in docx.Document(io.BytesIO(made.content)).paragraphs)
    for part in (letter.sender.upper(), letter.number, letter.title, *letter.body, letter.signer):
        assert part in text
    assert in_words(letter.dated(TODAY)) in text
    assert zipfile.ZipFile(io.BytesIO(made.content)).testzip() is None


@pytest.mark.parametrize("code", [one.code for one in LETTERS.values() if one.form == "pdf"])
def test_a_pdf_letter_carries_its_font(code: str) -> None:
    content = make(LETTERS[code], TODAY).content
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert b"FontFile2" in content
    assert b"OpenSans" in content
    assert zlib.crc32(content) != zlib.crc32(make(LETTERS["federation"], date(2026, 1, 12)).content)


def test_names_are_accepted_and_kinds_known() -> None:
    kinds = {one.code for one in load_process(ROOT / "processes" / "incoming.yaml").kinds}
    for one in LETTERS.values():
        made = make(one, TODAY)
        assert one.kind in kinds
        assert made.name.endswith(f".{one.form}")
        assert "/" not in made.name
