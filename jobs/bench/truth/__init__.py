"""Our figures beside published ones: each module loads one set of data and gives a check per row."""
