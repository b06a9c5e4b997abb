"""Teachers label an image set for a student (MuST, paper Table 4)."""
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmengine.config import Config
from mmengine.utils import ProgressBar

from ..datasets import dead_workers_explained
from ..datasets.pseudo_labels import (ImageSet, LabelFolder, LabelFormat,
                                      PseudoLabels, format_of, read_json,
                                      stamps_of, write_json)
from ..errors import UserError
from ..files import alone_in
from .teacher_model import TeacherModel


def write_pseudo_labels(cfg: Config, chunk: int = 256) -> dict[str, dict]:
    """Let every teacher of a student's config label its images.

    What is done is not repeated; an interrupted call goes on, and the labels
    do not depend on where it was interrupted. Labels that were made from
    something else are replaced, once the new ones are complete.

    Args:
        cfg: A loaded student's config, see :class:`PseudoLabels`.
        chunk: About how many images an interruption may cost; rounded to
            batches of the source's val_batch_size.

    Returns:
        `{source: {'images', 'unlabelled', 'kept', 'dropped', 'unit',
        'content'}}`: numbers of images, of those without a label, of labels
        above and below the threshold; what is counted ('images', 'boxes',
        'pixels'); number and bytes of the files. Also in each folder's
        `stats.json`.

    Raises:
        UserError: The config, a teacher or an image is not usable, or a
            teacher gives no label at all; or another process writes into the
            folder, or a loader's worker was killed.
    """
    plan = PseudoLabels.from_config(cfg)
    with alone_in(Path(plan.folder)), dead_workers_explained():
        return _write_all(cfg, plan, chunk)


def _write_all(cfg: Config, plan: PseudoLabels, chunk: int) -> dict[str, dict]:
    images = ImageSet.find(plan)
    workers = (cfg.get('val_dataloader') or {}).get('num_workers', 0)
    stats = {}
    for name, stamp in stamps_of(plan, images).items():
        folder = LabelFolder(Path(plan.folder, name), stamp)
        if folder.problem(len(images.paths)):
            folder.begin()
            labeller = Labeller(
                TeacherModel(plan.teachers[name], name, cfg.env_variables),
                folder, plan.data_root, images.paths)
            labeller.run(chunk, workers)
        stats[name] = folder.stats()
        print(f'{name}: {describe(stats[name])}', flush=True)
    return stats


class Labeller:
    """A teacher at work on all images.

    Args:
        teacher: The teacher.
        folder: Where its labels go.
        root: Folder of the images.
        paths: Below it.

    Raises:
        UserError: There is no format for the teacher's labels.
    """

    def __init__(self, teacher: TeacherModel, folder: LabelFolder, root: str,
                 paths: Sequence[str]) -> None:
        self.teacher, self.folder = teacher, folder
        self.root, self.paths = root, paths
        self.format: LabelFormat = format_of(teacher.source)(folder.files,
                                                             teacher.score_thr)

    def run(self, chunk: int, num_workers: int) -> None:
        """Label what is not labelled yet, then write the files.

        Args:
            chunk: See :func:`write_pseudo_labels`.
            num_workers: Loader processes.

        Raises:
            UserError: There is no label at all.
        """
        size = self.teacher.source.val_batch_size
        chunks = split(range(len(self.paths)), max(chunk // size, 1) * size)
        self.label(
            [c for c in chunks if not self.folder.chunk_file(c).exists()],
            num_workers)
        rows = [
            row for c in chunks
            for row in read_json(self.folder.chunk_file(c))
        ]
        stats = dict(
            images=len(rows),
            unlabelled=sum(not row['kept'] for row in rows),
            kept=sum(row['kept'] for row in rows),
            dropped=sum(row['dropped'] for row in rows),
            unit=self.format.unit)
        if not stats['kept']:
            raise UserError(
                f"source '{self.teacher.source.name}': its teacher gives no "
                f'label, {describe(stats)} at score_thr='
                f'{self.teacher.score_thr}; lower score_thr, or train the '
                'teacher longer')
        self.format.write(rows, self.teacher.classes)
        self.folder.publish(stats)

    def label(self, chunks: Sequence[range], num_workers: int) -> None:
        """Label chunks; each is safe when it is done."""
        size = self.teacher.source.val_batch_size
        todo = sum(map(len, chunks))
        print(f'{self.teacher.source.name}: {len(self.paths) - todo} of '
              f'{len(self.paths)} images are labelled')
        batches = {c: split(c, size) for c in chunks}
        found = self.teacher.predict_files(
            self.root, self.paths, [b for bs in batches.values() for b in bs],
            num_workers)
        bar = ProgressBar(todo)
        for c in chunks:
            rows = []
            for batch in batches[c]:
                rows += [
                    self.format.row(self.paths[number], sample)
                    for number, sample in zip(batch, next(found))
                ]
                bar.update(len(batch))
            write_json(self.folder.chunk_file(c), rows)
        bar.file.write('\n')


def split(numbers: range, size: int) -> list[range]:
    """Cut a range into pieces of one size; the last may be smaller.

    Example:
        >>> split(range(4, 9), 2)
        [range(4, 6), range(6, 8), range(8, 9)]
    """
    return [numbers[i:i + size] for i in range(0, len(numbers), size)]


def describe(stats: Mapping[str, object]) -> str:
    """Say how many labels there are."""
    return (f"{stats['kept']} {stats['unit']} kept, {stats['dropped']} "
            f"dropped; {stats['unlabelled']} of {stats['images']} images "
            'without a label')
