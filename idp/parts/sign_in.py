"""Ways of signing in and of signing: methods, ЭЦҚ, consents that are signed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from urllib.parse import urlsplit

from idp.eds.signed_by import SignedBy
from idp.methods.eds_egov_mobile import EgovMobile
from idp.methods.eds_ncalayer import NcaLayer
from idp.methods.method import Attempt, Method
from idp.methods.password import Password
from idp.parts.school import SchoolParts
from idp.services.consent_desk import ConsentDesk
from idp.services.credentials import StoredCredentials
from idp.services.eds import Eds
from idp.services.eds_accounts import EdsAccounts
from idp.services.eds_login import EdsLogin
from idp.services.egov_relay import EgovRelay
from idp.services.egov_words import Operator
from idp.services.fetch import Fetcher
from idp.services.login import Login
from idp.services.nca import Nca, hosts
from idp.services.phone_errands import PhoneErrands
from idp.services.sealed_signers import SealedSigners
from idp.services.sign_in import SignIn
from idp.services.signature_check import SignatureCheck
from idp.services.signing import Signing
from idp.services.signing_requests import SigningRequests
from idp.services.trust import Trust


class SignInParts(SchoolParts):
    """Parts that prove who somebody is."""

    @cached_property
    def methods(self) -> Mapping[str, Method]:
        """A new way of signing in is one line here."""
        stored = StoredCredentials(self.uow)
        layer = NcaLayer(self.eds, address=self.settings.ncalayer_url)
        sign_in = self.sign_in
        ways: list[Method] = [Password(stored), sign_in.passkey, layer, self.egov_mobile, sign_in.mail_code]
        return {method.name: method for method in ways}

    @cached_property
    def sign_in(self) -> SignIn:
        settings = self.settings
        return SignIn(
            self.uow,
            self.clock,
            self.keys.secret,
            StoredCredentials(self.uow),
            self.sessions,
            self.throttle,
            issuer=settings.issuer,
            rule=settings.second_factor,
            can_send=bool(settings.smtp_url),
        )

    @cached_property
    def egov_mobile(self) -> EgovMobile:
        settings = self.settings
        return EgovMobile(self.eds, is_reachable=bool(settings.operator_bin or settings.egov_relay_url))

    @cached_property
    def errands(self) -> PhoneErrands:
        """A phone signs texts of a sign-in, and documents of signing requests; neither passes for the other."""
        settings = self.settings
        site = urlsplit(settings.issuer).netloc

        def signed_in(signature: str, text: bytes) -> SignedBy:
            attempt = Attempt(self.clock.now(), "", site=site, kept={"text": text.decode()})
            return self.egov_mobile.deliver(attempt, signature).signed_by

        relay = settings.egov_relay_url
        return PhoneErrands(
            self.uow,
            self.clock,
            self.keys.secret,
            {"login": signed_in, "document": self.eds.verify},
            issuer=settings.issuer,
            operator=Operator(settings.operator_name, settings.operator_bin),
            relay=EgovRelay(self.fetcher, relay) if relay else None,
        )

    @cached_property
    def eds_login(self) -> EdsLogin:
        accounts = EdsAccounts(self.uow, self.clock, self.iin_vault, self.settings.eds_second_factor)
        sealed = SealedSigners(self.keys.secret)
        return EdsLogin(self.uow, self.clock, self.sessions, accounts, sealed, self.throttle)

    @cached_property
    def trust(self) -> Trust:
        settings = self.settings
        folder = settings.keys_dir / "trust"
        return Trust(folder, not settings.is_dev, self.clock, allow_legacy=settings.eds_legacy)

    @cached_property
    def nca(self) -> Nca:
        """With a fetcher of its own: what is excepted for the NCA is excepted for nobody else."""
        settings = self.settings
        allow = hosts((settings.ocsp_url, *settings.crl_urls))
        return Nca(Fetcher(allow=allow, ca_file=settings.extra_ca_file), settings.ocsp_url)

    @cached_property
    def eds(self) -> Eds:
        legacy = self.settings.eds_legacy
        return Eds(self.trust, self.nca, self.uow, self.clock, self.keys, allow_legacy=legacy)

    @cached_property
    def signing(self) -> Signing:
        return Signing(
            self.uow, self.clock, self.oidc.subjects, self.eds, self.iin_vault, self.throttle,
            on_signed=self.consent_desk.on_signed,
        )  # fmt: skip

    @cached_property
    def consent_desk(self) -> ConsentDesk:
        settings = self.settings
        return ConsentDesk(
            self.uow, self.clock, self.keys.secret, self.school_days, self.oidc.subjects, self.eds.why_off,
            self.iin_vault.open, self.fetcher, settings.issuer, settings.kdp_url,
        )  # fmt: skip

    @cached_property
    def signing_requests(self) -> SigningRequests:
        return SigningRequests(self.uow, self.clock, self.oidc.subjects, self.eds)

    @cached_property
    def signature_check(self) -> SignatureCheck:
        return SignatureCheck(self.uow, self.clock, self.eds, self.throttle)

    @cached_property
    def login(self) -> Login:
        return Login(
            self.uow,
            self.clock,
            self.methods,
            self.sessions,
            self.throttle,
            issuer=self.settings.issuer,
            eds=self.eds_login,
            errands=self.errands,
            second=self.sign_in.second,
        )
