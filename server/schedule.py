"""The table of periodic work: name, interval in seconds, what is done. Each row is safe to run twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from services.house import House
from services.office.import_now import JOB as IMPORT_JOB
from services.timing.agreement import AGREE_EVERY_S


@dataclass(frozen=True, slots=True)
class Job:
    """One row: run `work` every `seconds`, or with 0 only when somebody asks.

    In one process at a time, unless it is about each one's `own_memory`. One that puts right what a killed process
    may have left half done is run `after_a_kill` at the next start as well.
    """

    name: str
    seconds: float
    work: Callable[[], Awaitable[Any]]
    own_memory: bool = False
    after_a_kill: bool = False


def schedule(house: House) -> list[Job]:
    """Every periodic job of the product."""
    return [
        Job("sweep ended sessions", 3600, house.accounts.sessions.sweep),
        Job("sweep sign-in challenges", 600, house.accounts.challenges.sweep),
        Job("sweep ended keys", 3600, house.access_keys.sweep),
        Job("seal second factors anew", 3600, house.accounts.second_factors.reseal),
        Job("prove play counts", 86_400, house.play_counts.recount, after_a_kill=True),
        Job("sweep old notifications", 6 * 3600, house.notifications.sweep),
        Job("prove edge counts", 86_400, house.edge_counts.recount, after_a_kill=True),
        Job("prove blocks", 86_400, house.blocks.prove),
        Job("sweep old share links", 86_400, house.share_links.sweep),
        Job("prove playlists", 86_400, house.playlist_upkeep.recount, after_a_kill=True),
        Job("sweep uploads", 3600, house.uploads.sweep, after_a_kill=True),
        Job("tell of new releases", 600, house.releases.announce_due),
        Job("prove what is hidden", 86_400, house.withdrawals.prove),
        Job("finish the genre tree", 3600, house.genre_tree.finish),
        Job("fold plays", 60, house.roll_ups.fold),
        Job("make charts", 120, house.chart_making.make),
        Job("make trends", 300, house.trend_making.make),
        Job("count listeners", 300, house.listeners.recount),
        Job("count figures", 120, house.figure_making.make),
        Job("prove figures", 86_400, house.figure_making.prove),
        Job("prove roll-ups", 86_400, house.roll_up_proof.prove),
        Job("sweep lyric sheets", 86_400, house.lyric_sheets.sweep),
        Job("refresh smart playlists", 60, house.smart_refreshing.refresh_stale),
        Job("make missing mosaics", 3600, house.playlist_mosaics.catch_up),
        Job("prove mosaics", 86_400, house.playlist_mosaics.prove),
        Job("prove licences", 3600, house.download_licences.prove),
        Job("sweep rendition sums", 86_400, house.download_sums.sweep),
        Job("prove name keys", 86_400, house.name_keys.renew),
        Job("analyse sounds", 60, house.analysing.catch_up),
        Job("group sounds", 60, house.sound_grouping.catch_up),
        Job("prove sound groups", 86_400, house.sound_grouping.prove),
        Job("sweep sound analyses", 86_400, house.sound_keeping.sweep),
        Job("go on for silent devices", 15, house.queue_upkeep.advance_silent),
        Job("bring what was heard to the ledger", 30, house.queue_upkeep.record_left),
        Job("sweep files", 86_400, house.file_sweep.sweep),
        Job("look after rooms", 5, house.room_watch.look_after_all),
        Job("look after presence", 5, house.presence_watch.look_after_orphans),
        Job("sweep rooms", 86_400, house.rooms.sweep),
        Job("sweep room invites", 86_400, house.room_invites.sweep),
        Job("move subscriptions on", 60, house.grants.move_on),
        Job("prove subscriptions", 86_400, house.grants.prove),
        Job("prove families", 86_400, house.families.prove),
        Job("sweep family invitations", 86_400, house.family_invitations.sweep),
        Job("look after students", 3600, house.students.look_after),
        Job("finish student documents", 600, house.student_documents.finish),
        Job("finish artist claims", 300, house.claim_desk.finish),
        Job("sweep student codes", 3600, house.student_codes.sweep),
        Job("finish coupons", 600, house.coupons.finish),
        Job("finish trials", 600, house.trials.finish),
        Job("look for ending subscriptions", 3600, house.subscription_watch.look),
        Job("work billing events", 15, house.billing_working.work_due),
        Job("catch up on billing events", 3600, house.billing_replaying.catch_up),
        Job("reconcile billing", 86_400, house.billing_reconciling.walk),
        Job("sweep billing events", 86_400, house.billing_working.sweep),
        Job("sweep codes of sign-ins", 600, house.provider_walk.sweep),
        Job("sweep mailed links", 3600, house.mailed_links.sweep),
        Job("sweep changes of address", 3600, house.email_changes.sweep),
        Job("erase accounts", 600, house.leaving.erase_due),
        Job("make archives", 15, house.account_exports.make_due),
        Job("sweep archives", 3600, house.account_exports.sweep),
        Job("send mail", 30, house.outbox.deliver_due),
        Job("make digests", 300, house.digests.make_due),
        Job("sweep mail", 86_400, house.outbox.sweep),
        Job("look for sounds sent in again", 300, house.same_sounds.look),
        Job("give back claims", 60, house.moderation_queue.lapse),
        Job("end suspensions", 60, house.suspensions.return_due),
        Job("carry out decisions", 60, house.carrying_out.do_left_behind),
        Job("look for blocked pictures", 10, house.blocked_pictures.look, own_memory=True),
        Job("prove the audit log", 86_400, house.audit.prove),
        Job("encode while idle", 30, house.idle_encoding.work, own_memory=True),
        Job("keep playing places", 15, house.playing_places.keep, own_memory=True),
        Job("forget silent listeners", 60, house.now_playing.expire, own_memory=True),
        Job("count trending searches", 600, house.search_trends.count),
        Job("learn what goes together", 600, house.training.train_when_due, own_memory=True),
        Job("look for a newer model", 60, house.models.look, own_memory=True),
        Job("keep what was logged", 10, house.error_log.flush, own_memory=True),
        Job("keep what was slow", 10, house.slow_log.flush, own_memory=True),
        Job("sweep what was logged", 3600, house.error_log.sweep),
        Job("sweep what was slow", 3600, house.slow_log.sweep),
        Job(IMPORT_JOB, 0, house.import_now.work),
        Job("agree on the time", AGREE_EVERY_S, house.agreement.agree, own_memory=True),
    ]
