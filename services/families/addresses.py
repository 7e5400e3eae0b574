"""Where a family lives: read from what people write, kept as a keyed digest alone, and recognised again.

Owns what makes two addresses the same: country, postal code, the numbers of the house, and how the street begins, for
people write the rest in many ways. Nobody can read an address back, and without the house's key nobody can try them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from services.accounts.countries import read_country
from services.accounts.details import fold
from services.errors import Invalid
from services.typed_text import read_plain

LINE_LIMIT = 200
CODE_LIMIT = 20
STREET_LETTERS = 4
_NUMBER = re.compile(r"\d+\s?[a-z]?(?![a-z])")


@dataclass(frozen=True, slots=True)
class Address:
    """A place to live, as it is declared. `street` holds the number of the house as well."""

    street: str
    city: str
    country: str
    postal_code: str = ""

    def __repr__(self) -> str:
        # Where people live never reaches a log through this.
        return "Address()"


def essence(address: Address) -> str:
    """What two spellings of one address share. Invalid names what is missing."""
    street = _folded(read_plain(address.street, "street", "A street", LINE_LIMIT))
    city = _folded(read_plain(address.city, "city", "A city", LINE_LIMIT))
    code = _letters(_folded(read_plain(address.postal_code, "postalCode", "A postal code", CODE_LIMIT)))
    country = read_country(address.country)
    letters = "".join(character for character in street if character.isalpha())
    if not letters:
        raise Invalid("Give the street and the number of the house.", field="street")
    if not _letters(city):
        raise Invalid("Give the city.", field="city")
    numbers = sorted(number.replace(" ", "") for number in _NUMBER.findall(street))
    # Where there are no postal codes the city has to tell.
    place = code or _letters(city)
    return "|".join((country, place, ",".join(numbers), letters[:STREET_LETTERS]))


def digest(family_id: str, address: Address, key: bytes) -> str:
    """The address as one family's is kept: of no use for another family, nor without the key."""
    return hmac.new(key, f"{family_id}|{essence(address)}".encode(), hashlib.sha256).hexdigest()


def is_same(family_id: str, address: Address, kept: str, keys: Sequence[bytes]) -> bool:
    """Whether this is the address that was kept, under any of the keys."""
    found = [hmac.compare_digest(digest(family_id, address, key), kept) for key in keys]
    return any(found)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", fold(text))
    return "".join(character for character in plain if not unicodedata.combining(character))


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())
