"""The room of students."""

from __future__ import annotations

from dataclasses import dataclass

from services.entitlements.room import EntitlementRoom
from services.ground import Ground
from services.mail.room import MailRoom
from services.shared_throttle import SharedBuckets, SharedCounts
from services.students.codes import StudentCodes
from services.students.documents import StudentDocuments
from services.students.students import Students

CODES = 5
SECONDS_PER_CODE = 3 * 3600.0


@dataclass
class StudentRoom:
    """What stands in `services/students`."""

    students: Students
    student_codes: StudentCodes
    student_documents: StudentDocuments


def build_students(ground: Ground, entitlements: EntitlementRoom, mail: MailRoom) -> StudentRoom:
    """The room, ready."""
    store, clock, accounts, url = ground.store, ground.clock, ground.accounts, ground.public_url
    counts = SharedCounts(clock, ground.live)
    sends = SharedBuckets(counts, "student code", capacity=CODES, seconds_per_token=SECONDS_PER_CODE)
    students = Students(store, clock, entitlements.grants, mail.outbox, ground.student_rules, public_url=url)
    return StudentRoom(
        students=students,
        student_codes=StudentCodes(store, clock, accounts, students, mail.outbox, sends, public_url=url),
        student_documents=StudentDocuments(store, clock, accounts, students, mail.outbox, ground.audit, public_url=url),
    )
