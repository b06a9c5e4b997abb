"""Each source's losses and metrics as pictures beside the logged numbers."""
from mmengine.dist import master_only
from mmengine.hooks import Hook
from mmengine.visualization import LocalVisBackend

from ...errors import UserError
from ...registry import HOOKS


@HOOKS.register_module()
class LossCurvesHook(Hook):
    """Draw a run's curves so far and hand them to its visualizer.

    The visualizer gets 'losses', and 'metrics' once there was a validation:
    its LocalVisBackend writes them to `vis_data/vis_image`, its
    TensorboardVisBackend shows them under Images. What was logged is read
    from the run's files, those of earlier attempts too, so that nothing is
    kept and nothing done between the pictures.

    Args:
        interval: Iterations between pictures, >= 1.

    Raises:
        UserError: The visualizer writes no files.
    """

    priority = 'LOW'  # after LoggerHook

    def __init__(self, interval: int = 1000) -> None:
        self.interval = interval

    def before_train(self, runner) -> None:
        """Refuse a run that leaves no log to read."""
        backends = runner.visualizer._vis_backends.values()
        if not any(isinstance(b, LocalVisBackend) for b in backends):
            raise UserError(
                "LossCurvesHook reads the run's log: add "
                "dict(type='LocalVisBackend') to vis_backends, or take the "
                'hook off custom_hooks')

    def after_train_iter(self,
                         runner,
                         batch_idx: int,
                         data_batch: dict | None = None,
                         outputs: dict | None = None) -> None:
        """Draw when it is time to."""
        if self.every_n_train_iters(runner, self.interval):
            self.draw(runner, runner.iter + 1)

    def after_train(self, runner) -> None:
        """Draw the whole run, with its last validation."""
        self.draw(runner, runner.iter)

    @master_only
    def draw(self, runner, iters_done: int) -> None:
        """Hand the pictures to the visualizer.

        Args:
            runner: The runner.
            iters_done: After which iteration they are drawn.
        """
        # Only here: Matplotlib takes a while to import.
        from ...visualization.curves import draw_run
        for name, image in draw_run(runner.work_dir).items():
            runner.visualizer.add_image(name, image, step=iters_done)
