"""Who may vouch for a signer: only authorities that the operator pinned, byte for byte (nca reference §2, §8 row 4).

The path has one shape: signer ← pinned NCA ← pinned self-signed root. Whatever else a message brings along (a CA of its
own, an accredited CA that nobody pinned, a CA of the NCA's name with another key) vouches for nothing.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.eds import algorithms
from idp.eds.certificate import Certificate
from idp.eds.errors import BadSignature, EdsRefused, Expired, Malformed, NotYetValid, Untrusted
from idp.eds.ports import Backend

_MOST_KNOWN = 4096
_LETTER = r"[^\W\d_]"
_TEST_WORDS = re.compile(
    rf"(?<!{_LETTER})(TEST|ТЕСТ|ТЕСТОВЫЙ|ТЕСТТІК|DEV|DEVELOPMENT|DEMO)(?!{_LETTER})", re.IGNORECASE
)
_PUBLISHED_TEST_AUTHORITIES = frozenset(
    (
        "b995e79e7c07429f8f79e185451e5599ce342ac720000f01b3854fdfa03031a6",  # root_test_gost_2022.cer
        "beeffc0bdb77cd798c35983eb0715f6ef0051cccb71d7cd05505e8a4fb2c6f4d",  # nca_gost2022_test.cer
    )
)
"""SHA-256 of files whose private keys serve everybody who asks; names could be read around, these cannot."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A pinned certificate. `problem` says why it vouches for nobody, empty when it does."""

    certificate: Certificate
    is_root: bool
    is_test: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """Who vouches for a certificate, and whether that counts outside of tests."""

    issuer: Certificate
    root: Certificate
    is_production: bool


class TrustStore:
    """The pinned authorities. Their signatures on one another are verified here, once; their dates at every use.

    Shared by all threads of a process.
    """

    def __init__(self, certificates: Sequence[bytes], backend: Backend, *, allow_legacy: bool = False) -> None:
        """`certificates` are DER. Raises Malformed and its kin when one cannot be read at all."""
        self._backend = backend
        self._allow_legacy = allow_legacy
        self._anchors: list[Anchor] = []
        self._roots: list[Certificate] = []
        self._issuers: list[tuple[Certificate, Certificate]] = []
        parsed = [Certificate.parse(der) for der in dict.fromkeys(certificates)]
        for certificate in sorted(parsed, key=lambda each: not each.is_self_issued):
            problem = self._place(certificate)
            is_root = certificate.is_self_issued
            self._anchors.append(Anchor(certificate, is_root, is_test(certificate), problem))
        self._pinned = frozenset(anchor.certificate.der for anchor in self._anchors)
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, Chain] = OrderedDict()

    @property
    def is_empty(self) -> bool:
        """Whether nobody can be vouched for."""
        return not self._issuers

    def anchors(self) -> list[Anchor]:
        return list(self._anchors)

    def is_pinned(self, der: bytes) -> bool:
        return der in self._pinned

    def chain_of(self, certificate: Certificate, at: datetime) -> Chain:
        """The pinned authorities above `certificate`, all valid at `at`. Raises Untrusted, NotYetValid, Expired."""
        chain = self.authorities_of(certificate)
        for each in (certificate, chain.issuer, chain.root):
            check_dates(each, at)
        return chain

    def authorities_of(self, certificate: Certificate) -> Chain:
        """The pinned authorities above `certificate`, whatever the date. Raises Untrusted, AlgorithmRefused.

        At most one signature is verified for each pinned authority of that name and key. Whom one of them signed is
        remembered: that cannot change, and the time-stamping authority comes with every signature.
        """
        name = hashlib.sha256(certificate.der).digest()
        with self._lock:
            if (known := self._known.get(name)) is not None:
                self._known.move_to_end(name)
                return known
        chain = self._verified(certificate)
        with self._lock:
            self._known[name] = chain
            while len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        return chain

    def _verified(self, certificate: Certificate) -> Chain:
        for issuer, root in self._issuers:
            if not _is_named(certificate, issuer):
                continue
            try:
                self._check_signature(certificate, issuer)
            except (BadSignature, Malformed):
                continue
            return Chain(issuer, root, not (is_test(issuer) or is_test(root)))
        raise Untrusted("no pinned authority signed the certificate")

    def _place(self, certificate: Certificate) -> str:
        """Sorts one certificate in, roots before the others. Returns what is wrong with it."""
        if not certificate.is_ca or "key_cert_sign" not in certificate.key_usage:
            return "not a certificate of an authority"
        candidates = [certificate] if certificate.is_self_issued else self._roots
        try:
            root = self._root_of(certificate, candidates)
        except EdsRefused as error:
            return error.description
        if certificate.is_self_issued:
            self._roots.append(certificate)
        else:
            self._issuers.append((certificate, root))
        return ""

    def _root_of(self, certificate: Certificate, roots: Iterable[Certificate]) -> Certificate:
        for root in roots:
            if _is_named(certificate, root) and root.max_path_length != 0:
                self._check_signature(certificate, root)
                return root
        raise Untrusted("its root is not pinned")

    def _check_signature(self, certificate: Certificate, issuer: Certificate) -> None:
        algorithms.verify(
            self._backend,
            issuer.key,
            certificate.signature_oid,
            certificate.tbs,
            certificate.signature,
            allow_legacy=self._allow_legacy,
        )


def is_test(certificate: Certificate) -> bool:
    """Whether an authority exists for tests or development: by its names, or as one of the NCA's published ones."""
    if hashlib.sha256(certificate.der).hexdigest() in _PUBLISHED_TEST_AUTHORITIES:
        return True
    return any(_TEST_WORDS.search(name) for name in (certificate.common_name, certificate.organisation))


def check_dates(certificate: Certificate, at: datetime) -> None:
    """RFC 5280 §4.1.2.5: both ends belong to the validity. Raises NotYetValid, Expired."""
    if at < certificate.not_before:
        raise NotYetValid("the certificate is not valid yet", detail=certificate.not_before.isoformat())
    if at > certificate.not_after:
        raise Expired("the certificate has expired", detail=certificate.not_after.isoformat())


def _is_named(certificate: Certificate, issuer: Certificate) -> bool:
    """Names compare as octets; the key identifier, where there is one, must be the issuer's (RFC 5280 §4.2.1.1)."""
    if certificate.issuer != issuer.subject:
        return False
    return certificate.authority_key_id in (b"", issuer.subject_key_id, issuer.key_bits_sha1)
