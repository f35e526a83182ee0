"""Why a document is refused. `description` is public and says nothing about keys; `detail` is for the log.

BilimError
  Invalid
    XmlError
      TooLarge         more octets or elements than the reader allows
      NotWellFormed    not XML 1.0 with namespaces in UTF-8
      Forbidden        a document type, an entity, a processing instruction, too deep
      BadSignature     not the one signature that is accepted, or it does not hold
      BadKey           a key or certificate that cannot be used
      CannotEncrypt    the recipient reads nothing that is still safe
      CannotDecrypt    one text for every cause
"""

from __future__ import annotations

from idp.core.errors import Invalid


class XmlError(Invalid):
    code = "xml_refused"


class TooLarge(XmlError):
    code = "xml_too_large"


class NotWellFormed(XmlError):
    code = "xml_not_well_formed"


class Forbidden(XmlError):
    code = "xml_forbidden"


class BadSignature(XmlError):
    code = "xml_bad_signature"


class BadKey(XmlError):
    code = "xml_bad_key"


class CannotEncrypt(XmlError):
    code = "xml_cannot_encrypt"


class CannotDecrypt(XmlError):
    code = "xml_cannot_decrypt"

    def __init__(self, *, detail: str = "") -> None:
        super().__init__("the encrypted data cannot be read", detail=detail)
