"""The report in a real browser, on a wide and a narrow window."""
import shutil

import pytest
from matplotlib.figure import Figure

from xlearner_mm.visualization import write_report

CHROMIUM = next((path
                 for name in ('chromium', 'google-chrome', 'chromium-browser')
                 if (path := shutil.which(name))), None)
OPTIONS = [
    '--headless', '--no-sandbox', '--disable-gpu',
    '--disable-background-networking'
]
if CHROMIUM is None:
    pytest.skip(
        'no Chromium on this machine (apt-get install chromium)',
        allow_module_level=True)
sync_api = pytest.importorskip('playwright.sync_api')


@pytest.fixture(scope='module')
def address(resumed):
    """A report with a picture of another tool in it."""
    folder = resumed.work_dir / 'analysis'
    folder.mkdir(exist_ok=True)
    figure = Figure()
    figure.subplots()
    for suffix in ('svg', 'png'):
        figure.savefig(folder / f'reconciliation.{suffix}')
    return write_report(resumed.work_dir).as_uri()


@pytest.fixture(scope='module')
def browser():
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM, args=OPTIONS)
        yield opened
        opened.close()


def measure(page) -> dict:
    """Return what can go wrong in a page's layout."""
    return page.evaluate('''() => ({
        widths: [...document.images].map(image => image.naturalWidth),
        drawn: [...document.querySelectorAll('.panels svg')].map(
            svg => svg.getBoundingClientRect().width),
        sideways: document.documentElement.scrollWidth - innerWidth,
        headings: [...document.querySelectorAll('h2')].length
    })''')


@pytest.mark.parametrize('width', [1440, 360])
@pytest.mark.parametrize('scripts', [True, False], ids=['js', 'no-js'])
def test_nothing_is_missing_wrong_or_too_wide(browser, address, width,
                                              scripts):
    context = browser.new_context(
        viewport=dict(width=width, height=800), java_script_enabled=scripts)
    page = context.new_page()
    said, requests = [], []
    page.on('console', lambda message: said.append(message.text))
    page.on('pageerror', lambda error: said.append(str(error)))
    page.on('requestfailed', lambda request: said.append(request.url))
    page.on('request', lambda request: requests.append(request.url))
    page.goto(address, wait_until='load')
    found = measure(page)
    context.close()
    assert said == []
    assert [url for url in requests
            if not url.startswith('data:')] == [address]
    assert len(found['widths']) == 2 and min(found['widths']) > 0
    assert len(found['drawn']) == 6 and min(found['drawn']) > 200
    assert found['sideways'] <= 0
    assert found['headings'] >= 7
