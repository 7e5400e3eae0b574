"""A part size that no object store takes is refused with a limit that can be copied into the settings."""

from __future__ import annotations

import pytest

from server.config import BadConfiguration, load_settings


def test_limits_are_told_with_all_their_digits():
    with pytest.raises(BadConfiguration, match=r"files\.s3\.part_bytes must be from 5242880 to 1000000000, not 5"):
        load_settings(None, {"TUTTI_FILES_S3_PART_BYTES": "5"})
