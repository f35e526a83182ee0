"""What `app.py` hands to the doors, in one frozen record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app

if TYPE_CHECKING:
    from idp.core.clock import Clock
    from idp.oidc.ports import OidcUnit
    from idp.oidc.server import Server
    from idp.services.acting import Acting
    from idp.services.audit_log import AuditLog
    from idp.services.card_badges import CardBadges
    from idp.services.card_import import CardImport
    from idp.services.card_lists import CardLists
    from idp.services.cards import Cards
    from idp.services.child_classes import ChildClasses
    from idp.services.classes import Classes
    from idp.services.consent import Consents
    from idp.services.consent_desk import ConsentDesk
    from idp.services.credentials import Credentials
    from idp.services.directory import Directory
    from idp.services.eds_login import EdsLogin
    from idp.services.eds_names import EdsNames
    from idp.services.exports import Exports
    from idp.services.family import Family
    from idp.services.feed import Feed
    from idp.services.form_tickets import FormTickets
    from idp.services.guardian_codes import GuardianCodes
    from idp.services.guardian_desk import GuardianDesk
    from idp.services.guardian_links import GuardianLinks
    from idp.services.guardians import Guardians
    from idp.services.interactions import Interactions
    from idp.services.keys import Keys
    from idp.services.login import Login
    from idp.services.logout import Logout
    from idp.services.merging import Merging
    from idp.services.my_access import MyAccess
    from idp.services.my_data import MyData
    from idp.services.newcomers import Newcomers
    from idp.services.organisations import Organisations
    from idp.services.people_lists import PeopleLists
    from idp.services.permissions import Permissions
    from idp.services.person_edits import PersonEdits
    from idp.services.person_facts import PersonFacts
    from idp.services.phone_errands import PhoneErrands
    from idp.services.photos import Photos
    from idp.services.promotion import Years
    from idp.services.protection import Protection
    from idp.services.reader_cards import ReaderCards
    from idp.services.saml_door import SamlDoor
    from idp.services.school_calendar import SchoolCalendar
    from idp.services.school_imports import Imports
    from idp.services.school_services import SchoolServices
    from idp.services.sessions import Sessions
    from idp.services.sheets import Sheets
    from idp.services.sign_in import SignIn
    from idp.services.signature_check import SignatureCheck
    from idp.services.signing import Signing
    from idp.services.signing_requests import SigningRequests
    from idp.services.throttle import Throttle
    from idp.services.transfers import Transfers
    from idp.services.viewing import Viewing
    from idp.services.waiting import Waiting


@dataclass(frozen=True)
class House:
    issuer: str
    is_https: bool
    is_dev: bool
    trusted_proxies: int
    clock: Clock
    keys: Keys
    login: Login
    eds_login: EdsLogin
    sign_in: SignIn
    eds_names: EdsNames
    sessions: Sessions
    acting: Acting
    audit_log: AuditLog
    my_access: MyAccess
    my_data: MyData
    permissions: Permissions
    school_services: SchoolServices
    exports: Exports
    viewing: Viewing
    organisations: Organisations
    classes: Classes
    calendar: SchoolCalendar
    years: Years
    waiting: Waiting
    imports: Imports
    protection: Protection
    cards: Cards
    card_lists: CardLists
    card_import: CardImport
    card_badges: CardBadges
    reader_cards: ReaderCards
    feed: Feed
    guardians: Guardians
    child_classes: ChildClasses
    guardian_links: GuardianLinks
    guardian_codes: GuardianCodes
    guardian_desk: GuardianDesk
    family: Family
    directory: Directory
    transfers: Transfers
    merging: Merging
    photos: Photos
    sheets: Sheets
    newcomers: Newcomers
    form_tickets: FormTickets
    person_edits: PersonEdits
    person_facts: PersonFacts
    people_lists: PeopleLists
    credentials: Credentials
    throttle: Callable[[], Throttle]
    oidc: Server
    oidc_stores: OidcUnit
    interactions: Interactions
    consents: Consents
    consent_desk: ConsentDesk
    logout: Logout
    saml: Callable[[], SamlDoor]
    """Made at the first message: XML libraries take a while to load."""
    signing: Signing
    signing_requests: SigningRequests
    signature_check: SignatureCheck
    errands: PhoneErrands
    ncalayer_url: str
    check_ready: Callable[[], str]
    """What keeps this node from serving, in a word; empty when nothing does."""

    @property
    def session_cookie(self) -> str:
        return "__Host-bilim_id" if self.is_https else "bilim_id"


def house() -> House:
    return cast(House, current_app.extensions["house"])
