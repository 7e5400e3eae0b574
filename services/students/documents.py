"""Proving to be a student by a document: a reference to it waits for somebody to look at it.

Owns the queue and its decisions. Refuses to know what a document looks like and what a proof gives.
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

from services.accounts.accounts import Accounts
from services.audit.audit import Audit
from services.catalogue.listing import Order, page_of
from services.clock import Clock
from services.errors import Conflict, Denied, Invalid, NotFound
from services.mail.outbox import Outbox
from services.paging import Page, Slice
from services.students import letters
from services.students.students import Students
from services.typed_text import is_id, read_plain, read_prose
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records.student import StudentApplication

SCHOOL_LIMIT = 200
REFERENCE_LIMIT = 500
REASON_LIMIT = 1_000
LEFT_AT_ONCE = 100
SETTLES_WITHIN = timedelta(minutes=1)
OLDEST = Order("created_at", 1, datetime)


class StudentDocuments:
    """Takes documents in and has moderators decide."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        accounts: Accounts,
        students: Students,
        outbox: Outbox,
        audit: Audit,
        *,
        public_url: str,
    ) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self._students = students
        self._outbox = outbox
        self._audit = audit
        self._home = f"{public_url.rstrip('/') or 'http://localhost'}/"

    async def apply(self, viewer: Viewer, school: str, reference: str) -> StudentApplication:
        """Hand in where a document is to be found: an address, a number. Denied where the house takes none.

        Conflict: APPLICATION_OPEN while one waits, and as `Students.require_provable`.
        """
        user_id = viewer.require_oneself()
        if not self._students.rules.documents:
            raise Denied("This house does not take documents.", code="STUDENTS_CLOSED")
        school = read_plain(school, "school", "A school", SCHOOL_LIMIT)
        reference = read_plain(reference, "reference", "A reference", REFERENCE_LIMIT)
        if not school or not reference:
            raise Invalid("Say your school and where the document is.", field="reference" if school else "school")
        await self._students.require_provable(user_id)
        now = self._clock.now()
        made = StudentApplication(self._clock.new_id(), user_id, school, reference, now, waiting=user_id)
        try:
            await self._store.student_applications.insert(made)
        except DuplicateKey as error:
            raise Conflict("A document of yours is being looked at.", code="APPLICATION_OPEN") from error
        return made

    async def mine(self, viewer: Viewer) -> StudentApplication | None:
        """The viewer's last application."""
        return await self._store.student_applications.first(
            {"user_id": viewer.require(Role.LISTENER)}, sort=[("created_at", -1)]
        )

    async def waiting(self, viewer: Viewer, part: Slice, *, counted: bool = True) -> Page[StudentApplication]:
        """Applications that wait for a decision, the oldest first, for moderators."""
        viewer.require(Role.MODERATOR)
        return await page_of(self._store.student_applications, [{"state": "open"}], OLDEST, part, counted=counted)

    async def decide(self, viewer: Viewer, id: str, *, approve: bool, reason: str = "") -> StudentApplication:
        """Approve or deny; the applicant is told by mail. NotFound when it waits no more; nobody decides on oneself."""
        decider = viewer.require(Role.MODERATOR)
        reason = read_prose(reason, "reason", "A reason", REASON_LIMIT)
        found = await self._store.student_applications.get(id) if is_id(id) else None
        if found is None or found.state != "open":
            raise NotFound("There is no such application that waits.", field="id")
        if found.user_id == decider:
            raise Denied("Somebody else decides on yours.")
        if approve:
            await self._students.require_provable(found.user_id)
        verdict = {
            "state": "approved" if approve else "denied",
            "decided_at": self._clock.now(),
            "decided_by": decider,
            "reason": reason,
            "waiting": f"done:{id}",
            "is_proven": not approve,
        }
        open_yet = {"_id": id, "state": "open"}
        decided = await self._store.student_applications.update_and_get(open_yet, {"$set": verdict})
        if decided is None:
            raise NotFound("There is no such application that waits.", field="id")
        if approve:
            await self._prove(decided)
        await self._audit.note(viewer, f"student.{verdict['state']}", "user", decided.user_id, application=id)
        user = await self._store.users.get(decided.user_id)
        if user is not None:
            words = letters.decided(user.username, approve, reason, self._home)
            await self._outbox.put(f"student_application:{id}", user.email, words)
        return decided

    async def finish(self) -> int:
        """Prove those who were approved just when a process ended; how many. A periodic job's work."""
        late = {"is_proven": False, "decided_at": {"$lt": self._clock.now() - SETTLES_WITHIN}}
        left = await self._store.student_applications.find(late, limit=LEFT_AT_ONCE)
        for application in left:
            await self._prove(application)
        return len(left)

    async def _prove(self, application: StudentApplication) -> None:
        # Marked last: until then a crash is found by `finish`.
        with contextlib.suppress(Conflict):
            await self._students.prove(application.user_id, way="document", school=application.school)
        await self._store.student_applications.update({"_id": application.id}, {"$set": {"is_proven": True}})
