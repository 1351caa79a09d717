"""A template fills holes and does nothing else; a bad file is refused with a sentence."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document

from b24flow.rendering.package import BadDocument, check
from b24flow.rendering.reading import lines_of
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


@pytest.mark.parametrize("kind", [b"attachedTemplate", b"hyperlink", b"image"])
def test_what_a_draft_refers_to_is_never_fetched_and_does_no_harm(kind: bytes) -> None:
    content = changed(RELATIONS, b"</Relationships>", RELATION % kind)
    assert lines_of(content, "проект.docx") == ("О {{ to }}",)


def test_code_hidden_in_the_properties_is_refused_too() -> None:
    made = Document()
    made.core_properties.title = "{{ f() }}"
    target = io.BytesIO()
    made.save(target)
    with pytest.raises(BadTemplate, match="вызов"):
        Template(name="письмо", content=target.getvalue(), filters=FILTERS)


def changed(part: str, old: bytes, new: bytes, **more: bytes) -> bytes:
    """Return a small document with one part rewritten and others added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx("О {{ to }}"))) as source, zipfile.ZipFile(target, "w") as made:
        for name in source.namelist():
            content = source.read(name)
            made.writestr(name, content.replace(old, new, 1) if name == part else content)
        for name, content in more.items():
            made.writestr(name, content)
    return target.getvalue()


BODY, TYPES, RELATIONS = "word/document.xml", "[Content_Types].xml", "word/_rels/document.xml.rels"
RELATION = (b"<Relationship Id='r99' Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s'"
            b" Target='http://127.0.0.1:9/x' TargetMode='External'/></Relationships>")


@pytest.mark.parametrize(("content", "said"), [
    (changed(BODY, b"</w:body>", b""), "повреждён"),
    (changed(BODY, b"<w:body>", b"<w:body>" + b"<w:p>" * 3000 + b"</w:p>" * 3000), "повреждён"),
    (changed(TYPES, b"wordprocessingml.document.main", b"spreadsheetml.sheet.main"), "повреждён"),
    (changed("docProps/core.xml", b"coreProperties", b"other"), "повреждён"),
    (changed(RELATIONS, b"</Relationships>", RELATION % b"image"), "с чужого адреса"),
    (changed(RELATIONS, b"</Relationships>", RELATION % b"oleObject"), "с чужого адреса"),
    (changed(RELATIONS, b"</Relationships>", RELATION % b"attachedTemplate"), "с чужого адреса"),
    (changed(BODY, b"", b"", **{"../../etc/cron.d/x": b"x"}), "вне его папок"),
    (changed(BODY, b"<w:body>", b"<w:body>" + b"<w:p/>" * 200_000), "больше 1 МБ"),
    (changed(BODY, b"<w:body>", b"<w:body>" + b"{" * 3000), "фигурных скобок"),
    (changed(BODY, b"", b"", **{"word/x.xml": '<?xml version="1.0"?><!DOCTYPE a><a/>'.encode("utf-16")}),
     "сущности"),
])
def test_a_package_that_is_no_template_is_refused_at_once(content: bytes, said: str) -> None:
    with pytest.raises(BadDocument, match=said):
        Template(name="письмо", content=content, filters=FILTERS)


def test_a_link_is_no_danger() -> None:
    content = changed(RELATIONS, b"</Relationships>", RELATION % b"hyperlink")
    assert Template(name="письмо", content=content, filters=FILTERS).variables == {"to"}


@pytest.mark.parametrize(("code", "said"), [
    ("{% shout to %}", "неизвестная команда: «shout»"),
    ("{% if to %}", "не закрыта команда"),
    ("{{ to is callable }}", "неизвестная проверка после «is»: «callable»"),
    ("{{ " + "(" * 3000 + "to" + ")" * 3000 + " }}", "вложенная"),
    ("{{ to" + ".a" * 5000 + " }}", "вложенная"),
    ("{{ " + "9" * 10_000 + " }}", "слишком длинная"),
    ("{% for a in x %}{% for b in y %}{% for c in z %}{% endfor %}{% endfor %}{% endfor %}", "цикл в цикле"),
    ("{{ 'a' * 10 ** 12 }}", "умножение"),
])
def test_what_is_wrong_in_the_markup_is_said_in_russian(code: str, said: str) -> None:
    with pytest.raises(BadTemplate, match=said):
        template(code)


def test_the_rows_of_a_row_may_be_gone_through() -> None:
    made = template("{% for a in x %}{% for b in a.b %}{% for c in b.c %}{{ c.d }}" + "{% endfor %}" * 3)
    assert made.variables == {"x"}
