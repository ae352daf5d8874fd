"""Statistics over small frames and arrays, without Spark: intervals, comparisons, templates, detectors."""
