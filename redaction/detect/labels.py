"""The entities that can be asked for, and who knows them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from callsafe.rules.personal_data.catalogue import data_rules

CREDENTIAL: Final = "CREDENTIAL"
"""What the credential rules find: keys, tokens, passwords in addresses."""
NAMES: Final = ("PERSON", "LOCATION")
"""What the embedded name model finds."""
ORGANIZATION: Final = "ORGANIZATION"
"""What it finds only where it is asked for by name: too weak to be on by default."""

_PRESIDIO = {
    "": "CREDIT_CARD CRYPTO DATE_TIME EMAIL_ADDRESS IBAN_CODE IP_ADDRESS MAC_ADDRESS PHONE_NUMBER URL UUID",
    "au": "AU_ABN AU_ACN AU_MEDICARE AU_TFN",
    "ca": "CA_POSTAL_CODE CA_SIN",
    "de": "DE_BSNR DE_FUEHRERSCHEIN DE_HANDELSREGISTER DE_HEALTH_INSURANCE DE_ID_CARD DE_KFZ DE_LANR "
    "DE_PASSPORT DE_PLZ DE_SOCIAL_SECURITY DE_TAX_ID DE_TAX_NUMBER DE_VAT_ID",
    "es": "ES_NIE ES_NIF ES_PASSPORT",
    "fi": "FI_PERSONAL_IDENTITY_CODE",
    "in": "IN_AADHAAR IN_GSTIN IN_PAN IN_PASSPORT IN_VEHICLE_REGISTRATION IN_VOTER",
    "it": "IT_DRIVER_LICENSE IT_FISCAL_CODE IT_IDENTITY_CARD IT_PASSPORT IT_VAT_CODE",
    "kr": "KR_BRN KR_DRIVER_LICENSE KR_FRN KR_PASSPORT KR_RRN",
    "ng": "NG_NIN NG_VEHICLE_REGISTRATION",
    "ph": "PH_PASSPORT PH_TIN PH_UMID",
    "pl": "PL_PESEL",
    "se": "SE_ORGANISATIONSNUMMER SE_PERSONNUMMER",
    "sg": "SG_NRIC_FIN SG_UEN",
    "th": "TH_TNIN",
    "tr": "TR_LICENSE_PLATE TR_NATIONAL_ID",
    "uk": "UK_DRIVING_LICENCE UK_NHS UK_NINO UK_PASSPORT UK_POSTCODE UK_VEHICLE_REGISTRATION",
    "us": "ABA_ROUTING_NUMBER MEDICAL_LICENSE US_BANK_NUMBER US_CLAIM_NUMBER US_DRIVER_LICENSE "
    "US_HEALTH_INSURANCE_MEMBER_ID US_ITIN US_MBI US_NPI US_PASSPORT US_PRESCRIPTION_NUMBER "
    "US_PRIOR_AUTHORIZATION_NUMBER US_PROVIDER_TAX_ID US_REFERRAL_NUMBER US_SSN",
    "za": "ZA_COMPANY_REGISTRATION ZA_DRIVER_LICENSE ZA_ID_NUMBER ZA_INCOME_TAX_NUMBER ZA_LICENSE_PLATE "
    "ZA_MOBILE_NUMBER ZA_PASSPORT ZA_TELEPHONE_NUMBER ZA_TRAFFIC_REGISTER_NUMBER ZA_VAT_NUMBER",
}
"""The entities of presidio-analyzer's pattern recognizers by country (2.2.366), so that a wrong label or
country is refused without importing it."""

_OFF_LIST = (
    "ABA_ROUTING_NUMBER CA_POSTAL_CODE DATE_TIME DE_KFZ DE_PLZ NG_VEHICLE_REGISTRATION "
    "IN_VEHICLE_REGISTRATION TR_LICENSE_PLATE UK_POSTCODE UK_VEHICLE_REGISTRATION URL US_BANK_NUMBER "
    "US_CLAIM_NUMBER US_DRIVER_LICENSE US_HEALTH_INSURANCE_MEMBER_ID US_MBI US_NPI US_PRESCRIPTION_NUMBER "
    "US_PRIOR_AUTHORIZATION_NUMBER US_PROVIDER_TAX_ID US_REFERRAL_NUMBER UUID ZA_COMPANY_REGISTRATION "
    "ZA_LICENSE_PLATE"
)
OFF: Final = frozenset(_OFF_LIST.split())
"""Entities that are looked for only where `labels` names them: shapes that any number, plate or address on
the web has (nearly all their finds in ordinary text are false), and what identifies no person."""


def countries() -> frozenset[str]:
    """Return the countries that a pack exists for, as ISO 3166-1 codes in lower case, `uk` for GB."""
    ours = (rule.country for rule in data_rules())
    return frozenset(country for country in (*ours, *_PRESIDIO) if country)


def own_labels() -> frozenset[str]:
    """Return the entities that need neither Presidio nor a model of the caller's."""
    return frozenset(rule.label for rule in data_rules()) | {CREDENTIAL, *NAMES, ORGANIZATION}


def presidio_labels(packs: Collection[str] | None = None) -> frozenset[str]:
    """Return the entities that only Presidio knows: all, or those on by default in these countries."""
    if packs is None:
        found = {label for names in _PRESIDIO.values() for label in names.split()}
    else:
        found = {label for country in packs for label in _PRESIDIO.get(country, "").split()} - OFF
    return frozenset(found - own_labels())


def known_labels() -> frozenset[str]:
    """Return every entity that can be asked for without a model of the caller's."""
    return own_labels() | presidio_labels()
