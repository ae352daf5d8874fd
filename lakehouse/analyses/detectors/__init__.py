"""Anomaly detectors over one series: a score per row that depends on rows up to it only, higher is stranger."""
