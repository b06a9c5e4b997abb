"""The report: rows of several seeds, tables, figure."""
import json
from pathlib import Path

import pytest
from matplotlib.image import imread

from xlearner_mm.errors import UserError
from xlearner_mm.systems.claims import CLAIMS
from xlearner_mm.systems.figure import draw
from xlearner_mm.systems.judging import BETTER, Claim, Comparison, judge
from xlearner_mm.systems.markdown import markdown
from xlearner_mm.systems.report import read_rows, write_report
from xlearner_mm.systems.table import SYSTEMS

CLAIM = Claim('X-Learner is better', 'Table 9', [
    Comparison('xlearner', BETTER, 'hard-sharing',
               dict(linear_probe=(77.1, 73.2), upstream=(2.0, 1.0))),
    Comparison('xlearner', BETTER, 'must', dict(seg_mIoU=(2.0, 1.0)))
])
#: Student's t of 90 % with one degree of freedom is 6.314.
TABLES = """\
| Method | Linear probe (top-1) | Detection (AP50) | Segmentation (mIoU) \
| Images seen | Parameters | Minutes |
| --- | --- | --- | --- | --- | --- | --- |
| Hard-sharing | 40.0 ± 1.4 (2) | 20.0 ± 0.0 (2) | 30.0 ± 0.0 (2) \
| 76,800 | 702,096 | 2 |
| X-Learner | 43.5 ± 0.7 (2), +3.5 | 21.0 ± 0.0 (2), +1.0 \
| 29.0 ± 0.0 (2), -1.0 | 76,800 + 9,000 | 702,096 | 3 |

On the sources themselves:

| Method | shapes (top1) | parts (mAP) |
| --- | --- | --- |
| Hard-sharing | 50.0 ± 0.0 (2) | - |
| X-Learner | 51.0 (1) | 7.0 (1) |

The paper's claims:

| Claim | Paper | Here | Verdict |
| --- | --- | --- | --- |
| X-Learner is better | Table 9<br>Cls +3.9 (77.1 - 73.2)\
<br>Sources +1.0 (2.0 - 1.0)<br>Seg +1.0 (2.0 - 1.0) \
| X-Learner better than Hard-sharing:\
<br>Cls +3.5 [+0.3, +6.7], 2 seeds: agrees\
<br>Sources +1.0, one seed: cannot tell\
<br>X-Learner better than MuST:<br>Seg not measured: not run | **not run** |"""


def row(system: str, seed: int, probe: float, det: float, seg: float,
        **others) -> dict:
    """A row as `Systems` writes it."""
    return dict(
        system=system,
        seed=seed,
        method=SYSTEMS[system].title,
        transfer=dict(linear_probe=probe, det_AP50=det, seg_mIoU=seg),
        source_metrics=others.get('source_metrics', {}),
        params=702096,
        images_seen=76800,
        teacher_images=others.get('teacher_images', 0),
        seconds=others.get('seconds', 120.0),
        transfer_seconds=60.0)


@pytest.fixture
def rows() -> list[dict]:
    """Two systems and two seeds; one row lacks its sources."""
    shapes = {'shapes (top1)': 50.0}
    both = {'shapes (top1)': 51.0, 'parts (mAP)': 7.0}
    more = dict(teacher_images=9000, seconds=180.0)
    return [
        row('hard-sharing', 0, 39.0, 20.0, 30.0, source_metrics=shapes),
        row('hard-sharing', 1, 41.0, 20.0, 30.0, source_metrics=shapes),
        row('xlearner', 0, 43.0, 21.0, 29.0, source_metrics=both, **more),
        row('xlearner', 1, 44.0, 21.0, 29.0, **more)
    ]


def write(rows: list[dict], root: Path) -> None:
    """Write each row into the folder of its seed."""
    for row in rows:
        file = root / f'seed-{row["seed"]}/rows/{row["system"]}.json'
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(row))


def test_tables_are_exactly_these(rows):
    assert markdown(rows, [judge(CLAIM, rows)]) == TABLES


def test_rows_of_seeds_run_at_different_times_merge(rows, tmp_path):
    write(rows[1::2], tmp_path)
    assert read_rows(tmp_path) == rows[1::2]
    write(rows[::2], tmp_path)
    (tmp_path / 'seed-0/rows/note.txt').write_text('not a row')
    assert read_rows(tmp_path) == rows  # in the order of SYSTEMS and seeds


@pytest.mark.parametrize(
    'text, message', [
        ('{"system": "xlea', 'must.json holds no row: .*delete it'),
        ('7', 'must.json holds no row'),
        ('{"system": "must", "seed": 0}', "it has no .*'transfer'"),
        (json.dumps(row('must', 0, 1, 1, 1)).replace('"must"', '"mist"'),
         "must.json: no system 'mist'; there are .*'must'"),
        (json.dumps(row('xlearner', 0, 1, 1, 1)),
         'xlearner.json has the system and seed of .*must.json'),
    ],
    ids=['cut', 'number', 'keys', 'system', 'twice'])
def test_a_broken_row_is_named(text, message, rows, tmp_path):
    write(rows, tmp_path)
    (tmp_path / 'seed-0/rows/must.json').write_text(text)
    with pytest.raises(UserError, match=message):
        read_rows(tmp_path)


def test_unreadable_row_is_named(tmp_path):
    (tmp_path / 'seed-0/rows/must.json').mkdir(parents=True)
    with pytest.raises(UserError, match='must.json holds no row'):
        read_rows(tmp_path)


def test_report_is_written_in_three_forms(rows, tmp_path):
    tables = write_report(rows, tmp_path)
    report = json.loads((tmp_path / 'report.json').read_text())
    assert report['rows'] == rows
    assert [c['claim'] for c in report['claims']] == [c.text for c in CLAIMS]
    assert report['env']['torch']
    text = (tmp_path / 'report.md').read_text()
    assert tables in text and '![every seed](systems.png)' in text
    height, width, _ = imread(tmp_path / 'systems.png').shape
    assert width > 800 and height > 100


def test_report_holds_no_number_that_json_lacks(rows, tmp_path):
    write_report(rows[::2], tmp_path)  # one seed: no interval

    def refuse(name: str) -> None:
        raise AssertionError(name)

    json.loads((tmp_path / 'report.json').read_text(), parse_constant=refuse)


def test_one_seed_says_so_and_decides_nothing(rows, tmp_path):
    tables = write_report(rows[::2], tmp_path)
    assert 'Cls +4.0, one seed: cannot tell' in tables
    assert '**agrees**' not in tables and '**disagrees**' not in tables
    assert '±' not in tables and '| 43.0 (1), +4.0 |' in tables


def test_without_hard_sharing_there_is_no_gain(rows, tmp_path):
    assert '| 43.5 ± 0.7 (2) |' in write_report(rows[2:], tmp_path)


def test_figure_shows_every_seed_of_every_system(rows):
    figure = draw(rows)
    titles = [SYSTEMS[s].title for s in ('hard-sharing', 'xlearner')]
    labels = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert labels == titles
    dots = [
        line.get_xydata().tolist() for line in figure.axes[0].lines
        if line.get_marker() == 'o'
    ]
    assert dots == [[[39.0, 0], [41.0, 0]], [[43.0, 1], [44.0, 1]]]


def test_rows_of_other_lengths_do_not_mix(tmp_path):
    folder = tmp_path / 'seed-0/rows'
    folder.mkdir(parents=True)
    for system, scale in (('must', 1.0), ('xlearner', 0.005)):
        (folder / f'{system}.json').write_text(
            json.dumps(dict(row(system, 0, 1, 2, 3), scale=scale)))
    with pytest.raises(UserError, match='xlearner.json was made with scale'):
        read_rows(tmp_path)
