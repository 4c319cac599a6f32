"""Jupyter kernels for PHP and JavaScript, on one base."""

__version__ = "0.1.0"
