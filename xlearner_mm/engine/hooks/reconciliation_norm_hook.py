"""How much each reconciliation layer adds, while a run trains."""
from pathlib import Path

import torch
from mmengine.dist import all_reduce
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper

from ...analysis import GAMMA_NORM, History, mean_gamma_norms, read_history
from ...errors import UserError
from ...registry import HOOKS


@HOOKS.register_module()
class ReconciliationNormHook(Hook):
    """Log 'gamma_norm/<edge>' of an ExpansionModel in phase 'joint'.

    ||gamma(E_j^k)|| / ||E_i^t||, the mean over the images of task t in the
    batch just trained on, in evaluation mode; in a distributed run over the
    batches of all processes. The values have rows of their own in the log
    (`scalars.json`, TensorBoard), not in the text, and the picture of all so
    far is an image of the visualizer, 'reconciliation'. A run with the hook
    equals one without, bit for bit.

    Args:
        interval: Iterations between measurements.

    Raises:
        UserError: The model has no gammas.
    """

    priority = 'ABOVE_NORMAL'

    def __init__(self, interval: int = 500) -> None:
        self.interval = interval
        self.history: History = {}

    def before_train(self, runner) -> None:
        """Look for gammas; go on where a resumed run was."""
        model = runner.model
        model = model.module if is_model_wrapper(model) else model
        backbone = getattr(model, 'backbone', None)
        if getattr(backbone, 'reconciliation', None) is None:
            raise UserError(
                f'ReconciliationNormHook: {type(model).__name__} has no '
                'reconciliation layers; take it off custom_hooks')
        if runner.iter:
            past = read_history(Path(runner.work_dir), GAMMA_NORM)
            self.history = {k: v for k, v in past.items() if k <= runner.iter}

    def after_train_iter(self,
                         runner,
                         batch_idx: int,
                         data_batch: dict | None = None,
                         outputs: dict | None = None) -> None:
        """Measure on the batch just trained on."""
        if (getattr(runner.train_loop, 'phase', 'joint') != 'joint'
                or not self.every_n_train_iters(runner, self.interval)):
            return
        model = runner.model
        model = model.module if is_model_wrapper(model) else model
        norms = mean_gamma_norms(model, data_batch)
        values = torch.stack(list(norms.values()))
        all_reduce(values, 'mean')
        row = {e.key: v for e, v in zip(norms, values.tolist())}
        step = runner.iter + 1
        self.history[step] = row
        # Here: it takes a while to import, and few runs draw.
        from ...visualization import draw_gamma_norms, to_image
        runner.visualizer.add_scalars(
            {
                GAMMA_NORM + key: value
                for key, value in row.items()
            }, step=step)
        runner.visualizer.add_image(
            'reconciliation',
            to_image(draw_gamma_norms(self.history)),
            step=step)
