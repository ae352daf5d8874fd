"""Gates: each judges a layer before anything is made from it; only gate tasks import Great Expectations."""
