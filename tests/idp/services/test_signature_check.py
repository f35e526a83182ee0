"""services/signature_check: who, when, valid then, valid now, for anyone."""

from __future__ import annotations

import base64

import pytest

from idp.core.errors import BilimError, TooSoon
from idp.eds.errors import BadSignature, Malformed, OtherDocument, WrongHolder
from idp.services.signature_check import UNKNOWN, Checked, SignatureCheck
from idp.services.throttle import Limits, Throttle
from tests.factories.nca import holder
from tests.factories.signing_ground import DIRECTOR_IIN, TEXT, SigningGround

PLACE = "192.0.2.7"


def check(ground: SigningGround, cms: bytes | str, document: bytes | None = TEXT) -> Checked:
    return ground.parts.signature_check.check(cms, document, place=PLACE)


def test_a_stranger_learns_who_signed_what_and_when(signing_ground: SigningGround) -> None:
    ground = signing_ground
    request_id = ground.ask()
    cms = ground.sign(request_id)
    signed_at = ground.clock.now()
    ground.clock.advance(minutes=3)
    found = check(ground, cms)
    assert found.signer["name"].startswith("СЕЙІТҚАЗЫ")
    assert found.signer["iin_masked"] == "••••••••" + DIRECTOR_IIN[-4:]
    assert DIRECTOR_IIN not in str(found)
    assert (found.proven_at, found.proven_by, found.is_held) == (signed_at, "timestamp", True)
    assert (found.then, found.now, found.is_production, found.size) == ("", "", False, len(TEXT))
    assert "TIME-STAMPING" in found.authority


def test_what_is_held_stands_after_the_certificate_has_expired(signing_ground: SigningGround) -> None:
    ground = signing_ground
    request_id = ground.ask()
    cms = ground.cms(ground.head_key(), timestamp=False)
    ground.parts.signing.sign(request_id, ground.director, cms, place=PLACE)
    signed_at = ground.clock.now()
    ground.clock.advance(days=400)
    ground.is_away = True
    found = check(ground, cms)
    assert (found.proven_at, found.proven_by, found.then, found.now) == (signed_at, "record", "", "eds_expired")
    # The same octets in another dress are the same signature.
    assert check(ground, base64.b64decode(cms)).is_held
    armoured = f"-----BEGIN CMS-----\r\n{cms}\r\n-----END CMS-----\r\n"
    assert check(ground, armoured).is_held


def test_a_foreign_signature_proves_its_time_by_a_timestamp_only(signing_ground: SigningGround) -> None:
    ground = signing_ground
    stamped, bare = (ground.cms(ground.person_key(), timestamp=stamp) for stamp in (True, False))
    now = ground.clock.now()
    fresh = check(ground, bare)
    assert (fresh.proven_at, fresh.proven_by, fresh.then, fresh.now) == (None, "", UNKNOWN, "")
    ground.clock.advance(days=400)
    late = check(ground, stamped)
    assert (late.proven_at, late.then, late.now, late.is_held) == (now, "", "eds_expired", False)
    assert (check(ground, bare).then, check(ground, bare).now) == (UNKNOWN, "eds_expired")


def test_a_later_revocation_is_told_and_changes_nothing_before(signing_ground: SigningGround) -> None:
    ground = signing_ground
    key = ground.head_key()
    request_id = ground.ask()
    cms = ground.sign(request_id, key=key)
    ground.clock.advance(hours=2)
    ground.nca.revoke(key, ground.clock.now())
    ground.clock.advance(hours=1)
    found = check(ground, cms)
    assert (found.then, found.now) == ("", "eds_revoked")


def test_silence_of_the_nca_is_said(signing_ground: SigningGround) -> None:
    ground = signing_ground
    cms = ground.sign(ground.ask())
    ground.clock.advance(hours=1)
    ground.is_away = True
    found = check(ground, cms)
    assert (found.then, found.now) == ("", "nca_unavailable")
    foreign = check(ground, ground.cms(ground.person_key()))
    assert (foreign.then, foreign.now) == (UNKNOWN, "nca_unavailable")
    assert foreign.proven_at == ground.clock.now()


def test_a_signature_may_hold_its_document(signing_ground: SigningGround) -> None:
    ground = signing_ground
    cms = ground.cms(ground.person_key(), encapsulate=True)
    found = check(ground, cms, None)
    assert (found.is_embedded, found.size) == (True, len(TEXT))
    assert not check(ground, cms).is_embedded
    with pytest.raises(OtherDocument):
        check(ground, cms, b"another")


def refusal(ground: SigningGround, cms: bytes | str, document: bytes | None) -> BilimError:
    with pytest.raises(BilimError) as caught:
        check(ground, cms, document)
    return caught.value


def test_what_is_wrong_is_said_precisely(signing_ground: SigningGround) -> None:
    ground = signing_ground
    cms = ground.sign(ground.ask())
    assert refusal(ground, cms, None).code == "verify_document_missing"
    assert refusal(ground, TEXT, base64.b64decode(cms)).code == "verify_swapped"
    assert refusal(ground, b"a" * 200_000, base64.b64decode(cms)).code == "verify_swapped"
    assert refusal(ground, b"a" * 200_000, TEXT).code == "verify_signature_too_large"
    assert isinstance(refusal(ground, TEXT, TEXT), Malformed)
    assert isinstance(refusal(ground, cms, TEXT + b" "), OtherDocument)
    broken = ground.nca.cms(ground.person_key(), TEXT, at=ground.clock.now(), signature="flipped")
    assert isinstance(refusal(ground, broken, TEXT), BadSignature)
    machine = ground.nca.issue(holder(role="infosystem", organisation="X", bin="140240000018"))
    signed = ground.nca.cms(machine, TEXT, at=ground.clock.now())
    assert isinstance(refusal(ground, signed, TEXT), WrongHolder)


def test_one_place_may_not_keep_the_house_busy(signing_ground: SigningGround) -> None:
    """Counted apart from sign-ins: a class behind one address can still sign in."""
    ground, parts = signing_ground, signing_ground.parts
    cms = ground.cms(ground.person_key())

    def throttle() -> Throttle:
        return Throttle(parts.uow, ground.clock, b"key", Limits(place=2))

    checking = SignatureCheck(parts.uow, ground.clock, parts.eds, throttle)
    for _ in range(2):
        checking.check(cms, TEXT, place=PLACE)
    with pytest.raises(TooSoon):
        checking.check(cms, TEXT, place=PLACE)
    checking.check(cms, TEXT, place="192.0.2.8")
    throttle().enter("aigerim", PLACE)
    ground.clock.advance(minutes=10)
    assert checking.check(cms, TEXT, place=PLACE).checked_at == ground.clock.now()
