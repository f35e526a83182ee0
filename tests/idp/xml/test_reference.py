"""What a signature says about itself, before it is believed."""

from __future__ import annotations

import pytest

from idp.xml import reference
from idp.xml.algorithms import DS, DSIG_MORE, ENVELOPED, EXCLUSIVE, INCLUSIVE
from idp.xml.errors import BadSignature
from idp.xml.parser import Element, parse
from tests.vectors import xml_signer
from tests.vectors.saml_wrapping import MESSAGES
from tests.vectors.xml_keys import credential


def test_the_accepted_shape_is_read_to_the_end() -> None:
    found = reference.read(_signature(prefixes="xs saml"), "_good")
    assert found.canonicalization == found.transform == reference.Canonicalization(EXCLUSIVE, ("xs", "saml"))
    assert (found.method.kind, found.method.digest.name, found.digest) == ("rsa", "sha256", "sha256")
    assert (len(found.digest_value), len(found.signature_value)) == (32, 256)


def test_an_implied_canonicalization_is_the_inclusive_one() -> None:
    signature = _signature(transforms=[ENVELOPED])
    with pytest.raises(BadSignature):
        reference.read(signature, "_good")
    assert reference.read(signature, "_good", allow_legacy=True).transform == reference.Canonicalization(INCLUSIVE)


def test_parameters_of_algorithms_are_refused() -> None:
    """XML-DSig §4.4.2: HMACOutputLength, and whatever else might soften an algorithm."""
    for path in (0, 1), (0, 2, 1), (0, 2, 0, 0), (0, 0):
        signature = _signature()
        place = signature
        for index in path:
            place = place[index]
        place.append(parse(f'<HMACOutputLength xmlns="{DS}">1</HMACOutputLength>'.encode()))
        with pytest.raises(BadSignature):
            reference.read(signature, "_good")


def test_a_list_of_prefixes_is_short() -> None:
    """Whoever is not known yet names it: each prefix was looked for at each element, for minutes."""
    assert len(reference.read(_signature(prefixes=" ".join(["xs"] * 32)), "_good").transform.prefixes) == 32
    with pytest.raises(BadSignature, match="canonicalization"):
        reference.read(_signature(prefixes=" ".join(["xs"] * 33)), "_good")


def test_another_algorithm_of_the_table_is_named_as_it_is() -> None:
    found = reference.read(_signature(method=DSIG_MORE + "rsa-sha512", digest=DSIG_MORE + "sha384"), "_good")
    assert (found.method.digest.name, found.digest) == ("sha512", "sha384")


def test_an_id_stands_once_in_the_whole_document() -> None:
    assert reference.check_ids(parse(b'<a ID="_1"><b Id="_2" id="_3" other="_1"/></a>')) == "_1"
    for document in (
        b'<a ID="_1"><b ID="_1"/></a>',
        b'<a ID="_1"><b id="_2"/><c><d Id="_2"/></c></a>',
        b'<a ID="_1" id="_1"/>',
        b'<a ID="_1"><b xml:id="_1"/></a>',
    ):
        with pytest.raises(BadSignature, match="twice"):
            reference.check_ids(parse(document))
    inside = parse(b'<s id="_1"><a ID="_1"/></s>')[0]
    with pytest.raises(BadSignature, match="twice"):
        reference.check_ids(inside)


def _signature(**departure: object) -> Element:
    document = xml_signer.sign(
        MESSAGES["LogoutRequest"],
        xml_signer.key_of(credential("sp")),
        **departure,  # type: ignore[arg-type]
    )
    return parse(document)[1]
