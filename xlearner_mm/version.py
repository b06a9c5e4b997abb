"""The version of xlearner_mm."""
__version__ = '0.1.0'
