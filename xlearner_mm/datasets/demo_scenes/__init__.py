from .generate import DemoData, generate_demo_data
from .sets import DEMO_CLASSES, DEMO_SETS

__all__ = ['DEMO_CLASSES', 'DEMO_SETS', 'DemoData', 'generate_demo_data']
