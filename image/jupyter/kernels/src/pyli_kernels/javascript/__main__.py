from ..base import launch
from . import JavaScriptKernel

launch(JavaScriptKernel)
