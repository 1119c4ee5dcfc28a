"""Linear regions of networks with given parameters: counted, and as data."""

from netspec.regions.counts import Count, Stopped, count
from netspec.regions.data import Region, Regions, regions
from netspec.regions.spaces import Cell, Cells, cells

__all__ = ["Cell", "Cells", "Count", "Region", "Regions", "Stopped", "cells", "count", "regions"]
