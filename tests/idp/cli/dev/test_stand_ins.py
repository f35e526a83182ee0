"""cli/dev/stand_ins: NCALayer over a web socket and the NCA over http, as pages and the IdP meet them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asn1crypto.tsp
import pytest
import requests
from asn1crypto import cms
from asn1crypto import crl as crl_parser
from asn1crypto import ocsp as ocsp_parser
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from idp.cli.dev.demo_holders import make_demo_nca
from idp.cli.dev.demo_nca import DemoNca
from idp.cli.dev.nca import der, ocsp
from idp.cli.dev.nca.private_key import streebog512
from idp.cli.dev.stand_ins import StandIns, stand_ins
from idp.core.clock import FixedClock
from idp.services.demo import SCHOOL_BIN
from tests.factories.nca import NOW

ORIGIN = Origin("http://localhost:8000")
CONTENT = "Bilim ID: sign-in challenge, қол қой".encode()
DATA = base64.b64encode(CONTENT).decode()
PERSON = ["1.3.6.1.5.5.7.3.4", "1.2.398.3.3.4.1.1"]


@contextmanager
def _layer(running: StandIns) -> Iterator[ClientConnection]:
    with connect(running.ncalayer.replace("http", "ws"), origin=ORIGIN, proxy=None) as connection:
        assert json.loads(connection.recv()) == {"result": {"version": "1.4"}}
        yield connection


def _ask(connection: ClientConnection, message: dict[str, Any]) -> dict[str, Any]:
    connection.send(json.dumps(message))
    found = json.loads(connection.recv(timeout=10))
    assert isinstance(found, dict)
    return found


def _sign(**args: Any) -> dict[str, Any]:
    return {
        "module": "kz.gov.pki.knca.basics",
        "method": "sign",
        "args": {
            "allowedStorages": None,
            "format": "cms",
            "data": DATA,
            "signingParams": {"decode": True, "encapsulate": False, "digested": False},
            "signerParams": {"extKeyUsageOids": PERSON, "iin": "", "bin": "", "serialNumber": "", "chain": None},
            "locale": "kk",
            **args,
        },
    }


def _old(method: str, *args: Any) -> dict[str, Any]:
    return {"module": "kz.gov.pki.knca.commonUtils", "method": method, "args": list(args)}


def _signer(encoded: str) -> tuple[Any, Any]:
    data = cms.ContentInfo.load(base64.b64decode(encoded), strict=True)["content"]
    return data["certificates"][0].chosen, data


def _digest(data: Any) -> bytes:
    attributes = {one["type"].native: one["values"][0].native for one in data["signer_infos"][0]["signed_attrs"]}
    digest = attributes["message_digest"]
    assert isinstance(digest, bytes)
    return digest


def test_a_page_gets_a_signature_by_the_chosen_key(running: StandIns, demo: DemoNca) -> None:
    assert requests.get(f"{running.ncalayer}/?key=saule", timeout=5).status_code == 200
    with _layer(running) as connection:
        connection.send("--heartbeat--")
        assert json.loads(connection.recv()) == {"result": {"version": "1.4"}}
        answer = _ask(connection, _sign())
    assert answer["status"] is True
    (signature,) = answer["body"]["result"]
    certificate, data = _signer(signature)
    assert certificate.dump() == demo.keys["saule"].key.certificate
    assert data["encap_content_info"]["content"].native is None
    assert data["signer_infos"][0]["unsigned_attrs"].native is None
    assert _digest(data) == streebog512(CONTENT)


def test_parameters_attach_stamp_and_show_the_certificate(running: StandIns) -> None:
    with _layer(running) as connection:
        params = {"decode": True, "encapsulate": True, "tsaProfile": {}, "outputCert": True}
        result = _ask(connection, _sign(signingParams=params))["body"]["result"]
        plain = _ask(connection, _sign(data="мәтін", signingParams={"decode": False}))["body"]["result"][0]
        several = _ask(connection, _sign(data=[DATA, DATA]))["body"]["result"]
        hashed = {"decode": True, "digested": True}
        digested = _ask(connection, _sign(data=base64.b64encode(bytes(64)).decode(), signingParams=hashed))
    certificate, data = _signer(result["signatures"][0])
    assert base64.b64decode(result["certificate"]) == certificate.dump()
    assert data["encap_content_info"]["content"].native == CONTENT
    assert data["signer_infos"][0]["unsigned_attrs"][0]["type"].native == "signature_time_stamp_token"
    assert _digest(_signer(plain)[1]) == streebog512("мәтін".encode())
    assert len(several) == 2
    assert _digest(_signer(digested["body"]["result"][0])[1]) == bytes(64)


@pytest.mark.parametrize(
    ("wanted", "is_signed"),
    [
        ({"extKeyUsageOids": ["1.3.6.1.5.5.7.3.4", "1.2.398.3.3.4.1.2"]}, True),
        ({"extKeyUsageOids": ["1.2.398.3.3.4.1.2.1"], "bin": SCHOOL_BIN}, True),
        ({"extKeyUsageOids": PERSON}, False),
        ({"bin": "000000000000"}, False),
        ({"iin": "000000000000"}, False),
    ],
)
def test_a_key_the_page_does_not_accept_is_not_offered(
    running: StandIns, wanted: dict[str, Any], is_signed: bool
) -> None:
    running.layer.choose(key="saule-school")
    with _layer(running) as connection:
        answer = _ask(connection, _sign(signerParams=wanted))
    assert bool(answer["body"].get("result")) is is_signed


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("cancel", {"status": True, "body": {}}),
        ("cancel-code", {"status": False, "code": "USER_CANCELED"}),
        ("error", {"status": False, "code": "SIGNING_FAILURE"}),
    ],
)
def test_the_chosen_trouble_happens_once(running: StandIns, outcome: str, expected: dict[str, Any]) -> None:
    page = requests.get(f"{running.ncalayer}/?next={outcome}", timeout=5).text
    assert f'value="{outcome}" checked' in page
    with _layer(running) as connection:
        answer = _ask(connection, _sign())
        assert {name: answer[name] for name in expected} == expected
        assert _ask(connection, _sign())["body"]["result"]


def test_keys_and_texts_that_were_not_asked_for_can_be_had_too(running: StandIns, demo: DemoNca) -> None:
    with _layer(running) as connection:
        running.layer.choose(outcome="wrong")
        certificate, _ = _signer(_ask(connection, _sign())["body"]["result"][0])
        assert certificate.dump() == demo.keys["system"].key.certificate
        running.layer.choose(outcome="other")
        _, data = _signer(_ask(connection, _sign())["body"]["result"][0])
    assert _digest(data) != streebog512(CONTENT)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (_sign(format="xml"), {"status": False, "code": "INVALID_SIGNING_PARAMS"}),
        (_sign(data="no base64!"), {"status": False, "code": "INVALID_SIGNING_PARAMS"}),
        ({"module": "kz.digiflow.x", "method": "y"}, {"success": False, "errorCode": "MODULE_NOT_FOUND"}),
        ({"module": "kz.gov.pki.knca.basics", "method": "y"}, {"status": False, "code": "INVOCATION_ERROR"}),
        ({"no": "request"}, {"status": False, "code": "INVOCATION_ERROR"}),
    ],
)
def test_mistakes_are_answered_with_the_codes_of_the_real_one(
    running: StandIns, message: dict[str, Any], expected: dict[str, Any]
) -> None:
    with _layer(running) as connection:
        answer = _ask(connection, message)
    assert {name: answer[name] for name in expected} == expected


def test_an_old_version_has_only_the_old_module(running: StandIns, demo: DemoNca) -> None:
    requests.get(f"{running.ncalayer}/?old=1&key=marat", timeout=5)
    with _layer(running) as connection:
        assert _ask(connection, _sign()) == {"success": False, "errorCode": "MODULE_NOT_FOUND"}
        assert _ask(connection, _old("getActiveTokens")) == {"code": "200", "responseObject": []}
        info = _ask(connection, _old("getKeyInfo", "PKCS12"))["responseObject"]
        detached = _ask(connection, _old("createCAdESFromBase64", "PKCS12", "SIGNATURE", DATA, False))
        stamped = _ask(connection, _old("createCMSSignatureFromBase64", "PKCS12", "SIGNATURE", DATA, True))
        running.layer.choose(outcome="cancel")
        cancelled = _ask(connection, _old("createCAdESFromBase64", "PKCS12", "SIGNATURE", DATA, False))
    assert base64.b64decode(info["pem"]) == demo.keys["marat"].key.certificate
    lines = detached["responseObject"].split("\r\n")
    assert (lines[0], lines[-2]) == ("-----BEGIN CMS-----", "-----END CMS-----")
    assert _digest(_signer("".join(lines[1:-2]))[1]) == streebog512(CONTENT)
    _, data = _signer("".join(stamped["responseObject"].split("\r\n")[1:-2]))
    assert data["encap_content_info"]["content"].native == CONTENT
    assert data["signer_infos"][0]["unsigned_attrs"][0]["type"].native == "signature_time_stamp_token"
    assert cancelled == {"code": "500", "message": "action.canceled"}


def test_another_page_may_not_use_keys_that_sign_without_asking(running: StandIns) -> None:
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(running.ncalayer.replace("http", "ws"), origin=Origin("https://evil.example"), proxy=None),
    ):
        pass
    assert refused.value.response.status_code == 403


def test_the_chooser_shows_every_key_and_knows_one_page(running: StandIns, demo: DemoNca) -> None:
    page = requests.get(f"{running.ncalayer}/", timeout=5)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert all(f'value="{name}"' in page.text for name in demo.keys)
    assert requests.get(f"{running.ncalayer}/other", timeout=5).status_code == 404


def test_the_nca_answers_about_both_hierarchies_and_no_other(running: StandIns, demo: DemoNca) -> None:
    def status(key: str) -> str:
        one = demo.keys[key]
        asked = ocsp.request(one.key.serial, demo.of(one).ca, b"12345678")
        answer = requests.post(f"{running.nca}/ocsp", data=asked, timeout=5)
        assert answer.headers["Content-Type"] == "application/ocsp-response"
        parsed = ocsp_parser.OCSPResponse.load(answer.content, strict=True).basic_ocsp_response
        return str(parsed["tbs_response_data"]["responses"][0]["cert_status"].name)

    assert {key: status(key) for key in ("saule", "revoked", "gulnara-rsa")} == {
        "saule": "good",
        "revoked": "revoked",
        "gulnara-rsa": "good",
    }
    elsewhere = ocsp.request(1, demo.keys["saule"].key, None)
    foreign = requests.post(f"{running.nca}/ocsp", data=elsewhere, timeout=5).content
    assert ocsp_parser.OCSPResponse.load(foreign)["response_status"].native == "unauthorized"
    assert requests.post(f"{running.nca}/ocsp", data=b"nonsense", timeout=5).status_code == 400
    assert requests.post(f"{running.nca}/else", data=b"", timeout=5).status_code == 404


def test_the_nca_publishes_lists_and_stamps_time(running: StandIns, demo: DemoNca) -> None:
    base, delta = (
        crl_parser.CertificateList.load(requests.get(f"{running.nca}/crl/{name}.crl", timeout=5).content, strict=True)
        for name in ("base", "delta")
    )
    (entry,) = base["tbs_cert_list"]["revoked_certificates"]
    assert entry["user_certificate"].native == demo.keys["revoked"].key.serial
    assert delta.delta_crl_indicator_value.native == base.crl_number_value.native
    assert requests.get(f"{running.nca}/crl/other.crl", timeout=5).status_code == 404
    asked = der.sequence(
        der.integer(1), der.sequence(der.algorithm("1.2.398.3.10.1.3.3"), der.octets(bytes(64))), der.integer(5)
    )
    reply = requests.post(f"{running.nca}/tsp", data=asked, timeout=5)
    parsed = asn1crypto.tsp.TimeStampResp.load(reply.content, strict=True)
    assert parsed["status"]["status"].native == "granted"


def test_numbers_of_lists_do_not_go_back_when_the_stand_ins_start_again(tmp_path: Path) -> None:
    make_demo_nca(NOW).save(tmp_path)
    numbers = []
    clock = FixedClock(NOW)
    for _ in range(2):
        again = DemoNca.load(tmp_path)
        with stand_ins(again, issuer=str(ORIGIN), ncalayer="127.0.0.1:0", nca="127.0.0.1:0", clock=clock) as both:
            found = requests.get(f"{both.nca}/crl/base.crl", timeout=5).content
        numbers.append(crl_parser.CertificateList.load(found).crl_number_value.native)
        clock.advance(seconds=5)
    assert numbers[0] < numbers[1]
