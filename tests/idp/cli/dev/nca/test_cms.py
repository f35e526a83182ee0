"""cli/dev/nca/cms: as NCALayer makes it, and broken where asked."""

import hashlib
import ssl
import subprocess
from pathlib import Path
from typing import Any

import asn1crypto.tsp  # noqa: F401  (teaches the CMS parser timestamp tokens)
import pytest
from asn1crypto import cms

from idp.eds import algorithms
from idp.eds.libgcrypt import LibGcrypt
from tests.factories.nca import NOW, holder, person_key, shared_nca

CONTENT = b"Bilim ID: sign-in challenge\n"


def _signed_data(der: bytes) -> cms.SignedData:
    info = cms.ContentInfo.load(der, strict=True)
    assert info["content_type"].native == "signed_data"
    return info["content"]


def _attributes(signer: cms.SignerInfo) -> dict[str, Any]:
    return {one["type"].native: one["values"] for one in signer["signed_attrs"]}


@pytest.mark.parametrize("algorithm", ["gost2015", "gost2004", "rsa"])
def test_the_signature_covers_the_sorted_attributes_and_they_the_content(algorithm: str) -> None:
    nca, key = shared_nca(algorithm), person_key(algorithm)
    data = _signed_data(nca.cms(key, CONTENT, at=NOW))
    assert data["version"].native == "v1"
    assert data["encap_content_info"]["content"].native is None
    (signer,) = data["signer_infos"]
    attributes = _attributes(signer)
    assert (
        list(attributes) == ["content_type", "signing_time", "message_digest", "signing_certificate_v2"]
        or len(attributes) == 4
    )
    assert attributes["message_digest"][0].native == nca.suite.digest(CONTENT)
    named = attributes["signing_certificate_v2"][0]["certs"][0]
    assert named["cert_hash"].native == hashlib.sha256(key.certificate).digest()
    assert attributes["signing_time"][0].native == NOW
    encoded = [one.dump() for one in signer["signed_attrs"]]
    assert encoded == sorted(encoded)
    signed = b"\x31" + signer["signed_attrs"].dump()[1:]
    oid = signer["signature_algorithm"]["algorithm"].dotted
    algorithms.verify(
        LibGcrypt(), algorithms.load_key(key.private_key.spki()), oid, signed, signer["signature"].native,
        allow_legacy=True,
    )  # fmt: skip


def test_openssl_verifies_an_encapsulated_rsa_signature(tmp_path: Path) -> None:
    nca, key = shared_nca("rsa"), person_key("rsa")
    (tmp_path / "signed.der").write_bytes(nca.cms(key, CONTENT, at=NOW, encapsulate=True))
    (tmp_path / "above.pem").write_text("".join(map(ssl.DER_cert_to_PEM_cert, nca.anchors)))
    at = str(int(NOW.timestamp()))
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signed.der", "-attime", at]
    done = subprocess.run([*command, "-CAfile", "above.pem"], cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout == CONTENT


def test_the_timestamp_is_over_the_octets_of_the_signature() -> None:
    nca, key = shared_nca(), person_key()
    (signer,) = _signed_data(nca.cms(key, CONTENT, at=NOW, timestamp=True))["signer_infos"]
    (attribute,) = signer["unsigned_attrs"]
    info = attribute["values"][0]["content"]["encap_content_info"]["content"].parsed
    assert info["message_imprint"]["hashed_message"].native == nca.suite.digest(signer["signature"].native)
    assert info["gen_time"].native == NOW


def test_departures_show_in_the_message() -> None:
    nca, key = shared_nca(), person_key()
    other = _signed_data(nca.cms(key, CONTENT, encapsulate=True, e_content=b"another"))
    assert other["encap_content_info"]["content"].native == b"another"
    (bare,) = _signed_data(nca.cms(key, CONTENT, without_signed_attributes=True))["signer_infos"]
    assert bare["signed_attrs"].native is None
    assert len(_signed_data(nca.cms(key, CONTENT, second_signer=key))["signer_infos"]) == 2
    assert len(_signed_data(nca.cms(key, CONTENT, no_signer=True))["signer_infos"]) == 0
    twin = nca.issue(holder(), serial=key.serial)
    both = _signed_data(nca.cms(key, CONTENT, extra_certificates=[twin.certificate]))
    assert len({one.chosen.serial_number for one in both["certificates"]}) == 1
    (weak,) = _signed_data(nca.cms(key, CONTENT, digest="sha1"))["signer_infos"]
    assert _attributes(weak)["message_digest"][0].native == hashlib.sha1(CONTENT).digest()
    (twice,) = _signed_data(nca.cms(key, CONTENT, duplicate=["message_digest"]))["signer_infos"]
    assert len(twice["signed_attrs"]) == 5
    (less,) = _signed_data(nca.cms(key, CONTENT, drop=["signing_certificate"]))["signer_infos"]
    assert "signing_certificate_v2" not in _attributes(less)
    assert len(nca.cms(key, CONTENT, padding=70_000)) > 65_536
    assert nca.cms(key, CONTENT, trailing=b"\0\0").endswith(b"\0\0")
    assert nca.cms(key, CONTENT, indefinite=True)[:2] == b"\x30\x80"
    assert cms.ContentInfo.load(nca.cms(key, CONTENT, indefinite=True))["content"]["signer_infos"][0]
