"""documents/evidence_bundle: everything in one archive, the same each time, enough to check without us."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO

from idp.documents.evidence_bundle import evidence_bundle
from tests.factories.signing_ground import DIRECTOR_IIN, TEXT, SigningGround


def test_the_archive_holds_all_that_proves_the_signature(signing_ground: SigningGround) -> None:
    ground = signing_ground
    request_id = ground.ask()
    ground.sign(request_id)
    kept = ground.parts.signing.kept(request_id, ground.director)
    bundle = evidence_bundle(kept, issuer="https://id.example")
    assert evidence_bundle(kept, issuer="https://id.example") == bundle
    with zipfile.ZipFile(BytesIO(bundle)) as files:
        assert files.testzip() is None
        found = {name: files.read(name) for name in files.namelist()}
    assert found["document.txt"] == TEXT
    assert found["signature.cms"] == kept.evidence.cms
    assert [found[f"certificates/{number}.cer"] for number in (1, 2, 3)] == list(kept.evidence.chain)
    assert found["status.der"] == kept.evidence.status.der
    assert kept.evidence.timestamp is not None
    assert found["timestamp.der"] == kept.evidence.timestamp.der
    assert json.loads(found["evidence.json"])["status"]["source"] == "ocsp"
    readme = found["README.txt"].decode()
    for words in ("https://id.example/verify", kept.paper.row.document_sha256, "\nKK\n", "\nRU\n", "\nEN\n"):
        assert words in readme
    assert DIRECTOR_IIN not in readme
    checked = ground.parts.signature_check.check(found["signature.cms"], found["document.txt"], place="")
    assert checked.then == ""


def test_without_a_timestamp_there_is_no_file_of_one(signing_ground: SigningGround) -> None:
    ground = signing_ground
    request_id = ground.ask()
    cms = ground.cms(ground.head_key(), timestamp=False)
    ground.parts.signing.sign(request_id, ground.director, cms, place="")
    bundle = evidence_bundle(ground.parts.signing.kept(request_id, ground.director), issuer="https://id.example")
    with zipfile.ZipFile(BytesIO(bundle)) as files:
        assert "timestamp.der" not in files.namelist()
