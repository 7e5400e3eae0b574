"""How much a room may hold and how long it may wait: every list is bounded, every wait has an end. Owns numbers."""

from __future__ import annotations

MEMBERS_LIMIT = 200
OPEN_ROOMS_LIMIT = 50
"""How many open rooms one person may be a member of."""
ITEMS_LIMIT = 1_000
ADDED_AT_ONCE = 100
CHAT_LIMIT = 200
BANNED_LIMIT = 500
DONE_EACH = 32
DONE_LIMIT = 512
"""How many operations are remembered, of one member and together. Who has most makes room: nobody's share, a fair part
of all, is ever pushed out by others."""
CHANGES_LIMIT = 64
CHANGES_WEIGHT = 1_500
"""The tail of changes together touches at most so many members, items and lines: it must not outgrow the room."""

INVITES_LIMIT = 20
INVITE_HOURS = 24
LONGEST_INVITE_HOURS = 168
GUEST_HOURS = 12
INVITED_LIMIT = 100
INVITED_AT_ONCE = 50
KEPT_CLOSED_DAYS = 7

NAME_CHARACTERS = 100
MEMBER_CHARACTERS = 50
LINE_CHARACTERS = 500
OP_CHARACTERS = 64

HOST_ABSENCE_MS = 10_000.0
LEASE_S = 15.0
EMPTY_GRACE_MS = 10 * 60_000.0
SETTLE_MS = 2_000.0
"""How long a start waits for half of the members to hold the song, unless the room waits for all."""
LEAST_WAIT_MS = 1_000
MOST_WAIT_MS = 30_000
LATE_MS = 1_000.0
"""A change of songs noticed later than this does not skip what was missed: the next one starts anew."""

BACKSTEP_MS = 2_000.0
"""By how much the house's time may be behind a room's last step before its clock counts as turned back."""

LEAST_LEAD_MS = 150.0
MOST_LEAD_MS = 1_500.0
