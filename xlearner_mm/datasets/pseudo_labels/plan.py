"""What a student's config says about its labels."""
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from mmengine.config import Config

from ...errors import UserError
from ...sources import Source, parse_sources


@dataclass(frozen=True)
class Teacher:
    """The model that labels the images for one source.

    Args:
        config: Config of an expansion or of a hard-shared model that has a
            source of the same name; alone, or among others.
        checkpoint: Its checkpoint.
        score_thr: Labels with a lower score are left out, in [0, 1].
    """

    config: str
    checkpoint: str
    score_thr: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.score_thr <= 1:
            raise UserError(f'pseudo_labels: score_thr={self.score_thr} is no '
                            'probability; give a number in [0, 1], e.g. 0.5')


@dataclass(frozen=True)
class PseudoLabels:
    """The entry `pseudo_labels` of a student's config.

    Args:
        data_root: Paths in the label files are relative to it, as a dataset's
            image prefix is.
        images: Folders below it, whose images (at any depth) are labelled.
        folder: Where the labels go, each source's in a folder of its name.
        teachers: Who labels for which source.
    """

    data_root: str
    images: Sequence[str]
    folder: str
    teachers: Mapping[str, Teacher]

    @classmethod
    def from_config(cls, cfg: Config) -> 'PseudoLabels':
        """Read the entry; its `score_thr` is that of all teachers.

        Args:
            cfg: A student's config. Its `pseudo_labels` has the keys of this
                class and `score_thr`, by default 0.5 (ours: as in
                PROTOCOLS); a teacher's own `score_thr` goes before it.

        Raises:
            UserError: There is none, a key is wrong or missing, a teacher has
                no source, or a source's `train` does not read the labels.
        """
        entry = cfg.get('pseudo_labels')
        if entry is None:
            raise UserError(f'{cfg.filename}: no `pseudo_labels` in it; this '
                            'is no config of a student')
        entry = dict(entry)
        score_thr = entry.pop('score_thr', 0.5)
        _check_keys('pseudo_labels', entry, cls)
        teachers = {}
        for name, teacher in entry['teachers'].items():
            teacher = dict(dict(score_thr=score_thr), **teacher)
            _check_keys(f'pseudo_labels.teachers.{name}', teacher, Teacher)
            teachers[name] = Teacher(**teacher)
        plan = cls(**dict(entry, teachers=teachers))
        plan.check_sources(cfg)
        return plan

    def check_sources(self, cfg: Config) -> None:
        """Refuse sources that would train on other labels.

        The folder is named in `pseudo_labels` and in each dataset; a change
        of one would leave the other as it was.
        """
        for name in self.teachers:
            own = os.path.join(self.folder, name)
            files = label_files(source_of(cfg, name).train or {})
            other = [f for f in files if not is_below(f, own)]
            if other or not files:
                raise UserError(
                    f"source '{name}': its train dataset reads "
                    f"{other or 'no annotations'}, but its labels are written "
                    f'to {own}; let ann_file, classes and seg_map_path be '
                    'there, or take it off pseudo_labels.teachers')


def label_files(dataset: Mapping) -> list[str]:
    """Return the files and folders a dataset of any package labels by.

    Args:
        dataset: Its config.
    """
    root = dataset.get('data_root') or ''
    prefix = dataset.get('data_prefix')
    maps = prefix.get('seg_map_path') if isinstance(prefix, Mapping) else None
    below_root = [f for f in (dataset.get('ann_file'), maps) if f]
    # mmpretrain does not put the root before a file of class names.
    names = dataset.get('classes')
    return [os.path.join(root, file) for file in below_root
            ] + ([names] if isinstance(names, str) else [])


def is_below(path: str, folder: str) -> bool:
    """Return whether a path is a folder's or below it, links not followed."""
    return os.path.relpath(path, folder).split(os.sep)[0] != os.pardir


def source_of(cfg: Config, name: str) -> Source:
    """Return the source of this name in a config's model.

    Raises:
        UserError: There is none.
    """
    sources = parse_sources(cfg.model.get('sources') or ())
    for source in sources:
        if source.name == name:
            return source
    raise UserError(f"{cfg.filename}: no source '{name}' among "
                    f'{[s.name for s in sources]}, for which '
                    'pseudo_labels.teachers names a teacher')


def _check_keys(where: str, entry: Mapping, kind: type) -> None:
    """Refuse unknown and missing keys."""
    due = {field.name for field in fields(kind)}
    wrong = sorted(due ^ set(entry))
    if wrong:
        raise UserError(f'{where}: {wrong} are missing or unknown; its keys '
                        f'are {sorted(due)}')
