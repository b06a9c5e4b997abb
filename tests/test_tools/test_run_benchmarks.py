"""All benchmarks of a folder run, and the report says what they reached."""
import json

import pytest

from xlearner_mm.errors import UserError
from xlearner_mm.testing.bench_report import reached, write_report
from xlearner_mm.testing.bench_runs import find_benchmarks, run_benchmark

GOOD = """import json, os, sys
print('going on')
print(json.dumps(dict(
    name='good', ratio=1.2, against='ours / bound', reach=dict(max=1.05),
    threads=int(os.environ['OMP_NUM_THREADS']), options=sys.argv[1:],
    settings=[dict(setting='T=2', ratio=1.01,
                   pairs=dict(q1=1.0, q3=1.02)),
              dict(setting='T=3', ratio=1.2)])))
"""


@pytest.fixture
def results(tmp_path):
    """What three scripts gave: one fails, one ends without JSON."""
    (tmp_path / 'good.py').write_text(GOOD)
    (tmp_path / 'broken.py').write_text('raise SystemExit(3)')
    (tmp_path / 'silent.py').write_text('print("no JSON")')
    return {
        script.stem: run_benchmark(script, ['--repeats', '3'], tmp_path)
        for script in find_benchmarks(tmp_path, [])
    }


def test_a_benchmark_gets_its_options_and_two_threads(results):
    report = results['good']['report']
    assert report['options'] == ['--json', '--repeats', '3']
    assert report['threads'] == 2
    assert results['good']['command'].endswith(
        'python good.py --json --repeats 3')


def test_what_fails_says_so(results):
    assert 'exit code 3' in results['broken']['error']
    assert 'no line of JSON' in results['silent']['error']


def test_progress_is_printed_and_the_line_of_json_is_not(tmp_path, capfd):
    (tmp_path / 'good.py').write_text(GOOD)
    run_benchmark(tmp_path / 'good.py', [], tmp_path)
    assert capfd.readouterr().out == 'going on\n'


def test_the_report_has_a_row_for_each_setting_and_each_failure(
        results, tmp_path):
    table = write_report(list(results.values()), tmp_path / 'bench')
    lines = [line for line in table.splitlines() if line.startswith('| good')]
    assert '| good, T=2 | ours / bound | 1.010 | 1.000-1.020 |' in lines[0]
    assert '| <= 1.05 | yes | `OMP_NUM_THREADS=2 ' in lines[0]
    assert '| <= 1.05 | no | `' in lines[1]
    assert '| broken | failed: exit code 3 |' in table
    assert table in (tmp_path / 'bench/report.md').read_text()
    saved = json.loads((tmp_path / 'bench/report.json').read_text())
    assert saved['benchmarks'] == list(results.values())


@pytest.mark.parametrize('ratio, reach, expected', [
    (0.97, dict(min=0.98, max=1.02), False),
    (1.02, dict(min=0.98, max=1.02), True),
    (1.3, dict(min=1.3), True),
    (1.29, dict(min=1.3), False),
])
def test_a_reach_may_have_two_ends(ratio, reach, expected):
    assert reached(dict(ratio=ratio, reach=reach)) is expected


def test_without_reach_nothing_is_judged():
    assert reached(dict(ratio=1.0)) is None


def test_an_unknown_name_is_refused(tmp_path):
    (tmp_path / 'good.py').write_text(GOOD)
    with pytest.raises(UserError, match=r"\['better'\].*\['good'\]"):
        find_benchmarks(tmp_path, ['better'])
