"""A template fills holes and does nothing else; a bad file is refused with a sentence."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document

from b24flow.rendering.package import BadDocument, check
from b24flow.rendering.template import BadTemplate, Template

FILTERS = {"upper": lambda text: str(text).upper()}


def docx(*lines: str, footer: str = "") -> bytes:
    made = Document()
    for line in lines:
        made.add_paragraph(line)
    if footer:
        made.sections[0].footer.paragraphs[0].text = footer
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def template(*lines: str, footer: str = "") -> Template:
    return Template(name="письмо", content=docx(*lines, footer=footer), filters=FILTERS)


def text(content: bytes) -> str:
    made = Document(io.BytesIO(content))
    return "\n".join(one.text for one in (*made.paragraphs, *made.sections[0].footer.paragraphs))


def test_values_are_filled_in_and_harmless() -> None:
    loop = "{% for one in points %}{{ one.text|upper }} {% endfor %}"
    made = template("Кому: {{ to }}", loop, footer="{{ qr }}")
    assert made.variables == {"to", "points", "qr"}
    content = made.render({"to": "R&D <Alpha> ё", "points": [{"text": "раз"}, {"text": "два"}], "qr": "№ 1"})
    assert "Кому: R&D <Alpha> ё" in text(content)
    assert "РАЗ ДВА" in text(content)
    assert "№ 1" in text(content)


def test_the_same_values_give_the_same_bytes() -> None:
    made = template("{{ to }}")
    assert made.render({"to": "ФНПР"}) == made.render({"to": "ФНПР"})


def test_a_missing_value_is_named() -> None:
    with pytest.raises(BadTemplate, match="нет значения «signer»"):
        template("{{ to }} {{ signer }}").render({"to": "ФНПР"})
    with pytest.raises(BadTemplate, match="нет значения"):
        template("{{ to.name }}").render({"to": {}})


@pytest.mark.parametrize("code", [
    "{{ to.__class__ }}", "{{ f() }}", "{% import 'os' as os %}", "{{ 'a' * 1000000000 }}",
    "{{ 9 ** 99999 }}", "{% set x = 1 %}",
    "{{ to['__class__'] }}", "{{ to|attr('x') }}", "{% macro m() %}{% endmacro %}",
    "{{ 'a' ~ 'b' }}", "{% include 'x' %}", "{{ lipsum }}{{ range(9) }}",
])
def test_code_in_a_template_is_refused(code: str) -> None:
    with pytest.raises(BadTemplate):
        template(code)


@pytest.mark.parametrize("broken", ["{{ to", "{% if to %}", "{% unknown %}"])
def test_broken_markup_is_refused(broken: str) -> None:
    with pytest.raises(BadTemplate):
        template(broken)


def packed(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return target.getvalue()


WHOLE = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}


@pytest.mark.parametrize(("content", "said"), [
    (b"plain text", "повреждён"),
    (b"", "повреждён"),
    (packed(**{"a.txt": b"x"}), "не документ Word"),
    (packed(**WHOLE, **{"word/bomb.xml": b"\0" * (101 * 1024 * 1024)}), "в распакованном виде больше"),
    (packed(**WHOLE, **{"word/vbaProject.bin": b"x"}), "макрос"),
    (packed(**WHOLE, **{"word/x.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"}), "сущности"),
    (b"PK" + b"\0" * (21 * 1024 * 1024), "больше 20 МБ"),
    (docx("цел")[:-100], "повреждён"),
])
def test_a_bad_package_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(BadDocument, match=said):
        check(content, "проект.docx")


def test_code_hidden_in_the_properties_is_refused_too() -> None:
    made = Document()
    made.core_properties.title = "{{ f() }}"
    target = io.BytesIO()
    made.save(target)
    with pytest.raises(BadTemplate, match="вызов"):
        Template(name="письмо", content=target.getvalue(), filters=FILTERS)
