"""An answer of the moment: made once, handed on for a second, never older."""

from __future__ import annotations

import asyncio

import pytest

from graph.shared_answers import KEPT, MOMENT_S, SharedAnswers


class Kitchen:
    """Answers when told to, and counts."""

    def __init__(self):
        self.asked = 0
        self.open = asyncio.Event()
        self.response = {"data": {"n": 1}}

    async def make(self):
        self.asked += 1
        await self.open.wait()
        if isinstance(self.response, Exception):
            raise self.response
        return self.response


async def waiting(answers, kitchen, count, key="k"):
    tasks = [asyncio.create_task(answers.answer(key, (), kitchen.make), name="asks") for _ in range(count)]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_a_thousand_who_ask_at_once_get_the_same_bytes_of_one_answer():
    kitchen, answers = Kitchen(), SharedAnswers()
    tasks = await waiting(answers, kitchen, 1000)
    kitchen.open.set()
    found = await asyncio.gather(*tasks)
    assert kitchen.asked == 1
    assert len({id(each.json) for each in found}) == 1
    assert (answers.made, answers.handed_on) == (1, 999)


async def test_the_first_who_leaves_takes_nothing_from_the_others():
    kitchen, answers = Kitchen(), SharedAnswers()
    tasks = await waiting(answers, kitchen, 3)
    tasks[0].cancel()
    kitchen.open.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert [each.response for each in found[1:]] == [kitchen.response] * 2
    assert kitchen.asked == 2


async def test_trouble_is_met_by_each_and_errors_are_not_handed_to_who_comes_later():
    kitchen, answers = Kitchen(), SharedAnswers()
    kitchen.response = OSError("no luck")
    kitchen.open.set()
    for _ in range(2):
        with pytest.raises(OSError, match="no luck"):
            await answers.answer("k", (), kitchen.make)
    kitchen.response = {"data": None, "errors": [{"message": "x"}]}
    for _ in range(2):
        assert (await answers.answer("k", (), kitchen.make)).response == kitchen.response
    assert kitchen.asked == 4
    assert len(answers) == 0


async def test_nothing_is_handed_on_after_its_moment_and_few_are_kept():
    kitchen, answers = Kitchen(), SharedAnswers()
    kitchen.open.set()
    await answers.answer("k", (), kitchen.make)
    next(iter(answers._answers.values())).began_at -= MOMENT_S
    await answers.answer("k", (), kitchen.make)
    assert kitchen.asked == 2
    for number in range(2 * KEPT):
        await answers.answer(number, (), kitchen.make)
    assert len(answers) == KEPT
