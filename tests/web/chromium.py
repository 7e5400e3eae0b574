"""A real browser without a window, spoken to by the DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect

from tests.services.exercised import exercised, missing

NAMES = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    # A page that is kept for the way back stands still, and what one asked of it is never answered.
    "--disable-features=BackForwardCache", "--remote-debugging-port=0",
)  # fmt: skip
WITHOUT_GESTURES = "--autoplay-policy=no-user-gesture-required"
"""For tests that tell the page to play; without it a page sounds once somebody has clicked, as it does for people."""


class Navigated(Exception):
    """The page went to another address while it was asked something."""


class Page:
    """One tab. `errors` are what its console complained of."""

    def __init__(self, browser: Chromium, session: str, target: str, context: str) -> None:
        self._browser, self._session, self._target, self.context = browser, session, target, context
        self.errors: list[str] = []
        self.registrations: list[dict[str, Any]] = []
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}

    async def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        return await self._browser.send(method, parameters, self._session)

    async def run(self, script: str) -> Any:
        """What an expression comes to, awaited; an exception there is one here."""
        told = await self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    async def until(self, script: str) -> None:
        """Return once an expression is true."""
        look = f"const look = async () => (({script}) ? done(true) : tries-- ? setTimeout(look, 20) : done(false))"
        async with asyncio.timeout(15):
            while True:
                # The page may go on to another address meanwhile, and be asked too early or never answer: asked again.
                with contextlib.suppress(Navigated, TimeoutError):
                    if await asyncio.wait_for(
                        self.run(f"new Promise((done) => {{ let tries = 25; {look}; look(); }})"), 3
                    ):
                        return
                    continue
                await asyncio.sleep(0.05)

    async def picture(self, path: Path, **options: Any) -> None:
        """Write what the page looks like now; its kind is the ending's, `options` are the protocol's."""
        taken = await self.send("Page.captureScreenshot", format=path.suffix.removeprefix("."), **options)
        await asyncio.to_thread(path.write_bytes, base64.b64decode(taken["data"]))

    async def close(self) -> None:
        """As somebody closes a tab; nothing can be asked of it any more."""
        await self._browser.send("Target.closeTarget", {"targetId": self._target})
        self._browser.forget(self._session)

    def next(self, event: str) -> asyncio.Future[dict[str, Any]]:
        """What the next event of this name says."""
        return self._waiting.setdefault(event, asyncio.get_running_loop().create_future())

    def heard(self, event: dict[str, Any]) -> None:
        if event["method"] in self._waiting:
            self._waiting.pop(event["method"]).set_result(event["params"])
        if event["method"] == "ServiceWorker.workerRegistrationUpdated":
            self.registrations += event["params"]["registrations"]
        elif event["method"] == "Runtime.exceptionThrown":
            self.errors.append(str(event["params"]["exceptionDetails"]))


class Chromium:
    """The browser; `page` opens a tab of somebody's own (no storage shared with others)."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._pages: dict[str, Page] = {}

    @property
    def pages(self) -> list[Page]:
        """The tabs that are open, the oldest first."""
        return list(self._pages.values())

    def forget(self, session: str) -> None:
        """This tab is closed."""
        del self._pages[session]

    async def listen(self) -> None:
        async for frame in self._socket:
            told = orjson.loads(frame)
            if "id" not in told:
                if told.get("sessionId") in self._pages:
                    self._pages[told["sessionId"]].heard(told)
            elif not (waits := self._waiting.pop(told["id"])).done():
                waits.set_result(told)

    async def send(self, method: str, parameters: dict[str, Any], session: str | None = None) -> dict[str, Any]:
        id = max(self._waiting, default=0) + 1
        waits = self._waiting[id] = asyncio.get_running_loop().create_future()
        frame = {"id": id, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        await self._socket.send(orjson.dumps(frame).decode())
        told = await asyncio.wait_for(waits, 20)
        if "navigated or closed" in str(told.get("error")):
            raise Navigated(method)
        assert "error" not in told, (method, told["error"])
        return told["result"]

    async def page(self, url: str, before: str = "", *, beside: Page | None = None) -> Page:
        """A tab at an address: another of the same person's `beside` one there is, or somebody else's.

        The script `before` runs in it before any of the page's own.
        """
        if beside is None:
            context = (await self.send("Target.createBrowserContext", {}))["browserContextId"]
            origin = "/".join(url.split("/")[:3])
            granted = {"permissions": ["notifications"], "origin": origin, "browserContextId": context}
            await self.send("Browser.grantPermissions", granted)
        else:
            context = beside.context
        # A window of its own, so that it is in sight and nothing slows it.
        made = {"url": "about:blank", "browserContextId": context, "width": 1280, "height": 800, "newWindow": True}
        target = (await self.send("Target.createTarget", made))["targetId"]
        session = (await self.send("Target.attachToTarget", {"targetId": target, "flatten": True}))["sessionId"]
        page = self._pages[session] = Page(self, session, target, context)
        for domain in ("Runtime", "Page"):
            await page.send(f"{domain}.enable")
        await page.send("Page.addScriptToEvaluateOnNewDocument", source=before)
        await page.send("Page.navigate", url=url)
        await page.until("document.readyState === 'complete' && location.href !== 'about:blank'")
        return page


@contextlib.asynccontextmanager
async def chromium(folder: Path, *, gestures: bool = False) -> AsyncIterator[Chromium]:
    """A browser with a profile of its own, which lets a page sound at once unless it is to want `gestures`.

    Skips the test where there is none.
    """
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        missing("Chromium", "install chromium")
    process = await asyncio.create_subprocess_exec(
        str(program), *SWITCHES, *([] if gestures else [WITHOUT_GESTURES]), f"--user-data-dir={folder}",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        async with asyncio.timeout(30):
            while not (line := (await process.stderr.readline()).decode()).startswith("DevTools listening on "):
                assert line, "the browser ended"
        address = line.removeprefix("DevTools listening on ").strip()
        async with connect(address, max_size=None, compression=None) as socket:
            browser = Chromium(socket)
            listening = asyncio.create_task(browser.listen(), name="what the browser says")
            exercised("Chromium over the pages")
            try:
                yield browser
            finally:
                listening.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await listening
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
