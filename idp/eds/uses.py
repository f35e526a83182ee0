"""What a certificate may be used for here, and whose it may be (order-456 E4; nca reference §2, §8 rows 6 and 10).

People sign with a person's certificate or with one that makes them speak for an organisation. Machines have
certificates of the same authority with the same subject: only roles tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from idp.core import iin
from idp.eds.certificate import Certificate
from idp.eds.errors import WrongHolder, WrongUse
from idp.eds.signed_by import EMPLOYEE, HEAD, PERSON, PERSONNEL, SIGNS_FINANCE, SIGNS_FOR

_FOR_SIGNING = frozenset(("digital_signature", "non_repudiation"))
_OCSP_SIGNING, _TIME_STAMPING = "1.3.6.1.5.5.7.3.9", "1.3.6.1.5.5.7.3.8"
_POLICY = "1.2.398.3.3.2"
_SPEAKS_FOR_ORGANISATION = frozenset((HEAD, SIGNS_FOR, SIGNS_FINANCE, PERSONNEL, EMPLOYEE))
_MACHINES = (f"{PERSON}.1", "1.2.398.3.3.4.1.2.6")
"""Roles of information systems; below the second one there are hundreds more."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Whose signature is wanted."""

    persons: bool = True
    organisations: bool = True


def check_use(certificate: Certificate) -> None:
    """That its key may sign documents. Raises WrongUse."""
    if certificate.is_ca or not certificate.key_usage >= _FOR_SIGNING:
        raise WrongUse("the certificate is not for signing", detail=",".join(sorted(certificate.key_usage)))
    if not certificate.eku.isdisjoint((_OCSP_SIGNING, _TIME_STAMPING)):
        raise WrongUse("the certificate is of a service of the authority")
    if not any(_is_below(oid, _POLICY) for oid in certificate.policies):
        raise WrongUse("the certificate was issued under another policy", detail=",".join(certificate.policies))


def check_holder(certificate: Certificate, policy: Policy) -> None:
    """That it belongs to a person, or to one who speaks for an organisation, as wanted. Raises WrongHolder."""
    roles = certificate.roles
    if any(_is_below(role, machine) for role in roles for machine in _MACHINES):
        raise WrongHolder("the certificate is of an information system")
    is_person, is_organisation = PERSON in roles, not roles.isdisjoint(_SPEAKS_FOR_ORGANISATION)
    if is_person == is_organisation or is_organisation != bool(certificate.bin):
        raise WrongHolder("the certificate is neither a person's nor an organisation's", detail=",".join(roles))
    if not (policy.persons if is_person else policy.organisations):
        raise WrongHolder("another kind of certificate is wanted")
    if not certificate.iin:
        raise WrongHolder("the certificate names no person")


def check_numbers(certificate: Certificate, *, is_production: bool) -> None:
    """ИИН and БИН as they are given out. Raises WrongHolder.

    Test numbers of the NCA fail their own check digit, so under test roots twelve digits are enough.
    """
    if not is_production:
        return
    if not iin.has_valid_check_digit(certificate.iin):
        raise WrongHolder("no valid ИИН")
    if certificate.bin and iin.check_digit(certificate.bin[:11]) != int(certificate.bin[11]):
        raise WrongHolder("no valid БИН")


def _is_below(oid: str, arc: str) -> bool:
    return oid == arc or oid.startswith(f"{arc}.")
