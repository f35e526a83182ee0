"""cli/dev/nca/authority: lists and timestamps; saved and loaded."""

import stat
from datetime import timedelta
from pathlib import Path

from asn1crypto import crl as parser
from asn1crypto import tsp

from idp.cli.dev.nca import MiniNca, der, ocsp
from idp.eds import algorithms
from idp.eds.libgcrypt import LibGcrypt
from tests.factories.nca import NOW, fresh_nca, holder, person_key, shared_nca


def _list(nca: MiniNca, encoded: bytes) -> tuple[int, int | None, dict[int, str]]:
    """Number, base number, reason by serial number; the signature is checked."""
    found = parser.CertificateList.load(encoded, strict=True)
    key = algorithms.load_key(nca.ca.private_key.spki())
    oid = found["signature_algorithm"]["algorithm"].dotted
    algorithms.verify(LibGcrypt(), key, oid, found["tbs_cert_list"].dump(), found["signature"].native)
    base = found.delta_crl_indicator_value
    return (
        found.crl_number_value.native,
        None if base is None else base.native,
        {
            one["user_certificate"].native: one.crl_reason_value.native
            for one in found["tbs_cert_list"]["revoked_certificates"]
        },
    )


def test_a_delta_holds_what_changed_since_its_base() -> None:
    nca = fresh_nca()
    first, second, third = (nca.issue(holder()) for _ in range(3))
    nca.revoke(first, NOW, reason=4)
    nca.revoke(second, NOW, reason=6)
    number, base, listed = _list(nca, nca.crl(NOW))
    assert base is None
    assert listed == {first.serial: "superseded", second.serial: "certificate_hold"}
    nca.revoke(third, NOW)
    nca.release(second)
    later, base, listed = _list(nca, nca.crl(NOW + timedelta(hours=1), delta=True))
    assert (later, base) == (number + 1, number)
    assert listed == {third.serial: "key_compromise", second.serial: "remove_from_crl"}


def test_the_inner_algorithm_has_no_null_as_in_the_nca_s_own_list() -> None:
    nca = shared_nca()
    tbs = parser.CertificateList.load(nca.crl(NOW))["tbs_cert_list"]
    oid = nca.suite.signature_oid
    assert tbs["signature"].dump() == der.algorithm(oid, with_null=False)
    assert parser.CertificateList.load(nca.crl(NOW))["signature_algorithm"].dump() == der.algorithm(oid)


def test_a_timestamp_answers_the_imprint_and_nonce_it_was_asked_for() -> None:
    nca = shared_nca()
    imprint = nca.suite.digest(b"signature octets")
    asked = der.sequence(
        der.integer(1),
        der.sequence(der.algorithm(nca.suite.digest_oid), der.octets(imprint)),
        der.integer(2**63 + 5),
        der.boolean(True),
    )
    reply = tsp.TimeStampResp.load(nca.timestamp_reply(asked, NOW), strict=True)
    assert reply["status"]["status"].native == "granted"
    data = reply["time_stamp_token"]["content"]
    info = data["encap_content_info"]["content"].parsed
    assert info["message_imprint"]["hashed_message"].native == imprint
    assert info["nonce"].native == 2**63 + 5
    assert info["gen_time"].native == NOW
    (signer,) = data["signer_infos"]
    signed = b"\x31" + signer["signed_attrs"].dump()[1:]
    key = algorithms.load_key(nca.tsa.private_key.spki())
    algorithms.verify(LibGcrypt(), key, nca.suite.signature_oid, signed, signer["signature"].native)


def test_what_was_saved_goes_on_where_it_was(tmp_path: Path) -> None:
    nca = fresh_nca()
    nca.revoke(person_key(), NOW)
    number, _, listed = _list(nca, nca.crl(NOW))
    nca.save(tmp_path / "nca")
    file = tmp_path / "nca" / "nca.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    again = MiniNca.load(tmp_path / "nca")
    assert again.anchors == nca.anchors
    assert _list(again, again.crl(NOW)) == (number + 1, None, listed)
    request = ocsp.request(person_key().serial, again.ca, None)
    assert b"\x18\x0f" in again.ocsp(request, NOW)
