"""Who listens to what: bounded queues, policies, and nothing left behind."""

import asyncio
import gc

import pytest

from realtime.hub import WOKEN_AT_ONCE, Hub, Overflow, TopicPolicy
from services.errors import TooMany

POLICIES = {
    "state": TopicPolicy(1, Overflow.DROP_OLDEST),
    "news": TopicPolicy(3, Overflow.DROP_OLDEST),
    "log": TopicPolicy(2, Overflow.DISCONNECT),
}


def hub():
    return Hub(policies=POLICIES, limit=2000)


async def test_each_listener_of_a_topic_hears_it_and_nobody_else():
    h = hub()
    one, two, other = h.subscribe("news:a"), h.subscribe("news:a"), h.subscribe("news:b")
    assert h.publish("news:a", 1) == 2
    assert (await anext(one), await anext(two)) == (1, 1)
    other.close()
    with pytest.raises(StopAsyncIteration):
        await anext(other)
    one.close()
    two.close()
    assert h.publish("news:a", 2) == 0


async def test_a_state_keeps_the_newest_and_news_the_newest_three():
    h = hub()
    state, news = h.subscribe("state:a"), h.subscribe("news:a")
    for number in range(5):
        h.publish("state:a", number)
        h.publish("news:a", number)
    assert await anext(state) == 4
    assert [await anext(news) for _ in range(3)] == [2, 3, 4]
    assert (state.missed, news.missed) == (4, 2)


async def test_a_topic_that_may_not_skip_sends_the_slow_away():
    h = hub()
    slow, quick = h.subscribe("log:a"), h.subscribe("log:a")
    for number in range(3):
        h.publish("log:a", number)
        assert await anext(quick) == number
    with pytest.raises(TooMany) as refusal:
        await anext(slow)
    assert refusal.value.reason == "FELL_BEHIND"
    assert len(h) == 1


async def test_a_thousand_listeners_leave_nothing_behind():
    h = hub()

    async def listen(number):
        subscription = h.subscribe(f"news:{number % 10}")
        try:
            return await anext(subscription)
        finally:
            await subscription.aclose()

    tasks = [asyncio.create_task(listen(number), name="listener") for number in range(1000)]
    await asyncio.sleep(0)
    assert len(h) == 1000
    assert len(h.topics) == 10
    h.publish("news:0", "x")
    for task in tasks[1:500]:
        task.cancel()
    h.close()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(h) == 0
    assert h.topics == ()


async def test_a_listener_nobody_holds_any_more_is_forgotten():
    h = hub()
    h.subscribe("news:a")
    gc.collect()
    assert len(h) == 0
    assert h.topics == ()


async def test_an_unknown_kind_has_no_policy_and_a_full_house_says_so():
    h = Hub(policies=POLICIES, limit=1)
    with pytest.raises(KeyError):
        h.subscribe("gossip:a")
    held = h.subscribe("news:a")
    with pytest.raises(TooMany):
        h.subscribe("news:b")
    held.close()
    h.subscribe("news:b").close()


async def test_a_crowd_is_woken_in_turns_and_what_comes_meanwhile_is_not_lost():
    h = Hub(policies=POLICIES)
    heard: list[int] = []

    async def listen(subscription):
        async for item in subscription:
            heard.append(item)

    count = 2 * WOKEN_AT_ONCE + 10
    tasks = [asyncio.create_task(listen(h.subscribe("news:a"))) for _ in range(count)]
    await asyncio.sleep(0)
    assert h.publish("news:a", 1) == count
    # A turn wakes some, and in the next these are served.
    for served in (WOKEN_AT_ONCE, 2 * WOKEN_AT_ONCE):
        await asyncio.sleep(0)
        assert len(heard) == served
    assert h.publish("news:a", 2) == count
    while len(heard) < 2 * count:  # noqa: ASYNC110 - turns pass
        await asyncio.sleep(0)
    assert (heard.count(1), heard.count(2)) == (count, count)
    h.close()
    await asyncio.gather(*tasks)
    assert h.publish("news:a", 3) == 0
