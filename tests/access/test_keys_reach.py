"""Every root field as asked by a key: without its scope it is refused, and what no scope covers always is."""

from __future__ import annotations

from dataclasses import replace

from graph.reach import ONESELF, needed_scope
from services.scopes import Scope
from tests.access.documents import ASKED
from tests.access.people import prepare
from tests.catalogue_rig import small_house


async def test_no_root_field_answers_a_key_that_lacks_its_scope(tmp_path):
    cast = await prepare(tmp_path)
    async with small_house(tmp_path) as rig:
        # The admin's, who may do everything else; what a key lacks is asked before roles and things.
        admin, closed = cast.viewers["admin"], []
        for line, asked in ASKED.items():
            kind, _, name = line.partition(":")[0].partition(".")
            scope = needed_scope(kind, name)
            if scope is None:
                continue
            others = frozenset(Scope) - {scope}
            ask = rig.listen if asked.listens else rig.ask
            answer = await ask(asked.named(cast.things), replace(admin, scopes=others))
            assert isinstance(answer, dict), line
            codes = {error["extensions"]["code"] for error in answer["errors"]}
            assert codes == {"KEYS_MAY_NOT" if scope == ONESELF else "SCOPE_NEEDED"}, (line, answer)
            if scope == ONESELF:
                closed.append(name)
        assert {"createApiKey", "turnOffSecondFactor", "revokeSession", "updateProfile"} <= set(closed)
        assert not {"playSong", "likeSong", "song", "queue"} & set(closed)
