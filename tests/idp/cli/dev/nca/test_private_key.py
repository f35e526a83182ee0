"""cli/dev/nca/private_key: signatures that other people's arithmetic accepts, in the octet order of the NCA."""

from typing import get_args

import pytest
from gostcrypto import gosthash, gostsignature

from idp.cli.dev.nca.private_key import Mangle, Point, load_private_key, make_private_key
from idp.eds import algorithms
from idp.eds.ecdsa_backend import EcdsaBackend
from idp.eds.errors import EdsRefused
from idp.eds.libgcrypt import LibGcrypt

SIGNED = "қол қойылған құжат".encode()


def test_a_signature_holds_for_an_independent_library_once_its_octets_are_turned() -> None:
    key = make_private_key("gost2015")
    signature, point = key.sign(SIGNED), key.key_bits()[3:]
    digest = gosthash.new("streebog512", data=bytearray(SIGNED)).digest()
    theirs = gostsignature.new(
        gostsignature.MODE_512, gostsignature.CURVES_R_1323565_1_024_2019["id-tc26-gost-3410-12-512-paramSetA"]
    )
    public = bytearray(point[:64][::-1] + point[64:][::-1])
    turned = bytearray(signature[:64][::-1] + signature[64:][::-1])
    assert theirs.verify(public, bytearray(digest[::-1]), turned)
    assert not theirs.verify(public, bytearray(digest), turned)


@pytest.mark.parametrize("name", ["gost2015", "gost2004", "rsa"])
def test_every_kind_is_accepted_by_the_engine_also_after_being_saved(name: str) -> None:
    made = make_private_key(name)
    for key in (made, load_private_key(made.dump())):
        public = algorithms.load_key(key.spki())
        oid = key.suite.signature_oid
        algorithms.verify(LibGcrypt(), public, oid, SIGNED, key.sign(SIGNED), allow_legacy=True)


def test_both_libraries_of_the_engine_agree() -> None:
    key = make_private_key("gost2015")
    public = algorithms.load_key(key.spki())
    for backend in (LibGcrypt(), EcdsaBackend()):
        algorithms.verify(backend, public, key.suite.signature_oid, SIGNED, key.sign(SIGNED))


@pytest.mark.parametrize("mangle", [one for one in get_args(Mangle) if one])
def test_no_spoilt_signature_is_accepted(mangle: Mangle) -> None:
    key = make_private_key("gost2015")
    public = algorithms.load_key(key.spki())
    with pytest.raises(EdsRefused):
        algorithms.verify(LibGcrypt(), public, key.suite.signature_oid, SIGNED, key.sign(SIGNED, mangle))


@pytest.mark.parametrize("point", [one for one in get_args(Point) if one])
def test_no_spoilt_public_key_is_read(point: Point) -> None:
    with pytest.raises(EdsRefused):
        algorithms.load_key(make_private_key("gost2015").spki(point))
