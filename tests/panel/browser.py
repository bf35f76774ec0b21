"""The page in a real Chromium, in the words of the person who sits before it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from bandmate.loops.bars import bar_of

SHOTS = Path(__file__).parents[2] / "out" / "panel"
"""Where pictures of the page are kept, to be looked at."""
PATIENCE = 20.0
"""Seconds until what does not come is a failure."""
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
DRIVER = shutil.which("chromedriver")


def opened(*words: str) -> webdriver.Chrome:
    """Open Chromium without a window, with more words of its command line; it downloads nothing."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for word in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", *words):
        options.add_argument(f"--{word}")
    options.add_argument("--autoplay-policy=no-user-gesture-required")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options, webdriver.ChromeService(DRIVER))


class Page:
    """One tab that shows the panel."""

    def __init__(self, driver: webdriver.Chrome, url: str, patience: float = PATIENCE) -> None:
        """Open it; *patience* is seconds until what does not come is a failure."""
        self.driver, self.url, self.patience = driver, url, patience
        self.size(1280, 900)
        self.look("dark")
        self.troubles(), self.requests()  # those of a page before
        driver.get(url)
        self.until("link is there", "bandmate.store.get('choices').roles.length > 0")

    # how it is looked at

    def size(self, width: int, height: int) -> None:
        """Make the window so many pixels large."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def look(self, scheme: str) -> None:
        """Have it dark or light, without motion."""
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def shot(self, name: str) -> None:
        """Keep a picture."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.run("await new Promise(requestAnimationFrame)")
        self.driver.save_screenshot(str(SHOTS / f"{name}.png"))

    # what is asked of it

    def run(self, script: str) -> None:
        """Run a script that may await."""
        code = (
            "const done = arguments[0];"
            f"(async () => {{ {script} }})().then(() => done(), (error) => done(String(error)))"
        )
        wrong = self.driver.execute_async_script(code)
        assert wrong is None, wrong

    def value(self, expression: str) -> Any:
        """Return what an expression is."""
        return self.driver.execute_script(f"return {expression}")

    def until(self, what: str, expression: str) -> None:
        """Wait until an expression holds; *what* says it where it never does."""
        alert = "document.querySelector('#alert').textContent"
        WebDriverWait(self.driver, self.patience, 0.05).until(
            lambda _: self.value(f"typeof bandmate !== 'undefined' && Boolean({expression})"),
            f"{what}: never; the page says {self.value(alert)!r}",
        )

    def find(self, selector: str) -> WebElement:
        """Return an element."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        """Return elements."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def click(self, selector: str, *held: str) -> None:
        """Click what a selector finds, with keys held down."""
        element = self.find(selector)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        chain = ActionChains(self.driver, duration=20)
        for key in held:
            chain.key_down(key)
        chain.click(element)
        for key in held:
            chain.key_up(key)
        chain.perform()

    def press(self, *keys: str) -> None:
        """Press keys where the focus is."""
        for key in keys:
            ActionChains(self.driver, duration=20).send_keys(key).perform()

    def choose(self, selector: str, value: str) -> None:
        """Choose a row of a menu."""
        Select(self.find(selector)).select_by_value(value)

    # what it shows

    def clip(self) -> dict[str, Any]:
        """Return the clip on the stage."""
        found: dict[str, Any] = self.value("bandmate.store.get('clip')")
        return found

    def notes(self, bars: tuple[int, ...]) -> list[tuple[str, int, float, float, int]]:
        """Return all notes that belong to bars (from 0): part, pitch, start, duration, velocity."""
        clip = self.clip()
        length = clip["length"] / clip["bars"]
        return sorted(
            (part["name"], n["pitch"], n["start"], n["duration"], n["velocity"])
            for part in clip["parts"]
            for n in part["notes"]
            if bar_of(n["start"], length, clip["bars"]) in bars
        )

    def next_take(self, before: int) -> int:
        """Wait until another take is on the stage, whole and kept; return its number."""
        clip = "bandmate.store.get('clip')"
        self.until(
            f"a take after {before}",
            f"{clip} && {clip}.take !== {before} && !{clip}.isEdited"
            " && !bandmate.store.get('writing')",
        )
        return int(self.clip()["take"])

    def troubles(self) -> list[str]:
        """Return what the console complained of since the last time."""
        rows = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [row["message"] for row in rows if row["level"] in ("SEVERE", "WARNING")]

    def requests(self) -> list[str]:
        """Return the addresses that were asked for since the last time."""
        rows = self.driver.get_log("performance")  # type: ignore[no-untyped-call]
        events = [json.loads(row["message"])["message"] for row in rows]
        sent = [e["params"] for e in events if e["method"] == "Network.requestWillBeSent"]
        opened = [e["params"] for e in events if e["method"] == "Network.webSocketCreated"]
        return [p["request"]["url"] for p in sent] + [p["url"] for p in opened]


__all__ = ["CHROMIUM", "DRIVER", "Keys", "Page", "opened"]
