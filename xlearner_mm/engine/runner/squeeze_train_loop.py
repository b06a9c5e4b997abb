"""The training loop of the squeeze stage (paper Sec. 3.3)."""
from ...registry import LOOPS
from .multi_source_train_loop import MultiSourceTrainLoop


@LOOPS.register_module()
class SqueezeTrainLoop(MultiSourceTrainLoop):
    """Train the student on images of every source.

    Labels travel along, since upstream preprocessors pad them with the
    images, but no loss reads them.
    """

    def check_heads(self) -> None:
        """There are no heads, and no label is read."""
