"""Classes, boxes and masks of an image from one pass of the backbone."""
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.infer import BaseInferencer
from torch import nn

from ..errors import UserError
from ..models import GuidedStudentModel
from ..registry import MODELS
from ..sources import parse_sources
from .cli import load_config
from .inference import (Reader, as_answer, class_names, file_stems,
                        list_images, read_image, write_answers)
from .inference.inputs import Image
from .plain import read_checkpoint

_REMEDY = ('give a config of the stage after the squeeze, with a '
           'GuidedStudentModel')


class MultiTaskInferencer(BaseInferencer):
    """Ask the heads of all sources about images, by one pass of the student.

    All heads see the same picture, resized to fit into `scale`, so that an
    image passes through the student once. With `own_inputs` each source sees
    the image as its test pipeline makes it, as in validation; sources whose
    inputs are equal share a pass.

    Called with a path, a folder, an array (H, W, 3) of uint8 in BGR order,
    or a list of these, and further arguments by name:

    - batch_size: Images that pass together; those of one size do.
    - sources: Names of the sources to ask; all by default.
    - score_thr: Boxes of a lower score are left out; 0.3.
    - topk: How many classes of a picture are given; 5.
    - out_dir: Folder for a picture of each image and its answers.
    - return_vis: Whether to return the pictures.
    - return_datasamples: Whether to return upstream's data samples.

    It returns a dictionary: 'predictions', for each image
    `{source: answer}` (see :func:`.inference.as_answer`) or data samples;
    and 'visualization', for each image a picture, (H, W, 3), RGB.

    Args:
        model: Config of a run of :class:`GuidedStudentModel`, or its path.
            Its datasets need not be there.
        weights: The run's checkpoint.
        device: Such as 'cpu' or 'cuda:0'; the available one by default.
        scale: (long, short) side of the common input in pixels, which it
            fits into; by default the config's `infer_scale`, else the image
            keeps its size. Both sides are rounded to multiples of 32.
        own_inputs: Whether to use the sources' test pipelines.
        show_progress: Whether to show a progress bar.

    Raises:
        UserError: The config or the weights are missing, or of another
            model.

    Example:
        >>> ask = MultiTaskInferencer(  # doctest: +SKIP
        ...     'configs/demo/xlearner-heads_r18_demo.py',
        ...     'work_dirs/xlearner-heads_r18_demo/iter_120.pth')
        >>> answer = ask('photo.jpg')['predictions'][0]  # doctest: +SKIP
        >>> answer['shapes']['classes'][0]  # doctest: +SKIP
        'star'
    """

    preprocess_kwargs = {'sources'}
    forward_kwargs = {'score_thr', 'topk'}
    visualize_kwargs = {'out_dir', 'return_vis'}

    def __init__(self,
                 model: str | Path | Config,
                 weights: str | Path,
                 device: str | None = None,
                 scale: Sequence[int] | None = None,
                 own_inputs: bool = False,
                 show_progress: bool = True) -> None:
        cfg = model if isinstance(model, Config) else load_config(str(model))
        if 'sources' not in cfg:
            raise UserError(f'{cfg.filename} has no list `sources`; '
                            f'{_REMEDY}')
        self.reader = Reader(
            parse_sources(cfg.sources), scale or cfg.get('infer_scale'),
            own_inputs)
        super().__init__(cfg, str(weights), device, 'xlearner_mm',
                         show_progress)

    def _init_model(self,
                    cfg: Config,
                    weights: str,
                    device: str | None = None) -> nn.Module:
        """Build the model, load all of its weights, and find class names."""
        checkpoint = read_checkpoint(weights)
        model = MODELS.build(dict(cfg.model, _scope_='xlearner_mm'))
        if not isinstance(model, GuidedStudentModel):
            raise UserError(
                f'{cfg.filename}: a {type(model).__name__} has no heads '
                f'behind one student; {_REMEDY}')
        try:
            model.load_state_dict(checkpoint.get('state_dict', checkpoint))
        except RuntimeError as error:
            raise UserError(f'{weights} does not fit {cfg.filename}: {error}; '
                            'give the checkpoint of its run') from error
        self.names = {
            source.name: class_names(source, checkpoint)
            for source in parse_sources(cfg.sources)
        }
        return model.to(device).eval()

    def _init_pipeline(self, cfg: Config) -> Reader:
        return self.reader

    def _init_visualizer(self, cfg: Config) -> None:
        """Upstream's draw for one task each."""

    def _inputs_to_list(self, inputs: Image | Sequence[Image]) -> list[Image]:
        return list_images(inputs)

    def preprocess(self,
                   inputs: list[Image],
                   batch_size: int = 1,
                   sources: Sequence[str] | None = None) -> '_Batches':
        """Read images batch by batch, for some sources or all.

        Raises:
            UserError: A source is unknown, or the batch is empty.
        """
        names = list(self.names if sources is None else sources)
        unknown = sorted(set(names) - set(self.names))
        if unknown or not names:
            raise UserError(f'no sources {unknown}; choose some of '
                            f'{list(self.names)}')
        if batch_size < 1:
            raise UserError(f'batch_size={batch_size}; give a number >= 1')
        return _Batches(self.reader, inputs, batch_size, names)

    @torch.no_grad()
    def forward(self,
                inputs: list[dict[str, dict]],
                score_thr: float = 0.3,
                topk: int = 5) -> list[tuple[dict, dict]]:
        """Predict a batch, images of one size together.

        Args:
            inputs: What the reader made of each image.
            score_thr, topk: See :func:`.inference.as_answer`.

        Returns:
            For each image its data samples and its plain answers, by source.
        """
        groups: dict[tuple, list[int]] = {}
        for number, item in enumerate(inputs):
            sizes = tuple(part['inputs'].shape for part in item.values())
            groups.setdefault(sizes, []).append(number)
        samples: list[dict] = [{} for _ in inputs]
        for numbers in groups.values():
            found = self.model.test_step({
                name:
                pseudo_collate([inputs[n][name] for n in numbers])
                for name in inputs[0]
            })
            for name, predictions in found.items():
                for number, sample in zip(numbers, predictions):
                    sample.pop('seg_logits', None)  # of each class and pixel
                    samples[number][name] = sample.cpu()
        return [(one, {
            name: as_answer(sample, self.names[name], score_thr, topk)
            for name, sample in one.items()
        }) for one in samples]

    def visualize(self,
                  inputs: list[Image],
                  preds: list[tuple[dict, dict]],
                  out_dir: str | Path | None = None,
                  return_vis: bool = False) -> list[np.ndarray]:
        """Draw the answers; write them where a folder is given."""
        if out_dir is None and not return_vis:
            return []
        # matplotlib, which no other tool needs at its start
        from .inference.pictures import draw_answers
        pictures = []
        stems = file_stems(inputs)
        for image, stem, (_, answers) in zip(inputs, stems, preds):
            picture = draw_answers(read_image(image), answers)
            if out_dir is not None:
                write_answers(answers, picture, Path(out_dir, stem))
            if return_vis:
                pictures.append(picture)
        return pictures

    def postprocess(self,
                    preds: list[tuple[dict, dict]],
                    visualization: list[np.ndarray],
                    return_datasamples: bool = False) -> dict[str, list]:
        """Return what was asked for, see the class."""
        return dict(
            predictions=[pair[not return_datasamples] for pair in preds],
            visualization=visualization)


class _Batches:
    """Batches of images, read when they are due; progress bars ask for len."""

    def __init__(self, reader: Reader, images: Sequence[Image], size: int,
                 names: Sequence[str]) -> None:
        self.reader, self.images = reader, images
        self.size, self.names = size, names

    def __len__(self) -> int:
        return -(-len(self.images) // self.size)

    def __iter__(self) -> Iterator[list[dict]]:
        for start in range(0, len(self.images), self.size):
            numbers = range(start, min(start + self.size, len(self.images)))
            yield [self.reader(self.images[n], n, self.names) for n in numbers]
