"""A valid signature, changed: none is accepted as anything else, none crashes, none costs much more than a good one."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.eds import cms
from idp.eds.errors import EdsRefused
from tests.factories.der_mutations import Mutator
from tests.factories.eds_ground import CONTENT, HEAD, PERSON, Ground, nca_of

_MOST = 20
"""How many times a good verification a bad one may cost (issue 3)."""


@pytest.fixture(params=["gost2015", "rsa"])
def ground(request: pytest.FixtureRequest) -> Ground:
    return Ground(nca_of(request.param))


def _many(examples: int, *, usual: int) -> settings:
    """The usual number runs the same examples each time; more are new ones."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples == usual,
        suppress_health_check=list(HealthCheck),
    )


def meaning(message: bytes, *, is_stamped: bool) -> tuple[object, ...]:
    """What a message says, whatever it is written like: who, over what, with which signature, and when."""
    signed = cms.parse(message)
    token: tuple[object, ...] = ()
    if is_stamped and signed.signer.timestamp_token:
        stamp = cms.parse(signed.signer.timestamp_token, cms.TIMESTAMP_INFO)
        token = (stamp.content, stamp.signer.signed, stamp.signer.signature, cms.certificate_of(stamp).der)
    return (signed.signer.signed, signed.signer.signature, cms.certificate_of(signed).der, *token)


class Course:
    """Runs spoiled messages past one verifier and keeps account."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.key = ground.key()
        self.good = ground.cms(self.key, timestamp=True, encapsulate=True, certificates=self._certificates())
        others = [ground.cms(content=b"other", timestamp=True), ground.cms(ground.key(HEAD), timestamp=True)]
        self.others = (*others, ground.cms(self.key, content=CONTENT * 2, encapsulate=True, timestamp=True))
        ground.verifier.verify(self.good, CONTENT)
        self.allowed = {meaning(self.good, is_stamped=stamped) for stamped in (True, False)}
        before = ground.backend.verifications, ground.backend.hashed
        ground.verifier.verify(self.good, CONTENT)
        self.cost = ground.backend.verifications - before[0], ground.backend.hashed - before[1]
        self.accepted = 0
        self.tried = 0

    def _certificates(self) -> tuple[bytes, ...]:
        return (self.key.certificate, *self.key.chain)

    def run(self, message: bytes | str) -> None:
        backend, asked = self.ground.backend, self.ground.asked
        before = backend.verifications, backend.hashed
        self.tried += 1
        try:
            signed_by = self.ground.verifier.verify(message, CONTENT)
        except EdsRefused:
            assert self.ground.asked == asked, "junk asked the authority"
        else:
            self.accepted += 1
            assert signed_by.iin == PERSON.iin
            der = cms.decode(message)
            assert meaning(der, is_stamped=True) in self.allowed
            assert {*cms.parse(der).certificates} <= {*self._certificates()}
        spent = backend.verifications - before[0], backend.hashed - before[1]
        assert spent[0] <= _MOST * self.cost[0]
        assert spent[1] <= _MOST * self.cost[1]


def test_no_mutation_of_a_valid_message_passes_for_anything_else(
    ground: Ground, effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    """What is accepted says the same: NULL beside an algorithm, the order of certificates, the content left out."""
    course = Course(ground)

    @_many(effort(300, 20_000), usual=300)
    @given(st.integers(0, 2**64))
    def changed(seed: int) -> None:
        course.run(Mutator(course.good, course.others, Random(seed)).mutated())

    changed()
    counted("signatures mutated", course.tried)
    counted("signatures mutated, same meaning", course.accepted)
    assert course.accepted < course.tried / 5


def test_every_octet_of_a_message_counts(
    ground: Ground, effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    """One bit changed, anywhere, is never accepted: some hundred places, in a soak all of them."""
    course = Course(ground)
    size = len(course.good)
    places = min(size, effort(250, size))
    for at in (place * size // places for place in range(places)):
        flipped = course.good[at] ^ 1 << at % 8
        course.run(course.good[:at] + bytes((flipped,)) + course.good[at + 1 :])
    counted("signatures with a bit changed", course.tried)
    assert course.accepted == 0


def test_random_octets_and_text_are_refused(
    ground: Ground, effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    course = Course(ground)

    @_many(effort(100, 5000), usual=100)
    @given(st.binary(max_size=200) | st.binary(max_size=200).map(b"\x30".__add__) | st.text(max_size=200))
    def junk(message: bytes | str) -> None:
        course.run(message)

    junk()
    counted("signatures of random octets", course.tried)
    assert course.accepted == 0


@pytest.mark.parametrize(
    "message",
    [
        b"\x30\x80" * 30_000,
        b"\x30\x84\xff\xff\xff\xff" + bytes(60_000),
        b"\x30\x82\xff\xfb" + b"\x05\x00" * 32_766,
        b"\x30\x82\xff\xfb" + b"\x30\x00" * 32_766,
        base64.b64encode(bytes(65_000)),
        b"A" * 131_072,
        b"-----BEGIN CMS-----\n" * 6_000,
        b"\n" * 131_072,
        b"",
        "",
        "\ud800",
    ],
    ids=lambda message: repr(message[:12]),
)
def test_bombs_are_refused(ground: Ground, message: bytes | str) -> None:
    course = Course(ground)
    course.run(message)
    assert course.accepted == 0


def test_deep_nesting_is_refused(ground: Ground) -> None:
    course = Course(ground)
    deep = b""
    while len(deep) < 65_000:
        deep = b"\x30" + (bytes((len(deep),)) if len(deep) < 128 else b"\x83" + len(deep).to_bytes(3, "big")) + deep
    course.run(deep)
    assert course.accepted == 0


def test_changed_evidence_is_refused_like_a_changed_message(ground: Ground, effort: Callable[[int, int], int]) -> None:
    """OCSP answer, chain and message of kept evidence; none crashes either."""
    good = ground.verifier.verify(ground.cms(), CONTENT).evidence
    other = ground.verifier.verify(ground.cms(), CONTENT).evidence

    @_many(effort(50, 2000), usual=50)
    @given(st.integers(0, 2**64))
    def changed(seed: int) -> None:
        random = Random(seed)
        der = Mutator(good.status.der, (other.status.der,), random).mutated()
        try:
            ground.verifier.again(replace(good, status=replace(good.status, der=der)), CONTENT)
        except EdsRefused:
            return

    changed()
