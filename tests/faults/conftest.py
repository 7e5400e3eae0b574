"""The import's house and sounds, for what comes in odd and has to go out all the same."""

from tests.library.conftest import house, sounds

__all__ = ["house", "sounds"]
