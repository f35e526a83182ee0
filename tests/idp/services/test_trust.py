"""services/trust: only what an operator vouched for by its SHA-256, and in production nothing made for tests."""

from __future__ import annotations

import hashlib
import json
import os
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from idp.cli.dev.nca import MiniNca
from idp.core.clock import FixedClock
from idp.core.errors import Conflict, Invalid
from idp.eds import self_test
from idp.eds.certificate import Certificate
from idp.eds.errors import EdsOff, Untrusted
from idp.eds.self_test import choose
from idp.services import trust
from idp.services.trust import INDEX, Anchor, Trust
from tests.factories.nca import NOW, person_key, shared_nca
from tests.fakes.source import ROOT


def _trust(folder: Path, *, is_production: bool = False, clock: FixedClock | None = None) -> Trust:
    return Trust(folder / "trust", is_production, clock or FixedClock(NOW))


def _file(folder: Path, der: bytes, name: str = "downloaded.cer") -> Path:
    path = folder / name
    path.write_bytes(der)
    return path


def _sha256(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()


def _add_all(trusting: Trust, folder: Path, nca: MiniNca) -> list[Anchor]:
    return [trusting.add(_file(folder, der), _sha256(der), "two channels") for der in nca.anchors]


def _trusted(trusting: Trust) -> set[bytes]:
    return {anchor.certificate.der for anchor in trusting.store(choose()).anchors()}


def test_a_certificate_enters_with_its_sha256_only(tmp_path: Path) -> None:
    root, _ = shared_nca().anchors
    trusting = _trust(tmp_path)
    for wrong in ("", "0" * 64, _sha256(root)[:-1], _sha256(shared_nca().ca.certificate)):
        with pytest.raises(Invalid, match="SHA-256"):
            trusting.add(_file(tmp_path, root), wrong)
    assert trusting.list() == []
    assert not (tmp_path / "trust").exists()
    added = trusting.add(_file(tmp_path, root), _sha256(root), "pki.gov.kz and root.gov.kz")
    assert trusting.list() == [added]
    assert (added.sha256, added.note) == (_sha256(root), "pki.gov.kz and root.gov.kz")
    assert added.added_at == NOW.isoformat()
    assert (tmp_path / "trust" / added.file).read_bytes() == root
    assert added.file.endswith(".cer")
    assert added.file.isascii()


def test_pem_is_stored_as_der_and_a_fingerprint_may_have_colons(tmp_path: Path) -> None:
    root, _ = shared_nca().anchors
    colons = ":".join(_sha256(root)[at : at + 2] for at in range(0, 64, 2)).upper()
    pem = _file(tmp_path, ssl.DER_cert_to_PEM_cert(root).encode())
    added = _trust(tmp_path).add(pem, colons)
    assert (tmp_path / "trust" / added.file).read_bytes() == root


@pytest.mark.parametrize("content", [b"", b"nothing", b"-----BEGIN CERTIFICATE-----\nx\n", b"-----BEGIN A-----" * 2])
def test_what_is_no_certificate_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Invalid):
        _trust(tmp_path).add(_file(tmp_path, content), _sha256(content))


def test_a_person_is_no_authority(tmp_path: Path) -> None:
    der = person_key().certificate
    with pytest.raises(Invalid, match="authority"):
        _trust(tmp_path).add(_file(tmp_path, der), _sha256(der))


def test_a_certificate_is_added_once(tmp_path: Path) -> None:
    trusting = _trust(tmp_path)
    _add_all(trusting, tmp_path, shared_nca())
    with pytest.raises(Conflict):
        _add_all(trusting, tmp_path, shared_nca())


def test_two_authorities_of_one_name_lie_side_by_side(tmp_path: Path) -> None:
    trusting = _trust(tmp_path)
    for nca in (shared_nca(), MiniNca.make(NOW)):
        _add_all(trusting, tmp_path, nca)
    assert len({anchor.file for anchor in trusting.list()}) == 4
    assert trusting.check() == []


def test_an_expired_certificate_is_not_added(tmp_path: Path) -> None:
    root, _ = shared_nca().anchors
    with pytest.raises(Invalid, match="expired"):
        _trust(tmp_path, clock=FixedClock(NOW + timedelta(days=4000))).add(_file(tmp_path, root), _sha256(root))


def test_what_was_added_vouches_for_people(tmp_path: Path) -> None:
    trusting = _trust(tmp_path)
    _add_all(trusting, tmp_path, shared_nca())
    chain = trusting.store(choose()).chain_of(Certificate.parse(person_key().certificate), NOW)
    assert chain.issuer.der == shared_nca().ca.certificate
    assert not chain.is_production


def test_a_store_is_read_once_and_again_after_a_change(tmp_path: Path) -> None:
    trusting = _trust(tmp_path)
    assert trusting.store(choose()).is_empty
    _add_all(trusting, tmp_path, shared_nca())
    first = trusting.store(choose())
    assert trusting.store(choose()) is first
    # By another process, as `idp trust add` is.
    _add_all(_trust(tmp_path), tmp_path, MiniNca.make(NOW, label="ӨЗГЕ"))
    assert len(_trusted(trusting)) == 4


def test_a_file_that_is_not_listed_counts_for_nothing(tmp_path: Path) -> None:
    trusting = _trust(tmp_path)
    (tmp_path / "trust").mkdir()
    (tmp_path / "trust" / "dropped.cer").write_bytes(shared_nca().anchors[0])
    assert trusting.store(choose()).is_empty
    assert any("dropped.cer: not listed" in problem for problem in trusting.check())


def test_a_file_that_was_changed_counts_for_nothing(tmp_path: Path) -> None:
    trusting = _trust(tmp_path)
    added = _add_all(trusting, tmp_path, shared_nca())
    forged = MiniNca.make(NOW)
    (tmp_path / "trust" / added[1].file).write_bytes(forged.ca.certificate)
    with pytest.raises(Untrusted):
        trusting.store(choose()).chain_of(Certificate.parse(person_key().certificate), NOW)
    assert any("SHA-256 differs" in problem for problem in trusting.check())


def test_a_file_that_is_gone_is_missed(tmp_path: Path) -> None:
    trusting = _trust(tmp_path)
    (tmp_path / "trust" / _add_all(trusting, tmp_path, shared_nca())[1].file).unlink()
    problems = trusting.check()
    assert any("not there" in problem for problem in problems)
    assert any("no issuing certificate" in problem for problem in problems)


@pytest.mark.parametrize("file", ["../outside.cer", "/etc/ssl/outside.cer", "..", ""])
def test_the_index_names_files_of_its_folder_only(tmp_path: Path, file: str) -> None:
    root, _ = shared_nca().anchors
    _file(tmp_path, root, "outside.cer")
    (tmp_path / "trust").mkdir()
    _write_index(tmp_path, [{"file": file, "sha256": _sha256(root)}])
    with pytest.raises(Invalid):
        _trust(tmp_path).store(choose())


@pytest.mark.parametrize("text", ["{", "[1]", "null", '{"a": 1}'])
def test_an_index_that_cannot_be_read_is_said_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "trust").mkdir()
    (tmp_path / "trust" / INDEX).write_text(text)
    with pytest.raises(Invalid):
        _trust(tmp_path).store(choose())
    assert any(INDEX in problem for problem in _trust(tmp_path).check())


def _write_index(folder: Path, rows: list[dict[str, Any]]) -> None:
    (folder / "trust" / INDEX).write_text(json.dumps(rows))


def test_a_test_authority_is_not_added_in_production(tmp_path: Path) -> None:
    root, _ = shared_nca().anchors
    with pytest.raises(Invalid, match="never trusted in production"):
        _trust(tmp_path, is_production=True).add(_file(tmp_path, root), _sha256(root))


def test_a_test_authority_copied_in_by_hand_is_never_loaded_in_production(tmp_path: Path) -> None:
    added = _add_all(_trust(tmp_path), tmp_path, shared_nca())
    production = _trust(tmp_path, is_production=True)
    assert production.store(choose()).anchors() == []
    problems = production.check()
    assert all(any(f"{anchor.file}: a test authority" in problem for problem in problems) for anchor in added)


def test_a_production_authority_is_loaded_in_production(tmp_path: Path) -> None:
    nca = shared_nca(is_test=False)
    trusting = _trust(tmp_path, is_production=True)
    _add_all(trusting, tmp_path, nca)
    assert _trusted(trusting) == set(nca.anchors)
    assert trusting.check() == []


def test_check_says_that_nothing_is_trusted(tmp_path: Path) -> None:
    assert [problem[:26] for problem in _trust(tmp_path).check()] == ["no certificate is trusted:"]


def test_check_misses_the_other_certificate_of_a_pair(tmp_path: Path) -> None:
    root, issuing = shared_nca().anchors
    without_root, without_issuing = tmp_path / "a", tmp_path / "b"
    for folder, der in ((without_root, issuing), (without_issuing, root)):
        folder.mkdir()
        _trust(folder).add(_file(folder, der), _sha256(der))
    assert any("root is not pinned" in problem for problem in _trust(without_root).check())
    assert any("no issuing certificate" in problem for problem in _trust(without_issuing).check())
    assert _trust(without_root).store(choose()).is_empty


def test_check_warns_90_days_ahead(tmp_path: Path) -> None:
    added = _add_all(_trust(tmp_path), tmp_path, shared_nca())
    last = Certificate.parse(shared_nca().ca.certificate).not_after
    for left, word in ((91, ""), (89, "in 89 days"), (-1, "expired on")):
        problems = _trust(tmp_path, clock=FixedClock(last - timedelta(days=left))).check()
        assert bool(problems) == bool(word)
        assert all(word in problem for problem in problems)
        assert len(problems) == (len(added) if word else 0)


def test_check_says_that_no_library_calculates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _add_all(_trust(tmp_path), tmp_path, shared_nca())

    def none() -> None:
        raise EdsOff("libgcrypt: cannot be loaded")

    monkeypatch.setattr(trust, "choose", none)
    assert any("libgcrypt: cannot be loaded" in problem for problem in _trust(tmp_path).check())
    assert self_test.choose() is not None


def test_no_half_written_file_is_left(tmp_path: Path) -> None:
    _add_all(_trust(tmp_path), tmp_path, shared_nca())
    assert all(not name.startswith(".") for name in os.listdir(tmp_path / "trust"))


def test_the_repository_trusts_nobody_and_its_table_says_so() -> None:
    folder = ROOT / "keys" / "trust"
    rows = (folder / "README.md").read_text(encoding="utf-8").split("| checked by |\n|---")[1].split("\n\n")[0]
    listed = [line for line in rows.splitlines()[1:] if line.startswith("|")]
    assert len(listed) == len(Trust(folder, True).list()) == 0


@pytest.mark.external
def test_the_published_test_authorities_are_known_for_what_they_are(test_data: Path, tmp_path: Path) -> None:
    ders = [
        (test_data / "nca-test" / f"{name}.cer").read_bytes() for name in ("root_test_gost_2022", "nca_gost2022_test")
    ]
    for der in ders:
        with pytest.raises(Invalid, match="production"):
            _trust(tmp_path, is_production=True).add(_file(tmp_path, der), _sha256(der))
        _trust(tmp_path).add(_file(tmp_path, der), _sha256(der))
    assert _trust(tmp_path).check() == []
    assert [anchor.file for anchor in _trust(tmp_path).list()] == [
        "negizgi_kualandyrushy_ortalyq_gost_test_2022.cer",
        "ulttyq_kualandyrushy_ortalyq_gost_test_2022.cer",
    ]
    person = (test_data / "nca-test" / "individual" / "valid" / "individual_valid.usercert.cer").read_bytes()
    assert not _trust(tmp_path).store(choose()).chain_of(Certificate.parse(person), NOW).is_production
