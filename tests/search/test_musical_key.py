"""Every spelling of a key is one key."""

import pytest

from services.search.musical_key import TONICS, read_key

FLATS = {"C#": "Db", "D#": "Eb", "F#": "Gb", "G#": "Ab", "A#": "Bb"}
# The wheel as it is printed on a DJ's wall, from 1 to 12.
MINORS = ("G#", "D#", "A#", "F", "C", "G", "D", "A", "E", "B", "F#", "C#")
MAJORS = ("B", "F#", "C#", "G#", "D#", "A#", "F", "C", "G", "D", "A", "E")


@pytest.mark.parametrize("tonic", TONICS)
def test_every_way_to_write_a_key_is_read_alike(tonic):
    for name in (tonic, FLATS.get(tonic, tonic)):
        for minor in ("{} minor", "{}m", "{} min", "{}-moll", "{} MINOR", " {}  m "):
            assert read_key(minor.format(name)) == f"{tonic} minor", minor
        for major in ("{}", "{} major", "{} maj", "{}M", "{}-Dur"):
            assert read_key(major.format(name)) == f"{tonic} major", major


def test_the_wheel_is_read():
    assert [read_key(f"{hour}A") for hour in range(1, 13)] == [f"{tonic} minor" for tonic in MINORS]
    assert [read_key(f"{hour}b") for hour in range(1, 13)] == [f"{tonic} major" for tonic in MAJORS]
    assert read_key("08A") == "A minor"


@pytest.mark.parametrize("text", ["", " ", "0A", "13A", "minor", "I", "C##", "A minor 7", "m", "Am/C", "8", "x" * 200])
def test_what_is_no_key_is_none(text):
    assert read_key(text) is None
