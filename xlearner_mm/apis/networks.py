"""Models and their networks, from the checkpoints of runs."""
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import cv2
import torch
from mmengine.config import Config
from mmengine.device import get_device
from torch import Tensor, nn

from ..datasets import build_train_loader
from ..errors import UserError
from ..models.backbones.families import family_of
from ..registry import MODELS
from .export import read_trained
from .inference.inputs import IMAGE_SUFFIXES, read_image
from .plain import read_checkpoint

#: From images (N, 3, H, W) to features of the stages, each (N, C, H, W).
Network = Callable[[Tensor], Sequence[Tensor]]


def load_model(cfg: Mapping, checkpoint: str) -> tuple[nn.Module, int]:
    """Build the model of a config and load what a run made of it.

    Args:
        cfg: Config of the model.
        checkpoint: A checkpoint that a runner wrote.

    Returns:
        The model, on the device in use, and how many iterations were done.

    Raises:
        UserError: The checkpoint is missing or does not fit.
    """
    held = read_checkpoint(checkpoint)
    model = MODELS.build(dict(cfg, _scope_='xlearner_mm'))
    try:
        model.load_state_dict(held.get('state_dict', held))
    except RuntimeError as error:
        first = str(error).split('\n')[1].strip()
        raise UserError(
            f'{checkpoint} does not fit the config: {first[:300]}; '
            'give the config that it was trained with') from error
    return model.to(get_device()), (held.get('meta') or {}).get('iter', 0)


def batches_of(cfg: Config, count: int) -> Iterator[dict]:
    """Load the first batches of a config's training.

    Args:
        cfg: A training config; of its loader only the sources count.
        count: How many.

    Raises:
        UserError: The config lists no sources.
    """
    if 'sources' not in cfg:
        raise UserError(f'{cfg.filename} lists no sources; give the config of '
                        'a multi-source training')
    loader = build_train_loader(cfg.sources, max_iters=count)
    loader.dataset.seed = (cfg.get('randomness') or {}).get('seed') or 0
    yield from loader


def networks_of(model: nn.Module) -> dict[str, tuple[Network, Sequence[int]]]:
    """Return the networks that a model of ours holds, by name.

    The backbone of hard-sharing and the student of a squeeze as '', the
    sub-backbones of an expansion by task: fused, as heads and students see
    them. With each the stages 0..3 that it puts out.
    """
    net = model.student if hasattr(model, 'student') else model.backbone
    if not hasattr(net, 'sub_backbones'):
        return {'': (net, family_of(net).out_stages(net))}
    return {
        task: (partial(net, task=task), net.out_stages[task])
        for task in net.sub_backbones
    }


@torch.no_grad()
def pooled_stages(checkpoints: Mapping[str, str], files: Sequence[Path],
                  size: int) -> dict[str, dict[str, Tensor]]:
    """Compute features of the same images by the networks of several runs.

    Args:
        checkpoints: Of runs, `{name: file}`; they hold their configs.
        files: Images; each run normalises them as it did in training.
        size: Side in pixels that they are resized to.

    Returns:
        By 'name', or 'name.task' of an expansion, the features of the stages
        'layer1'.. that the network puts out, averaged over positions, (n, C).
    """
    found = {}
    for name, file in checkpoints.items():
        model, _ = load_model(read_trained(file)[1], file)
        model.eval()
        prepare = next(iter(model.data_preprocessor.preprocessors.values()))
        for task, (network, stages) in networks_of(model).items():
            rows = []
            for image in _images(files, size):
                batch = prepare(dict(inputs=[image], data_samples=None))
                rows.append([f.mean((2, 3)) for f in network(batch['inputs'])])
            found[f'{name}.{task}' if task else name] = {
                f'layer{i + 1}': torch.cat(column).cpu()
                for i, column in zip(stages, zip(*rows))
            }
    return found


def image_files(folders: Sequence[str], count: int) -> list[Path]:
    """List image files, evenly taken from all below some folders.

    Args:
        folders: Searched in depth.
        count: How many at most.

    Raises:
        UserError: There are fewer than four.
    """
    files = [
        f for folder in folders for f in sorted(Path(folder).rglob('*'))
        if f.suffix.lower() in IMAGE_SUFFIXES
    ]
    if len(files) < 4:
        raise UserError(f'{len(files)} images below {list(folders)}; give '
                        'folders that hold at least four')
    taken = min(count, len(files))
    return [files[i * len(files) // taken] for i in range(taken)]


def _images(files: Sequence[Path], size: int) -> Iterator[Tensor]:
    """Read images as upstream does: BGR, (3, size, size), 0..255."""
    for file in files:
        image = cv2.resize(
            read_image(file), (size, size), interpolation=cv2.INTER_AREA)
        yield torch.from_numpy(image).permute(2, 0, 1).contiguous()
