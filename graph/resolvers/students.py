"""Students: how somebody proves to be one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import asks_for
from services.paging import Page, slice_of
from storage.records.student import StudentApplication, StudentProof


class StudentWay(StrEnum):
    """How somebody was proven to be a student."""

    EMAIL = "email"
    DOCUMENT = "document"


class StudentApplicationState(StrEnum):
    """What a document came to."""

    OPEN = "open"
    APPROVED = "approved"
    DENIED = "denied"


@dataclass(slots=True)
class MyStudent:
    """How the viewer stands."""

    proof: StudentProof | None
    stands: bool
    takes_email: bool
    takes_documents: bool


@dataclass(slots=True)
class SendStudentCode:
    """What sending a code gives."""

    success: bool = True


@dataclass(slots=True)
class ConfirmStudentCode:
    """What a code that came back gives."""

    proof: StudentProof


@dataclass(slots=True)
class ChangeStudentApplication:
    """What handing in or deciding on a document gives."""

    application: StudentApplication


RECORDS = {
    "StudentProof": StudentProof,
    "StudentApplication": StudentApplication,
    "MyStudent": MyStudent,
    "SendStudentCode": SendStudentCode,
    "ConfirmStudentCode": ConfirmStudentCode,
    "ChangeStudentApplication": ChangeStudentApplication,
}
ENUMS = {"StudentWay": StudentWay, "StudentApplicationState": StudentApplicationState}


@resolves("Query.myStudent")
async def my_student(_: None, info: Info) -> MyStudent:
    """How the viewer stands."""
    students = info.context.house.students
    proof = await students.mine(info.context.viewer)
    return MyStudent(proof, students.holds(proof), bool(students.rules.domains), students.rules.documents)


@resolves("MyStudent.application")
async def my_application(_: MyStudent, info: Info) -> StudentApplication | None:
    """The last document."""
    return await info.context.house.student_documents.mine(info.context.viewer)


@resolves("Query.studentApplications")
async def student_applications(_: None, info: Info, **part: Any) -> Page[StudentApplication]:
    """A page of what waits."""
    counted, waiting = asks_for(info, "totalCount"), info.context.house.student_documents.waiting
    return await waiting(info.context.viewer, slice_of(**part), counted=counted)


@resolves("StudentApplication.user")
def user(application: StudentApplication, info: Info) -> Any:
    """Whose it is."""
    return info.context.loaders.users.load(application.user_id)


@resolves("Mutation.sendStudentCode")
async def send_student_code(_: None, info: Info, email: str) -> SendStudentCode:
    """A code is on its way."""
    await info.context.house.student_codes.send(info.context.viewer, email)
    return SendStudentCode()


@resolves("Mutation.confirmStudentCode")
async def confirm_student_code(_: None, info: Info, code: str) -> ConfirmStudentCode:
    """It came back."""
    return ConfirmStudentCode(await info.context.house.student_codes.confirm(info.context.viewer, code))


@resolves("Mutation.applyAsStudent")
async def apply_as_student(_: None, info: Info, school: str, reference: str) -> ChangeStudentApplication:
    """Handed in."""
    apply = info.context.house.student_documents.apply
    return ChangeStudentApplication(await apply(info.context.viewer, school, reference))


@resolves("Mutation.decideStudentApplication")
async def decide_student_application(
    _: None, info: Info, id: str, approve: bool, reason: str = ""
) -> ChangeStudentApplication:
    """Decided."""
    decide = info.context.house.student_documents.decide
    return ChangeStudentApplication(await decide(info.context.viewer, id, approve=approve, reason=reason))
