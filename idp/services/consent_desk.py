"""Everything about data consents, built once: what pages, jobs and the signing service reach for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from idp.core.clock import Clock
from idp.oidc.subjects import Subjects
from idp.services.consent_answers import ConsentAnswers
from idp.services.consent_campaigns import ConsentCampaigns
from idp.services.consent_channels import Channel, EdsChannel, KdpChannel, MfaChannel, PaperChannel
from idp.services.consent_ends import ConsentExpiry, Ends
from idp.services.consent_kdp import Kdp
from idp.services.consent_papers import ConsentPapers
from idp.services.consent_reading import ConsentReading
from idp.services.consent_seal import Seals
from idp.services.consent_texts import ConsentTexts
from idp.services.consent_withdrawals import ConsentWithdrawals
from idp.services.data_consents import DataConsents
from idp.services.fetch import Fetcher
from idp.services.own_signing import CLIENT_ID, OwnSigning
from idp.services.school_days import SchoolDays
from idp.store import consent_people
from idp.store.session import Tx, UnitOfWork
from idp.store.signing import RequestRow


@dataclass(frozen=True)
class ConsentDesk:
    """`eds_off` says why signatures cannot be checked here; `kdp_url` is empty while the state service is not there."""

    uow: UnitOfWork
    clock: Clock
    secret: Callable[[str], bytes]
    days: SchoolDays
    subjects: Subjects
    eds_off: Callable[[], str]
    open_iin: Callable[[str, bytes], str]
    fetcher: Fetcher
    issuer: str
    kdp_url: str = ""

    @cached_property
    def seals(self) -> Seals:
        return Seals(self.secret)

    @cached_property
    def ends(self) -> Ends:
        return Ends(self.seals)

    @cached_property
    def kdp(self) -> Kdp | None:
        if not self.kdp_url:
            return None
        return Kdp(self.uow, self.clock, self.fetcher, self.kdp_url, self._iin)

    @cached_property
    def channels(self) -> Sequence[Channel]:
        """A new way of answering is one line here."""
        signing = OwnSigning(self.uow, self.clock, self.subjects)
        return (MfaChannel(), EdsChannel(signing, self.eds_off, self.issuer), PaperChannel(), KdpChannel(self.kdp))

    @cached_property
    def acts(self) -> DataConsents:
        return DataConsents(self.uow, self.clock, self.seals, lambda: self.channels)

    @cached_property
    def withdrawals(self) -> ConsentWithdrawals:
        return ConsentWithdrawals(self.uow, self.clock, self.seals, self.days)

    @cached_property
    def papers(self) -> ConsentPapers:
        return ConsentPapers(self.uow, self.clock, self.seals, self.withdrawals)

    @cached_property
    def answers(self) -> ConsentAnswers:
        return ConsentAnswers(self.uow, self.clock, self.seals)

    @cached_property
    def texts(self) -> ConsentTexts:
        return ConsentTexts(self.uow, self.clock, self.ends)

    @cached_property
    def campaigns(self) -> ConsentCampaigns:
        return ConsentCampaigns(self.uow, self.clock)

    @cached_property
    def reading(self) -> ConsentReading:
        return ConsentReading(self.uow, self.clock, self.seals, self.days)

    @cached_property
    def expiry(self) -> ConsentExpiry:
        return ConsentExpiry(self.uow, self.clock, self.ends)

    def on_signed(self, tx: Tx, request: RequestRow, signature_id: str) -> None:
        """A signature was kept; when it is over a consent of ours, that is recorded in the same transaction."""
        if request.client_id == CLIENT_ID:
            about = request.signers["about"]
            self.acts.on_signed(tx, about, request.id, signature_id, request.document_sha256)

    def _iin(self, person_id: str) -> str:
        with self.uow.read() as tx:
            sealed = consent_people.iin_sealed(tx, person_id)
        return self.open_iin(person_id, sealed) if sealed else ""
