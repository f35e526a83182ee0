"""Why a signature proves nothing: one class a rule, its `code` the word that pages translate and logs keep.

BilimError
  Denied
    EdsRefused            some rule failed
      Malformed           not a CMS of the accepted shape
      AlgorithmRefused    key, digest and signature are no allowed triple
      OtherDocument       something else was signed than what was asked for
      BadSignature        the mathematics does not hold
      Untrusted           no chain to a pinned authority
      NotYetValid         the certificate's time has not come
      Expired             the certificate's time is over
      Revoked             revoked or on hold
      StatusUnknown       the authority does not vouch for the certificate
      WrongUse            key usage, extended key usage or policy do not allow this
      WrongHolder         an information system, another kind of holder, or another person than expected
  Unavailable
    NcaUnavailable        nothing trustworthy was heard from the authority in time; fails closed
    EdsOff                signatures cannot be checked on this installation, `description` says why
"""

from __future__ import annotations

from datetime import datetime

from idp.core.errors import Denied, Unavailable


class EdsRefused(Denied):
    code = "eds_refused"


class Malformed(EdsRefused):
    code = "eds_malformed"


class AlgorithmRefused(EdsRefused):
    code = "eds_algorithm_refused"


class OtherDocument(EdsRefused):
    code = "eds_other_document"


class BadSignature(EdsRefused):
    code = "eds_bad_signature"


class Untrusted(EdsRefused):
    code = "eds_untrusted"


class NotYetValid(EdsRefused):
    code = "eds_not_yet_valid"


class Expired(EdsRefused):
    code = "eds_expired"


class Revoked(EdsRefused):
    """`at` is since when; None when that was not said."""

    code = "eds_revoked"

    def __init__(self, description: str = "", *, at: datetime | None = None, detail: str = "") -> None:
        super().__init__(description, detail=detail)
        self.at = at


class StatusUnknown(EdsRefused):
    code = "eds_status_unknown"


class WrongUse(EdsRefused):
    code = "eds_wrong_use"


class WrongHolder(EdsRefused):
    code = "eds_wrong_holder"


class NcaUnavailable(Unavailable):
    code = "nca_unavailable"


class EdsOff(Unavailable):
    code = "eds_off"
