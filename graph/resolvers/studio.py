"""What artists have in the house."""

from __future__ import annotations

from typing import Any

from graph.bind import resolves
from graph.context import Info
from storage.records.upload import Upload, UploadState

RECORDS = {"StudioUpload": Upload}
ENUMS = {"StudioUploadState": UploadState}


@resolves("Query.myArtists")
def my_artists(_: None, info: Info) -> Any:
    """The viewer's artists."""
    return info.context.house.studio.artists(info.context.viewer)


@resolves("Query.myUploads")
def my_uploads(_: None, info: Info) -> Any:
    """The viewer's files on their way in."""
    return info.context.house.studio.uploads(info.context.viewer)
