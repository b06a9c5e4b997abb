"""Classification sets whose lists give the class as a part of the path."""
import posixpath
import re
from collections.abc import Sequence

from ...errors import UserError
from ...registry import DATASETS
from .image_list import ImageList, read_lines

_BREED = re.compile(r'\d+-n(\d+)-.+')


class ClassPathList(ImageList):
    """A list with one path a line; a subclass finds the class in a path.

    Labels number the classes in the order of :meth:`class_of`. Training and
    validation agree on them because both see all classes, which is checked;
    where a list lacks some, name the full list as `class_list`.

    Args:
        ann_file: The list.
        num_classes: How many classes there must be.
        class_list: A list of paths to take the classes from; by default
            `ann_file`.
        **kwargs: See :class:`ImageList`.

    Raises:
        UserError: There are more or fewer classes than `num_classes`.
    """

    def __init__(self,
                 ann_file: str,
                 num_classes: int,
                 class_list: str | None = None,
                 **kwargs) -> None:
        self.num_classes = num_classes
        self.class_list = class_list or ann_file
        super().__init__(ann_file, **kwargs)

    def class_of(self, parts: Sequence[str]) -> tuple[int, str]:
        """Return number and name of the class of a path's parts.

        Raises:
            ValueError: The path has another form.
        """
        raise NotImplementedError

    def read_classes(self) -> tuple[str, ...]:
        """Find all classes of `class_list`."""
        file = self.below_root(self.class_list)
        found = set()
        for number, line in enumerate(read_lines(file), 1):
            try:
                found.add(self.class_of(_parts(line)))
            except ValueError as error:
                raise UserError(f'{file}, line {number}: {error}; mend or '
                                'remove the line') from error
        if len(found) != self.num_classes:
            raise UserError(
                f'{file} has {len(found)} classes, not '
                f'num_classes={self.num_classes}; name a list of all classes '
                'as class_list, or change num_classes here and in the head')
        self._labels = {key: i for i, key in enumerate(sorted(found))}
        return tuple(name for _, name in self._labels)

    def parse_line(self, line: str) -> tuple[str, int]:
        """Find the label of './/a/b.jpg' in its folders."""
        parts = _parts(line)
        key = self.class_of(parts)
        if key not in self._labels:
            raise ValueError(f'class {key[1]!r} is not in {self.class_list}')
        return '/'.join(parts), self._labels[key]


@DATASETS.register_module()
class CompCars(ClassPathList):
    """CompCars, its models being the classes.

    Reads `train_test_split/classification/train.txt` (16,016 images of 431
    models), or a list of your own in that form: `make/model/year/name.jpg`,
    the first three numbers. (A list with labels of its own is a
    :class:`LabelledImageList`.)

    Args:
        ann_file: The list.
        num_classes: Models in `class_list`.
        **kwargs: See :class:`ClassPathList`.
    """

    def __init__(self,
                 ann_file: str,
                 num_classes: int = 431,
                 **kwargs) -> None:
        super().__init__(ann_file, num_classes, **kwargs)

    def class_of(self, parts: Sequence[str]) -> tuple[int, str]:
        """Return the model: its id as number and as name."""
        if len(parts) != 4 or not parts[1].isdecimal():
            raise ValueError(f"{'/'.join(parts)!r} is not "
                             "'make/model/year/name.jpg' with model a number")
        return int(parts[1]), parts[1]


@DATASETS.register_module()
class TsinghuaDogs(ClassPathList):
    """Tsinghua Dogs: 65,228 / 5,200 images of 130 breeds.

    Reads `TrainAndValList/train.lst` and `validation.lst`, whose lines are
    `.//200-n000008-Airedale/n107028.jpg`.

    Args:
        ann_file: The list.
        num_classes: Breeds in `class_list`.
        **kwargs: See :class:`ClassPathList`.
    """

    def __init__(self,
                 ann_file: str,
                 num_classes: int = 130,
                 **kwargs) -> None:
        super().__init__(ann_file, num_classes, **kwargs)

    def class_of(self, parts: Sequence[str]) -> tuple[int, str]:
        """Return the breed: 8 and '200-n000008-Airedale'."""
        found = _BREED.fullmatch(parts[-2]) if len(parts) > 1 else None
        if not found:
            raise ValueError(f"{'/'.join(parts)!r} has no folder like "
                             "'200-n000008-Airedale'")
        return int(found[1]), parts[-2]


def _parts(line: str) -> list[str]:
    return posixpath.normpath(line.strip()).lstrip('/').split('/')
