"""The six small sources of three tasks, and depth as a fourth task."""
_base_ = ['./cls2-det2-seg2_small.py', '../sources/small/red_kitchen.py']
sources = [*_base_.sources, _base_.red_kitchen]
