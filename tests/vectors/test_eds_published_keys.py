"""Signatures made with the keys that the NCA publishes for tests, below its own test chain and revocation list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from idp.cli.dev.nca.cms import signed_data
from idp.core.clock import FixedClock
from idp.eds import crl
from idp.eds.certificate import Certificate
from idp.eds.chain import TrustStore
from idp.eds.errors import Expired, NcaUnavailable, NotYetValid, OtherDocument, Revoked, Untrusted, WrongHolder
from idp.eds.ports import ListState, Revocation
from idp.eds.revocation import RevocationCheck
from idp.eds.self_test import choose
from idp.eds.verifier import Verifier
from tests.factories.eds_ground import CONTENT
from tests.factories.real_keys import open_key

pytestmark = pytest.mark.external

ANCHORS = ("root_test_gost_2022.cer", "nca_gost2022_test.cer")
MOMENT = datetime(2026, 12, 1, tzinfo=UTC)


class PublishedList:
    """The list of the test authority, its signature verified, as a lookup."""

    def __init__(self, folder: Path) -> None:
        issuer = Certificate.parse((folder / ANCHORS[1]).read_bytes())
        octets = memoryview((folder / "nca_gost2022_test.crl").read_bytes())
        found = crl.read(octets, issuer, at=MOMENT, backend=choose())
        self._state = ListState(found.number, found.this_update, found.next_update)
        self._key_id = issuer.key_bits_sha1
        self._revoked: Mapping[int, Revocation] = {
            serial: Revocation(datetime.fromtimestamp(seconds, UTC), reason)
            for serial, seconds, reason in found.entries()
        }

    def look_up(self, issuer_key_id: bytes, serial: int) -> tuple[ListState, Revocation | None] | None:
        return (self._state, self._revoked.get(serial)) if issuer_key_id == self._key_id else None


class Published:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FixedClock(MOMENT)
        backend = choose()
        trust = TrustStore([(folder / name).read_bytes() for name in ANCHORS], backend)
        revocation = RevocationCheck(None, PublishedList(folder), self.clock, backend)
        self.verifier = Verifier(trust, backend, revocation, self.clock)

    def cms(self, name: str, content: bytes = CONTENT) -> bytes:
        """Signed now with the key `name`."""
        key = open_key(self.folder / f"{name}.p12")
        return signed_data(key, content, self.clock.now(), {}, encapsulate=False, stamp=None)


@pytest.fixture
def published(test_data: Path) -> Published:
    return Published(test_data / "nca-test")


def test_a_person_signs_in_with_a_published_key(published: Published) -> None:
    signed_by = published.verifier.verify(published.cms("individual/valid/individual_valid"), CONTENT)
    assert (signed_by.iin, signed_by.bin) == ("123456789011", "")
    assert (signed_by.names.family_name, signed_by.names.given_name) == ("ТЕСТОВ", "ТЕСТ")
    assert (signed_by.algorithm, signed_by.key_storage) == ("gost2015", "file")
    assert not signed_by.is_production
    assert signed_by.evidence.status.source == "crl"
    published.clock.advance(days=9999)
    assert published.verifier.again(signed_by.evidence, CONTENT) == signed_by


@pytest.mark.parametrize(("name", "is_head"), [("head", True), ("employee_signright", False)])
def test_those_who_speak_for_an_organisation_sign_with_published_keys(
    published: Published, name: str, is_head: bool
) -> None:
    signed_by = published.verifier.verify(published.cms(f"legal/valid/{name}"), CONTENT)
    assert (signed_by.bin, signed_by.organisation, signed_by.is_head) == ("123456789021", 'АО "ТЕСТ"', is_head)
    assert signed_by.is_employee


@pytest.mark.parametrize(
    "name",
    [
        "individual/revoked/individual_revoked",
        "legal/revoked/head",
        "legal/revoked/employee",
        "legal/revoked/employee_signright",
        "legal/valid/employee",
    ],
)
def test_the_revoked_ones_are_refused_by_name(published: Published, name: str) -> None:
    """The last one lies among the valid ones and is on the list all the same."""
    with pytest.raises(Revoked):
        published.verifier.verify(published.cms(name), CONTENT)


@pytest.mark.parametrize("state", ["valid", "revoked"])
@pytest.mark.parametrize("name", ["infosystem", "treasury_client"])
def test_machines_are_refused(published: Published, state: str, name: str) -> None:
    with pytest.raises(WrongHolder):
        published.verifier.verify(published.cms(f"legal/{state}/{name}"), CONTENT)


def test_another_document_another_time_and_other_anchors_are_refused(published: Published) -> None:
    cms = published.cms("individual/valid/individual_valid")
    with pytest.raises(OtherDocument):
        published.verifier.verify(cms, CONTENT + b".")
    with at(published, datetime(2027, 6, 1, tzinfo=UTC)), pytest.raises(Expired):
        published.verifier.verify(cms, CONTENT)
    with at(published, datetime(2026, 5, 1, tzinfo=UTC)), pytest.raises(NotYetValid):
        published.verifier.verify(cms, CONTENT)
    with at(published, MOMENT + timedelta(days=80)), pytest.raises(NcaUnavailable):
        published.verifier.verify(cms, CONTENT)


def test_a_real_message_below_an_authority_that_is_not_pinned_is_refused(published: Published) -> None:
    data = (published.folder / "signatures/CmsServiceTest.SIGNED_CMS_ONE_SIGNER.der").read_bytes()
    with at(published, datetime(2021, 6, 1, tzinfo=UTC)), pytest.raises(Untrusted):
        published.verifier.verify(data, b"test123")


@contextmanager
def at(published: Published, moment: datetime) -> Iterator[None]:
    before, published.clock.moment = published.clock.moment, moment
    yield
    published.clock.moment = before
