from .answers import as_answer, file_stems, write_answers
from .inputs import Reader, list_images, read_image
from .names import class_names

__all__ = [
    'Reader', 'as_answer', 'class_names', 'file_stems', 'list_images',
    'read_image', 'write_answers'
]
