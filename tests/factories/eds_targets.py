"""Right requests to spoil at the doors of the ЭЦҚ: sign-in, phone, documents, checking; and what no log may hold."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from idp.core.clock import FixedClock
from idp.store import credentials
from tests.factories.oidc import basic
from tests.factories.relying_party import SECRET
from tests.factories.signing_ground import CLIENT, DIRECTOR_IIN, SigningGround
from tests.factories.spoilable import Spoilable
from tests.fakes.browser import Browser

USERNAME = "saule"


class EdsTargets:
    """A director with a document to sign, a phone on its way, a module with a token."""

    def __init__(self, app: Flask, clock: FixedClock, encoded_password: str, sign_in: Callable[..., Browser]) -> None:
        self._app = app
        self._ground = ground = SigningGround(app.extensions["parts"], clock)
        with ground.parts.uow.write() as tx:
            rows = [(ground.director, {"hash": encoded_password})]
            credentials.replace(tx, "password", rows, must_change=False, now=clock.now())
        self._request = ground.ask()
        self.director = sign_in(app, USERNAME)
        self._errand, self._errand_token = self._phone()
        self.secrets = {
            "director's iin": DIRECTOR_IIN,
            "errand token": self._errand_token,
            "module token": self._module_token(),
        }

    def _phone(self) -> tuple[str, str]:
        """An errand of another browser, and the bearer token that the phone has been given."""
        begun = self._ground.parts.errands.begin("document", browser="b", language="kk", request_id=self._request)
        face = self._ground.parts.errands.face(begun.id, language="kk")
        return begun.id, str(face["document"]["auth_token"])

    def _module_token(self) -> str:
        form = {"grant_type": "client_credentials", "scope": "signing:request"}
        headers = {"Authorization": basic(CLIENT, SECRET)}
        answer = self._app.test_client().post("/oauth/token", data=form, headers=headers)
        assert answer.status_code == 200, answer.text
        return str(answer.get_json()["access_token"])

    def bases(self, jar: str, cookies: str, csrf: str) -> dict[str, list[Spoilable]]:
        """By endpoint. `jar` are the cookies of a pupil, `cookies` and `csrf` the director's."""
        held, mine = {"Cookie": jar}, {"Cookie": cookies}
        sign = f"/sign/{self._request}"
        form = (("csrf_token", csrf),)
        signature = self._ground.cms(self._ground.head_key())
        phone = {"Authorization": f"Bearer {self._errand_token}"}
        module = {"Authorization": f"Bearer {self.secrets['module token']}"}
        layer, egov = "/login/eds_ncalayer", "/login/eds_egov_mobile"
        errand, requests = f"/egov/{self._errand}", "/api/v1/signing-requests"
        answer = (*form, ("challenge", "x" * 32), ("signature", signature), ("shared", "1"))
        return {
            "login_eds.ncalayer": [Spoilable("GET", layer, (("lang", "ru"),), held)],
            "login_eds.ncalayer_answer": [Spoilable("POST", layer, answer, mine)],
            "login_eds.egov": [Spoilable("GET", egov, (("c", self._errand),), mine)],
            "login_eds.egov_state": [Spoilable("GET", f"{egov}/state", (("c", self._errand),), mine)],
            "login_eds.egov_confirm": [Spoilable("POST", egov, (*form, ("challenge", self._errand)), mine)],
            "account.answer_names": [Spoilable("POST", "/account/names", (*form, ("answer", "take")), mine)],
            "egov.face": [Spoilable("GET", errand)],
            "egov.documents": [Spoilable("GET", f"{errand}/documents", (), phone)],
            "egov.deliver": [Spoilable("PUT", f"{errand}/documents", (), phone)],
            "api_signing.create": [Spoilable("POST", requests, (), module)],
            "api_signing.show": [Spoilable("GET", f"{requests}/{self._request}", (), module)],
            "signing.page": [Spoilable("GET", sign, (), mine), Spoilable("GET", sign, (), held)],
            "signing.sign": [Spoilable("POST", sign, (*form, ("signature", signature)), held)],
            "signing.document": [Spoilable("GET", f"{sign}/document", (("save", "1"),), mine)],
            "signing.signature": [Spoilable("GET", f"{sign}/signature.cms", (), mine)],
            "signing.card": [Spoilable("GET", f"{sign}/card.pdf", (), mine)],
            "signing.evidence": [Spoilable("GET", f"{sign}/evidence.zip", (), mine)],
            "signing.phone": [Spoilable("GET", f"{sign}/phone", (("c", self._errand),), mine)],
            "signing.phone_state": [Spoilable("GET", f"{sign}/phone/state", (("c", self._errand),), mine)],
            "signing.confirm_phone": [Spoilable("POST", f"{sign}/phone", (*form, ("challenge", self._errand)), mine)],
            "verify.answer": [Spoilable("POST", "/verify", (("signature_text", signature),))],
        }
