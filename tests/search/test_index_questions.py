"""The embedded index keeps the contract of filters, orders, facets and pages, however its songs came in."""

import pytest

from storage.search_index.index import Question
from storage.search_index.tantivy_index import TantivyIndex
from tests.search.contract import TRUTHS, AskingContract, made_up, put_into


class TestEmbedded(AskingContract):
    """tantivy, in memory."""

    @pytest.fixture(scope="class")
    def filled(self):
        """Filled once for all."""
        index = TantivyIndex()
        yield put_into(index)
        index.close()


def test_an_order_is_the_same_however_the_songs_came_in(tmp_path):
    forth, back = TantivyIndex(), TantivyIndex(tmp_path)
    put_into(forth)
    # In several segments, the other way round, and some of them twice.
    songs = made_up()[::-1]
    for at in range(0, len(songs), 80):
        back.put([*songs[at : at + 80], *songs[:5]])
        back.commit()
    for order in (None, *(truth.order for truth in TRUTHS)):
        question = Question("song", (), limit=300, order=order)
        assert [hit.id for hit in back.search(question).rows] == [hit.id for hit in forth.search(question).rows], order
    back.close()
