"""What every room of services stands on, made by the composition from the settings before any service. Owns nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.accounts.accounts import Accounts
from services.accounts.tickets import Tickets
from services.clock import Clock
from services.events import Bus
from services.loop_lag import LoopLag
from services.uploads.limits import UploadLimits
from services.warming.limits import IdleLimits
from storage.collections.store import Store
from storage.files import LocalFiles


@dataclass(frozen=True, slots=True)
class Ground:
    """Store, files, time and news; the accounts, by whom viewers are known; limits and the public address."""

    store: Store
    files: LocalFiles
    clock: Clock
    bus: Bus
    accounts: Accounts
    tickets: Tickets
    public_url: str = ""
    upload_limits: UploadLimits = field(default_factory=UploadLimits)
    idle_limits: IdleLimits = field(default_factory=IdleLimits)
    loop_lag: LoopLag = field(default_factory=LoopLag)
