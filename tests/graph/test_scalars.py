"""How scalars are read: exactly as their descriptions say."""

from datetime import date

import pytest
from graphql import GraphQLError

from graph.scalars import read_date


def test_a_date_is_a_whole_day():
    assert read_date("2026-03-14") == date(2026, 3, 14)


@pytest.mark.parametrize(
    "text", ["2026-03", "20260314", "2026-W11-6", "2026-02-30", "2026-03-14\n", "", 20260314, None]
)
def test_anything_else_is_no_date(text):
    with pytest.raises(GraphQLError, match="YYYY-MM-DD"):
        read_date(text)
