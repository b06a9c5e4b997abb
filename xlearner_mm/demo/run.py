"""The demo: three ways to pre-train, three tasks to transfer to."""
import os
from pathlib import Path

from ..apis import export_backbone
from ..datasets.demo_scenes import generate_demo_data
from ..systems import Chain, System, measure
from .pictures import draw_losses, draw_predictions
from .report import write_report

#: Each method, and the last of its runs, whose backbone is exported.
METHODS = (System('Single source (shapes)', 'single-source_r18_demo'),
           System('Hard-sharing', 'hard-sharing_r18_demo'),
           System('X-Learner', 'xlearner-squeeze_r18_demo'))


class Demo:
    """All stages of the demo, below one folder.

    Args:
        root: Where data, runs and the report go.
        config_dir: The folder `configs/demo`.
        scale: Factor of every run's iterations; small ones only show that
            everything runs.
        **data: Options of :func:`generate_demo_data`.
    """

    def __init__(self,
                 root: Path,
                 config_dir: Path,
                 scale: float = 1.0,
                 **data) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        os.environ['XLEARNER_DEMO_DATA'] = str(root / 'data')
        say('generating scenes')
        made = generate_demo_data(root / 'data', **data)
        self.chain = Chain(
            root, config_dir, scale, inputs=made.num_images, say=say)

    def run(self) -> list[dict]:
        """Run what is not done yet; write the report; return its rows."""
        rows = [self.method(method) for method in METHODS]
        expansion, _ = self.chain.run(METHODS[-1].config).chain()
        draw_losses([self.root / run.name for run in self.chain.done.values()],
                    self.root / 'losses.png')
        draw_predictions(expansion.cfg, expansion.checkpoint,
                         self.root / 'predictions.png')
        table = write_report(rows, self.root,
                             ['losses.png', 'predictions.png'])
        print(f'\n{table}\n\nWritten to {self.root}: report.md, report.json, '
              'losses.png, predictions.png')
        return rows

    def method(self, method: System) -> dict:
        """Pre-train, export and transfer; return the row of the table."""
        last = self.chain.run(method.config)
        export_backbone(last.checkpoint,
                        str(self.root / method.config / 'backbone.pth'))
        return measure(method, self.chain, self.root / 'data', method.config,
                       self.chain.scale)


def say(what: str) -> None:
    """Tell the user where the demo is."""
    print(f'== {what}', flush=True)
