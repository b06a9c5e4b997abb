"""One training by the stock upstream runner, then its validation.

A process of its own per training leaves no scope, no memory and no broken
state behind, and may be many processes:

    python -m xlearner_mm.transfer.training CONFIG --work-dir FOLDER

works in FOLDER, goes on from a checkpoint there, and writes
`FOLDER/metrics.json`, or `FOLDER/diverged`.
"""
import json
import time
from copy import deepcopy
from pathlib import Path

from mmengine.config import Config
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner, find_latest_checkpoint

from ..apis import run_tool, runner_config, runner_parser
from ..files import alone_in
from ..sources import leave_unformatted


class FiniteLossHook(Hook):
    """Stop a training whose loss is not finite.

    Args:
        interval: Iterations between two looks, which a GPU has to wait for.
    """

    def __init__(self, interval: int = 10) -> None:
        self.interval = interval

    def after_train_iter(self,
                         runner,
                         batch_idx: int,
                         data_batch: dict | None = None,
                         outputs: dict | None = None) -> None:
        """Look at the loss."""
        if self.every_n_train_iters(runner,
                                    self.interval) or (runner.iter + 1
                                                       == runner.max_iters):
            loss = outputs['loss']
            if not loss.isfinite().all():
                raise FloatingPointError(
                    f'iteration {runner.iter + 1}: the loss is not finite; '
                    'lower the learning rate')


def train(cfg: Config, folder: Path) -> dict[str, float]:
    """Train a config to its end, from its last checkpoint where there is one.

    Args:
        cfg: A config for MMEngine's runner, of ours or of upstream.
        folder: The work_dir.

    Returns:
        The metrics of the config's validation, which runs once at the end;
        none if the config has no validation.
    """
    cfg = deepcopy(cfg)
    leave_unformatted(cfg)
    cfg.work_dir = str(folder)
    cfg.experiment_name = f'{folder.name}_{time.time():.0f}'
    cfg.resume = find_latest_checkpoint(str(folder)) is not None
    if cfg.get('val_cfg'):  # at the end, also after an interruption there
        end = cfg.train_cfg.get('max_iters') or cfg.train_cfg.max_epochs
        cfg.train_cfg.val_begin = end + 1
    runner = Runner.from_cfg(cfg)
    runner.register_hook(FiniteLossHook())
    runner.train()
    if not cfg.get('val_cfg'):
        return {}
    return {k: float(v) for k, v in runner.val_loop.run().items()}


def main() -> None:
    args = runner_parser('Train a config, then validate').parse_args()
    folder = Path(args.work_dir)
    with alone_in(folder):
        try:
            metrics = train(runner_config(args), folder)
        except FloatingPointError as error:
            (folder / 'diverged').write_text(str(error))
            raise
        if is_main_process():
            (folder / 'metrics.json').write_text(json.dumps(metrics))


if __name__ == '__main__':
    run_tool(main)
