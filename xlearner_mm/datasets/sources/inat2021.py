"""iNaturalist 2021 in the format of its competition files."""
import os.path as osp

from mmengine.fileio import load
from mmpretrain.datasets import BaseDataset

from ...errors import UserError
from ...registry import DATASETS


@DATASETS.register_module()
class INat2021(BaseDataset):
    """iNat2021: 2,686,843 / 100,000 images of 10,000 species.

    Reads `train.json` and `val.json`: COCO's `images`, `annotations` (one an
    image, without box) and `categories`, whose `image_dir_name` is the
    species' folder and here its name. An image's `file_name` is its path
    below `data_prefix`: `train/00000_Animalia_.../<id>.jpg`. Labels number
    the categories by id.

    Args:
        ann_file: The JSON file, absolute or relative to `data_root`.
        **kwargs: See mmpretrain's BaseDataset.

    Raises:
        UserError: The file is missing or lacks a key, or an annotation names
            an image or a category that is not in it.
    """

    def load_data_list(self) -> list[dict]:
        """Read the JSON file.

        Returns:
            One `{'img_path': str, 'gt_label': int}` per annotation; labels
            are in [0, number of categories).
        """
        try:
            content = load(self.ann_file)
        except OSError as error:
            raise UserError(f'no image list at {self.ann_file}; check '
                            'data_root and ann_file') from error
        except ValueError as error:
            raise UserError(f'{self.ann_file} is no JSON: {error}; download '
                            'it again') from error
        try:
            return self._pair(content)
        except (KeyError, TypeError) as error:
            raise UserError(
                f'{self.ann_file}: an entry lacks {error}; needed are images '
                '(id, file_name), annotations (id, image_id, category_id) '
                'and categories (id, image_dir_name)') from error

    def _pair(self, content: dict) -> list[dict]:
        """Give each annotation its image's path and its category's label."""
        categories = sorted(content['categories'], key=lambda c: c['id'])
        self._metainfo['classes'] = tuple(c['image_dir_name']
                                          for c in categories)
        labels = {c['id']: i for i, c in enumerate(categories)}
        files = {i['id']: i['file_name'] for i in content['images']}
        data = []
        for entry in content['annotations']:
            image, category = entry['image_id'], entry['category_id']
            if image not in files or category not in labels:
                raise UserError(
                    f"{self.ann_file}: annotation {entry['id']} names image "
                    f'{image} and category {category}, which are not both in '
                    f'the file ({len(labels)} categories); remove it')
            data.append(
                dict(
                    img_path=osp.join(self.img_prefix, files[image]),
                    gt_label=labels[category]))
        return data
