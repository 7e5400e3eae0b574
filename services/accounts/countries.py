"""The countries somebody may name: ISO 3166-1 alpha-2 codes.

Owns the list and how a code is read. Refuses to know names and flags; clients have them (`Intl.DisplayNames`).
"""

from __future__ import annotations

from services.errors import Invalid

# The 249 assigned codes, by first letter, and XK, which everybody uses for Kosovo and ISO leaves to its users.
_CODES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ
    BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ
    DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY
    HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY
    MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ
    NA NC NE NF NG NI NL NO NP NR NU NZ OM
    PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ
    TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ
    VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_CODES.split())
# What people write although ISO assigned another code; both are reserved for exactly this.
_ALSO = {"UK": "GB", "EL": "GR"}


def read_country(text: str, field: str = "country") -> str:
    """The code in capitals. Invalid, naming the field, for anything that is no country's code."""
    code = text.strip().upper() if len(text) <= 16 else ""
    code = _ALSO.get(code, code)
    if code not in COUNTRIES:
        raise Invalid("A country is given by its two-letter code, like DE or US.", field=field)
    return code
