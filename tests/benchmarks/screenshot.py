"""Draw README's picture of the browser chat, a real answer beside its source: python -m tests.benchmarks.screenshot [INDEX]."""

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from qa.ui import launch
from tests.browsing import CHROMIUM, FLAGS, free_port

QUESTION = "Who chairs the Improvement Board?"
PICTURE = Path(__file__).parents[1] / "pictures" / "chat.png"
WIDTH, HEIGHT = 1440, 860


def main() -> None:
    """Serve the index, ask, open the first citation, and save what the browser shows."""
    served = launch(Path(sys.argv[1] if len(sys.argv) > 1 else "index"), port=free_port())
    try:
        with sync_playwright() as started:
            browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
            page.goto(served.url)
            page.locator("#question textarea").fill(QUESTION)
            page.locator("#question textarea").press("Enter")
            page.locator(".turn .open").first.click()
            page.locator("#pane mark.current").wait_for()
            page.mouse.move(0, 0)
            page.wait_for_timeout(500)
            PICTURE.parent.mkdir(exist_ok=True)
            # A page of text needs few colours; with 96 the file is a third of its size.
            drawn = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(96)
            drawn.save(PICTURE, optimize=True)
            browser.close()
    finally:
        served.close()


if __name__ == "__main__":
    main()
