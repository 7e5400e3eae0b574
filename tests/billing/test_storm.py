"""A thousand deliveries over real wires, shuffled, doubled and dropped, end as the same ones in their order."""

import pytest

from bench.billing_storm import storm
from tests.services.exercised import exercised

pytestmark = pytest.mark.services


async def test_a_thousand_deliveries_in_any_order_end_as_the_ordered_ones():
    exercised("billing storm")
    assert await storm(1_000, 1)
