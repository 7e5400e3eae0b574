"""A person's hand on a page: the mouse and the keys of a real browser, on what is seen and not covered."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.web.chromium import Navigated, Page

KEYS = {
    "Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "PageUp": 33, "PageDown": 34, "ArrowLeft": 37, "ArrowUp": 38,
    "ArrowRight": 39, "ArrowDown": 40,
}  # fmt: skip
WRITTEN = {"Enter": "\r", " ": " "}
PATIENCE_S = 20
REACH = """(async (selector, words, part) => {
  const said = (one) => [one.ariaLabel ?? '', one.innerText ?? ''].map((each) => each.trim());
  const seen = [...document.querySelectorAll(selector)].filter((one) =>
    one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !one.disabled);
  const found = seen.find((one) => said(one).includes(words))
    ?? seen.find((one) => said(one).some((each) => each.includes(words)));
  if (!found) return null;
  const hits = () => {
    const box = found.getBoundingClientRect(), at = { x: box.x + box.width * part, y: box.y + box.height / 2 };
    const hit = document.elementFromPoint(at.x, at.y);
    return box.width && hit && (found.contains(hit) || hit.contains(found) && hit.matches('label')) ? at : null;
  };
  if (!hits()) found.scrollIntoView({ block: 'center', behavior: 'instant' });
  const before = hits();
  await new Promise((done) => setTimeout(done, 50));
  const after = hits();
  return before && after && before.x === after.x && before.y === after.y ? after : null;
})"""
"""Where to put the mouse: on the middle of the first such thing that is seen, stands still and is not covered."""


async def place_of(page: Page, selector: str, words: str = "", part: float = 0.5) -> dict[str, float]:
    """Where on the page it is; waits until it can be reached."""
    given = ", ".join(map(json.dumps, (selector, words, part)))
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                if (at := await page.run(f"{REACH}({given})")) is not None:
                    return dict(at)
            except Navigated:
                pass
            await asyncio.sleep(0.03)


async def click(page: Page, selector: str, words: str = "", *, part: float = 0.5) -> None:
    """Click what this selects and what says these words (rather than only contains them), `part` of its width along."""
    try:
        at = await place_of(page, selector, words, part)
    except TimeoutError:
        raise AssertionError(f"nothing to click: {selector} {words!r}") from None
    await page.send("Input.dispatchMouseEvent", type="mouseMoved", **at)
    for kind in ("mousePressed", "mouseReleased"):
        await page.send("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **at)


async def press(page: Page, *keys: str) -> None:
    """Keys as a keyboard sends them; a letter is itself."""
    for key in keys:
        named: dict[str, Any] = {"key": key, "code": "Space" if key == " " else key}
        named["windowsVirtualKeyCode"] = KEYS.get(
            key, ord(key.upper()) if key.isalnum() and key.isascii() and len(key) == 1 else 0
        )
        text = WRITTEN.get(key, key if len(key) == 1 else "")
        await page.send("Input.dispatchKeyEvent", type="keyDown", **named, **({"text": text} if text else {}))
        await page.send("Input.dispatchKeyEvent", type="keyUp", **named)


async def write(page: Page, selector: str, text: str) -> None:
    """Letters into a field that is clicked first, one after the other, in place of what stood there."""
    await click(page, selector)
    await page.run("document.activeElement.select?.()")
    await press(page, *text)


async def fill(page: Page, form: str, **fields: str) -> None:
    """Write into the fields of a form by their names, and send it with Enter."""
    for name, text in fields.items():
        await write(page, f"{form} [name={name}]", text)
    await press(page, "Enter")


async def choose(page: Page, field: str, words: str) -> None:
    """Take what says this in a list to choose from, by the keyboard, as one does after a click on the field's words."""
    await page.run(f"document.querySelector({json.dumps(field)}).focus()")
    await press(page, *words)
    await press(page, "Enter")


async def choose_file(page: Page, selector: str, path: Path) -> None:
    """Click what opens the choice of a file, and choose this one."""
    await page.send("Page.setInterceptFileChooserDialog", enabled=True)
    asked = page.next("Page.fileChooserOpened")
    await click(page, selector)
    field = (await asked)["backendNodeId"]
    await page.send("DOM.setFileInputFiles", files=[str(path)], backendNodeId=field)
    await page.send("Page.setInterceptFileChooserDialog", enabled=False)
