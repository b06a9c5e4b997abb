"""Write a backbone for a runtime, ONNX or TorchScript, and compare it.

    python tools/model_converters/deploy_backbone.py \
        work_dirs/xlearner-squeeze_r18_demo/iter_360.pth r18.onnx

Nothing is written if the features differ from PyTorch's. ONNX needs `pip
install onnx onnxruntime onnxscript`.
"""
import argparse

from xlearner_mm.apis import add_trust, deploy_backbone, run_tool


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Write the student of a squeeze, the backbone of a '
        'hard-sharing run, or one sub-backbone of an expansion as ONNX or '
        'TorchScript')
    parser.add_argument(
        'src', help='checkpoint of a run, or an exported file with --config')
    parser.add_argument(
        'dst', help='file to write: .onnx; .torchscript or .pt')
    parser.add_argument(
        '--config',
        help='config whose student or backbone an exported file '
        'holds')
    parser.add_argument('--task', help='sub-backbone of an expansion')
    add_trust(parser)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    found = deploy_backbone(args.src, args.dst, args.config, args.task)
    print(f'{args.dst}: as PyTorch\'s, with differences of at most')
    for row in found:
        number, height, width = row.shape
        print(f'{number} x 3 x {height} x {width}  {row.output}  '
              f'{row.absolute:.1e}  ({row.relative:.1e} of the largest)')


if __name__ == '__main__':
    run_tool(main)
