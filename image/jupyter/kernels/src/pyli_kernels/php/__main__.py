from ..base import launch
from . import PhpKernel

launch(PhpKernel)
