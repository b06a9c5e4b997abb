"""The table of costs in configs/xlearner/README.md."""
import re

import pytest
from full_configs import ROOT, read
from mmengine.registry import MODELS
from torch import nn

from xlearner_mm.apis import complexity
from xlearner_mm.models.pruners import num_weights

FOLDER = ROOT / 'configs/xlearner'
ROW = re.compile(r'\| \[(.+?)\]\((\S+)\) \| \d \|.*\]\((\S+)\) \|.*\|')


def table() -> dict[str, tuple[str, str, list[float]]]:
    """Read each row: its expansion's file, what remains, its ten numbers."""
    rows = {}
    for line in (FOLDER / 'README.md').read_text().splitlines():
        match = ROW.fullmatch(line)
        if match:
            cells = [cell.strip() for cell in line.strip('|').split('|')]
            numbers = [0. if c == '-' else float(c) for c in cells[2:8]]
            rows[match[1]] = match[2], match[3], numbers + [
                float(c) for c in cells[9:]
            ]
    return rows


def weights(net: nn.Module | None) -> int:
    return 0 if net is None else sum(p.numel() for p in net.parameters())


def in_table(*numbers: float) -> list[float]:
    return [round(n / 1e6, 3) for n in numbers]


def expanded(file: str) -> nn.Module:
    """Build the expanded network of a config."""
    cfg = read(FOLDER / file)
    tasks = list(dict.fromkeys(s.task for s in cfg.sources))
    net = cfg.model.get('backbone') or cfg.model.teacher
    return MODELS.build(dict(net, tasks=tasks, _scope_='xlearner_mm'))


@pytest.mark.parametrize('name', table())
def test_parameters_of_the_table(name):
    file, rest, numbers = table()[name]
    net = expanded(file)
    sub, = {weights(s) for s in net.sub_backbones.values()}
    assert numbers[0:6:2] == in_table(sub, weights(net.reconciliation),
                                      weights(net))
    student = read(FOLDER / rest).model.get('student')
    final = MODELS.build(student) if student else expanded(rest)
    kept = weights(final)
    if hasattr(final, 'budget'):
        kept += final.budget - num_weights(final)
    assert numbers[6:8] == in_table(weights(final), kept)


def test_the_table_has_all_variants_and_squeezes_into_one_resnet_50():
    found = table()
    assert len(found) == 8
    for file in FOLDER.glob('*squeeze*r50_*_cls3-det2*.py'):
        numbers, = [n for _, rest, n in found.values() if rest == file.name]
        assert numbers[6:] == [23.508, 23.508, 4.109]


@pytest.mark.slow
@pytest.mark.parametrize('name', table())
def test_multiply_adds_of_the_table(name, written_sources):
    expansion, rest, numbers = table()[name]
    rows, final = ({
        r.network: r.flops
        for r in complexity(read(FOLDER / file))
    } for file in (expansion, rest))
    whole = 'expanded, all tasks'
    assert numbers[1:6:2] == in_table(*(n / 1e3
                                        for n in (rows['sub-backbone cls'],
                                                  rows.get('gammas', 0),
                                                  rows[whole])))
    assert numbers[8:] == in_table(final.get('student', final[whole]) / 1e3)
