"""Networks as estimators of scikit-learn. Skipped where it is not installed."""
