"""A real JupyterLab from this project's environment, and a real browser on it."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 120_000  # milliseconds, for anything


@contextlib.contextmanager
def jupyterlab(folder):
    """Serve `folder`; give the address of a notebook in it as a function of its name."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = folder / "settings"
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(settings),
        "JUPYTER_DATA_DIR": str(settings),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "IPYTHONDIR": str(settings),
    }
    environment.pop("MPLBACKEND", None)
    log = (folder / "jupyterlab.log").open("w")
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser"),
            *(f"--port={port}", f"--ServerApp.root_dir={folder}", "--IdentityProvider.token=open"),
        ],
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield lambda name: f"http://127.0.0.1:{port}/lab/tree/{name}?token=open&reset"
    finally:
        server.terminate()
        server.wait()
        log.close()


@contextlib.contextmanager
def chromium():
    """A page of a headless Chromium; its list `page.errors` holds what its console calls errors."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(PATIENCE)
        page.errors = []
        page.on("console", lambda m: page.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        yield page
        browser.close()


@contextlib.contextmanager
def offline():
    """The same without a network; `outside(page)` lists what it asks for elsewhere."""
    with chromium() as page:
        page.context.set_offline(True)
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        yield page


def outside(page):
    return [url for url in page.asked if not url.startswith(("file:", "data:", "blob:"))]


def run_all(page, address):
    """Open a notebook, run all its cells, and wait until the kernel is idle again."""
    page.goto(address)
    idle = page.get_by_text("| Idle")
    idle.wait_for()  # before that, Run All is lost
    page.wait_for_timeout(500)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.locator("#jp-mainmenu-run").get_by_text("Run All Cells", exact=True).click()
    page.wait_for_timeout(1000)
    page.wait_for_function(
        "() => ![...document.querySelectorAll('.jp-InputPrompt')]"
        ".some(prompt => prompt.textContent.includes('*'))"
    )
    idle.wait_for()
