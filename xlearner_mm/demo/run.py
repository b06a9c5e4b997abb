"""The demo: three ways to pre-train, three tasks to transfer to."""
import os
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.runner import find_latest_checkpoint

from ..apis import export_backbone, load_config
from ..datasets.demo_scenes import generate_demo_data
from ..errors import UserError
from ..transfer import Stage, Suite, Transfer, train
from .pictures import draw_losses, draw_predictions
from .report import write_report

#: The configs of each method, in order; the last one's backbone is exported.
METHODS = {
    'Single source (shapes)': ('single-source_r18_demo', ),
    'Hard-sharing': ('hard-sharing_r18_demo', ),
    'X-Learner': ('xlearner-expansion_r18_demo', 'xlearner-squeeze_r18_demo')
}
_BUFFERS = ('running_mean', 'running_var', 'num_batches_tracked')


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
        self.root, self.config_dir, self.scale = root, config_dir, scale
        root.mkdir(parents=True, exist_ok=True)
        os.environ['XLEARNER_DEMO_DATA'] = str(root / 'data')
        self.say('data', 'generating scenes')
        self.data = generate_demo_data(root / 'data', **data)

    def run(self) -> list[dict]:
        """Run what is not done yet; write the report; return its rows."""
        rows = [self.method(*item) for item in METHODS.items()]
        runs = [
            self.root / name for names in METHODS.values() for name in names
        ]
        draw_losses(runs, self.root / 'losses.png')
        expansion = METHODS['X-Learner'][0]
        cfg = self.config(expansion)
        draw_predictions(cfg,
                         str(runs[-2] / f'iter_{cfg.train_cfg.max_iters}.pth'),
                         self.root / 'predictions.png')
        table = write_report(rows, self.root,
                             ['losses.png', 'predictions.png'])
        print(f'\n{table}\n\nWritten to {self.root}: report.md, report.json, '
              'losses.png, predictions.png')
        return rows

    def method(self, method: str, names: tuple[str, ...]) -> dict:
        """Pre-train, export and transfer; return the row of the table."""
        results, digests, images = [], [repr(self.data.num_images)], 0
        for name in names:
            cfg = self.config(name)
            if results:
                cfg.model.teacher.init_cfg.checkpoint = (
                    results[-1]['checkpoint'])
            images += images_seen(cfg)
            stage = Stage(self.root / name, cfg.to_dict(), *digests)
            self.say(method, f'pre-training, {name}')
            results.append(stage.run(lambda folder: pretrain(cfg, folder)))
            digests.append(stage.digest)
        exported = str(stage.folder / 'backbone.pth')
        export_backbone(results[-1]['checkpoint'], exported)
        transfers = self.transfer(stage.folder.name, exported)
        return dict(
            method=method,
            source_metrics=source_scores(self.config(names[0]), results[0]),
            transfer={r['task']: r['score']
                      for r in transfers},
            params=num_parameters(exported),
            images_seen=images,
            seconds=sum(r['seconds'] for r in results),
            transfer_seconds=sum(r['seconds'] for r in transfers))

    def transfer(self, name: str, exported: str) -> list[dict]:
        """Transfer an exported backbone to the three held-out sets.

        Raises:
            UserError: A transfer failed.
        """
        suite = Suite.from_file(self.config_dir.parent /
                                'downstream/suites/demo.py')
        rows = Transfer(
            suite,
            self.root / 'transfer',
            self.root / 'data',
            scale=self.scale).run({name: exported})
        for row in rows:
            if row['status'] != 'done':
                raise UserError(f'{name}, {row["task"]}: {row["detail"]}')
        return rows

    def config(self, name: str) -> Config:
        """Load one of the demo's configs."""
        cfg = load_config(str(self.config_dir / f'{name}.py'))
        for key in ('max_iters', 'join_iter'):
            if key in cfg.get('train_cfg', {}):
                iters = cfg.train_cfg[key] * self.scale
                cfg.train_cfg[key] = max(2, round(iters))
        return cfg

    def say(self, who: str, what: str) -> None:
        """Tell the user where the demo is."""
        print(f'== {who}: {what}', flush=True)


def pretrain(cfg: Config, folder: Path) -> dict:
    """Train; return the last 'checkpoint', and the 'metrics'."""
    metrics = train(cfg, folder)
    return dict(
        checkpoint=find_latest_checkpoint(str(folder)), metrics=metrics)


def num_parameters(backbone_file: str) -> int:
    """Count an exported backbone's parameters."""
    state = torch.load(backbone_file, weights_only=True)
    return sum(v.numel() for k, v in state.items() if not k.endswith(_BUFFERS))


def images_seen(cfg: Config) -> int:
    """Count the training images that pass through the network."""
    return cfg.train_cfg.max_iters * sum(s.batch_size for s in cfg.sources)


def source_scores(cfg: Config, result: dict) -> dict[str, float]:
    """Return each source's key metric, in percent."""
    return {
        f'{s.name} ({s.key_metric})':
        result['metrics'][f'{s.name}/{s.key_metric}'] *
        s.get('key_metric_scale', 1.0)
        for s in cfg.sources
    }
