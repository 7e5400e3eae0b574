"""Every place in the schema where a root field takes an id, and which of them the access table's documents fill.

Made from the schema, so that a new field falls into the walk by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import GraphQLInputType, GraphQLSchema, get_named_type, is_input_object_type, parse
from graphql.language import ListValueNode, ObjectValueNode, OperationDefinitionNode, StringValueNode, ValueNode

CATALOGUE = "a catalogue entry: the same rule and the same look-up as in the documents of its own field"
INSIDE = "an item of a thing that another id of the document names, and looked for in that thing alone"
FILTER = "narrows a list that holds only what the viewer may see"
OFFICE = "for moderators and admins, who are refused by their role before the id is looked at"
NOTED = "a name that the player gives: noted with the listener's own play, and opens nothing"
ELSEWHERE = {
    "Mutation.addReview.songId": CATALOGUE,
    "Mutation.addSongToPlaylist.beforeEntryId": INSIDE,
    "Mutation.addSongsToPlaylist.beforeEntryId": INSIDE,
    "Mutation.addToQueue.beforeItemId": INSIDE,
    "Mutation.addToRoomQueue.beforeItemId": INSIDE,
    "Mutation.controlRoom.itemId": INSIDE,
    "Mutation.createRadio.seedSong": CATALOGUE,
    "Mutation.createRoom.songIds": CATALOGUE,
    "Mutation.createShareLink.albumId": CATALOGUE,
    "Mutation.createShareLink.artistId": CATALOGUE,
    "Mutation.createShareLink.songId": CATALOGUE,
    "Mutation.moveInQueue.beforeItemId": INSIDE,
    "Mutation.moveInRoomQueue.beforeItemId": INSIDE,
    "Mutation.playNow.songIds": CATALOGUE,
    "Mutation.playSong.playId": NOTED,
    "Mutation.playSong.sourceId": NOTED,
    "Mutation.removeSongFromPlaylist.entryId": INSIDE,
    "Mutation.reorderPlaylistSongs.beforeEntryId": INSIDE,
    "Mutation.reorderPlaylistSongs.entryId": INSIDE,
    "Mutation.reportPlays.plays.downloadId": NOTED,
    "Mutation.reportPlays.plays.sourceId": NOTED,
    "Mutation.requestDownload.albumId": CATALOGUE,
    "Mutation.requestDownload.songIds": CATALOGUE,
    "Mutation.updateSong.featuredArtistIds": CATALOGUE,
    "Mutation.updateTasteProfile.mutedArtists": CATALOGUE,
    "Mutation.uploadSong.albumId": CATALOGUE,
    "Mutation.uploadSong.featuredArtistIds": CATALOGUE,
    "Mutation.uploadSong.uploadId": "the door of uploads: test_an_upload_is_for_its_owner_alone",
    "Query.albums.filters.artistId": FILTER,
    "Query.auditLog.id": OFFICE,
    "Query.radio.seedSong": CATALOGUE,
    "Query.reviews.songId": CATALOGUE,
    "Query.searchSongs.filters.albumId": FILTER,
    "Query.searchSongs.filters.artistId": FILTER,
    "Query.songs.filters.albumId": FILTER,
    "Query.songs.filters.artistId": FILTER,
}
STRANGER = {
    "Mutation.joinRoom.roomId": 'mutation { joinRoom(roomId: "«room»") { room { id name } } }',
    "Mutation.reportContent.roomId": (
        'mutation { reportContent(kind: ROOM_MESSAGE, id: "m1", roomId: "«room»", reason: SPAM) { __typename } }'
    ),
    "Mutation.setParentalLock.userId": 'mutation { setParentalLock(pin: "2580", userId: "«owner»") { __typename } }',
    "Query.myDownloads.deviceId": '{ myDownloads(deviceId: "«device»") { __typename } }',
    "Query.billingPayments.userId": '{ billingPayments(userId: "«owner»") { __typename } }',
    "Query.artistClaims.artistId": '{ artistClaims(artistId: "«ghost»") { __typename } }',
    "Query.artistClaims.userId": '{ artistClaims(userId: "«owner»") { __typename } }',
    "Query.auditLog.actorId": '{ auditLog(actorId: "«owner»") { __typename } }',
}
"""Asked by a listener who has nothing to do with the owner: the answer must be that about an id that never was."""


def places(schema: GraphQLSchema) -> Iterator[str]:
    """`Root.field.argument.member` of each id."""
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        for name, field in root.fields.items() if root else ():
            for argument, taken in field.args.items():
                for inside in _ids(taken.type, ()):
                    yield ".".join((root.name, name, argument, *inside))


def filled(text: str) -> Iterator[str]:
    """The places which this document gives a text."""
    for operation in parse(text).definitions:
        if isinstance(operation, OperationDefinitionNode):
            for field in operation.selection_set.selections:
                for argument in getattr(field, "arguments", None) or ():
                    for inside in _texts(argument.value, (argument.name.value,)):
                        yield ".".join((operation.operation.value.capitalize(), field.name.value, *inside))


def _ids(kind: GraphQLInputType, around: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    named = get_named_type(kind)
    if named.name == "ID":
        yield ()
    elif is_input_object_type(named) and named.name not in around:
        for name, member in named.fields.items():
            for inside in _ids(member.type, (*around, named.name)):
                yield (name, *inside)


def _texts(value: ValueNode, way: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(value, ObjectValueNode):
        for member in value.fields:
            yield from _texts(member.value, (*way, member.name.value))
    elif isinstance(value, ListValueNode):
        for each in value.values:
            yield from _texts(each, way)
    elif isinstance(value, StringValueNode):
        yield way
