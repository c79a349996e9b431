"""Orders in CSV, XLSX, XLS or Parquet: one line an order, or one line an order line."""

from regulars.facts.connectors.orders_file.connector import OrdersFile
from regulars.facts.connectors.orders_file.settings import (
    AmbiguousDates,
    MappingIncomplete,
    OrderSettings,
    UnknownSetting,
    region_of,
)

__all__ = ["AmbiguousDates", "MappingIncomplete", "OrderSettings", "OrdersFile", "UnknownSetting", "region_of"]
