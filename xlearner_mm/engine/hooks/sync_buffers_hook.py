"""BatchNorm statistics that agree between ranks wherever they are read."""
from mmengine.dist import all_reduce_params, is_distributed
from mmengine.hooks import CheckpointHook, Hook

from ...registry import HOOKS


@HOOKS.register_module()
class SyncBuffersIterHook(Hook):
    """Average the model's buffers over ranks before they leave the step.

    MMEngine wraps models with `broadcast_buffers=False`, so running
    statistics differ by rank, and its own SyncBuffersHook acts by epoch: a
    checkpoint written between would hold rank 0's. This hook acts before each
    validation and each checkpoint; in one process it does nothing.
    """

    priority = 'NORMAL'  # before CheckpointHook (VERY_LOW)

    def after_train_iter(self,
                         runner,
                         batch_idx: int,
                         data_batch: dict | None = None,
                         outputs: dict | None = None) -> None:
        """Average when a checkpoint or a validation follows."""
        if not is_distributed():
            return
        loop = runner.train_loop
        intervals = [
            hook.interval for hook in runner.hooks
            if isinstance(hook, CheckpointHook)
        ]
        if runner.val_loop is not None:
            intervals.append(loop.val_interval)
        done = runner.iter + 1
        if done == loop.max_iters or any(i > 0 and done % i == 0
                                         for i in intervals):
            all_reduce_params(runner.model.buffers(), op='mean')
