"""cli/dev/phone: the pretended eGov Mobile fetches, shows, signs and brings back as the real one does."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms
from click.testing import CliRunner, Result

from idp.cli.dev import phone
from idp.cli.dev.command import dev
from idp.cli.dev.demo_nca import DemoNca
from idp.core.errors import Invalid

CONTENT = b"Bilim ID: sign-in challenge"


class Host:
    """A host of API 1 and API 2 with one document; keeps what was sent to it."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.delivered: dict[str, Any] = {}
        self.method = "CMS_SIGN_ONLY"
        self.answer = (200, b"success")
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/egov/1"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.seen.append(("GET", self.path, dict(self.headers)))
                answer = host.documents() if self.path.endswith("/documents") else host.errand()
                self._reply(200, json.dumps(answer).encode())

            def do_PUT(self) -> None:
                host.seen.append(("PUT", self.path, dict(self.headers)))
                host.delivered = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self._reply(*host.answer)

            def _reply(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler

    def errand(self) -> dict[str, Any]:
        organisation = {"nameRu": "Билим", "nameKz": "Білім", "nameEn": "Bilim", "bin": "980340000015"}
        document = {"uri": f"{self.url}/documents", "auth_type": "Token", "auth_token": "secret"}
        return {
            "description": "id.example: кіру",
            "expiry_date": "2026-11-23T16:21:37.06+0500",
            "organisation": organisation,
            "document": document,
        }

    def documents(self) -> dict[str, Any]:
        file = {"mime": "text/plain", "data": base64.b64encode(CONTENT).decode()}
        one = {"id": 1, "nameRu": "Вход", "nameKz": "Кіру", "nameEn": "Sign-in", "meta": [], "document": {"file": file}}
        return {"signMethod": self.method, "version": 1, "documentsToSign": [one]}


@pytest.fixture
def host() -> Iterator[Host]:
    found = Host()
    threading.Thread(target=found.server.serve_forever, daemon=True).start()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def folder(demo: DemoNca, tmp_path: Path) -> Path:
    demo.save(tmp_path / "nca")
    return tmp_path


def _run(folder: Path, *arguments: str, answer: str = "", env: dict[str, str] | None = None) -> Result:
    command = ["phone", *arguments, "--folder", str(folder)]
    return CliRunner().invoke(dev, command, input=answer, env={"IDP_ENV": "dev"} | (env or {}))


def test_it_shows_asks_signs_and_brings_a_stamped_signature(host: Host, folder: Path, demo: DemoNca) -> None:
    done = _run(folder, f"mobileSign:{host.url}", "--key", "saule", answer="y\n")
    assert done.exit_code == 0, done.output
    assert "id.example: кіру" in done.output
    assert CONTENT.decode() in done.output
    assert done.output.rstrip().endswith("200 success")
    first, second, third = host.seen
    assert first[2]["Accept-Language"] == "kk"
    assert (second[2]["Authorization"], third[2]["Authorization"]) == ("Bearer secret", "Bearer secret")
    (one,) = host.delivered["documentsToSign"]
    signed = cms.ContentInfo.load(base64.b64decode(one["document"]["file"]["data"]), strict=True)["content"]
    assert signed["certificates"][0].chosen.dump() == demo.keys["saule"].key.certificate
    assert signed["encap_content_info"]["content"].native is None
    assert len(signed["signer_infos"][0]["unsigned_attrs"]) == 1
    assert host.delivered["signMethod"] == "CMS_SIGN_ONLY"


def test_with_data_means_the_document_is_inside(host: Host, folder: Path) -> None:
    host.method = "CMS_WITH_DATA"
    assert _run(folder, host.url, "--yes").exit_code == 0
    (one,) = host.delivered["documentsToSign"]
    signed = cms.ContentInfo.load(base64.b64decode(one["document"]["file"]["data"]))["content"]
    assert signed["encap_content_info"]["content"].native == CONTENT


@pytest.mark.parametrize(("arguments", "answer"), [(("--cancel",), ""), ((), "n\n")])
def test_nothing_leaves_when_the_owner_declines(
    host: Host, folder: Path, arguments: tuple[str, ...], answer: str
) -> None:
    done = _run(folder, f"mobileSign:{host.url}", *arguments, answer=answer)
    assert done.exit_code == 0
    assert "not signed" in done.output
    assert not host.delivered


def test_a_refusal_by_the_host_is_told(host: Host, folder: Path) -> None:
    host.answer = (403, b"invalid")
    done = _run(folder, host.url, "--yes")
    assert done.exit_code == 1
    assert "403 invalid" in done.output


def test_both_kinds_of_link_lead_to_the_same_address_and_others_to_none() -> None:
    assert phone.address("mobileSign:https://id.example/egov/1") == "https://id.example/egov/1"
    launcher = (
        "https://m.egov.kz/mobileSign/?link=https%3A%2F%2Fid.example%2Fegov%2F1&isi=1476128386&apn=kz.mobile.mgov"
    )
    assert phone.address(launcher) == "https://id.example/egov/1"
    for wrong in ("mobileSign:ftp://x/", "egov", "https://m.egov.kz/mobileSign/?other=1", "mobileSign:http://a b/"):
        with pytest.raises(Invalid):
            phone.address(wrong)


def test_an_unknown_key_lists_the_known_ones(folder: Path) -> None:
    done = _run(folder, "http://127.0.0.1:9/", "--key", "nobody")
    assert done.exit_code == 2
    assert "saule-school" in done.output


def test_without_a_demo_folder_it_says_what_to_start(tmp_path: Path) -> None:
    assert "start `idp dev` first" in _run(tmp_path, "http://127.0.0.1:9/").output


@pytest.mark.parametrize("arguments", [["phone", "mobileSign:http://127.0.0.1:9/"], ["stand-ins"], []])
def test_nothing_of_it_runs_in_production(arguments: list[str]) -> None:
    done = CliRunner().invoke(dev, arguments, env={"IDP_ENV": "production"})
    assert done.exit_code == 1
    assert "IDP_ENV=dev only" in done.output
