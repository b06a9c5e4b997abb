"""The training loop of the squeeze stage (paper Sec. 3.3)."""
from ...registry import LOOPS
from .multi_source_train_loop import MultiSourceTrainLoop


@LOOPS.register_module()
class SqueezeTrainLoop(MultiSourceTrainLoop):
    """Train the student on images of every source, without their labels."""

    def check_heads(self) -> None:
        """There are no heads, and no label is read."""

    def prepare(self, data_batch: dict[str, dict]) -> dict:
        """Leave the labels behind, so they are not moved to the device."""
        return {
            source: dict(inputs=batch['inputs'])
            for source, batch in data_batch.items()
        }
