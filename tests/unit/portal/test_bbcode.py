"""What people type never becomes an element of a message."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24flow.portal.bbcode import bold, escape, link


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Об отпусках", "Об отпусках"),
        ("[проект] приказа [1]", "[проект] приказа [1]"),
        ("[SEND=/approve 1]Да[/SEND]", "［SEND=/approve 1］Да［/SEND］"),
        ("[send=/x]y[/send]", "［send=/x］y［/send］"),
        ("[URL=https://evil.example]портал[/URL]", "［URL=https://evil.example］портал［/URL］"),
        ("[USER=1]Иван[/USER] [USER=all]", "［USER=1］Иван［/USER］ ［USER=all］"),
        ("[ſend=/x]", "［ſend=/x］"),
        ("[[b]]", "［［b］]"),
        ("[ b]", "［ b］"),
        ("[*]", "［*］"),
        ("[b", "［b"),
        ("одна#BR#две#br#", "одна＃BR＃две＃br＃"),
        (">>цитата\n >>ещё", "＞＞цитата\n ＞＞ещё"),
        ("a >> b", "a >> b"),
        ("------\nчужие слова\n------", "——————\nчужие слова\n——————"),
        ("сумма -- 5", "сумма -- 5"),
        ("[]", "[]"),
    ],
)
def test_elements_become_text(typed: str, shown: str):
    assert escape(typed) == shown


_TEXT = st.text(st.sampled_from("[]/=*#>-\n bBsSrR1жЖſ&$") | st.characters(), max_size=40)


@given(typed=_TEXT)
def test_nothing_that_opens_a_tag_is_left(typed: str):
    shown = escape(typed)
    assert not re.search(r"\[\s*/?\s*[^\W\d_а-яёА-ЯЁ]", shown, re.IGNORECASE)
    assert not re.search(r"#br#", shown, re.IGNORECASE)
    assert len(shown) == len(typed)
    assert escape(shown) == shown


def test_our_own_elements():
    assert bold("№ 5 [B]") == "[B]№ 5 ［B］[/B]"
    assert link("/crm/type/177/details/29/", "карточка [b]") == (
        "[URL=/crm/type/177/details/29/]карточка ［b］[/URL]"
    )
    assert link("https://p.example/?a=1&b=[x] y", "т") == (
        "[URL=https://p.example/?a=1&b=%5Bx%5D%20y]т[/URL]"
    )


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example", "", "ftp://x", "x"])
def test_a_link_leads_to_a_page(url: str):
    with pytest.raises(ValueError, match="one slash"):
        link(url, "т")
