"""Whether the sources' gradients conflict, while a run trains."""
from itertools import combinations

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper

from ...analysis import GRADIENT_COSINE, cosine_matrix, source_gradients
from ...errors import UserError
from ...registry import HOOKS


@HOOKS.register_module()
class GradientConflictHook(Hook):
    """Log 'gradient_cosine/<source>-<source>' of a multi-source model.

    The cosine between the gradients of two sources' own losses on the whole
    backbone, on the batch that is trained on next; in a distributed run of
    the gradients averaged over all processes. The values have rows of their
    own in the log (`scalars.json`, TensorBoard), not in the text, and their
    matrix is an image of the visualizer, 'gradient_conflict'. Measured in a
    copy of the model, which needs its memory, a backward pass per source, and
    a gradient of the backbone per source. A run with the hook equals one
    without, bit for bit.

    Args:
        interval: Iterations between measurements; the first is before
            iteration 0.

    Raises:
        UserError: The model has no heads, or a single source.
    """

    def __init__(self, interval: int = 500) -> None:
        self.interval = interval

    def before_train(self, runner) -> None:
        """Look for sources."""
        model = runner.model
        model = model.module if is_model_wrapper(model) else model
        if len(getattr(model, 'heads', ())) < 2:
            raise UserError(
                f'GradientConflictHook: {type(model).__name__} has no losses '
                'of several sources to compare; take it off custom_hooks')

    def before_train_iter(self,
                          runner,
                          batch_idx: int,
                          data_batch: dict | None = None) -> None:
        """Measure on the batch that is trained on next."""
        if runner.iter % self.interval:
            return
        model = runner.model
        model = model.module if is_model_wrapper(model) else model
        phase = getattr(runner.train_loop, 'phase', 'joint')
        gradients = source_gradients(model, dict(data_batch, phase=phase))
        cosines = cosine_matrix(list(gradients.values()))
        names = list(gradients)
        pairs = combinations(range(len(names)), 2)
        # Here: it takes a while to import, and few runs draw.
        from ...visualization import draw_gradient_conflict, to_image
        runner.visualizer.add_scalars(
            {
                f'{GRADIENT_COSINE}{names[i]}-{names[j]}': cosines[i,
                                                                   j].item()
                for i, j in pairs
            },
            step=runner.iter)
        runner.visualizer.add_image(
            'gradient_conflict',
            to_image(
                draw_gradient_conflict(
                    names, cosines.numpy(), model.task_of,
                    f'Gradients of the backbone, iteration {runner.iter:,}')),
            step=runner.iter)
