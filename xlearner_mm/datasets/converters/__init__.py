"""From a data set's own format to one that upstream reads."""
from .wider_face import convert_wider_face

__all__ = ['convert_wider_face']
