"""The gammas of Eq. 2, for any tasks, joined stages and widths."""
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from xlearner_mm.models import ExpandedResNet
from xlearner_mm.models.necks import (BottomUpReconciliation,
                                      TopDownReconciliation)
from xlearner_mm.models.necks.reconciliation import FeatureSpec
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import gradients

NAMES = ('cls', 'det', 'seg', 'depth', 'pose')
TASKS = st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True)
STAGES = st.lists(
    st.integers(0, 3), min_size=1, max_size=4,
    unique=True)  # yapf: disable
KINDS = st.sampled_from([BottomUpReconciliation, TopDownReconciliation])


@st.composite
def specs(draw, tasks: list[str]) -> dict[str, list[FeatureSpec]]:
    """Draw the width of each task's sub-backbone; stages halve sizes."""
    widths = {task: draw(st.integers(1, 4)) for task in tasks}
    return {
        task: [FeatureSpec(w * 2**i, 4 * 2**i) for i in range(4)]
        for task, w in widths.items()
    }


def edges_of_equation_2(kind: type, tasks, stages) -> set[tuple]:
    """Enumerate (k, j, t, i) as the sums do."""
    found = set()
    for t in tasks:
        for i in stages:
            for k in tasks:
                for j in stages:
                    shallower = j <= i
                    deeper = j >= i
                    if k != t and (shallower if kind is BottomUpReconciliation
                                   else deeper):
                        found.add((k, j, t, i))
    return found


@given(KINDS, TASKS, STAGES, st.data())
def test_edges_are_those_of_the_equation(kind, tasks, stages, data):
    net = kind(data.draw(specs(tasks)), stages)
    assert len(net.edges) == len(set(net.edges)) == len(net.layers)
    assert set(net.edges) == edges_of_equation_2(kind, tasks, stages)
    for task in tasks:
        into = [edge for edge in net.edges if edge.dst_task == task]
        assert net.into(task) == [net.layers[edge.key] for edge in into]


@given(KINDS, TASKS, STAGES, st.data())
def test_parameters_are_those_of_the_papers_blocks(kind, tasks, stages, data):
    widths = data.draw(specs(tasks))
    expected = 0
    for k, j, t, i in edges_of_equation_2(kind, tasks, stages):
        source, target = widths[k][j].channels, widths[t][i].channels
        kernel = 9 if kind is BottomUpReconciliation else 1
        expected += abs(i - j) * (kernel * source**2 + 2 * source)
        expected += source * target + 2 * target
    net = kind(widths, stages)
    assert sum(p.numel() for p in net.parameters()) == expected


@given(KINDS, TASKS, STAGES, st.booleans(), st.data())
@settings(max_examples=12)
def test_a_loss_of_one_task_reaches_its_own_parts_alone(
        kind, tasks, stages, feed_forward, data):
    net = ExpandedResNet(
        tasks, tiny.sub_backbone(base_channels=4, stem_channels=4),
        dict(
            type=kind.__name__, fuse_stages=stages, feed_forward=feed_forward))
    task = data.draw(st.sampled_from(tasks))
    buffers = {n: v.clone() for n, v in net.named_buffers()}
    sum(f.square().sum() for f in net(torch.randn(2, 3, 64, 64),
                                      task)).backward()  # yapf: disable
    gammas = {
        f'reconciliation.layers.{k}_{j}_to_{t}_{i}.'
        for k, j, t, i in edges_of_equation_2(kind, tasks, stages) if t == task
    }
    own = (f'sub_backbones.{task}.', *gammas)
    assert gradients(net) == {
        n
        for n, _ in net.named_parameters() if n.startswith(own)
    }
    changed = {
        n
        for n, v in net.named_buffers() if not torch.equal(v, buffers[n])
    }
    assert changed and all(n.startswith(own) for n in changed)
