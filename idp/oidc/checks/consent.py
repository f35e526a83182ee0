"""Whether the person agreed."""

from __future__ import annotations

from idp.oidc.authorization import Authorization, Need
from idp.oidc.scopes import claims_for


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
    if not set(claims_for(auth.scopes, auth.client.record.approved_claims)).issubset(consent.claims):
        return Need.CONSENT
    if "consent" in auth.prompts and (auth.waiting_since is None or consent.given_at < auth.waiting_since):
        return Need.CONSENT
    return None
