"""What is asked for each line of `docs/access.md`: the document, what it is about, and by what that is told apart.

`«words»` stand for the ids of `people.py`; the first of a document is its target, and a second answer, about an id that
never was, must not differ where the table says that the target is not there.
"""

from __future__ import annotations

import base64
import io
import math
import re
import wave
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tests.catalogue_rig import PASSWORD

_NAME = re.compile("«([^»]+)»")
_PUSH = (
    'endpoint: "https://1.1.1.1/p", auth: "BTBZMqHH6r4Tts7J_aSIgg", '
    'p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"'
)
_HOME = '{street: "Hauptstr. 5", city: "Köln", country: "DE", postalCode: "50667"}'
_ELSEWHERE = _HOME.replace("5", "7", 1)
# As long as a share link's token, and no longer than an id.
NEVER_WAS = "01HZZZZZZZZZZZZZZZZZZZZZ"


@dataclass(frozen=True)
class Asked:
    """One document. `mark` is a text that is in the answer exactly if the target is."""

    text: str
    mark: str | None = None
    mutates: bool = False
    listens: bool = False
    seen_by: frozenset[str] = frozenset()
    """Those for whom the target is there, and only what is asked of it is not."""

    def named(self, things: Mapping[str, str]) -> str:
        """The document with the ids of these things; catalogue entries are named by their ids."""
        return _NAME.sub(lambda found: things.get(found[1], found[1]), self.text)

    def marked(self, things: Mapping[str, str]) -> str | None:
        """The mark with the ids of these things."""
        return None if self.mark is None else _NAME.sub(lambda found: things[found[1]], self.mark)

    def about_nothing(self, things: Mapping[str, str]) -> str | None:
        """The same about a target that never was; None for a document that names none."""
        target = _NAME.search(self.text)
        if target is None:
            return None
        return replace(self, text=self.text.replace(target[0], NEVER_WAS)).named(things)


def _sound() -> str:
    """Half a second of a tone as base64."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        tone = (int(9000 * math.sin(at / 3)) for at in range(4000))
        file.writeframes(b"".join(sample.to_bytes(2, "little", signed=True) for sample in tone))
    return base64.b64encode(made.getvalue()).decode()


QUERIES = {
    "myArtists": ("{ myArtists { name } }", "Ghost"),
    "myUploads": ("{ myUploads { fileName } }", None),
    "adminUsers": ("{ adminUsers { edges { node { username } } } }", None),
    "adminUser": ('{ adminUser(id: "«artist»") { sessionCount } }', None),
    "adminHoldings": ("{ adminHoldings { songs } }", None),
    "adminJobs": ("{ adminJobs { name } }", None),
    "adminImportFolders": ("{ adminImportFolders }", None),
    "adminErrors": ("{ adminErrors { edges { node { message } } } }", None),
    "adminSlow": ("{ adminSlow { edges { node { shape } } } }", None),
    "adminStorage": ("{ adminStorage { diskTotalBytes } }", None),
    "adminHealth": ("{ adminHealth { version } }", None),
    "myApiKeys": ("{ myApiKeys { name } }", "Owner's program"),
    "myAppPasswords": ("{ myAppPasswords { name } }", "Owner's radio"),
    "mySessions": ("{ mySessions { id } }", "«owner session»"),
    "secondFactor": ("{ secondFactor { enabled } }", None),
    "album": ('{ album(id: "«veiled»") { title } }', None),
    "albums": ("{ albums { edges { node { title } } } }", "Veiled"),
    "analysisProgress": ("{ analysisProgress { waiting } }", None),
    "analytics": ("{ analytics { newAccounts } }", None),
    "artistAnalytics": ('{ artistAnalytics(artistId: "«ghost»") { isWithheld artist { name } } }', None),
    "liveListeners": ("{ liveListeners { count } }", None),
    "artist": ('{ artist(id: "«ghost»") { name } }', None),
    "artists": ("{ artists { edges { node { name } } } }", "Ghost"),
    "auditLog": ("{ auditLog { edges { node { action } } } }", None),
    "autocomplete": ('{ autocomplete(query: "Secret") { suggestions } }', "Secret"),
    "billingEvents": ("{ billingEvents { totalCount } }", None),
    "billingHealth": ("{ billingHealth { mode } }", None),
    "billingPayments": ("{ billingPayments { totalCount } }", None),
    "billingPrices": ("{ billingPrices { amountMinor } }", None),
    "billingSubscriptions": ("{ billingSubscriptions { totalCount } }", None),
    "myBilling": ("{ myBilling { status } }", None),
    "previewPlanChange": ("{ previewPlanChange(tier: FAMILY) { amountMinor } }", None),
    "dailyMix": ('{ dailyMix(id: "«owner»:1") { title } }', None),
    "dailyMixes": ("{ dailyMixes { id } }", "«owner»:1"),
    "discoverWeekly": ("{ discoverWeekly { songs { title } } }", "Hidden"),
    "download": ('{ download(id: "«download»") { state } }', None),
    "exportPlaylist": ('{ exportPlaylist(playlistId: "«secret»", format: JSPF) { text } }', "First"),
    "featuredPlaylists": ("{ featuredPlaylists { name } }", "Taken down"),
    "followedArtists": ("{ followedArtists { edges { node { name } } totalCount } }", "Bert"),
    "followedPlaylists": ("{ followedPlaylists { name } }", "Opened"),
    "blockedUsers": ("{ blockedUsers { username } }", '"suspended"'),
    "mutedUsers": ("{ mutedUsers { username } }", '"suspended"'),
    "accountExport": ("{ accountExport { state } }", "WAITING"),
    "myIdentities": ("{ myIdentities { email } }", "owner@work.test"),
    "signInProviders": ("{ signInProviders { name } }", None),
    "emailChange": ("{ emailChange { newEmail } }", "owner.new@example.com"),
    "passwordStrength": ('{ passwordStrength(password: "x") { score } }', None),
    "followedUsers": ("{ followedUsers { edges { node { username } } } }", '"listener"'),
    "genre": ('{ genre(id: "rock") { name } }', None),
    "genres": ("{ genres { name } }", None),
    "likedSongs": ("{ likedSongs { edges { node { title } } totalCount } }", "First"),
    "listeningHistory": ("{ listeningHistory { song { title } } }", "First"),
    "listeningHistoryConnection": ("{ listeningHistoryConnection { edges { node { song { title } } } } }", "First"),
    "lyrics": ('{ lyrics(songId: "«s4»") { plain } }', None),
    "me": ("{ me { email } }", "owner@example.com"),
    "moodPlaylist": ('{ moodPlaylist(mood: "calm") { songs { title } } }', "Hidden"),
    "moods": ("{ moods { name } }", "secretive"),
    "myDownloadDevices": ("{ myDownloadDevices { name } }", "Owner's phone"),
    "myDownloads": ("{ myDownloads { edges { node { id } } } }", "«download»"),
    "moderationCase": ('{ moderationCase(id: "«case»") { state } }', None),
    "moderationQueue": ("{ moderationQueue { edges { node { id } } } }", "«case»"),
    "myModeration": ("{ myModeration { edges { node { id } } } }", "«decision»"),
    "myReports": ("{ myReports { edges { node { targetId } } } }", "s3"),
    "myPlaylists": ("{ myPlaylists { name } }", "Secret"),
    "myRadios": ("{ myRadios { name } }", "Owner's station"),
    "myReviews": ("{ myReviews { edges { node { comment } } } }", "Owner's words"),
    "myShareLinks": ("{ myShareLinks { edges { node { token } } } }", "«link»"),
    "myTasteProfile": ("{ myTasteProfile { favoriteGenres { name } } }", "polka"),
    "myTopArtists": ("{ myTopArtists { artist { name } playCount } }", "Anna"),
    "myListening": ("{ myListening { plays } }", '"plays": 2'),
    "myTopSongs": ("{ myTopSongs { song { title } playCount } }", "First"),
    "newReleases": ("{ newReleases { title } }", "Veiled"),
    "pushKey": ("{ pushKey }", '"B'),
    "notificationPreferences": ("{ notificationPreferences { digest } }", "WEEKLY"),
    "notifications": ("{ notifications { edges { node { title } } } }", "Owner's news"),
    "parentalLock": ('{ parentalLock(userId: "«owner»") { isLocked } }', None),
    "playback": ('{ playback(songId: "«s4»") { why } }', None),
    "playlist": ('{ playlist(id: "«secret»") { name songs { song { title } } } }', None),
    "playlist: open to all": ('{ playlist(id: "«opened»") { name } }', None),
    "playlist: hidden by a moderator": ('{ playlist(id: "«taken»") { name } }', None),
    "playlistFollowers": ('{ playlistFollowers(playlistId: "«secret»") { totalCount } }', None),
    "playlistInvites": ('{ playlistInvites(playlistId: "«secret»") { id } }', None),
    "previewSmartRules": ('{ previewSmartRules(rules: {genre: "indie"}) { songs { title } } }', "Hidden"),
    "radio": ('{ radio(id: "«radio»") { name } }', None),
    "radio: of a hidden artist": ('{ radio(seedArtist: "«ghost»") { name } }', None),
    "recommendations": ("{ recommendations { songs { title } } }", "Hidden"),
    "recommendedSongs": ("{ recommendedSongs { title } }", "Hidden"),
    "releaseRadar": ("{ releaseRadar { releases { album { title } } } }", "Veiled"),
    "reportReasons": ("{ reportReasons { code } }", None),
    "reviews": ('{ reviews(albumId: "«veiled»") { edges { node { comment } } } }', "Owner's words"),
    "reviews: hidden by a moderator": ('{ reviews(albumId: "dawn") { edges { node { comment } } } }', "Owner's words"),
    "savedAlbums": ("{ savedAlbums { edges { node { title } } totalCount } }", "Dawn"),
    "search": ('{ search(query: "Secret", types: [PLAYLIST]) { playlists { name } } }', "Secret"),
    "searchArtists": ('{ searchArtists(query: "Ghost") { edges { node { name } } } }', "Ghost"),
    "searchHistory": ("{ searchHistory { query } }", "owner words"),
    "searchSongs": ('{ searchSongs(query: "Hidden") { edges { node { title } } } }', "Hidden"),
    "trendingSearches": ("{ trendingSearches { query } }", "Secret"),
    "sharedThing": ('{ sharedThing(token: "«link»") { ... on Playlist { name } } }', None),
    "similarArtists": ('{ similarArtists(artistId: "«ghost»") { name } }', None),
    "similarSongs": ('{ similarSongs(songId: "«s4»") { title } }', None),
    "song": ('{ song(id: "«s4»") { title lyrics audioUrl } }', None),
    "duplicateSongs": ("{ duplicateSongs { totalCount } }", None),
    "songDuplicates": ('{ songDuplicates(songId: "s1") { bitrate } }', None),
    "songs": ("{ songs { edges { node { title } } } }", "Hidden"),
    "transition": ('{ transition(fromSongId: "s1", toSongId: "«s4»") { kind } }', None),
    "trendingArtists": ("{ trendingArtists(timeRange: WEEK) { name } }", "Ghost"),
    "trendingCharts": ("{ trendingCharts(type: GLOBAL, timeRange: WEEK) { songs { song { title } } } }", "Hidden"),
    "unreadNotificationCount": ("{ unreadNotificationCount }", "1"),
    "upload": ('{ upload(id: "«upload»") { received } }', None),
    "user": ('{ user(username: "owner") { bio } }', "Owner's bio"),
    "user: the playlists of a closed profile": ('{ user(username: "owner") { publicPlaylists { name } } }', "Opened"),
    "user: the follows of a closed profile": (
        '{ user(username: "owner") { followedUsers { edges { node { username } } } followedArtistsCount } }',
        '"listener"',
    ),
    "user: e-mail and preferences": ('{ user(username: "owner") { email } }', "owner@example.com"),
    "myRooms": ("{ myRooms { name } }", "Kitchen"),
    "room": ('{ room(id: "«room»") { name } }', None),
    "roomInvites": ('{ roomInvites(roomId: "«room»") { id } }', None),
    "user: suspended": ('{ user(id: "«suspended»") { username } }', None),
    "userPreferences": ("{ userPreferences { language } }", '"fi"'),
    "queue": ("{ queue { volume } }", "37"),
    "devices": ("{ devices { name } }", "Owner's stereo"),
    "tiers": ("{ tiers { tier } }", None),
    "myEntitlements": ("{ myEntitlements { grants { source tier } } }", '"HOUSE", "tier": "FAMILY"'),
    "coupons": ("{ coupons { edges { node { name } } } }", None),
    "myFamily": ("{ myFamily { owner { id } members { userId } } }", "«artist»"),
    "myFamilyInvitations": ("{ myFamilyInvitations { id } }", "«family invitation»"),
    "myStudent": ("{ myStudent { application { school } } }", "Owner's school"),
    "studentApplications": ("{ studentApplications { edges { node { school } } } }", "Owner's school"),
    "artistClaim": ('{ artistClaim(id: "«claim»") { state } }', None),
    "artistClaims": ("{ artistClaims { edges { node { evidence } } } }", "Owner's evidence"),
    "myArtistClaims": ("{ myArtistClaims { edges { node { evidence } } } }", "Owner's evidence"),
    "presence": ('{ presence(userId: "«owner»") { status } }', None),
    "friendsListening": ("{ friendsListening { status } }", None),
}

MUTATIONS = {
    "setUserRoles": '{ setUserRoles(userId: "«listener»", roles: [ARTIST]) { user { roles } } }',
    "setUserTier": '{ setUserTier(userId: "«listener»", tier: STUDENT, days: 30) { user { subscriptionType } } }',
    "endUserSessions": '{ endUserSessions(userId: "«listener»") { ended } }',
    "runJob": '{ runJob(name: "import folders") { job { name } } }',
    "purgeAudioCache": "{ purgeAudioCache { freedBytes } }",
    "clearErrorLog": "{ clearErrorLog { cleared } }",
    "clearSlowLog": "{ clearSlowLog { cleared } }",
    "redeemCoupon": '{ redeemCoupon(code: "«coupon code»") { grant { tier } } }',
    "startTrial": "{ startTrial { grant { tier } } }",
    "makeCoupon": '{ makeCoupon(name: "New", tier: PREMIUM, days: 3) { code } }',
    "withdrawCoupon": '{ withdrawCoupon(id: "«coupon»") { coupon { id } } }',
    "declareFamilyAddress": f"{{ declareFamilyAddress(address: {_ELSEWHERE}) {{ family {{ people }} }} }}",
    "inviteToFamily": '{ inviteToFamily(username: "listener") { invitation { id } } }',
    "withdrawFamilyInvitation": '{ withdrawFamilyInvitation(id: "«family invitation»") { success } }',
    "acceptFamilyInvitation": (
        f'{{ acceptFamilyInvitation(id: "«family invitation»", address: {_HOME}) {{ family {{ people }} }} }}'
    ),
    "declineFamilyInvitation": '{ declineFamilyInvitation(id: "«family invitation»") { success } }',
    "removeFromFamily": '{ removeFromFamily(userId: "«artist»") { family { people } } }',
    "leaveFamily": "{ leaveFamily { family { people } } }",
    "sendStudentCode": '{ sendStudentCode(email: "a@uni.example") { success } }',
    "confirmStudentCode": '{ confirmStudentCode(code: "00000000") { proof { years } } }',
    "applyAsStudent": '{ applyAsStudent(school: "A school", reference: "a card") { application { id } } }',
    "decideStudentApplication": (
        '{ decideStudentApplication(id: "«application»", approve: true) { application { id } } }'
    ),
    "claimArtist": '{ claimArtist(artistId: "«bert»", evidence: "I am.") { claim { id } } }',
    "answerArtistClaim": '{ answerArtistClaim(id: "«claim»", answer: "Here.") { claim { id } } }',
    "withdrawArtistClaim": '{ withdrawArtistClaim(id: "«claim»") { claim { id } } }',
    "askAboutArtistClaim": '{ askAboutArtistClaim(id: "«claim»", question: "When?") { claim { id } } }',
    "approveArtistClaim": '{ approveArtistClaim(id: "«claim»") { claim { id } } }',
    "rejectArtistClaim": '{ rejectArtistClaim(id: "«claim»", reason: "No.") { claim { id } } }',
    "releaseArtist": '{ releaseArtist(artistId: "«ghost»", reason: "Why not.") { artist { id } } }',
    "transferArtist": (
        '{ transferArtist(artistId: "«ghost»", userId: "«listener»", reason: "By contract.") { artist { id } } }'
    ),
    "beginSecondFactor": f'{{ beginSecondFactor(password: "{PASSWORD}") {{ secret }} }}',
    "completeLogin": '{ completeLogin(challenge: "«challenge»", code: "«artist code»") { token } }',
    "confirmSecondFactor": '{ confirmSecondFactor(code: "«owner code»") { recoveryCodes } }',
    "createApiKey": f'{{ createApiKey(name: "New", scopes: [READ], password: "{PASSWORD}") {{ secret }} }}',
    "createAppPassword": f'{{ createAppPassword(name: "New", password: "{PASSWORD}") {{ secret }} }}',
    "logoutEverywhere": "{ logoutEverywhere { ended } }",
    "renewRecoveryCodes": (
        f'{{ renewRecoveryCodes(code: "«artist code»", password: "{PASSWORD}") {{ recoveryCodes }} }}'
    ),
    "resetSecondFactor": '{ resetSecondFactor(userId: "«artist»", reason: "Lost it.") { success } }',
    "revokeApiKey": '{ revokeApiKey(id: "«api key»") { success } }',
    "revokeAppPassword": '{ revokeAppPassword(id: "«app password»") { success } }',
    "revokeSession": '{ revokeSession(id: "«owner session»") { success } }',
    "turnOffSecondFactor": f'{{ turnOffSecondFactor(code: "«artist code»", password: "{PASSWORD}") {{ success }} }}',
    "addArtistMember": '{ addArtistMember(artistId: "«ghost»", name: "Ida") { member { id } } }',
    "addReview": '{ addReview(albumId: "«veiled»", rating: 5, comment: "Fine.") { review { id } } }',
    "addSongToPlaylist": '{ addSongToPlaylist(playlistId: "«secret»", songId: "s1") { playlist { id } } }',
    "addSongToPlaylist: open to all": '{ addSongToPlaylist(playlistId: "«opened»", songId: "s1") { playlist { id } } }',
    "addSongToPlaylist: a hidden song": '{ addSongToPlaylist(songId: "«s4»", playlistId: "«secret»") { __typename } }',
    "addSongsToPlaylist": '{ addSongsToPlaylist(playlistId: "«secret»", songIds: ["s1"]) { playlist { id } } }',
    "answerAppeal": '{ answerAppeal(decisionId: "«appealed»", granted: false) { case { state } } }',
    "appealDecision": '{ appealDecision(decisionId: "«decision»", text: "No.") { decision { id } } }',
    "cancelUpload": '{ cancelUpload(uploadId: "«upload»") { success } }',
    "claimCase": '{ claimCase(caseId: "«case»") { case { id } } }',
    "clearListeningHistory": "{ clearListeningHistory { success } }",
    "clearSearchHistory": "{ clearSearchHistory { success } }",
    "createAlbum": '{ createAlbum(artistId: "«ghost»", title: "New") { album { id } } }',
    "createArtist": '{ createArtist(name: "New") { artist { id } } }',
    "createGenre": '{ createGenre(name: "Zydeco") { genre { id } } }',
    "createPlaylist": '{ createPlaylist(name: "Mine") { playlist { id } } }',
    "createPlaylist: editorial": '{ createPlaylist(name: "Ours", isEditorial: true) { playlist { id } } }',
    "createPlaylistInvite": '{ createPlaylistInvite(playlistId: "«secret»") { token } }',
    "createExportTicket": '{ createExportTicket(table: "days") { expiresIn } }',
    "createRadio": '{ createRadio(seedArtist: "«ghost»") { radio { id } } }',
    "createShareLink": '{ createShareLink(playlistId: "«secret»") { shareLink { token } } }',
    "createSmartPlaylist": '{ createSmartPlaylist(name: "Mine", rules: {liked: true}) { playlist { id } } }',
    "createUpload": '{ createUpload(fileName: "a.flac", size: 10) { upload { id } } }',
    "decideCase": '{ decideCase(caseId: "«case»", actions: [HIDE], reason: SPAM) { case { id } } }',
    "deleteAlbum": '{ deleteAlbum(albumId: "«veiled»") { success } }',
    "deleteArtist": '{ deleteArtist(artistId: "«lone»") { success } }',
    "deleteGenre": '{ deleteGenre(genreId: "«polka»") { success } }',
    "cancelSubscription": "{ cancelSubscription { subscription { id } } }",
    "changePlan": "{ changePlan(tier: FAMILY) { subscription { id } } }",
    "createCheckoutSession": "{ createCheckoutSession(tier: PREMIUM) { url } }",
    "createPortalSession": "{ createPortalSession { url } }",
    "refundPayment": '{ refundPayment(paymentId: "in_none") { payment { id } } }',
    "replayBillingEvents": '{ replayBillingEvents(since: "2026-05-31T00:00:00Z") { found } }',
    "resumeSubscription": "{ resumeSubscription { subscription { id } } }",
    "retryBillingEvent": '{ retryBillingEvent(id: "evt_none") { event { id } } }',
    "deleteNotification": '{ deleteNotification(notificationId: "«note»") { success } }',
    "deletePlaylist": '{ deletePlaylist(playlistId: "«secret»") { success } }',
    "deleteRadio": '{ deleteRadio(radioId: "«radio»") { success } }',
    "deleteReview": '{ deleteReview(reviewId: "«review»") { success } }',
    "followArtist": '{ followArtist(artistId: "«lone»") { success } }',
    "followPlaylist": '{ followPlaylist(playlistId: "«secret»") { success } }',
    "blockUser": '{ blockUser(userId: "«owner»") { success } }',
    "unblockUser": '{ unblockUser(userId: "«owner»") { success } }',
    "muteUser": '{ muteUser(userId: "«owner»") { success } }',
    "unmuteUser": '{ unmuteUser(userId: "«owner»") { success } }',
    "followUser": '{ followUser(userId: "«owner»") { success } }',
    "followUser: suspended": '{ followUser(userId: "«suspended»") { success } }',
    "hideReview": '{ hideReview(reviewId: "«review»", reason: "Spam") { review { id } } }',
    "importPlaylist": r'{ importPlaylist(text: "#EXTM3U\n#EXTINF:1,A - B\n#TUTTI-SONG:s4\na.mp3\n") { matched } }',
    "inviteToPlaylist": '{ inviteToPlaylist(playlistId: "«secret»", username: "listener") { playlist { id } } }',
    "joinPlaylist": '{ joinPlaylist(token: "«invite token»") { playlist { id } } }',
    "leavePlaylist": '{ leavePlaylist(playlistId: "«secret»") { success } }',
    "likeSong": '{ likeSong(songId: "«s4»") { success } }',
    "login": f'{{ login(email: "owner@example.com", password: "{PASSWORD}") {{ token }} }}',
    "deleteAccount": f'{{ deleteAccount(password: "{PASSWORD}") {{ success }} }}',
    "exportAccount": "{ exportAccount { export { id } } }",
    "keepAccount": '{ keepAccount(token: "«keep token»") { success } }',
    "linkIdentity": f'{{ linkIdentity(code: "gone", password: "{PASSWORD}") {{ identity {{ id }} }} }}',
    "redeemSignIn": '{ redeemSignIn(code: "gone") { token } }',
    "unlinkIdentity": f'{{ unlinkIdentity(id: "owners-way", password: "{PASSWORD}") {{ success }} }}',
    "cancelEmailChange": "{ cancelEmailChange { success } }",
    "changeEmail": f'{{ changeEmail(newEmail: "other@example.com", password: "{PASSWORD}") {{ isDone }} }}',
    "changePassword": (
        f'{{ changePassword(password: "{PASSWORD}", newPassword: "seven quiet herons") {{ success }} }}'
    ),
    "confirmEmailChange": '{ confirmEmailChange(token: "«change token»") { isOldConfirmed } }',
    "requestPasswordReset": '{ requestPasswordReset(login: "owner") { success } }',
    "resendVerification": "{ resendVerification { success } }",
    "resetPassword": '{ resetPassword(token: "«reset token»", newPassword: "seven quiet herons") { success } }',
    "verifyEmail": '{ verifyEmail(token: "«verify token»") { email } }',
    "verifyEmailCode": '{ verifyEmailCode(code: "1") { email } }',
    "logout": "{ logout { success } }",
    "markAllNotificationsRead": "{ markAllNotificationsRead { success } }",
    "markNotificationRead": '{ markNotificationRead(notificationId: "«note»") { success } }',
    "markReviewHelpful": '{ markReviewHelpful(reviewId: "«review»") { success } }',
    "noteOnCase": '{ noteOnCase(caseId: "«case»", text: "Hm.") { case { id } } }',
    "openParentalLock": '{ openParentalLock(pin: "4711") { lock { isOpen } } }',
    "removeParentalLock": '{ removeParentalLock(userId: "«owner»", pin: "4711") { lock { isLocked } } }',
    "setParentalLock": '{ setParentalLock(pin: "1147") { lock { isLocked } } }',
    "playSong": '{ playSong(songId: "«s4»") { success } }',
    "prepareSongs": '{ prepareSongs(songIds: ["«s4»"]) { prepared { state } } }',
    "refreshToken": '{ refreshToken(refreshToken: "«refresh token»") { token } }',
    "register": f'{{ register(email: "n@example.com", username: "newcomer", password: "{PASSWORD}") {{ token }} }}',
    "reanalyse": '{ reanalyse(songId: "«s4»") { song { id } } }',
    "removeArtistMember": '{ removeArtistMember(artistId: "«ghost»", memberId: "m1") { artist { id } } }',
    "removeFromHistory": '{ removeFromHistory(playId: "«owner»:play-s1") { success } }',
    "removeFromSearchHistory": '{ removeFromSearchHistory(searchId: "«search»") { success } }',
    "removeDownloadDevice": '{ removeDownloadDevice(deviceId: "«device»") { devices { name } } }',
    "removePlaylistCollaborator": (
        '{ removePlaylistCollaborator(playlistId: "«secret»", userId: "«collaborator»") { success } }'
    ),
    "removeSongFromPlaylist": '{ removeSongFromPlaylist(playlistId: "«secret»", songId: "s1") { success } }',
    "reorderPlaylistSongs": (
        '{ reorderPlaylistSongs(playlistId: "«secret»", songId: "s1", newPosition: 1) { playlist { id } } }'
    ),
    "releaseCase": '{ releaseCase(caseId: "«case»") { case { id } } }',
    "reportContent": '{ reportContent(id: "«secret»", kind: PLAYLIST, reason: SPAM) { success } }',
    "reportPlays": (
        '{ reportPlays(plays: [{playId: "p9", songId: "«s4»", startedAt: "2026-06-01T11:00:00Z"}])'
        " { answers { outcome code } } }"
    ),
    "requestDownload": '{ requestDownload(playlistId: "«secret»", deviceId: "tablet") { download { id } } }',
    "restoreReview": '{ restoreReview(reviewId: "«hidden review»") { review { id } } }',
    "revokeDownload": '{ revokeDownload(id: "«download»") { download { state } } }',
    "revokePlaylistInvite": '{ revokePlaylistInvite(playlistId: "«secret»", inviteId: "«invite»") { success } }',
    "revokeShareLink": '{ revokeShareLink(token: "«link»") { success } }',
    "saveAlbum": '{ saveAlbum(albumId: "«veiled»") { success } }',
    "setHidden": '{ setHidden(kind: SONG, id: "«s4»", hidden: true) { isHidden } }',
    "setHidden: in sight": '{ setHidden(kind: SONG, id: "«s1»", hidden: true) { isHidden } }',
    "setLyrics": '{ setLyrics(songId: "«s4»", text: "La la.") { lyrics { plain } } }',
    "setPlaylistCollaboratorRole": (
        '{ setPlaylistCollaboratorRole(playlistId: "«secret»", userId: "«collaborator»", role: VIEWER) { __typename } }'
    ),
    "syncDownload": '{ syncDownload(id: "«download»", knownRevision: 0) { isReset } }',
    "unfollowArtist": '{ unfollowArtist(artistId: "«ghost»") { artist { id } } }',
    "unfollowPlaylist": '{ unfollowPlaylist(playlistId: "«secret»") { playlist { name } } }',
    "unfollowUser": '{ unfollowUser(userId: "«owner»") { success } }',
    "unlikeSong": '{ unlikeSong(songId: "«s4»") { success } }',
    "unmarkReviewHelpful": '{ unmarkReviewHelpful(reviewId: "«review»") { success } }',
    "unsaveAlbum": '{ unsaveAlbum(albumId: "«veiled»") { success } }',
    "updateAlbum": '{ updateAlbum(albumId: "«veiled»", title: "Other") { album { id } } }',
    "updateArtist": '{ updateArtist(artistId: "«ghost»", bio: "Other") { artist { id } } }',
    "updateArtist: in sight": '{ updateArtist(artistId: "«bert»", bio: "Other") { artist { id } } }',
    "updateArtistMember": '{ updateArtistMember(artistId: "«ghost»", memberId: "m1", role: "Bass") { member { id } } }',
    "updateGenre": '{ updateGenre(genreId: "«polka»", description: "Fast.") { genre { id } } }',
    "updatePlaylist": '{ updatePlaylist(playlistId: "«secret»", name: "Other") { playlist { id } } }',
    "updatePlaylist: open to all": '{ updatePlaylist(playlistId: "«opened»", name: "Other") { playlist { id } } }',
    "subscribePush": f"{{ subscribePush({_PUSH}) {{ success }} }}",
    "unsubscribePush": '{ unsubscribePush(endpoint: "https://1.1.1.1/p") { success } }',
    "updateNotificationPreferences": "{ updateNotificationPreferences(digest: DAILY) { preferences { digest } } }",
    "updatePreferences": "{ updatePreferences(autoplay: false) { preferences { autoplay } } }",
    "updateProfile": '{ updateProfile(bio: "Hi.") { user { id } } }',
    "updateReview": '{ updateReview(reviewId: "«review»", rating: 1) { review { id } } }',
    "updateSmartPlaylist": '{ updateSmartPlaylist(playlistId: "«smart»", rules: {liked: false}) { playlist { id } } }',
    "updateSong": '{ updateSong(songId: "«s4»", mood: "Other") { song { id } } }',
    "updateTasteProfile": '{ updateTasteProfile(favoriteGenres: ["rock"]) { tasteProfile { topArtists { id } } } }',
    "uploadSong": f'{{ uploadSong(title: "New", artistId: "«ghost»", audioFile: "{_sound()}") {{ song {{ id }} }} }}',
    "addToRoomQueue": '{ addToRoomQueue(roomId: "«room»", songIds: ["s3"]) { room { rev } } }',
    "closeRoom": '{ closeRoom(roomId: "«room»") { room { rev } } }',
    "controlRoom": '{ controlRoom(roomId: "«room»", action: NEXT) { room { rev } } }',
    "createRoom": '{ createRoom(name: "Mine") { room { rev } } }',
    "createRoomInvite": '{ createRoomInvite(roomId: "«room»") { token } }',
    "inviteToRoom": '{ inviteToRoom(roomId: "«room»", userIds: ["«listener»"]) { room { rev } } }',
    "withdrawRoomInvitations": '{ withdrawRoomInvitations(roomId: "«room»", userIds: ["«ghost»"]) { room { rev } } }',
    "joinRoom": '{ joinRoom(token: "«room token»") { room { rev } } }',
    "joinRoomAsGuest": '{ joinRoomAsGuest(token: "«room token»", name: "Gus") { guestId } }',
    "leaveRoom": '{ leaveRoom(roomId: "«room»") { success } }',
    "moveInRoomQueue": '{ moveInRoomQueue(roomId: "«room»", itemId: "«room item»") { room { rev } } }',
    "removeFromRoomQueue": '{ removeFromRoomQueue(roomId: "«room»", itemIds: ["«room item»"]) { room { rev } } }',
    "removeRoomMember": '{ removeRoomMember(roomId: "«room»", memberId: "«collaborator»") { room { rev } } }',
    "revokeRoomInvite": '{ revokeRoomInvite(roomId: "«room»", inviteId: "«room invite»") { room { rev } } }',
    "sendRoomMessage": '{ sendRoomMessage(roomId: "«room»", text: "Hello") { room { rev } } }',
    "setRoomRole": '{ setRoomRole(roomId: "«room»", memberId: "«collaborator»", role: COHOST) { room { rev } } }',
    "updateRoom": '{ updateRoom(roomId: "«room»", name: "Attic") { room { rev } } }',
    "voteForRoomItem": '{ voteForRoomItem(roomId: "«room»", itemId: "«room item»") { room { rev } } }',
    "verifyArtist": '{ verifyArtist(artistId: "«ghost»") { artist { id } } }',
    "playNow": '{ playNow(kind: PLAYLIST, contextId: "«secret»") { rev } }',
    "playNext": '{ playNext(songIds: ["«s4»"]) { rev } }',
    "addToQueue": '{ addToQueue(songIds: ["«s4»"]) { rev } }',
    "moveInQueue": '{ moveInQueue(itemId: "q1") { rev } }',
    "removeFromQueue": '{ removeFromQueue(itemIds: ["q1"]) { rev } }',
    "registerDevice": '{ registerDevice(deviceId: "radio", name: "Radio") { devices { id } } }',
    "renameDevice": '{ renameDevice(deviceId: "«own device»", name: "Loud") { devices { id } } }',
    "forgetDevice": '{ forgetDevice(deviceId: "«own device»") { devices { id } } }',
    "clearQueue": '{ clearQueue(clientOpId: "c") { rev } }',
    "skipToNext": '{ skipToNext(clientOpId: "c") { rev } }',
    "skipToPrevious": '{ skipToPrevious(clientOpId: "c") { rev } }',
    "playQueueItem": '{ playQueueItem(itemId: "q1") { rev } }',
    "queueItemEnded": '{ queueItemEnded(itemId: "q1") { rev } }',
    "pausePlayback": '{ pausePlayback(clientOpId: "c") { rev } }',
    "resumePlayback": '{ resumePlayback(clientOpId: "c") { rev } }',
    "seekTo": '{ seekTo(positionMs: 1, clientOpId: "c") { rev } }',
    "setShuffle": "{ setShuffle(on: true) { rev } }",
    "setRepeat": "{ setRepeat(repeat: ALL) { rev } }",
    "setVolume": "{ setVolume(volume: 40) { rev } }",
    "setAutoplay": "{ setAutoplay(on: false) { rev } }",
    "transferPlayback": '{ transferPlayback(deviceId: "tv") { rev } }',
}

# An admin sees the playlist, and was never let in.
SEEN_BY = {"leavePlaylist": frozenset({"admin"})}

SUBSCRIPTIONS = {
    "notifications": "{ notifications { title } }",
    "playlist": '{ playlist(id: "«secret»") { name } }',
    "transcode": '{ transcode(songId: "«s4»") { stage } }',
    "room": '{ room(id: "«room»") { name } }',
    "nowPlaying": '{ nowPlaying(userId: "«owner»") { song { title } } }',
    "queue": "{ queue { volume } }",
    "devices": "{ devices { name } }",
    "presence": '{ presence(userId: "«owner»") { status } }',
    "friendsListening": "{ friendsListening { status } }",
    "liveListeners": "{ liveListeners { count } }",
}

ASKED: dict[str, Asked] = {
    **{f"Query.{name}": Asked(text, mark) for name, (text, mark) in QUERIES.items()},
    **{
        f"Mutation.{name}": Asked(f"mutation {text}", mutates=True, seen_by=SEEN_BY.get(name, frozenset()))
        for name, text in MUTATIONS.items()
    },
    **{f"Subscription.{name}": Asked(f"subscription {text}", listens=True) for name, text in SUBSCRIPTIONS.items()},
}
