"""The short way for a ticket's ranges of plain files: read, granted and written without Tornado's handlers."""
