"""Names and posts in their cases, dates, initials: what a reader of a letter would notice at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from b24flow.core.rendition import CASES, Overrides
from b24flow.definitions.wording import load_organisation, load_overrides
from b24flow.errors import DefinitionError
from b24flow.rendering.words import Words, day, day_words, full_name, short_name, signature_name
from tests.desk import ROOT

SHIPPED = load_overrides(ROOT / "config" / "declension.yaml")
WORDS = Words(SHIPPED)
BARE = Words(Overrides(forms={}, posts={}, genders={}))


def person(text: str, post: str = "") -> dict[str, str]:
    last, first, middle = (*text.split("/"), "", "")[:3]
    return {"last": last, "first": first, "middle": middle, "post": post}


@pytest.mark.parametrize(("name", "case", "expected"), [
    ("Журавлёв/Семён/Фёдорович", "dative", "Журавлёву Семёну Фёдоровичу"),
    ("Журавлёва/Алёна/Петровна", "instrumental", "Журавлёвой Алёной Петровной"),
    ("Шевченко/Анна/Ивановна", "genitive", "Шевченко Анны Ивановны"),
    ("Ким/Вера/Ильинична", "dative", "Ким Вере Ильиничне"),
    ("Ким/Пётр/Ильич", "dative", "Киму Петру Ильичу"),
    ("Дюма/Александр/", "genitive", "Дюма Александра"),
    ("Черных/Олег/Юрьевич", "accusative", "Черных Олега Юрьевича"),
    ("Мамин-Сибиряк/Дмитрий/Наркисович", "genitive", "Мамина-Сибиряка Дмитрия Наркисовича"),
    ("Бонч-Бруевич/Вера/Михайловна", "dative", "Бонч-Бруевич Вере Михайловне"),
    ("Алиев/Гасан/Ахмед оглы", "dative", "Алиеву Гасану Ахмед оглы"),
    ("Нгуен/Ван Ань/", "dative", "Нгуен Ван Ань"),
    ("Smith/John/", "genitive", "Smith John"),
    ("Золя/Эмиль/", "genitive", "Золя Эмиля"),
    ("Ким/Саша/", "dative", "Киму Саше"),
])
def test_people_are_declined(name: str, case: str, expected: str) -> None:
    assert full_name(WORDS.person(person(name), case)).replace("\u00a0", " ") == expected


@pytest.mark.parametrize(("post", "case", "expected"), [
    ("Заведующий общим отделом", "dative", "Заведующему общим отделом"),
    ("Заведующая общим отделом", "accusative", "Заведующую общим отделом"),
    ("Заместитель Председателя", "instrumental", "Заместителем Председателя"),
    ("Главный правовой инспектор", "genitive", "Главного правового инспектора"),
    ("Главный правовой инспектор", "accusative", "Главного правового инспектора"),
    ("Заместитель Председателя – начальник отдела", "dative", "Заместителю Председателя – начальнику отдела"),
    ("Заведующий отделом охраны труда, правовой и социальной защиты", "accusative",
     "Заведующего отделом охраны труда, правовой и социальной защиты"),
    ("И.о. председателя", "dative", "И.о. председателя"),
    ("Зам. председателя ЦК", "genitive", "Зам. председателя ЦК"),
    ("Ст. инспектор", "dative", "Ст. инспектору"),
    ("Член Президиума, ЦК", "genitive", "Члена Президиума, ЦК"),
    ("врач-методист", "instrumental", "врачом-методистом"),
    ("ИТ-директор", "genitive", "ИТ-директора"),
    ("ПРЕДСЕДАТЕЛЬ", "genitive", "ПРЕДСЕДАТЕЛЯ"),
    ("Исполняющий обязанности Председателя", "genitive", "Исполняющего обязанности Председателя"),
    ("", "genitive", ""),
])
def test_posts_are_declined(post: str, case: str, expected: str) -> None:
    assert WORDS.post(post, case) == expected


def test_a_correction_by_hand_wins(tmp_path: Path) -> None:
    file = tmp_path / "declension.yaml"
    file.write_text("forms:\n  Дюма: {dative: Дюме}\nposts:\n  Юрист: indeclinable\n"
                    "genders:\n  Нгуен Ван: female\n", "utf-8")
    words = Words(load_overrides(file))
    assert words.person(person("Дюма/Александр/"), "dative")["last"] == "Дюме"
    assert (BARE.post("Юрист", "dative"), words.post("Юрист", "dative")) == ("Юристу", "Юрист")
    assert words.gender("Нгуен", "Ван", "") == "female"


def test_mistakes_in_the_files_of_words_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "words.yaml"
    file.write_text("forms:\n  Дюма: {dativ: Дюме}\n  Ким: [1]\ngender:\n  Ким: male\n", "utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_overrides(file)
    assert len(caught.value.findings) == 3
    file.write_text("nam: Профсоюз\naddress: [а, б]\n", "utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_organisation(file)
    assert [one.path for one in caught.value.findings] == ["nam", "name"]


def test_dates_and_initials_are_kept_together() -> None:
    assert day("2026-11-22") == "22.11.2026"
    assert day_words("2026-11-22") == "22\u00a0ноября\u00a02026\u00a0г."
    assert day("") == day_words("") == ""
    someone = person("Иванов/Иван/Ильич")
    assert short_name(someone) == "Иванов\u00a0И.\u00a0И."
    assert signature_name(someone) == "И.\u00a0И.\u00a0Иванов"
    assert short_name(None) == ""


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=30),
                    lambda one: st.lists(one, max_size=3)
                    | st.dictionaries(st.text(max_size=6), one, max_size=3))


@given(value=JSON)
@example(value=[{"\U00017000": None}])  # a letter without a name
def test_no_value_can_break_a_filter(value: object) -> None:
    for name, apply in WORDS.filters().items():
        if name != "upper":
            apply(value)


@given(st.text(alphabet="абвгдеёжзиклмнопрстуфхцчшщыьэюя- .АБВ", max_size=40), st.sampled_from(CASES))
def test_any_name_and_post_is_declined_to_something(text: str, case: str) -> None:
    changed = WORDS.person(person(f"{text}/{text}/{text}", post=text), case)
    assert bool(changed["last"].strip()) == bool(text.strip()) or "/" in text
