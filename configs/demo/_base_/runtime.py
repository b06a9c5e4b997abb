"""Runtime of the demo: one process on two cores, a few hundred iterations."""
_base_ = '../../_base_/default_runtime.py'
default_hooks = dict(
    logger=dict(interval=25),
    checkpoint=dict(interval=50))  # ours: an interrupted demo loses little
log_processor = dict(window_size=25)
