"""Music for the HLS tests: the stream tests' own."""

from tests.stream.conftest import tunes as tunes
