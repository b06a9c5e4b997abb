"""A squeeze iteration from upstream modules, and the least it can cost.

Shapes: x is (N, 3, H, W); stage i puts out (N, C_i, H_i, W_i).
"""
from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from mmcv.cnn import ConvModule
from mmengine.config import ConfigDict
from mmengine.registry import MODELS
from torch import Tensor, nn

from .step_bound import FUSE_STAGES, add_gammas, gammas_between, sgd, truncated


class UpstreamSqueeze:
    """A student that learns the last features of T teachers (Eq. 3 and 4).

    A subclass says how the teachers come to their features (:meth:`teach`).

    Args:
        sources: One source per task, configs of upstream models without
            backbone.
        net: Config of an upstream ResNet, the student.
        batch: A batch, as :func:`random_batch` draws it.
        device: Where all of it is.
    """

    def __init__(self, sources: Sequence[dict], net: dict,
                 batch: Mapping[str, dict], device: torch.device) -> None:
        self.batch = batch
        self.preprocessors = nn.ModuleDict({
            source['name']:
            MODELS.build(
                ConfigDict(
                    source['model']['data_preprocessor'],
                    _scope_=source['scope']))
            for source in sources
        }).to(device)
        self.student = MODELS.build(net)
        channels = self.student.feat_dim
        self.guidance = nn.ModuleDict({
            source['name']:
            ConvModule(
                channels, channels, 1, norm_cfg=dict(type='BN'), act_cfg=None)
            for source in sources
        })
        self.trained = nn.ModuleList([self.student, self.guidance]).to(device)
        self.trained.train()
        self.wrapper = sgd(self.trained)

    def step(self, **how: object) -> None:
        """Train the student on every source's images: 3F and the hints.

        Args:
            **how: Options of :meth:`teach`.
        """
        losses = []
        for name, preprocess in self.preprocessors.items():
            x = preprocess(dict(self.batch[name]), True)['inputs']
            feature = self.student(x)[-1]
            for task, target in self.teach(name, x, **how).items():
                guided = self.guidance[task](feature)
                losses.append(F.mse_loss(guided, target) * target.shape[1])
        self.wrapper.update_params(sum(losses) / len(self.batch))

    def teach(self, name: str, x: Tensor) -> dict[str, Tensor]:
        """Return every teacher's last feature of a source's images.

        Args:
            name: The source.
            x: Its images.
        """
        raise NotImplementedError

    def parameters(self) -> list[nn.Parameter]:
        """List what is trained."""
        return list(self.trained.parameters())


class PlainSqueeze(UpstreamSqueeze):
    """The least from T separate teachers: T F + 3F + guidance layers.

    Args: As :class:`UpstreamSqueeze`.
    """

    def __init__(self, sources: Sequence[dict], net: dict,
                 batch: Mapping[str, dict], device: torch.device) -> None:
        super().__init__(sources, net, batch, device)
        self.nets = _frozen(
            {source['name']: MODELS.build(net)
             for source in sources}, device)

    @torch.no_grad()
    def teach(self, name: str, x: Tensor) -> dict[str, Tensor]:
        """Run every teacher's backbone, without autograd and heads."""
        return {task: net(x)[-1] for task, net in self.nets.items()}


class SqueezeBound(PlainSqueeze):
    """The least from T joined teachers: what is the same for all runs once.

    T f + T (F - stem - first stage) + 3F + guidance layers, and the gammas.

    Args: As :class:`UpstreamSqueeze`.
    """

    def __init__(self, sources: Sequence[dict], net: dict,
                 batch: Mapping[str, dict], device: torch.device) -> None:
        super().__init__(sources, net, batch, device)
        shallow = truncated(net, FUSE_STAGES[-1] + 1)
        self.shared = _frozen({n: MODELS.build(shallow)
                               for n in self.nets}, device)
        x = torch.zeros(1, 3, 64, 64, device=device)
        channels = [f.shape[1] for f in next(iter(self.shared.values()))(x)]
        self.gammas = _frozen(
            gammas_between(list(self.nets), channels), device)

    @torch.no_grad()
    def teach(self, name: str, x: Tensor) -> dict[str, Tensor]:
        """Run the shared passes, then each teacher from its second stage."""
        unfused = {task: net(x) for task, net in self.shared.items()}
        return {task: self._fused(task, unfused) for task in self.nets}

    def _fused(self, task: str, unfused: Mapping[str,
                                                 Sequence[Tensor]]) -> Tensor:
        net, feature = self.nets[task], unfused[task][0]
        foreign = {k: v for k, v in unfused.items() if k != task}
        for i, layer in enumerate(net.res_layers):
            if i > 0:
                feature = getattr(net, layer)(feature)
            if i in FUSE_STAGES:
                feature = add_gammas(self.gammas[task], i, feature, foreign)
        return feature


def _frozen(nets: Mapping[str, nn.Module],
            device: torch.device) -> nn.ModuleDict:
    """Put networks together, in evaluation mode."""
    return nn.ModuleDict(nets).to(device).eval().requires_grad_(False)
