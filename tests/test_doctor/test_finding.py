"""Findings on a page."""
import pytest

from xlearner_mm.doctor.finding import Finding, as_page, from_error
from xlearner_mm.errors import UserError


def test_errors_come_first_and_are_counted():
    page = as_page('a.py', [
        Finding('ok', 'disk', 'enough'),
        Finding('warning', 'batch', 'odd', 'scale it'),
        Finding('error', 'model', 'no such type', 'write another')
    ])
    assert page.splitlines() == [
        'a.py: 1 error, 1 warning', '', 'error    model: no such type',
        '         -> write another', 'warning  batch: odd',
        '         -> scale it', 'ok       disk: enough'
    ]


def test_a_remedy_of_several_findings_is_written_once():
    roots = [Finding('error', name, 'no root', 'set it') for name in 'abc']
    lines = as_page('a.py', roots).splitlines()[2:]
    assert [line[:5] for line in lines] == ['error'] * 3 + [' ' * 5]


def test_long_texts_lose_their_middle():
    page = as_page('a.py', [Finding('error', 'a', 'first ' * 999 + 'last')])
    assert len(page) < 900
    assert page.endswith('last')
    assert max(map(len, page.splitlines())) <= 100


@pytest.mark.parametrize('text, what, remedy', [
    ('model: wrong; mend it', 'wrong', 'mend it'),
    ('wrong', 'wrong', ''),
    ('a; b; mend it', 'a; b', 'mend it'),
    ('model has no b;\n   mend  it', 'has no b', 'mend it'),
])
def test_place_and_remedy_are_read_from_the_projects_errors(
        text, what, remedy):
    finding = from_error('model', UserError(text))
    assert finding == ('error', 'model', what, remedy)
