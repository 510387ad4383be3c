"""The HTML page of `callsafe calls`: what it holds, and how it behaves in a real browser."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from callsafe.hooks.cli import main

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
# Without these it looks for updates and accounts, on a machine that may have no network.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SLOW = """\
from openai import OpenAI
from tenacity import retry

client = OpenAI(timeout=100, max_retries=1)
quick = OpenAI(timeout=9)


def ask(question, limit=None):
    return client.responses.create(model="beta", input=question, max_output_tokens=limit)


@retry
def forever(question):
    return quick.responses.create(model="alpha", input=question)


ask("x", limit=20)
"""
CLAUDE = """\
import anthropic

claude = anthropic.Anthropic(timeout=20)
other = anthropic.Anthropic(timeout=None)
claude.messages.create(model="delta", max_tokens=500, messages=[])
other.messages.create(model="gamma", max_tokens=50, messages=[])
"""
EVIL = "<script>document.title='hacked'</script>"
EVIL_ATTRIBUTE = "\\\"><img/src=x/onerror=document.title='hacked'>"
EVIL_FILE = "<img src=x onerror=alert(1)>&\"'.py"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the page of a small project: six calls, two in a file with a hostile name, and one caller."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "slow.py").write_text(SLOW)
    (folder / "claude.py").write_text(CLAUDE)
    (folder / EVIL_FILE).write_text(
        "import litellm\n\n"
        f'litellm.completion("{EVIL}", messages=[])\n'
        f'litellm.completion("{EVIL_ATTRIBUTE}", messages=[])\n'
    )
    target = tmp_path_factory.mktemp("page") / "calls.html"
    before = Path.cwd()
    os.chdir(folder)
    try:
        assert main(["calls", "--output-format", "html", "-o", str(target)]) == 0
    finally:
        os.chdir(before)
    return target


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the policy."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_needs_nothing_but_itself(page: Path) -> None:
    elements = Elements(page.read_text("utf-8")).found
    assert not [tag for tag, _ in elements if tag in {"link", "img", "iframe", "base", "object"}]
    assert not [name for _, attributes in elements for name in attributes if name in {"src", "href", "style"}]
    policy = (
        next(given["content"] for tag, given in elements if given.get("http-equiv") and tag == "meta") or ""
    )
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_values_of_the_project_make_no_element_and_no_attribute(page: Path) -> None:
    text = page.read_text("utf-8")
    elements = Elements(text).found
    assert [tag for tag, _ in elements].count("script") == 2
    assert not [name for _, attributes in elements for name in attributes if name.startswith("on")]
    assert EVIL not in text
    assert "&lt;script&gt;" in text


def test_the_data_of_the_page_cannot_end_its_script(page: Path) -> None:
    text = page.read_text("utf-8")
    data = text.partition('id="details">')[2].partition("</script>")[0]
    assert "<" not in data
    assert any(EVIL in shown for row in json.loads(data) for _, shown, *_ in row["roles"])


# -- in the browser ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """Start chromium with a fresh profile."""
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("chromium and chromedriver are not installed")
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}", "--window-size=1440,1000"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver: Chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def opened(browser: Chrome, page: Path) -> Iterator[Chrome]:
    """Open the page; a test fails that leaves an error in the console."""
    browser.get(page.as_uri())
    yield browser
    assert browser.execute("getLog", {"type": "browser"})["value"] == []


def find(browser: Chrome, selector: str) -> list[WebElement]:
    return browser.find_elements("css selector", selector)


def models(browser: Chrome) -> list[str]:
    """Return the models of the rows that can be seen, in their order."""
    cells = find(browser, "#calls > tbody > tr:first-child > td:nth-child(3) > span")
    return [cell.text for cell in cells if cell.is_displayed()]


def head(browser: Chrome, title: str) -> WebElement:
    return next(
        one for one in find(browser, "#calls thead button") if one.text.split("\n")[0].strip() == title
    )


def choose(browser: Chrome, name: str, value: str) -> None:
    from selenium.webdriver.support.select import Select

    Select(browser.find_element("id", name)).select_by_visible_text(value)


def test_hostile_values_are_shown_and_do_nothing(opened: Chrome) -> None:
    assert opened.title == "Model calls"
    assert EVIL in models(opened)
    assert find(opened, "img") == []
    assert any(EVIL_FILE in button.text for button in find(opened, ".open"))
    for button in find(opened, ".open"):
        button.click()
    assert opened.title == "Model calls"
    assert find(opened, "img") == []


def test_a_column_is_sorted_by_value_and_back(opened: Chrome) -> None:
    choose(opened, "provider", "anthropic")
    head(opened, "Output bound").click()
    assert models(opened) == ["gamma", "delta"]
    heading = opened.find_element("css selector", "#calls th[aria-sort]")
    assert heading.get_attribute("aria-sort") == "ascending"
    head(opened, "Output bound").click()
    assert models(opened) == ["delta", "gamma"]
    assert heading.get_attribute("aria-sort") == "descending"
    head(opened, "Time-out").click()
    assert models(opened) == ["delta", "gamma"]
    assert len(find(opened, "#calls th[aria-sort]")) == 1


def test_numbers_are_sorted_as_numbers_and_the_unknown_comes_last(opened: Chrome) -> None:
    choose(opened, "provider", "openai")
    head(opened, "Output bound").click()
    cells = find(opened, "#calls > tbody:not([hidden]) > tr > td:nth-child(4) > span")
    assert [cell.text for cell in cells] == ["20", "missing", "unknown"]
    head(opened, "Time-out").click()
    cells = find(opened, "#calls > tbody:not([hidden]) > tr > td:nth-child(5) > span")
    assert [cell.text for cell in cells] == ["9 s", "100 s", "100 s"]


def test_the_search_leaves_the_calls_that_hold_all_its_words(opened: Chrome) -> None:
    opened.find_element("id", "search").send_keys("claude.py GAMMA")
    assert models(opened) == ["gamma"]
    assert (
        opened.find_element("id", "shown").text == "Showing 1 of 6 model calls and 0 of 1 caller of a wrapper"
    )
    opened.find_element("id", "search").send_keys(" nowhere")
    assert models(opened) == []
    assert opened.find_element("id", "none").is_displayed()
    opened.find_element("css selector", "button[type=reset]").click()
    assert len(models(opened)) == 7


def test_filters_by_role_state_finding_and_wrapper(opened: Chrome) -> None:
    choose(opened, "role", "time-out")
    choose(opened, "state", "missing")
    assert models(opened) == ["gamma"]
    opened.find_element("css selector", "button[type=reset]").click()
    choose(opened, "finding", "LLM203")
    assert models(opened) == ["alpha"]
    opened.find_element("css selector", "button[type=reset]").click()
    opened.find_element("id", "wrappers").click()
    assert len(models(opened)) == 6


def test_the_bars_count_model_calls_and_are_as_long_as_their_share(opened: Chrome) -> None:
    labels = [bar.get_attribute("aria-label") for bar in find(opened, ".bar")]
    assert "All, output bound: 2 set, 0 default, 1 unknown, 3 missing" in labels
    assert "openai, output bound: 0 set, 0 default, 1 unknown, 1 missing" in labels
    assert "anthropic, time-out: 1 set, 0 default, 0 unknown, 1 missing" in labels
    bar = find(opened, ".bar")[labels.index("All, output bound: 2 set, 0 default, 1 unknown, 3 missing")]
    shares = {
        part.get_attribute("class"): part.rect["width"] / bar.rect["width"]
        for part in bar.find_elements("css selector", "rect")
    }
    assert shares == {
        "set": pytest.approx(2 / 6, abs=0.01),
        "unknown": pytest.approx(1 / 6, abs=0.01),
        "missing": pytest.approx(3 / 6, abs=0.01),
    }


def test_a_number_under_a_bar_shows_its_calls(opened: Chrome) -> None:
    find(opened, '#bars button[data-provider="anthropic"][data-role="timeout"][data-state="missing"]')[
        0
    ].click()
    from selenium.webdriver.support.wait import WebDriverWait

    WebDriverWait(opened, 10).until(lambda browser: models(browser) == ["gamma"])  # drawn in a later frame
    assert opened.find_element("id", "shown").text.startswith("Showing 1 of 6 model calls")


def test_a_call_is_opened_and_closed_with_the_keyboard(opened: Chrome) -> None:
    button = next(one for one in find(opened, ".open") if "claude.py:6" in one.text)
    button.send_keys("\n")
    assert button.get_attribute("aria-expanded") == "true"
    details = opened.find_element("id", str(button.get_attribute("aria-controls")))
    assert "switched off" in details.text
    assert "`timeout=None` switches it off" in details.text
    button.send_keys("\n")
    assert button.get_attribute("aria-expanded") == "false"
    assert not details.is_displayed()


def test_the_page_asks_for_nothing_from_anywhere(opened: Chrome) -> None:
    assert opened.execute_script("return performance.getEntriesByType('resource').length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(opened: Chrome, scheme: str) -> None:
    media = [{"name": "prefers-color-scheme", "value": scheme}]
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
    weakest = opened.execute_script(CONTRAST)
    assert weakest["ratio"] >= 4.5, weakest


# WCAG 2.2, 1.4.3: contrast of every text with the nearest background that is not transparent.
CONTRAST = """
const light = (rgb) => {
  const [r, g, b] = rgb.match(/[\\d.]+/g).map(Number).map((c) => {
    c /= 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (element) => {
  for (let one = element; one; one = one.parentElement) {
    const color = getComputedStyle(one).backgroundColor;
    if (!/, 0\\)$/.test(color)) return color;
  }
  return "rgb(255, 255, 255)";
};
let weakest = { ratio: 99 };
for (const element of document.querySelectorAll("body *")) {
  const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!text || !element.offsetParent || element.closest("script, option")) continue;
  const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < weakest.ratio) weakest = { ratio, text: element.textContent, tag: element.className };
}
return weakest;
"""
