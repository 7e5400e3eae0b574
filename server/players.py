"""What the players' door stands on, made from the settings. Owns nothing else."""

from __future__ import annotations

from graph.feeds import Feeds
from realtime.player.crowd import Crowd, CrowdLimits
from realtime.player.encoded import EncodedFrames
from realtime.player.limits import PlayerLimits
from realtime.player.session import PlayerParts
from realtime.player.table import player_verbs
from realtime.sockets import OpenSockets
from server.composition import Household
from server.settings import Settings
from services.rates import Rate


def make_players(settings: Settings, household: Household, feeds: Feeds, sockets: OpenSockets) -> PlayerParts:
    """The parts that all players of this process share."""
    realtime = settings.realtime
    rate = Rate(realtime.player_rate_per_second, realtime.player_rate_burst)
    crowd = CrowdLimits(realtime.max_sockets_per_user, realtime.max_sockets_per_address, rate, rate)
    limits = PlayerLimits(
        hello_s=realtime.init_seconds,
        max_frame_bytes=realtime.max_message_bytes,
        frames_per_s=realtime.max_messages_per_second,
        frame_burst=4 * realtime.max_messages_per_second,
        outbox_frames=realtime.queue_length,
        slow_client_s=realtime.slow_client_seconds,
    )
    return PlayerParts(
        household.house,
        feeds,
        household.house_time,
        player_verbs(),
        sockets,
        Crowd(household.house.clock, crowd),
        EncodedFrames(),
        limits,
    )
