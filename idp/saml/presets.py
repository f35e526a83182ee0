"""How well-known products are set up: names and formats they understand, attributes they need, and no more.

Where each fact comes from; none was tried against the product unless its page in docs/how-to says so.

    moodle         catalyst/moodle-auth_saml2 settings.php, classes/auth.php: `uid` becomes the username, NameIDPolicy
                   `unspecified`, attributes go by their Name alone, "simplify" cuts a URN apart; allowed groups are
                   compared with one attribute, as delivered with the words `student` and `employee` of eduPerson
    canvas         instructure/canvas-lms authentication_provider/saml.rb: login by NameID or ePPN, one
                   IDPSSODescriptor; instructure/ruby-saml2 attribute.rb: attributes by Name and by FriendlyName
    openedx        python-social-auth social_core/backends/saml.py: OIDs of uid, cn, givenName, sn, mail by default;
                   openedx/edx-platform third_party_auth/saml.py: eduPersonEntitlement as a gate; python3-saml is strict
    nextcloud      nextcloud/user_saml SAMLSettings.php: names are typed by its administrator, groups get a prefix,
                   NameIDFormat `unspecified`, php-saml keys attributes by Name
    google         Google Workspace, "SSO assertion requirements" (support.google.com/a/answer/6330801): NameID is the
                   primary address as emailAddress, all attributes together under 2 kB and kept, so none is sent
    entra          Microsoft, "Use a SAML 2.0 Identity Provider for Single Sign On": persistent NameID of at most 64
                   letters and digits equal to the ImmutableID, the principal name as `IDPEmail`, the assertion signed
                   with RSA, no metadata read from us
    simplesamlphp  SimpleSAMLphp's attribute map `oid2name`; it asks for `transient` or nothing
    shibboleth     attribute-map.xml of Shibboleth SP 3: URI names, subject-id, pairwise-id and scoped attributes
    lms            clients/lms of this project
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from idp.saml import names
from idp.saml.entity import Settings
from idp.saml.release import BUNDLES


@dataclass(frozen=True, slots=True)
class Preset:
    settings: Settings
    attributes: tuple[str, ...]
    """What is approved unless the operator says otherwise."""


_PSEUDONYMOUS = BUNDLES[names.CATEGORY_PSEUDONYMOUS]

PRESETS: Mapping[str, Preset] = {
    "moodle": Preset(
        Settings(attribute_names="basic"),
        ("eduPersonAffiliation", "sn", "givenName", "mail", "uid"),
    ),
    "canvas": Preset(
        Settings(),
        ("eduPersonPrincipalName", "sn", "givenName", "displayName", "mail"),
    ),
    "openedx": Preset(
        Settings(),
        ("cn", "sn", "givenName", "mail", "uid"),
    ),
    "nextcloud": Preset(
        Settings(attribute_names="basic"),
        ("displayName", "mail", "uid", "isMemberOf"),
    ),
    "google": Preset(
        Settings(name_id="email", sign="both", algorithm="rsa-sha256"),
        (),
    ),
    "entra": Preset(
        Settings(
            name_id="persistent",
            attribute_names="friendly",
            renamed={
                "eduPersonPrincipalName": "IDPEmail",
                "mail": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
            },
            algorithm="rsa-sha256",
            encrypt="never",
        ),
        ("eduPersonPrincipalName",),
    ),
    "simplesamlphp": Preset(Settings(), _PSEUDONYMOUS),
    "shibboleth": Preset(Settings(), _PSEUDONYMOUS),
    "lms": Preset(
        Settings(name_id="persistent"),
        (
            "eduPersonScopedAffiliation",
            "pairwise-id",
            "displayName",
            "preferredLanguage",
            "bilimRoles",
            "bilimSchool",
            "bilimClasses",
        ),
    ),
}
