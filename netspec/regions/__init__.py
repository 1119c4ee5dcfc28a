"""Linear regions of networks with given parameters: counted, and as data."""

from netspec.regions.counts import Count, count
from netspec.regions.data import Region, Regions, regions

__all__ = ["Count", "Region", "Regions", "count", "regions"]
