"""cli/dev/nca/ocsp: answers that openssl and the parser of another project read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asn1crypto import ocsp as parser

from idp.cli.dev.nca import MiniNca, ocsp
from idp.core.errors import NotFound
from idp.eds import algorithms
from idp.eds.libgcrypt import LibGcrypt
from tests.factories.nca import NOW, fresh_nca, person_key, shared_nca

NONCE = bytes(range(16))


def _answer(nca: MiniNca, **departures: Any) -> Any:
    request = ocsp.request(person_key().serial, nca.ca, NONCE)
    response = parser.OCSPResponse.load(nca.ocsp(request, NOW, **departures), strict=True)
    assert response["response_status"].native == "successful"
    return response.basic_ocsp_response


def test_a_good_certificate_is_vouched_for_by_a_delegated_responder_with_the_nonce() -> None:
    person_key()
    nca = fresh_nca()
    basic = _answer(nca)
    data = basic["tbs_response_data"]
    (single,) = data["responses"]
    assert single["cert_status"].name == "good"
    assert single["cert_id"]["serial_number"].native == person_key().serial
    assert single["this_update"].native == NOW
    assert single["next_update"].native is None
    (extension,) = data["response_extensions"]
    assert extension["extn_value"].parsed.native == NONCE
    (certificate,) = basic["certs"]
    assert certificate.extended_key_usage_value.native == ["ocsp_signing"]
    assert certificate.ocsp_no_check_value is not None
    key = algorithms.load_key(nca.responder.private_key.spki())
    oid = basic["signature_algorithm"]["algorithm"].dotted
    algorithms.verify(LibGcrypt(), key, oid, data.dump(), basic["signature"].native)


def test_revoked_held_and_never_issued_are_told_apart() -> None:
    nca = fresh_nca()
    nca.revoke(person_key(), NOW - timedelta(days=2), reason=1)
    revoked = _answer(nca)["tbs_response_data"]["responses"][0]["cert_status"].chosen
    assert revoked["revocation_time"].native == NOW - timedelta(days=2)
    assert revoked["revocation_reason"].native == "key_compromise"
    nca.revoke(person_key(), NOW, reason=6)
    held = _answer(nca)["tbs_response_data"]["responses"][0]["cert_status"].chosen
    assert held["revocation_reason"].native == "certificate_hold"
    never = parser.OCSPResponse.load(nca.ocsp(ocsp.request(12345, nca.ca, None), NOW)).basic_ocsp_response
    status = never["tbs_response_data"]["responses"][0]["cert_status"].chosen
    assert status["revocation_time"].native == datetime(1970, 1, 1, tzinfo=UTC)
    assert "extended_revoke" in [one["extn_id"].native for one in never["tbs_response_data"]["response_extensions"]]


def test_departures_show_in_the_answer() -> None:
    nca = fresh_nca()
    assert _answer(nca, status="unknown")["tbs_response_data"]["responses"][0]["cert_status"].name == "unknown"
    assert _answer(nca, nonce=None)["tbs_response_data"]["response_extensions"].native is None
    assert _answer(nca, cert_serial=7)["tbs_response_data"]["responses"][0]["cert_id"]["serial_number"].native == 7
    assert len(_answer(nca, twice=True)["tbs_response_data"]["responses"]) == 2
    unauthorised = _answer(nca, responder=person_key())
    assert unauthorised["certs"][0].dump() == person_key().certificate
    refused = parser.OCSPResponse.load(nca.ocsp(ocsp.request(1, nca.ca, None), NOW, error=3))
    assert refused["response_status"].native == "try_later"


def test_a_question_about_another_authority_is_not_answered() -> None:
    request = ocsp.request(person_key().serial, shared_nca("rsa").ca, NONCE)
    with pytest.raises(NotFound):
        shared_nca().ocsp(request, NOW)
    with pytest.raises(ValueError, match="bytes requested"):
        shared_nca().ocsp(b"no request", NOW)
