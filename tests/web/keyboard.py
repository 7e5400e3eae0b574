"""Somebody who has a keyboard and no mouse: goes from stop to stop, and sees at each where they are."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from tests.web.chromium import Navigated, Page
from tests.web.hand import press

MOST_STOPS = 120
PATIENCE_S = 15
STOP = """((selector, words) => {
  const one = document.activeElement;
  // The page itself has the keyboard when it has just come: no stop of anybody's.
  if (!one || one === document.body || (one.id === 'page' && selector !== 'main')) return null;
  const said = [one.ariaLabel ?? '', one.innerText ?? '', one.labels?.[0]?.innerText ?? ''].map((each) => each.trim());
  const rings = (each) => { const look = getComputedStyle(each);
    return (look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2) || look.boxShadow !== 'none'; };
  const box = one.getBoundingClientRect();
  return {
    there: one.matches(selector) && said.some((each) => each.includes(words)),
    // A field may show it by the frame around it.
    seen: rings(one) || (one.matches('input, textarea, select') && rings(one.parentElement)),
    inSight: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    what: `${one.tagName.toLowerCase()}.${one.className} "${said.find(Boolean) ?? ''}"`,
  };
})"""
"""Where the keyboard is, whether that can be seen, and whether it is what was looked for."""


@dataclass
class Keyboard:
    """The keys of one page. Every stop without a mark, or out of sight, fails."""

    page: Page

    async def stop(self, selector: str = "*", words: str = "") -> dict[str, Any] | None:
        """Where the keyboard is; None where it is nowhere in particular."""
        while True:
            try:
                told = await self.page.run(f"{STOP}({json.dumps(selector)}, {json.dumps(words)})")
                return dict(told) if told else None
            except Navigated:
                await asyncio.sleep(0.03)

    async def go(self, selector: str, words: str = "") -> None:
        """Tab on to what this selects and what has these words; round the page while it grows."""
        passed: list[str] = []
        async with asyncio.timeout(PATIENCE_S):
            for _ in range(MOST_STOPS):
                await press(self.page, "Tab")
                at = await self.stop(selector, words)
                if at is None:
                    continue
                passed.append(at["what"])
                assert at["seen"], f"nobody sees that the keyboard is at {at['what']}"
                assert at["inSight"], f"the keyboard is at {at['what']}, which is out of sight"
                if at["there"]:
                    return
        raise AssertionError(f"{selector} {words!r} is not reached: {passed}")

    async def use(self, selector: str, words: str = "", key: str = "Enter") -> None:
        """Go there and press it."""
        await self.go(selector, words)
        await press(self.page, key)

    async def is_at(self, selector: str, words: str = "") -> None:
        """Wait until the keyboard is there by itself."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not ((at := await self.stop(selector, words)) and at["there"]):  # noqa: ASYNC110
                    await asyncio.sleep(0.03)
        except TimeoutError:
            raise AssertionError(f"the keyboard is not at {selector} {words!r} but at {at}") from None
