"""No name and no address writes a header of its own into a mail."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

import pytest

from services.accounts.details import read_email
from services.errors import Invalid
from services.mail.couriers import FolderCourier
from services.mail.letter import Button, letter
from services.mail.outbox import Outbox
from services.mail.wording import Wording
from storage.files import Folder

TWO_LINES = "Hello\r\nBcc: eve@x.test\u2028\x0bX-Mine: 1\0"


@pytest.mark.parametrize(
    "address",
    ["a@x.test\r\nBcc: b@x.test", "<a@x.test>", "Ann <a@x.test>", "a@x.test,b@x.test", '"a b"@x.test', "a@x.test\0",
     "a@[127.0.0.1]", "a@x.test\u2028", "a@x@x.test", "a;b@x.test", "a@x.test>", "=?utf-8?q?a?= <a@x.test>"],
)  # fmt: skip
def test_an_address_is_one_address(address):
    with pytest.raises(Invalid):
        read_email(address)


async def test_a_subject_is_one_line_whoever_wrote_it(rig, tmp_path):
    outbox = Outbox(rig.store, rig.clock, FolderCourier(Folder(tmp_path)), sender="Tutti <music@tutti.test>")
    words = letter(
        TWO_LINES, TWO_LINES, ["<script>", "a"], home="https://x.test", button=Button("<b>", 'https://x.test/"')
    )
    assert "<script>" not in words.html and '/""' not in words.html
    for number, wording in enumerate((words, Wording(TWO_LINES, "text\r\n.\r\nMAIL FROM:<e@x.test>", "<p>x</p>"))):
        await outbox.put(f"mail{number}", "ann@x.test", wording)
    assert await outbox.deliver_due() == 2
    for path in (tmp_path / "outbox").iterdir():
        mail = message_from_bytes(path.read_bytes(), policy=default)
        assert mail["To"] == "ann@x.test"
        assert mail["Bcc"] is None and mail["X-Mine"] is None
        assert mail["Subject"] == "Hello Bcc: eve@x.test X-Mine: 1"
