"""Passkeys (WebAuthn Level 3): a key in the person's phone, computer or stick, good for our host and no other.

The name is not asked for: the passkey knows whose it is. With user verification (a finger, a face, a PIN, checked on
the device) it is two factors at once; without, only something one has. Attestation is not asked for: which make of
device a family owns is no business of a school. Biometrics never leave the device (Law № 94-V art. 7(12)).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from idp.core import levels
from idp.core.ids import b64url, b64url_decode, keyed_hash, same
from idp.methods import passkey_challenge
from idp.methods.method import Attempt, Challenge, Enrolled, Owner, Proof, Refused, Spends
from idp.methods.ports import CountedRecord, HeldCredentials

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

VERIFIED, UNVERIFIED = ("hwk", "user"), ("swk",)
_MAX_ANSWER = 16 * 1024
_TIMEOUT_MS = 300_000
_HAS_LETTER = re.compile("[a-z]")


class Unverified(Refused):
    """The passkey was right, but the device did not check who holds it, and that was asked for."""


class Passkey:
    name = "passkey"
    amr = VERIFIED
    acr = levels.MFA

    def __init__(self, credentials: HeldCredentials, secret: Callable[[str], bytes], *, host: str, origin: str) -> None:
        """`host` is the RP ID for ever: a passkey made for one is lost with it. `origin` is compared as a whole."""
        self._credentials = credentials
        self._secret = secret
        self._host = host
        self._origin = origin

    def why_off(self) -> str:
        """A passkey is bound to a name; where we are reached by a number, no browser makes one (WebAuthn L3 §5.1.3)."""
        return "" if _HAS_LETTER.search(self._host.rpartition(".")[2]) and ":" not in self._host else "no_host_name"

    def begin(self, attempt: Attempt) -> Challenge:
        """Shows `options`, the JSON that a browser's `navigator.credentials.get` takes.

        `kept["verify"]` asks for user verification, `kept["person_id"]` for a passkey of this person.
        """
        from webauthn import generate_authentication_options, options_to_json
        from webauthn.helpers.structs import UserVerificationRequirement as Verification

        person_id = attempt.kept.get("person_id", "")
        held = self._credentials.of_person(person_id, self.name) if person_id else ()
        options = generate_authentication_options(
            rp_id=self._host,
            challenge=b64url_decode(self._challenge(attempt)),
            timeout=_TIMEOUT_MS,
            allow_credentials=_descriptors(tuple(one.handle for one in held)),
            user_verification=Verification.REQUIRED if attempt.kept.get("verify") else Verification.PREFERRED,
        )
        return Challenge(shown={"options": options_to_json(options)})

    def finish(self, attempt: Attempt, answer: Mapping[str, str]) -> Proof:
        """Checks `response`, the JSON of the browser's answer, by the steps of WebAuthn L3 §7.2.

        Nobody said who they are, so the answer must name its user (step 6). Raises Refused; Unverified when
        `kept["verify"]` asked for what the device did not do.
        """
        return self._finish(attempt, answer, is_named=False)

    def _finish(self, attempt: Attempt, answer: Mapping[str, str], *, is_named: bool) -> Proof:
        from webauthn import verify_authentication_response
        from webauthn.helpers.exceptions import WebAuthnException

        response = _read(answer)
        record = self._credentials.by_handle(str(response.get("id", "")), self.name)
        challenge = self._challenge_of(attempt, response)
        if record is None or not self._is_owner(record, response, is_named=is_named):
            raise Refused
        try:
            verified = verify_authentication_response(
                credential=response,
                expected_challenge=b64url_decode(challenge),
                expected_rp_id=self._host,
                expected_origin=self._origin,
                credential_public_key=b64url_decode(str(record.data["public_key"])),
                credential_current_sign_count=0,  # Compared by the UPDATE that raises it, so that no race passes.
            )
        except (WebAuthnException, ValueError, TypeError, KeyError, OverflowError) as error:
            raise Refused from error
        if attempt.kept.get("verify") and not verified.user_verified:
            raise Unverified
        is_kept = verified.credential_backed_up == record.data.get("is_backed_up")
        notes = None if is_kept else {**record.data, "is_backed_up": verified.credential_backed_up}
        return Proof(
            record.person_id,
            record.id,
            levels.MFA if verified.user_verified else levels.PASSWORD,
            VERIFIED if verified.user_verified else UNVERIFIED,
            spends=Spends(counter=verified.new_sign_count, counts_from_zero=True, once=challenge, notes=notes),
        )

    def check(self, attempt: Attempt, person_id: str, answer: Mapping[str, str]) -> Proof:
        """The same beside a password: it must be a passkey of this person."""
        proof = self._finish(attempt, answer, is_named=True)
        if proof.person_id != person_id:
            raise Refused
        return proof

    def begin_enrolment(self, attempt: Attempt, owner: Owner) -> Challenge:
        """Shows `options` for `navigator.credentials.create`: discoverable, none of those already there."""
        from webauthn import generate_registration_options, options_to_json
        from webauthn.helpers.structs import (
            AttestationConveyancePreference,
            AuthenticatorSelectionCriteria,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        options = generate_registration_options(
            rp_id=self._host,
            rp_name="Bilim ID",
            user_id=self._user_handle(owner.person_id),
            user_name=owner.username,
            user_display_name=owner.name,
            challenge=b64url_decode(self._challenge(attempt)),
            timeout=_TIMEOUT_MS,
            attestation=AttestationConveyancePreference.NONE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                require_resident_key=True,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
            exclude_credentials=_descriptors(owner.held),
        )
        return Challenge(shown={"options": options_to_json(options)})

    def finish_enrolment(self, attempt: Attempt, owner: Owner, answer: Mapping[str, str]) -> Enrolled:
        """Checks `response` by the steps of WebAuthn L3 §7.1. A statement of the make is read over, not believed."""
        from webauthn import verify_registration_response
        from webauthn.helpers.exceptions import WebAuthnException

        response = _read(answer)
        challenge = self._challenge_of(attempt, response)
        try:
            verified = verify_registration_response(
                credential=response,
                expected_challenge=b64url_decode(challenge),
                expected_rp_id=self._host,
                expected_origin=self._origin,
            )
        except (WebAuthnException, ValueError, TypeError, KeyError, OverflowError) as error:
            raise Refused from error
        handle = b64url(verified.credential_id)
        if len(verified.credential_id) > 1023 or self._credentials.is_taken(handle, self.name):
            raise Refused
        data = {
            "public_key": b64url(verified.credential_public_key),
            "aaguid": verified.aaguid,
            "verifies": verified.user_verified,
            "is_backed_up": verified.credential_backed_up,
            "can_be_backed_up": verified.credential_device_type.value == "multi_device",
        }
        return Enrolled(data, handle=handle, counter=verified.sign_count, once=challenge)

    def _user_handle(self, person_id: str) -> bytes:
        """Says nothing of the person, and stays the same (WebAuthn L3 §14.6.1)."""
        return keyed_hash(self._secret("credential_seal"), "passkey user", person_id)

    def _is_owner(self, record: CountedRecord, response: Mapping[str, Any], *, is_named: bool) -> bool:
        inner = response.get("response")
        handle = inner.get("userHandle") if isinstance(inner, Mapping) else None
        if not handle:
            return is_named
        return same(str(handle), b64url(self._user_handle(record.person_id)))

    def _challenge(self, attempt: Attempt) -> str:
        return passkey_challenge.new(self._secret("token"), attempt.bound, attempt.now)

    def _challenge_of(self, attempt: Attempt, response: Mapping[str, Any]) -> str:
        """The challenge an answer was made for; the library compares it with what was signed."""
        try:
            inner = response["response"]
            challenge = str(json.loads(b64url_decode(str(inner["clientDataJSON"])))["challenge"])
        except (KeyError, TypeError, ValueError, RecursionError):
            raise Refused from None
        if not passkey_challenge.holds(self._secret("token"), challenge, attempt.bound, attempt.now):
            raise Refused
        return challenge


def _read(answer: Mapping[str, str]) -> dict[str, Any]:
    text = answer.get("response", "")
    try:
        found = json.loads(text) if 0 < len(text) <= _MAX_ANSWER else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused
    return found


def _descriptors(handles: tuple[str, ...]) -> list[PublicKeyCredentialDescriptor]:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [PublicKeyCredentialDescriptor(id=b64url_decode(handle)) for handle in handles]
