"""The school: people, classes, guardians, cards, calendar, imports, and the rights of who is written about."""

from __future__ import annotations

from functools import cached_property

from idp.methods.password import hash_password
from idp.parts.foundation import Foundation
from idp.services.audit_log import AuditLog
from idp.services.card_badges import CardBadges
from idp.services.card_import import CardImport
from idp.services.card_lists import CardLists
from idp.services.cards import Cards
from idp.services.child_classes import ChildClasses
from idp.services.classes import Classes
from idp.services.consent_ends import Ends
from idp.services.consent_seal import Seals
from idp.services.directory import Directory
from idp.services.family import Family
from idp.services.feed import Feed
from idp.services.guardian_codes import GuardianCodes
from idp.services.guardian_desk import GuardianDesk
from idp.services.guardian_links import GuardianLinks
from idp.services.guardians import Guardians
from idp.services.holidays import Holidays
from idp.services.merging import Merging
from idp.services.my_access import MyAccess
from idp.services.my_data import MyData
from idp.services.newcomers import Newcomers
from idp.services.organisations import Organisations
from idp.services.people import People
from idp.services.people_lists import PeopleLists
from idp.services.permissions import Permissions
from idp.services.person_edits import PersonEdits
from idp.services.person_facts import PersonFacts
from idp.services.photos import Photos
from idp.services.post import Post
from idp.services.promotion import Years
from idp.services.protection import Protection
from idp.services.reader_cards import ReaderCards
from idp.services.retention_rules import Rule, rules
from idp.services.rosters import Rosters
from idp.services.school_calendar import SchoolCalendar
from idp.services.school_imports import Imports
from idp.services.school_services import SchoolServices
from idp.services.sheets import Sheets
from idp.services.throttle import Limits, Throttle
from idp.services.transfers import Transfers
from idp.services.waiting import Waiting


class SchoolParts(Foundation):
    """Parts of the console and the account."""

    def _post(self) -> Post:
        return Post(self.keys.secret, can_send=bool(self.settings.smtp_url))

    @cached_property
    def audit_log(self) -> AuditLog:
        return AuditLog(self.uow, self.clock)

    @cached_property
    def my_access(self) -> MyAccess:
        return MyAccess(self.uow, self.clock)

    @cached_property
    def permissions(self) -> Permissions:
        return Permissions(self.uow, self.clock)

    @cached_property
    def my_data(self) -> MyData:
        return MyData(self.uow, self.clock, self.iin_vault.open, self.settings.operator_name)

    @cached_property
    def school_services(self) -> SchoolServices:
        return SchoolServices(self.uow, self.clock)

    @cached_property
    def retention_rules(self) -> tuple[Rule, ...]:
        return rules(people_days=self.settings.retention_people_days)

    @cached_property
    def protection(self) -> Protection:
        days, open_iin = self.school_days.working_days, self.iin_vault.open
        return Protection(self.uow, self.clock, days, open_iin, self.retention_rules, Ends(Seals(self.keys.secret)))

    @cached_property
    def organisations(self) -> Organisations:
        return Organisations(self.uow, self.clock)

    @cached_property
    def people_lists(self) -> PeopleLists:
        return PeopleLists(self.uow, self.clock)

    @cached_property
    def person_facts(self) -> PersonFacts:
        return PersonFacts(self.uow, self.clock, self.iin_vault)

    @cached_property
    def person_edits(self) -> PersonEdits:
        return PersonEdits(
            self.uow,
            self.clock,
            self.iin_vault,
            Ends(Seals(self.keys.secret)),
            self._post(),
            is_dev=self.settings.is_dev,
        )

    @cached_property
    def newcomers(self) -> Newcomers:
        return Newcomers(self.uow, self.clock, self.iin_vault, self.form_tickets, is_dev=self.settings.is_dev)

    @cached_property
    def sheets(self) -> Sheets:
        return Sheets(self.uow, self.clock, hash_password, self._post())

    @cached_property
    def photos(self) -> Photos:
        return Photos(self.uow, self.clock)

    @cached_property
    def merging(self) -> Merging:
        return Merging(self.uow, self.clock, self.iin_vault, Ends(Seals(self.keys.secret)))

    @cached_property
    def transfers(self) -> Transfers:
        ends = Ends(Seals(self.keys.secret))
        return Transfers(self.uow, self.clock, ends, self.throttle)

    @cached_property
    def directory(self) -> Directory:
        return Directory(self.uow, self.clock)

    @cached_property
    def classes(self) -> Classes:
        return Classes(self.uow, self.clock)

    @cached_property
    def calendar(self) -> SchoolCalendar:
        return SchoolCalendar(self.uow, self.clock)

    @cached_property
    def imports(self) -> Imports:
        return Imports(self.uow, self.clock, self.rosters, self.keys.secret, Ends(Seals(self.keys.secret)))

    @cached_property
    def waiting(self) -> Waiting:
        return Waiting(self.uow, self.clock)

    @cached_property
    def years(self) -> Years:
        ends = Ends(Seals(self.keys.secret))
        return Years(
            self.uow,
            self.clock,
            lambda tx, school_id, people, today: ends.leavers(tx, school_id, people, today, now=self.clock.now()),
        )

    @cached_property
    def holidays(self) -> Holidays:
        return Holidays(self.uow, self.clock)

    @cached_property
    def guardians(self) -> Guardians:
        return Guardians(self.uow, self.clock)

    @cached_property
    def child_classes(self) -> ChildClasses:
        return ChildClasses(self.uow, self.clock)

    @cached_property
    def guardian_links(self) -> GuardianLinks:
        return GuardianLinks(self.uow, self.clock)

    @cached_property
    def guardian_codes(self) -> GuardianCodes:
        return GuardianCodes(self.uow, self.clock, self.keys.secret, self.throttle)

    @cached_property
    def guardian_desk(self) -> GuardianDesk:
        return GuardianDesk(
            self.uow, self.clock, self.iin_vault, hash_password, self.throttle, is_dev=self.settings.is_dev
        )

    @cached_property
    def family(self) -> Family:
        return Family(self.uow, self.clock)

    @cached_property
    def cards(self) -> Cards:
        return Cards(self.uow, self.clock, self.keys.secret)

    @cached_property
    def card_lists(self) -> CardLists:
        return CardLists(self.uow, self.clock)

    @cached_property
    def card_import(self) -> CardImport:
        return CardImport(self.uow, self.clock, self.cards)

    @cached_property
    def card_badges(self) -> CardBadges:
        return CardBadges(self.uow, self.clock)

    @cached_property
    def reader_cards(self) -> ReaderCards:
        def throttle(limits: Limits) -> Throttle:
            return Throttle(self.uow, self.clock, self.keys.secret("token"), limits)

        return ReaderCards(self.uow, self.clock, self.cards, self.oidc.subjects, throttle)

    @cached_property
    def feed(self) -> Feed:
        return Feed(
            self.uow, self.clock, self.keys.secret, self.oidc.subjects, self.iin_vault.open, self.exports
        )  # fmt: skip

    @cached_property
    def rosters(self) -> Rosters:
        ends = Ends(Seals(self.keys.secret))
        return Rosters(self.uow, self.clock, self.iin_vault, is_dev=self.settings.is_dev, ends=ends)

    @cached_property
    def people(self) -> People:
        return People(self.uow, self.clock, hash_password)
