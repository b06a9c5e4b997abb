"""A naive float64 expanded backbone, and networks to compare with it.

It reads the state dict, knows nothing of the modules, and is written with
`torch.nn.functional` convolutions and a BatchNorm by hand.
"""
import torch
import torch.nn.functional as F

from xlearner_mm.models import ExpandedResNet

TASKS = ('cls', 'det', 'seg')
#: Joined stages, feed_forward, strides, dilations and an odd image size.
SHAPES = [
    ((0, 1, 2), True, (1, 2, 2, 2), (1, 1, 1, 1), (33, 47)),
    ((0, 1, 2), True, (1, 2, 1, 1), (1, 1, 2, 4), (41, 37)),
    ((0, 2, 3), True, (1, 2, 2, 1), (1, 1, 1, 2), (65, 33)),
    ((0, 1, 2, 3), False, (1, 2, 2, 2), (1, 1, 1, 1), (47, 65)),
]


class NaiveExpanded:
    """F_i^t = E_i^t + sum_{k != t} sum_j gamma(E_j^k), naively.

    A subclass says which j are `joined` to i, and what a `gamma` is.

    Args:
        state: State dict of an ExpandedResNet of basic blocks.
        stages: Joined stages.
        train: Whether task t's own BatchNorms and its gammas' use the
            batch's statistics.
        strides, dilations: Of the four stages.
    """

    def __init__(self, state, stages, train, strides, dilations):
        self.state, self.stages = state, stages
        self.train, self.strides, self.dilations = train, strides, dilations

    def norm(self, x, name, train):
        if train:
            mean = x.mean((0, 2, 3))
            var = ((x - mean[:, None, None])**2).mean((0, 2, 3))
        else:
            mean = self.state[f'{name}.running_mean']
            var = self.state[f'{name}.running_var']
        scale = self.state[f'{name}.weight'] / (var + 1e-5).sqrt()
        shift = self.state[f'{name}.bias'] - mean * scale
        return x * scale[:, None, None] + shift[:, None, None]

    def block(self, x, name, stride, dilation, train):
        weight = self.state[f'{name}.conv1.weight']
        y = F.conv2d(x, weight, None, stride, dilation, dilation)
        y = self.norm(y, f'{name}.bn1', train).clamp(min=0)
        y = F.conv2d(y, self.state[f'{name}.conv2.weight'], None, 1, 1)
        y = self.norm(y, f'{name}.bn2', train)
        if f'{name}.downsample.0.weight' in self.state:
            weight = self.state[f'{name}.downsample.0.weight']
            x = F.conv2d(x, weight, None, stride)
            x = self.norm(x, f'{name}.downsample.1', train)
        return (x + y).clamp(min=0)

    def stage(self, task, i, x, train):
        if i == 0:
            name = f'sub_backbones.{task}'
            x = F.conv2d(x, self.state[f'{name}.conv1.weight'], None, 2, 3)
            x = self.norm(x, f'{name}.bn1', train).clamp(min=0)
            x = F.max_pool2d(x, 3, 2, 1)
        for b in range(2):
            x = self.block(x, f'sub_backbones.{task}.layer{i + 1}.{b}',
                           self.strides[i] if b == 0 else 1, self.dilations[i],
                           train)
        return x

    @staticmethod
    def resize(x, size):
        rows = torch.arange(size[0]) * x.shape[2] // size[0]
        columns = torch.arange(size[1]) * x.shape[3] // size[1]
        return x[:, :, rows][:, :, :, columns]

    def features(self, image, task, feed_forward):
        unfused = {}
        for other in TASKS:
            x = image
            for i in range(4):
                unfused[other, i] = x = self.stage(other, i, x, False)
        outs, x = [], image
        for i in range(4):
            own = self.stage(task, i, x, self.train)
            fused = own
            for other in TASKS:
                for j in filter(lambda j: self.joined(j, i), self.stages):
                    if other != task and i in self.stages:
                        name = f'layers.{other}_{j}_to_{task}_{i}'
                        fused = fused + self.gamma(
                            unfused[other, j], f'reconciliation.{name}', j, i,
                            own.shape[-2:])
            outs.append(fused)
            x = fused if feed_forward else own
        return outs


def network(strides, dilations, reconciliation) -> ExpandedResNet:
    """Build three tasks of different widths with random BatchNorms."""
    torch.manual_seed(5)
    net = ExpandedResNet(
        TASKS, {
            task:
            dict(
                type='mmpretrain.ResNet',
                depth=18,
                base_channels=width,
                stem_channels=width,
                strides=strides,
                dilations=dilations,
                out_indices=(0, 1, 2, 3))
            for task, width in zip(TASKS, (4, 6, 5))
        }, reconciliation).double()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.weight.data.uniform_(0.5, 1)
            module.bias.data.normal_()
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    return net  # yapf: disable
