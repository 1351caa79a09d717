"""Files: safe names, honest types, limits, and never anything outside the store."""

from __future__ import annotations

import pytest

from b24flow.web.uploads import MAX_FILE_NAME, mime_of, safe_name
from tests.integration.web.browser import File
from tests.integration.web.world import CHAIR, CLERK, SCAN, World, letter

REGISTER = "Зарегистрировать и направить"


@pytest.mark.parametrize(("name", "safe"), [
    ("письмо.pdf", "письмо.pdf"), ("../../etc/passwd", "passwd"), ("..\\..\\boot.ini", "boot.ini"),
    ("C:\\Users\\письмо.docx", "письмо.docx"), ("/absolute", "absolute"), ("", "файл"), ("...", "файл"),
    ("a\0b.pdf", "ab.pdf"), ("abc\u202efdp.exe", "abcfdp.exe"),
    ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie_ x.pdf"),
    ('q"uo<te>.txt', "q_uo_te_.txt"), (".htaccess", "htaccess"), ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
    ("я" * 300, "я" * MAX_FILE_NAME), ("Cafe\u0301.pdf", "Café.pdf"),
    ("  два   пробела .txt", "два пробела.txt"),
    ("a." + "x" * 300, ("a." + "x" * 300)[:MAX_FILE_NAME]),
])
def test_names(name: str, safe: str) -> None:
    assert safe_name(name) == safe
    assert safe_name(safe) == safe


def test_types_follow_names_only() -> None:
    assert mime_of("письмо.PDF") == "application/pdf"
    assert mime_of("page.html") == mime_of("run.exe") == mime_of("нет") == "application/octet-stream"


def test_hostile_names_and_types_arrive_safe(place: World) -> None:
    address = place.register(CHAIR, files=[
        File("../../../../tmp/evil.html", b"<script>1</script>", "text/html"),
        File("x\u202egpj.svg", b"<svg onload=1>", "image/svg+xml"),
    ])
    names = [one.name for one in place.document(address).files]
    assert names == ["evil.html", "xgpj.svg"]
    chair = place.person(CHAIR)
    chair.open(address)
    for name in names:
        answer = chair.download(name)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(("files", "text"), [
    ([File("big.pdf", b"0" * (50 * 1024 * 1024 + 1))], "«big.pdf» больше 50 МБ"),
    ([File(f"{one}.txt", b"x") for one in range(21)], "не больше 20 файлов за один раз, выбрано 21"),
    ([File("empty.pdf", b"")], "«empty.pdf» — пустой файл"),
], ids=["size", "count", "empty"])
def test_limits(place: World, files: list[File], text: str) -> None:
    clerk = place.person(CLERK)
    clerk.follow("Зарегистрировать входящий")
    page = clerk.press(REGISTER, **letter(CHAIR, files=files))
    assert page.status == 422
    assert text in page.errors["files"]
    page = clerk.press(REGISTER, files=SCAN)
    assert page.status == 200, page.text
    assert [one.name for one in place.document(page.url).files] == [SCAN.name]


def test_largest_file_is_accepted(place: World) -> None:
    content = b"0" * (50 * 1024 * 1024)
    address = place.register(CHAIR, files=File("scan.tif", content))
    assert place.document(address).files[0].size == len(content)


def test_kept_file_belongs_to_its_form_and_person(place: World) -> None:
    clerk = place.person(CLERK)
    clerk.follow("Зарегистрировать входящий")
    clerk.press(REGISTER, **letter(CHAIR, title=""))
    refused = clerk.page.form(REGISTER)
    assert refused is not None
    reference = refused.controls["kept-files"].values
    clerk.open("/documents/new/incoming")
    fresh = clerk.page.form(REGISTER)
    assert fresh is not None
    page = clerk.send(fresh.action, {**fresh.values(), "kept-files": reference}, {})
    assert page.status == 400
    assert "приложите файл заново" in page.text
    page = clerk.submit(refused, title="О делах", **{"kept-files": []})
    assert "приложите файл" in page.errors["files"]


def test_file_of_another_document_is_not_given(place: World) -> None:
    first, second = place.register(CHAIR), place.register(CHAIR)
    file_id = place.document(first).files[0].id
    chair = place.person(CHAIR)
    assert chair.open(f"{second}/files/{file_id}").status == 404
    assert place.guest().http.get(f"{first}/files/{file_id}").status_code == 303
