"""Values of strangers: typed, bounded, plain."""

from __future__ import annotations

import pytest

from idp.saml.metadata_errors import MetadataRefused
from idp.saml.metadata_values import address, by_language, entity_id, flag, moment, number, plain, token
from idp.xml.parser import Element, parse


def _with(value: str) -> Element:
    return parse(f'<e a="{value}" entityID="{value}"/>'.encode())


@pytest.mark.parametrize(
    "url",
    [
        "https://lms.example/acs",
        " https://lms.example:8443/acs?a=b ",
        "HTTPS://lms.example/",
        "http://localhost:8080/acs",
        "http://127.0.0.1/acs",
        "http://[::1]:5000/acs",
    ],
)
def test_addresses_are_https_or_of_this_machine(url: str) -> None:
    assert address(url) == url.strip()


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "JavaScript://lms.example/%0aalert(1)",
        "data:text/html,x",
        "vbscript:x",
        "ftp://lms.example/",
        "//lms.example/acs",
        "/acs",
        "https:///acs",
        "https:acs",
        "http://lms.example/acs",
        "http://localhost.example/acs",
        "http://127.0.0.1.example/acs",
        "https://we@lms.example/acs",
        "https://lms.example/acs#part",
        "https://lms.example/a b",
        "https://lms.example\\@evil.example/",
        'https://lms.example/"onmouseover=',
        "https://lms.example:port/",
        "https://әлем.example/",
        "https://lms.example;sandbox/",
        "https://lms.example,default-src/",
        "https://lms%2eexample/",
        "https://[::1/",
        "https://lms.example/" + "a" * 2048,
    ],
)
def test_every_other_address_is_refused(url: str | None) -> None:
    with pytest.raises(MetadataRefused, match="address"):
        address(url)


def test_plain_http_is_taken_only_where_that_is_said() -> None:
    assert address("http://lms.example/acs", plain_http=True) == "http://lms.example/acs"
    with pytest.raises(MetadataRefused):
        address("javascript:alert(1)", plain_http=True)


def test_an_entity_id_is_at_most_1024_octets_without_spaces() -> None:
    for good in ("https://lms.example/sp", "google.com", "urn:x", "x" * 1024):
        assert entity_id(_with(good)) == good
    for bad in ("", "x" * 1025, "\U00020000" * 257, "a b", " urn:x", "urn:x&#10;", "urn:\u202ex"):
        with pytest.raises(MetadataRefused) as refused:
            entity_id(_with(bad))
        assert refused.value.code == "bad_entity_id"


def test_types_of_the_schema_are_read_strictly() -> None:
    assert [flag(_with(value), "a") for value in ("true", "1", "false", "0")] == [True, True, False, False]
    assert number(_with("65535"), "a") == 65_535
    assert (flag(_with("1"), "b"), moment(_with("1"), "b")) == (None, None)
    for read, values in ((flag, ("yes", "")), (number, ("-1", "65536", "x", "")), (moment, ("2026-09-01", "soon"))):
        for value in values:
            with pytest.raises(MetadataRefused):
                read(_with(value), "a")
    with pytest.raises(MetadataRefused):
        token("a" * 1025)


def test_a_text_is_one_short_line_and_its_tags_are_letters() -> None:
    assert plain(" Moodle\n of\tthe\u2028\u00a0school\u0000 ", 40) == "Moodle of the school"
    assert plain("<b>Moodle</b>", 40) == "<b>Moodle</b>"
    assert plain("gnp\u202egnp.exe\u2066", 40) == "gnpgnp.exe"
    assert plain("a" * 500, 20) == "a" * 20
    assert plain("می\u200cخواهم", 20) == "می\u200cخواهم"


def test_texts_are_told_apart_by_language_without_its_region() -> None:
    document = (
        b'<r><n xml:lang="en-GB">School</n><n xml:lang="en">Other</n><n xml:lang="KK">Mektep</n>'
        b'<n>none</n><n xml:lang="&quot;">odd</n><n xml:lang="ru"> </n></r>'
    )
    assert by_language(parse(document), 100) == {"en": "School", "kk": "Mektep"}
