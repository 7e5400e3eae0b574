"""What every room of services stands on, made by the composition from the settings before any service. Owns nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.accounts.accounts import Accounts
from services.accounts.tickets import Tickets
from services.attention import Attention
from services.audit.audit import Audit
from services.billing.rules import BillingRules
from services.clock import Clock
from services.discovery.learning.rules import TrainingRules
from services.downloads.rules import DownloadRules
from services.entitlements.table import TierTable
from services.events import Bus
from services.families.rules import FamilyRules
from services.identities.providers import Provider
from services.loop_lag import LoopLag
from services.mail.rules import MailRules
from services.moderation.flags.rules import FlagRules
from services.offers.rules import OfferRules
from services.outgoing.outgoing import Outgoing
from services.push.rules import PushRules
from services.search.rules import SearchRules
from services.students.rules import StudentRules
from services.timing.agreement import Reference
from services.timing.house_time import HouseTime
from services.uploads.limits import UploadLimits
from services.warming.limits import IdleLimits
from storage.collections.store import Store
from storage.files import Files, Folder
from storage.live.interface import LiveState


@dataclass(frozen=True, slots=True)
class Ground:
    """Store, files, time and news; the accounts, by whom viewers are known; limits, the public address, the decoder.

    `time_reference` is the time that several processes share, None when there is one process;
    `live` is what is known for a while (who is here), `house_time` the time in which songs have positions;
    `time_zone` is where days begin for those who chose none;
    `outgoing` asks the servers that settings name, and no others: what strangers name has a way out of its own;
    `folder` is the data folder of this machine, for what is never kept elsewhere: staging, locks, the search index.
    """

    store: Store
    files: Files
    clock: Clock
    bus: Bus
    accounts: Accounts
    tickets: Tickets
    public_url: str = ""
    upload_limits: UploadLimits = field(default_factory=UploadLimits)
    ffmpeg_path: Path = Path("ffmpeg")
    analysis_workers: int = 1
    download_rules: DownloadRules = field(default_factory=DownloadRules)
    folder: Folder = field(kw_only=True)
    idle_limits: IdleLimits = field(default_factory=IdleLimits)
    loop_lag: LoopLag = field(default_factory=LoopLag)
    live: LiveState = field(kw_only=True)
    house_time: HouseTime = field(kw_only=True)
    push_rules: PushRules = field(default_factory=PushRules)
    mail_rules: MailRules = field(default_factory=MailRules)
    time_reference: Reference | None = None
    search_rules: SearchRules = field(default_factory=SearchRules)
    training_rules: TrainingRules = field(default_factory=TrainingRules)
    time_zone: str = "UTC"
    leaving_days: int = 14
    attention: Attention = field(default_factory=Attention)
    flag_rules: FlagRules = field(default_factory=FlagRules)
    tiers: TierTable = field(default_factory=TierTable)
    offer_rules: OfferRules = field(default_factory=OfferRules)
    student_rules: StudentRules = field(default_factory=StudentRules)
    family_rules: FamilyRules = field(default_factory=FamilyRules)
    billing_rules: BillingRules = field(default_factory=BillingRules)
    outgoing: Outgoing = field(default_factory=Outgoing)
    providers: Sequence[Provider] = ()

    @property
    def audit(self) -> Audit:
        """The audit log; any number of writers may hold one of their own."""
        return Audit(self.store, self.clock)
