"""The vendor's own client works with knowledge bases, the feed and workgroups of the sandbox."""

from __future__ import annotations

from typing import Any

import pytest
from b24pysdk.errors import BitrixAPIError

from tests.sandbox.conftest import Box

KB = "KNOWLEDGE"
TEXT = "27.6.one_col_fix_text_with_headings"
NODE = ".landing-block-node-text"


@pytest.fixture
def site(client: Any) -> int:
    """A knowledge base."""
    fields = {"TITLE": "Инструкции", "CODE": "kb", "TYPE": KB, "XML_ID": "kb"}
    return int(client.landing.site.add(fields=fields, scope=KB).result)


def test_an_instruction_is_published(client: Any, site: int) -> None:
    found = client.landing.site.get_list(scope=KB, params={"filter": {"=XML_ID": "kb"}}).result
    assert [row["ID"] for row in found] == [str(site)]
    folder = client.landing.site.add_folder(site_id=site, fields={"TITLE": "Входящие"}, scope=KB).result
    fields = {"TITLE": "Регистратору", "SITE_ID": site, "FOLDER_ID": folder, "CODE": "registrar"}
    lid = client.landing.landing.add(fields=fields, scope=KB).result
    block = client.landing.landing.addblock(lid=lid, fields={"CODE": TEXT}, scope=KB).result
    data = {NODE: "<h2>Порядок</h2>"}
    assert client.landing.block.updatenodes(lid=lid, block=block, data=data, scope=KB).result is True
    assert client.landing.block.getlist(lid=lid, scope=KB).result == []
    assert client.landing.landing.publication(lid=lid, scope=KB).result is True
    (shown,) = client.landing.block.getlist(lid=lid, scope=KB, params={"get_content": True}).result
    assert "<h2>Порядок</h2>" in shown["content"]
    assert shown["id"] != block
    address = client.landing.landing.getpublicurl(lid=lid, scope=KB).result
    assert address.endswith("/knowledge/kb/vkhodyashchie/registrar/")
    urls = client.landing.site.get_public_url(bitrix_id=[site], scope=KB).result
    assert list(urls) == [str(site)]
    assert client.landing.site.get_folders(site_id=site, scope=KB).result[0]["ACTIVE"] == "Y"


def test_blocks_and_the_trash(client: Any, site: int) -> None:
    lid = client.landing.landing.add(fields={"TITLE": "Страница", "SITE_ID": site}, scope=KB).result
    first = client.landing.landing.addblock(lid=lid, fields={"CODE": TEXT}, scope=KB).result
    second = client.landing.landing.copyblock(lid=lid, block=first, scope=KB).result
    client.landing.landing.downblock(lid=lid, block=first, scope=KB).call()
    client.landing.block.updatecontent(lid=lid, block=second, content="<script>1</script>", scope=KB).call()
    draft = client.landing.block.getlist(lid=lid, scope=KB, params={"edit_mode": 1, "get_content": 1}).result
    assert [row["id"] for row in draft] == [second, first]
    assert "<scr ipt>" in draft[0]["content"]
    assert TEXT in client.landing.block.getrepository(section="text", scope=KB).result["items"]
    assert client.landing.block.getmanifestfile(code=TEXT).result["nodes"][NODE]["type"] == "text"
    client.landing.site.set_rights(bitrix_id=site, rights={"AU": ["read"]}).call()
    assert "edit" in client.landing.site.get_rights(bitrix_id=site).result
    client.landing.site.mark_delete(bitrix_id=site, scope=KB).call()
    client.landing.site.mark_un_delete(bitrix_id=site, scope=KB).call()
    with pytest.raises(BitrixAPIError) as refused:
        client.landing.site.delete(bitrix_id=site, scope=KB).call()
    assert "SITE_IS_NOT_EMPTY" in str(refused.value.error)


def test_an_order_is_acquainted_with_in_the_feed(client: Any, tls_box: Box) -> None:
    adding = client.log.blogpost.add(
        post_message="Ознакомьтесь", post_title="Приказ № 15", dest=["DR5", "U1"], important="Y",
        important_date_end="2099-09-05T18:00:00+03:00", tags="приказы",
        files=[["приказ.txt", "0J/RgNC40LrQsNC3"]],
    )  # fmt: skip
    number = adding.result
    (shown,) = client.log.blogpost.get(post_id=number).result
    assert (shown["TITLE"], len(shown["FILES"])) == ("Приказ № 15", 1)
    tls_box.person(16, "feed/read", post_id=number)
    assert client.log.blogpost.getusers.important(post_id=number).result == ["16"]
    assert client.log.blogpost.share(post_id=number, dest=["UA"]).result is True
    assert client.log.blogpost.update(post_id=number, post_title="Приказ № 15 с приложением").result == number
    assert client.log.blogpost.delete(post_id=number).result is True
    assert client.log.blogpost.get(post_id=number).result == []


def test_a_workgroup(client: Any) -> None:
    created = client.sonet_group.create(name="Аттестация", visible=True, project=True, initiate_perms="K")
    number = created.result
    assert client.sonet_group.user.add(group_id=number, user_id=[8, 9]).result == ["8", "9"]
    assert client.sonet_group.user.update(group_id=number, user_id=9, role="E").result == ["9"]
    assert client.sonet_group.user.invite(group_id=number, user_id=10).result == ["10"]
    people = client.sonet_group.user.get(group_id=number).result
    assert [(row["USER_ID"], row["ROLE"]) for row in people] == [("1", "A"), ("8", "K"), ("9", "E")]
    access = client.sonet_group.feature.access(group_id=number, feature="tasks", operation="view")
    assert access.result is True
    assert client.sonet_group.update(group_id=number, name="Оценка условий труда").result == number
    (shown,) = client.sonet_group.get(filter={"%NAME": "оценка"}).result
    assert (shown["ID"], shown["NUMBER_OF_MEMBERS"], shown["PROJECT"]) == (str(number), "3", "Y")
    assert len(list(client.sonet_group.get().as_list().result)) == 1
    assert client.sonet_group.user.groups().result[0]["ROLE"] == "A"
    assert client.sonet_group.user.delete(group_id=number, user_id=[1, 8]).result == ["8"]
    assert client.sonet_group.setowner(group_id=number, user_id=9).result is True
    assert client.sonet_group.delete(group_id=number).result is True
