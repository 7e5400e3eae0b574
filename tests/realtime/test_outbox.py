"""The bounded queue before a client."""

import asyncio

from realtime.outbox import Outbox


async def waiting(outbox, *frames):
    tasks = [asyncio.create_task(outbox.put(frame), name="put") for frame in frames]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_frames_leave_in_the_order_in_which_their_writers_asked():
    outbox = Outbox(2, 1000)
    tasks = await waiting(outbox, b"1", b"2", b"3", b"4")
    assert len(outbox) == 2
    assert [await outbox.take() for _ in range(4)] == [b"1", b"2", b"3", b"4"]
    await asyncio.gather(*tasks)


async def test_bytes_are_bounded_too_but_one_large_frame_passes_alone():
    outbox = Outbox(10, 10)
    await outbox.put(b"x" * 50)
    [task] = await waiting(outbox, b"y")
    assert len(outbox) == 1
    assert await outbox.take() == b"x" * 50
    assert await outbox.take() == b"y"
    await task


async def test_a_cancelled_writer_leaves_its_turn_to_the_next():
    outbox = Outbox(1, 1000)
    await outbox.put(b"1")
    second, third = await waiting(outbox, b"2", b"3")
    second.cancel()
    assert await outbox.take() == b"1"
    assert await outbox.take() == b"3"
    await third
    assert second.cancelled()


async def test_dropping_an_owner_forgets_its_frames_only():
    outbox, owner = Outbox(10, 1000), object()
    await outbox.put(b"1", owner)
    await outbox.put(b"2")
    await outbox.put(b"3", owner)
    outbox.drop_all(lambda each: each is owner)
    assert await outbox.take() == b"2"
    assert len(outbox) == 0


async def test_a_closed_box_gives_what_it_has_and_then_nothing():
    outbox = Outbox(1, 1000)
    await outbox.put(b"1")
    [late] = await waiting(outbox, b"2")
    outbox.close()
    await late
    assert [await outbox.take(), await outbox.take()] == [b"1", None]
