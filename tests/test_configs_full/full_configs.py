"""What the tests of the configs at the paper's scale share."""
import re
from functools import cache
from pathlib import Path

from mmengine.config import Config

from xlearner_mm.apis import load_config

ROOT = Path(__file__).parents[2]
_UP, _DOWN = 'BottomUpReconciliation', 'TopDownReconciliation'
#: First part of a name, the type of its model, and that of its gammas.
ALGORITHMS = {
    'xlearner-expansion': ('ExpansionModel', _UP),
    'xlearner-expansion-no-rec': ('ExpansionModel', None),
    'xlearner-expansion-pp': ('ExpansionModel', _UP),
    'xlearner-expansion-r': ('ExpansionModel', _UP),
    'xlearner-expansion-t': ('ExpansionModel', _DOWN),
    'xlearner-heads': ('GuidedStudentModel', None),
    'xlearner-prune-p': ('PrunedExpansionModel', _UP),
    'xlearner-squeeze': ('SqueezeDistiller', _UP),
    'xlearner-squeeze-no-rec': ('SqueezeDistiller', None),
    'xlearner-squeeze-pp': ('SqueezeDistiller', _UP),
    'xlearner-squeeze-r': ('SqueezeDistiller', None),
    'xlearner-squeeze-t': ('SqueezeDistiller', _DOWN),
    'xlearner-teachers-r': ('ExpansionModel', None),
    'hard-sharing': ('HardSharingModel', None),
    'must': ('HardSharingModel', None),
    'must-teachers': ('ExpansionModel', None),
    'single-source': ('HardSharingModel', None)
}
_CLS3 = ['imagenet', 'inat2021', 'places365']
_CLS5 = _CLS3 + ['compcars', 'tsinghua_dogs']
_DET2 = ['coco', 'objects365']
#: The settings of Sec. 4.1, those of one task, and single sources.
SETTINGS = {
    'cls3-det2': _CLS3 + _DET2,
    'cls5-det2': _CLS5 + _DET2,
    'cls5-det3': _CLS5 + _DET2 + ['wider_face'],
    'cls3-det2-seg2': _CLS3 + _DET2 + ['ade20k', 'coco_stuff'],
    'cls1-det1-seg1': ['imagenet', 'objects365', 'coco_stuff'],
    'cls3': _CLS3,
    'det2': _DET2,
    **{
        name: [name]
        for name in _CLS3 + _DET2
    }
}
NAME = re.compile(
    r'(?P<algorithm>[a-z-]+)_r(?P<depth>\d+)(?:-w(?P<width>\d+))?'
    r'(?:-to-(?P<student>[a-z0-9-]+))?_'
    r'(?P<gpus>\d+)xb(?P<batch>\d+)-(?P<iters>\d+)k_(?P<setting>[\w-]+)')
_ALL = [
    file for folder in ('xlearner', 'baselines')
    for file in sorted((ROOT / 'configs' / folder).glob('*.py'))
    if file.stem.split('_')[0] in ALGORITHMS
]
#: Squeezes into another student, see also test_configs_students.py.
INTO_OTHERS = [file for file in _ALL if '-to-' in file.stem]
FILES = [file for file in _ALL if file not in INTO_OTHERS]


def parts(file: Path) -> dict[str, str]:
    """Split a config's name."""
    return NAME.fullmatch(file.stem).groupdict()


def find(algorithm: str, setting: str = 'cls3-det2', depth: int = 50) -> Path:
    """Return the one config with these parts in its name."""
    file, = [
        f for f in FILES if parts(f)['algorithm'] == algorithm
        and parts(f)['setting'] == setting and parts(f)['depth'] == str(depth)
    ]
    return file


@cache
def read(file: Path) -> Config:
    """Load a config that nobody changes."""
    return load_config(str(file))


def end_of(file: Path) -> str:
    """Name the last checkpoint that tools/train.py writes."""
    return f'work_dirs/{file.stem}/iter_{read(file).train_cfg.max_iters}.pth'


def networks(cfg: Config) -> list[dict]:
    """Return the ResNets of a config's model, what a run is for the last."""
    found = []
    for key in ('backbone', 'teacher', 'student'):
        net = cfg.model.get(key)
        if net is not None:
            found.append(net.get('sub_backbone', net))
    return found
