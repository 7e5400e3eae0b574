"""Files the product keeps (covers, songs that people sent in), in a folder or in an object store."""

from storage.files.folder import Folder
from storage.files.interface import CHUNK_BYTES, FileFacts, Files, FilesAway, NoSuchFile, check_key, content_key
from storage.files.local import LocalFiles

__all__ = [
    "CHUNK_BYTES",
    "FileFacts",
    "Files",
    "FilesAway",
    "Folder",
    "LocalFiles",
    "NoSuchFile",
    "check_key",
    "content_key",
]
