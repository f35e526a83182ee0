"""The IdP's metadata: checked, kept, read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from clients.kit.testing import WsgiTransport
from clients.lms.saml.idp import IdpMetadata, read_metadata
from clients.lms.saml.settings import SamlSettings
from idp.core.clock import FixedClock
from idp.core.errors import Invalid, Unavailable
from tests.clients.lms.fake_idp import FakeIdp, key

PIN = key("idp").certificate.decode()


@pytest.fixture
def fake(clock: FixedClock) -> FakeIdp:
    return FakeIdp(clock)


def source(fake: FakeIdp, clock: FixedClock, file: Path, *, is_copy: bool = True, pin: str = "") -> IdpMetadata:
    return IdpMetadata(FakeIdp.issuer, SamlSettings(file, is_copy, pin), clock, WsgiTransport(fake))


def test_addresses_and_keys_are_those_of_the_redirect_binding(fake: FakeIdp, clock: FixedClock) -> None:
    idp = read_metadata(fake.metadata(), PIN, clock.now())
    assert idp.entity_id == fake.entity_id
    assert (idp.sso, idp.slo) == (f"{fake.issuer}/saml/sso", f"{fake.issuer}/saml/slo")
    assert idp.slo_answers == f"{fake.issuer}/saml/slo/done"
    assert idp.certificates == (key("ec").base64, key("idp").base64)
    assert idp.scopes == ("bilim.example",)


def test_metadata_that_is_not_right_is_refused(fake: FakeIdp, clock: FixedClock) -> None:
    good = fake.metadata()
    for data in (
        b"",
        b"<a/>",
        fake.metadata(signed_by=""),
        fake.metadata(signed_by="stranger"),
        good.replace(b"localhost:8000/saml/sso", b"localhost:8001/saml/sso"),
        fake.metadata(until=fake.time(minutes=-1)),
        fake.metadata(sso="javascript:alert(1)//"),
        fake.metadata(sso="http://id.example/saml/sso"),
        good.replace(b"IDPSSODescriptor", b"SPSSODescriptor"),
        b"<!DOCTYPE a []>" + good,
    ):
        with pytest.raises(Invalid):
            read_metadata(data, PIN, clock.now())
    assert read_metadata(fake.metadata(signed_by=""), "", clock.now()).sso


def test_a_copy_serves_while_the_idp_is_away(fake: FakeIdp, clock: FixedClock, tmp_path: Path) -> None:
    file = tmp_path / "copy.xml"
    known = source(fake, clock, file)
    assert known.current() is known.current()
    assert fake.asked_for_metadata == 1
    assert file.stat().st_mode & 0o777 == 0o600
    fake.served = b""
    clock.advance(hours=2)
    assert known.current().sso
    assert known.current().sso
    assert fake.asked_for_metadata == 2, "not asked again at once"
    assert source(fake, clock, file).current().sso, "after a restart too"
    clock.advance(days=14)
    with pytest.raises(Unavailable):
        known.current()
    fake.served = None
    assert known.current().sso


def test_what_the_idp_changes_is_taken_over_and_what_is_wrong_is_not(
    fake: FakeIdp, clock: FixedClock, tmp_path: Path
) -> None:
    known = source(fake, clock, tmp_path / "copy.xml", pin=PIN)
    known.current()
    fake.served = fake.metadata(sso="https://id.example/saml/sso")
    clock.advance(hours=2)
    assert known.current().sso == "https://id.example/saml/sso"
    fake.served = fake.metadata(sso="https://evil.example/saml/sso", signed_by="stranger")
    clock.advance(hours=2)
    assert known.current().sso == "https://id.example/saml/sso"


def test_the_operator_s_file_is_read_again_when_it_changes(fake: FakeIdp, clock: FixedClock, tmp_path: Path) -> None:
    file = tmp_path / "theirs.xml"
    file.write_bytes(fake.metadata())
    known = source(fake, clock, file, is_copy=False)
    assert known.current().sso == f"{fake.issuer}/saml/sso"
    file.write_bytes(fake.metadata(sso="https://id.example/saml/sso"))
    assert known.current().sso == "https://id.example/saml/sso"
    file.write_bytes(b"half")
    assert known.current().sso == "https://id.example/saml/sso"
    assert fake.asked_for_metadata == 0
