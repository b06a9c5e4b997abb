"""The report of a run, as a file."""
import base64
import fcntl
import re
from html.parser import HTMLParser

import pytest
from matplotlib.figure import Figure
from written_runs import write_attempt

from xlearner_mm.errors import UserError
from xlearner_mm.visualization import read_run, write_report
from xlearner_mm.visualization.facts import source_rows, state, warnings_of
from xlearner_mm.visualization.report import render

STAMP = '20260101_000001'
TINY_PNG = base64.b64decode(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA'
    'WjR9awAAAABJRU5ErkJggg==')


class Page(HTMLParser):
    """Collects what a browser would look at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data) -> None:
        self.words.append(data)

    def of(self, tag: str) -> list[dict]:
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def text(self) -> str:
        return ' '.join(' '.join(self.words).split())


@pytest.fixture(scope='module')
def page(resumed):
    return Page(write_report(resumed.work_dir).read_text())


def test_it_lies_in_the_work_dir_and_says_what_was_run(resumed, page):
    assert (resumed.work_dir / 'report.html').is_file()
    for words in ('ExpansionModel', 'ExpansionTrainLoop', 'SGD, lr 0.01',
                  'finished 6 of 6 iterations', 'iteration 3', '2 attempts',
                  'iter_6.pth', 'animals', 'bbox_mAP (%)'):
        assert words in page.text, words


def test_it_loads_nothing_and_runs_nothing(page):
    addresses = [
        value for _, attrs in page.tags for key, value in attrs.items()
        if key in ('src', 'href', 'xlink:href', 'srcset', 'data', 'action')
    ]
    assert addresses
    assert all(a.startswith(('#', 'data:')) for a in addresses)
    assert not page.of('script')
    policy, = [a['content'] for a in page.of('meta') if 'http-equiv' in a]
    assert policy.startswith("default-src 'none'")


def test_ids_differ_and_links_lead_to_one(page):
    ids = [attrs['id'] for _, attrs in page.tags if attrs.get('id')]
    assert len(ids) == len(set(ids))
    links = [attrs['href'] for attrs in page.of('a')]
    assert links and {link[1:] for link in links} <= set(ids)


def test_every_picture_says_what_it_shows(page):
    roles = [a for a in page.of('div') if a.get('role') == 'img']
    assert len(roles) == 6  # losses and metrics of three sources
    assert all(a['aria-label'] for a in roles)
    headings = [tag for tag, _ in page.tags if re.fullmatch('h[1-6]', tag)]
    assert headings.count('h1') == 1


def test_sources_say_how_much_of_them_was_seen(resumed):
    rows = {
        row['source']: row
        for row in source_rows(read_run(resumed.work_dir))
    }
    seen = {n: (r['images seen'], r['epochs']) for n, r in rows.items()}
    assert seen == dict(
        animals=('18', '2.6'), things=('12', '2.4'), stuff=('12', '2.4'))


def test_what_a_run_is_called_and_logs_is_text(tmp_path):
    evil = '<script>alert(1)</script>'
    write_attempt(
        tmp_path / 'a<b>',
        STAMP, [{
            'loss': 1.0,
            'step': 1
        }, {
            f'{evil}/top1': 1.0,
            'step': 1
        }],
        config=f'model = dict(type={evil!r})')
    text = render(read_run(tmp_path / 'a<b>'))
    assert not Page(text).of('script')
    assert evil in Page(text).text


def test_pictures_of_other_tools_are_inside(tmp_path):
    write_attempt(tmp_path, STAMP, [dict(loss=1.0, step=1)])
    folder = tmp_path / 'analysis'
    folder.mkdir()
    figure = Figure()
    figure.subplots()
    figure.savefig(folder / 'reconciliation.svg')
    (folder / 'cka.png').write_bytes(TINY_PNG)
    (folder / 'broken.png').write_bytes(TINY_PNG[:20])
    (folder / 'losses.svg').write_text('drawn anew')
    page = Page(render(read_run(tmp_path)))
    kinds = [a['src'].partition(';')[0] for a in page.of('img')]
    assert kinds == ['data:image/png', 'data:image/svg+xml']
    assert all(a['alt'] for a in page.of('img'))
    assert 'broken.png is no picture' in page.text


def test_a_run_that_another_process_works_on_is_running(tmp_path):
    write_attempt(
        tmp_path,
        STAMP, [dict(loss=1.0, step=5)],
        config='train_cfg = dict(max_iters=9)')
    run = read_run(tmp_path)
    with open(tmp_path / 'lock', 'w') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert state(run) == ('running', '5 of 9 iterations when this was '
                              'written')
    assert state(run) == ('stopped', 'at 5 of 9 iterations')


def test_a_run_that_sigterm_ended_stopped_after_what_it_logged_last(tmp_path):
    write_attempt(
        tmp_path,
        STAMP, [dict(loss=1.0, step=5)],
        'SIGTERM: ended after iteration 7; the last checkpoint is iter_7.pth',
        config='train_cfg = dict(max_iters=9)')
    assert state(read_run(tmp_path)) == ('stopped', 'at 7 of 9 iterations')


def test_a_run_of_epochs_counts_epochs(tmp_path):
    write_attempt(
        tmp_path,
        STAMP, [dict(loss=1.0, step=50, epoch=1)],
        'Saving checkpoint at 1 epochs',
        'Saving checkpoint at 2 epochs',
        config='train_cfg = dict(max_epochs=2)')
    assert state(read_run(tmp_path)) == ('finished', '2 of 2 epochs')


def test_a_run_that_has_logged_nothing_has_a_report(tmp_path):
    write_attempt(tmp_path, STAMP, [])
    assert 'stopped at 0 iterations' in Page(render(read_run(tmp_path))).text


def test_losses_that_are_not_finite_are_warned_of(tmp_path):
    values = dict(loss=float('nan'), loss_cls=1.0, step=2)
    write_attempt(tmp_path, STAMP, [dict(loss=1.0, step=1), values])
    assert warnings_of(read_run(tmp_path)) == [
        ('error', 1, 'loss is not finite, first up to iteration 2')
    ]


def test_warnings_of_the_log_are_counted(tmp_path):
    write_attempt(tmp_path, STAMP, [dict(loss=1.0, step=1)])
    entry = '2026/01/01 00:00:01 - mmengine - WARNING - '
    with open(tmp_path / STAMP / f'{STAMP}.log', 'a') as file:
        file.write(f'{entry}resuming from iter_4.pth in place of iter_6.pth\n'
                   f'{entry}"FileClient" will be deprecated in future.\n'
                   f'{entry}a zero\n{entry}a zero\n')
    assert warnings_of(read_run(tmp_path)) == [
        ('warning', 1, 'resuming from iter_4.pth in place of iter_6.pth'),
        ('warning', 2, 'a zero')
    ]


def test_a_folder_that_is_no_run_gets_no_report(tmp_path):
    with pytest.raises(UserError, match='is no run'):
        write_report(tmp_path)
    assert not list(tmp_path.iterdir())
