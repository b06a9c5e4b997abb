"""Train two iterations under DDP and under FSDP: `run_sharded.py OUT`.

One of two processes that share the work; the first writes what both ended
with to OUT.
"""
import os
import sys
from functools import partial
from pathlib import Path

import torch
import torch.distributed as dist
from mmengine.model import (MMDistributedDataParallel,
                            MMFullyShardedDataParallel)
from mmengine.optim import OptimWrapper
from torch import nn
from torch.distributed.fsdp.wrap import transformer_auto_wrap_policy

from xlearner_mm.datasets import build_train_loader
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny


def sharded(model: nn.Module) -> MMFullyShardedDataParallel:
    """Shard every residual block by itself, and the rest."""
    from mmpretrain.models.backbones.resnet import BasicBlock
    return MMFullyShardedDataParallel(
        model,
        device_id=torch.device('cpu'),
        auto_wrap_policy=partial(
            transformer_auto_wrap_policy, transformer_layer_cls={BasicBlock}))


def train(sources: list[dict], batch: dict, wrap: partial) -> dict:
    """Train two joint iterations; return the ends and what was held."""
    torch.manual_seed(0)
    model = MODELS.build(
        dict(
            type='ExpansionModel',
            backbone=tiny.expanded_resnet(),
            sources=sources))
    for p in model.backbone.reconciliation.parameters():
        p.data.normal_(std=0.1)
    wrapped = wrap(model.train())
    optim = OptimWrapper(
        torch.optim.SGD(wrapped.parameters(), lr=0.1, momentum=0.9))
    held = sum(p.numel() for p in wrapped.parameters())
    for k in range(2):
        torch.manual_seed(k)
        wrapped.train_step(dict(batch, phase='joint'), optim)
    whole = MMFullyShardedDataParallel.summon_full_params(wrapped)
    with whole:
        weights = {
            name.replace('_fsdp_wrapped_module.', '').removeprefix('module.'):
            p.detach().clone()
            for name, p in wrapped.named_parameters()
        }
    return dict(weights=weights, held=held)


def main(out: str) -> None:
    torch.set_num_threads(1)
    dist.init_process_group('gloo')
    root = Path(out).parent / os.environ['RANK']
    sources = [tiny.cls_source(root), tiny.seg_source(root)]
    batch = next(iter(build_train_loader(sources, max_iters=1)))
    ends = dict(
        whole=train(
            sources, batch,
            partial(MMDistributedDataParallel, broadcast_buffers=False)),
        sharded=train(sources, batch, sharded))
    if dist.get_rank() == 0:
        torch.save(ends, out)
    dist.destroy_process_group()


if __name__ == '__main__':
    main(sys.argv[1])
