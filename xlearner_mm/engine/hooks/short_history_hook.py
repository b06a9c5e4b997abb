"""Logged values are kept as long as something averages over them.

MMEngine keeps a million of each and copies all of them whenever one is added:
the time of an iteration and the size of a checkpoint grow with the run.
"""
from mmengine.hooks import Hook

from ...registry import HOOKS


@HOOKS.register_module()
class ShortHistoryHook(Hook):
    """Keep the last values of what is logged, and forget those before.

    Args:
        max_length: How many iterations are kept, >= 1; at least the
            `window_size` of the log processor. What a log averages over the
            whole run (`window_size='global'`) it averages over these.
    """

    priority = 'VERY_HIGH'

    def __init__(self, max_length: int = 1000) -> None:
        self.max_length = max_length

    def before_train_iter(self,
                          runner,
                          batch_idx: int,
                          data_batch: dict | None = None) -> None:
        """Bound what there is; values may appear in any iteration."""
        for history in runner.message_hub.log_scalars.values():
            history.max_length = self.max_length
