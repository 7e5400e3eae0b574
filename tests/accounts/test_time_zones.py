"""Time zones: read, kept, taken back."""

import pytest

from services.accounts.time_zones import read_time_zone, zone_named
from services.errors import Invalid
from tests.catalogue_rig import rig

__all__ = ["rig"]

SET = "mutation ($zone: String) { updatePreferences(timeZone: $zone) { preferences { timeZone } } }"


def test_a_zone_is_read_in_any_letter_case_and_every_one_of_them_is_there():
    assert read_time_zone(" europe/BERLIN ") == "Europe/Berlin"
    assert read_time_zone("asia/calcutta") == "Asia/Calcutta"
    assert zone_named("utc").key == "UTC"


@pytest.mark.parametrize(
    "text", ["", " ", "Berlin", "Europe", "../../etc/passwd", "Europe/Berlin\0", "localtime", "x" * 5000, "+02:00"]
)
def test_what_is_no_zone_is_refused_with_its_field(text):
    with pytest.raises(Invalid) as refused:
        read_time_zone(text)
    assert refused.value.field == "timeZone"


async def test_a_zone_is_null_until_it_is_chosen_and_may_be_taken_back(rig):
    viewer = await rig.sign_up("ann")
    assert await rig.data("{ userPreferences { timeZone } }", viewer) == {"userPreferences": {"timeZone": None}}
    for asked, kept in (("europe/berlin", "Europe/Berlin"), (None, "Europe/Berlin"), ("", None)):
        answer = await rig.data(SET, viewer, zone=asked)
        assert answer["updatePreferences"]["preferences"] == {"timeZone": kept}
    assert await rig.errors(SET, viewer, zone="Mars/Olympus") == [{"code": "INVALID", "field": "timeZone"}]
