"""Data files → frozen definitions; knows neither the portal nor the database."""
