"""Places365 in the format of its official lists."""
from ...errors import UserError
from ...registry import DATASETS
from .image_list import LabelledImageList, read_lines


@DATASETS.register_module()
class Places365(LabelledImageList):
    """Places365, Challenge (8,026,628 images, 365 classes) or Standard.

    Reads `places365_train_challenge.txt` with lines `/a/airfield/00000001.jpg
    0`, `places365_val.txt` with `Places365_val_00000001.jpg 165`, and
    `categories_places365.txt` with `/a/airfield 0`.

    Args:
        ann_file: One of the official lists.
        class_file: The list of the categories.
        **kwargs: See :class:`ImageList`.
    """

    def __init__(self,
                 ann_file: str,
                 class_file: str = 'categories_places365.txt',
                 **kwargs) -> None:
        super().__init__(ann_file, class_file, **kwargs)

    def read_classes(self) -> tuple[str, ...]:
        """Read the categories, '/a/airfield 0' being 'airfield'.

        Raises:
            UserError: A line is malformed, or its number is not its place.
        """
        file = self.below_root(self.class_file)
        names = []
        for place, line in enumerate(read_lines(file)):
            try:
                path, label = self.parse_line(line)
                if label != place:
                    raise ValueError(f'category {label} where {place} is due')
            except ValueError as error:
                raise UserError(
                    f'{file}, line {place + 1}: {error}; the '
                    'categories are numbered from 0, in order') from error
            names.append(path.partition('/')[2])
        return tuple(names)
