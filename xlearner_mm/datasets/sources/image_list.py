"""Classification sets that a text file lists, one image a line."""
import os.path as osp
import re

from mmengine.fileio import join_path, list_from_file
from mmpretrain.datasets import BaseDataset

from ...errors import UserError
from ...registry import DATASETS

_PATH_AND_LABEL = re.compile(r'(\S.*?)\s+(-?\d+)\s*')


class ImageList(BaseDataset):
    """Read a list of images; a subclass says what a line and a class are.

    Args:
        ann_file: The list, absolute or relative to `data_root`.
        **kwargs: See mmpretrain's BaseDataset: `data_root`, `data_prefix`
            (folder of the images below it), `pipeline`, `indices`, ...

    Raises:
        UserError: The list is missing or empty, or a line is malformed or
            has a label that is no class; file and line are named.
    """

    def load_data_list(self) -> list[dict]:
        """Read the list.

        Returns:
            One `{'img_path': str, 'gt_label': int}` per line; labels are
            indices in [0, number of classes).
        """
        self._metainfo['classes'] = classes = self.read_classes()
        data = []
        for number, line in enumerate(read_lines(self.ann_file), 1):
            try:
                path, label = self.parse_line(line)
                if not 0 <= label < len(classes):
                    raise ValueError(f'label {label} is outside the '
                                     f'{len(classes)} classes')
            except ValueError as error:
                raise UserError(f'{self.ann_file}, line {number}: {error}; '
                                'mend or remove the line') from error
            data.append(
                dict(img_path=osp.join(self.img_prefix, path), gt_label=label))
        return data

    def read_classes(self) -> tuple[str, ...]:
        """Return the names of the classes, by label."""
        raise NotImplementedError

    def parse_line(self, line: str) -> tuple[str, int]:
        """Return path below the images' folder, and label, of a line.

        Raises:
            ValueError: The line is malformed.
        """
        raise NotImplementedError

    def below_root(self, file: str) -> str:
        """Return a file's path, relative ones being below `data_root`."""
        return file if osp.isabs(file) else join_path(self.data_root, file)


@DATASETS.register_module()
class LabelledImageList(ImageList):
    """A list with lines `path label`, for any set with a label space.

    Args:
        ann_file: The list; labels are whole numbers from 0.
        class_file: Names of the classes, one a line, in order of the labels.
        **kwargs: See :class:`ImageList`.
    """

    def __init__(self, ann_file: str, class_file: str, **kwargs) -> None:
        self.class_file = class_file
        super().__init__(ann_file, **kwargs)

    def read_classes(self) -> tuple[str, ...]:
        """Read the names."""
        return tuple(line.strip()
                     for line in read_lines(self.below_root(self.class_file)))

    def parse_line(self, line: str) -> tuple[str, int]:
        """Split 'a/b.jpg 3'; a path may contain blanks."""
        found = _PATH_AND_LABEL.fullmatch(line)
        if not found:
            raise ValueError(f"{line!r} is not 'path label', e.g. "
                             "'a/b.jpg 3'")
        return found[1].lstrip('/'), int(found[2])


def read_lines(file: str) -> list[str]:
    """Read a text file without the blank lines at its end.

    Raises:
        UserError: It is missing or has no line.
    """
    try:
        lines = list_from_file(file)
    except OSError as error:
        raise UserError(f'no list of images or classes at {file}; check '
                        'data_root, ann_file and the class file') from error
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise UserError(f'{file} is empty; download it again')
    return lines
