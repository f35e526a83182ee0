"""What NCALayer answers, message by message: the new module `basics`, the old `commonUtils`, cancelling and errors.

Which key signs and what happens instead of signing is chosen beforehand (`Choice`), where the real one shows a dialog.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from idp.cli.dev.demo_nca import DemoKey, DemoNca
from idp.cli.dev.nca.departures import CmsDepartures
from idp.core.clock import Clock

BASICS = "kz.gov.pki.knca.basics"
COMMON_UTILS = "kz.gov.pki.knca.commonUtils"
GREETING = {"result": {"version": "1.4"}}
OUTCOMES = {
    "sign": "signs with the chosen key",
    "wrong": "signs with a key of an information system, whatever the page asked for",
    "other": "signs another text than the page asked for",
    "cancel": "the person closes the dialog: status true without a result",
    "cancel-code": "the person closes the dialog, as some builds tell it: status false, USER_CANCELED",
    "error": "answers SIGNING_FAILURE",
    "silent": "does not answer",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """`outcome` is for the next signature only; `is_old` leaves the module `basics` out until changed."""

    key: str = "gulnara"
    outcome: str = "sign"
    is_old: bool = False
    last: str = "nothing was asked yet"
    """What happened last, for the chooser's page."""


class NcaLayer:
    def __init__(self, demo: DemoNca, clock: Clock) -> None:
        self.demo = demo
        self._clock = clock
        self._lock = threading.Lock()
        self._choice = Choice()

    @property
    def choice(self) -> Choice:
        return self._choice

    def choose(self, **changed: Any) -> None:
        with self._lock:
            self._choice = replace(self._choice, **changed)

    def answer(self, message: str) -> str | None:
        """The reply to one text message; None where the real one would keep silent."""
        if message == "--heartbeat--":
            return json.dumps(GREETING)
        try:
            asked = json.loads(message)
            module, method = asked["module"], asked["method"]
        except (ValueError, TypeError, KeyError):
            return json.dumps({"status": False, "code": "INVOCATION_ERROR", "message": "not a request"})
        if module == BASICS and not self._choice.is_old:
            reply = self._basics(method, asked.get("args") or {})
        elif module == COMMON_UTILS:
            reply = self._old_module(method, asked.get("args") or [])
        else:
            reply = {"success": False, "errorCode": "MODULE_NOT_FOUND"}
        return None if reply is None else json.dumps(reply, ensure_ascii=False)

    def _basics(self, method: str, args: dict[str, Any]) -> dict[str, Any] | None:
        if method != "sign":
            return _failed("INVOCATION_ERROR", f"no method {method}")
        if args.get("format") != "cms":
            return _failed("INVALID_SIGNING_PARAMS", "this stand-in makes CMS only")
        outcome = self._taken()
        if outcome in _INSTEAD:
            return _INSTEAD[outcome]
        key = self._key(args.get("signerParams") or {}, outcome)
        if key is None:
            return _INSTEAD["cancel"]
        given, params = args.get("data"), args.get("signingParams") or {}
        try:
            signed = [
                self._sign(key, one, params, outcome, with_timestamp="tsaProfile" in params)
                for one in (given if isinstance(given, list) else [given])
            ]
        except (ValueError, TypeError):
            return _failed("INVALID_SIGNING_PARAMS", "data does not decode")
        if params.get("outputCert"):
            certificate = base64.b64encode(key.key.certificate).decode()
            return {"status": True, "body": {"result": {"signatures": signed, "certificate": certificate}}}
        return {"status": True, "body": {"result": signed}}

    def _taken(self) -> str:
        """The outcome chosen for this signature; the next one is an ordinary one again."""
        with self._lock:
            outcome = self._choice.outcome
            last = f"asked to sign, and did: {OUTCOMES[outcome]}"
            self._choice = replace(self._choice, outcome="sign", last=last)
        return outcome

    def _key(self, wanted: dict[str, Any], outcome: str) -> DemoKey | None:
        """None when the chosen key is not among those the page accepts: the real dialog would not offer it."""
        key = self.demo.keys["system" if outcome == "wrong" else self._choice.key]
        if outcome != "wrong" and not fits(key, wanted):
            self.choose(last=f"{key.name} is not what the page asked for: {json.dumps(wanted, ensure_ascii=False)}")
            return None
        return key

    def _sign(self, key: DemoKey, data: Any, params: dict[str, Any], outcome: str, *, with_timestamp: bool) -> str:
        content = base64.b64decode(data, validate=True) if params.get("decode") else str(data).encode()
        departures: CmsDepartures = {"message_digest": content} if params.get("digested") else {}
        if outcome == "other":
            content = b"something else"
        cms = self.demo.of(key).cms(
            key.key,
            content,
            at=self._clock.now(),
            encapsulate=bool(params.get("encapsulate")),
            timestamp=with_timestamp,
            **departures,
        )
        return base64.b64encode(cms).decode()

    def _old_module(self, method: str, args: Sequence[Any]) -> dict[str, Any] | None:
        """Positional arguments; the answer is armoured, as old builds give it."""
        if method == "getActiveTokens":
            return {"code": "200", "responseObject": []}
        if method == "getKeyInfo":
            return {"code": "200", "responseObject": key_info(self.demo.keys[self._choice.key])}
        if method not in ("createCAdESFromBase64", "createCMSSignatureFromBase64") or len(args) < 4:
            return {"code": "500", "message": "method.not.found"}
        outcome = self._taken()
        if outcome in ("cancel", "cancel-code"):
            return {"code": "500", "message": "action.canceled"}
        if outcome == "silent":
            return None
        key = self._key({}, outcome)
        if outcome == "error" or key is None:
            return {"code": "500", "message": "signing.error"}
        params = {"decode": True, "encapsulate": args[3] in (True, "true")}
        try:
            signed = self._sign(key, args[2], params, outcome, with_timestamp=method == "createCMSSignatureFromBase64")
        except (ValueError, TypeError):
            return {"code": "500", "message": "wrong.data"}
        lines = [signed[start : start + 64] for start in range(0, len(signed), 64)]
        return {"code": "200", "responseObject": "\r\n".join(["-----BEGIN CMS-----", *lines, "-----END CMS-----", ""])}


def _failed(code: str, message: str) -> dict[str, Any]:
    return {"status": False, "code": code, "message": message, "details": ""}


_INSTEAD: dict[str, dict[str, Any] | None] = {
    "cancel": {"status": True, "body": {}},
    "cancel-code": _failed("USER_CANCELED", "cancelled"),
    "error": _failed("SIGNING_FAILURE", "the key could not be used"),
    "silent": None,
}


def fits(key: DemoKey, wanted: dict[str, Any]) -> bool:
    """Whether a certificate is among those a page accepts: every listed usage, and the numbers where given."""
    numbers = key.key.numbers()
    has_usages = set(wanted.get("extKeyUsageOids") or ()) <= set(key.key.extended_key_usage())
    has_serial = wanted.get("serialNumber") in (None, "", f"{key.key.serial:x}")
    return has_usages and has_serial and all(wanted.get(name) in (None, "", numbers[name]) for name in ("iin", "bin"))


def key_info(key: DemoKey) -> dict[str, str]:
    """What the old module tells of a key before it signs."""
    return {
        "alias": key.key.key_id.hex(),
        "keyId": key.key.key_id.hex(),
        "algorithm": "GOST" if key.authority == "gost2015" else "RSA",
        "subjectCn": key.title,
        "serialNumber": str(key.key.serial),
        "certNotBefore": str(int(key.key.not_before.timestamp() * 1000)),
        "certNotAfter": str(int(key.key.not_after.timestamp() * 1000)),
        "pem": base64.b64encode(key.key.certificate).decode(),
    }
