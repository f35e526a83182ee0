"""Whether the person agreed."""

from __future__ import annotations

from idp.core.clock import local_date
from idp.oidc.authorization import Authorization, Need
from idp.oidc.errors import ConsentRequired, PageError
from idp.oidc.scopes import claims_for


def data_may_go(auth: Authorization) -> Need | None:
    """Where a school has published a text of consent for this client, a pupil's data goes there only while somebody who
    may has consented (Law № 94-V art. 7(6)). The school's own modules pass data to nobody."""
    if auth.client.record.consent == "implicit":
        return None
    session, today = auth.session, local_date(auth.now)
    if auth.stores.consents.lacks_data_consent(
        session.person_id, auth.client.client_id, session.membership_id, today=today
    ):
        if auth.is_silent:
            raise ConsentRequired("the school asks for consent to pass data on")
        raise PageError("consent_missing", "the school asks for consent to pass data on")
    return None


def given(auth: Authorization) -> Need | None:
    """Asked once per client, membership, scopes and claims, and again when any of them widens (OIDC Core §3.1.2.4).

    The school's own modules (`implicit`) ask only when the request says `prompt=consent`.
    """
    if auth.client.record.consent == "implicit" and "consent" not in auth.prompts:
        return None
    consent = auth.stores.consents.find(
        person_id=auth.session.person_id,
        client_id=auth.client.client_id,
        membership_id=auth.session.membership_id,
    )
    if consent is None or not consent.scopes or not set(auth.scopes).issubset(consent.scopes):
        return Need.CONSENT
    if not set(claims_for(auth.scopes, auth.client.approved_claims)).issubset(consent.claims):
        return Need.CONSENT
    if "consent" in auth.prompts and (auth.waiting_since is None or consent.given_at < auth.waiting_since):
        return Need.CONSENT
    return None
