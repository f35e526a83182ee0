"""Asking for one entity (draft-young-md-query-saml §3)."""

from __future__ import annotations

from urllib.parse import unquote

from idp.saml.mdq import is_about, query_url

_ID = "https://lms.example/sp?a=b&c=ә"


def test_an_entity_id_is_one_path_segment() -> None:
    url = query_url("https://mdq.example/base/", _ID)
    assert url == "https://mdq.example/base/entities/https%3A%2F%2Flms.example%2Fsp%3Fa%3Db%26c%3D%D3%99"
    assert is_about(unquote(url.rpartition("/")[2]), _ID)


def test_the_hash_of_an_entity_id_names_it_too() -> None:
    """The example of the draft: http://example.org/service."""
    named = "{sha1}11d72e8cf351eb6c75c721e838f469677ab41bdb"
    assert is_about(named, "http://example.org/service")
    assert is_about(named.upper().replace("SHA1", "sha1"), "http://example.org/service")
    assert not is_about(named, "http://example.org/service/")
    assert not is_about("{sha1}", "http://example.org/service")


def test_nothing_but_the_whole_entity_id_names_it() -> None:
    for near in ("", "https://lms.example/sp", _ID + "/", _ID.upper(), "{sha256}" + _ID):
        assert not is_about(near, _ID)
