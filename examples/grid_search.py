"""Search a family of networks for the one that tells handwritten digits apart best, by scikit-learn in two processes.

    python examples/grid_search.py

The digits are those that come with scikit-learn, 8 × 8 pixels. The spec declares `features` and `classes`, which follow
the data; its variants and its hyperparameter `rate` are what is searched.
"""

from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, train_test_split

from netspec.sklearn import NetworkClassifier

SPEC = """\
netspec: 1
name: digits
hyperparameters: {features: int, classes: int, D: 16, rate: 0.0}
input: features
layers:
  - dense: {width: D, activation: relu}
  - dropout: rate
  - dense: {width: D, activation: relu}
  - dense: classes
output: classes
variants:
  small: {D: 16}
  large: {D: 64}
training: {epochs: 15, batch: 64, learning_rate: 0.005, standardise: inputs}
"""


def main() -> None:
    """Print the scores of the search, and what the best network makes of images that were held back."""
    x, y = load_digits(return_X_y=True)
    x, x_test, y, y_test = train_test_split(x, y, test_size=0.25, random_state=0, stratify=y)
    grid = {"variant": ["small", "large"], "settings__rate": [0.0, 0.2]}
    search = GridSearchCV(NetworkClassifier(SPEC, random_state=0), grid, cv=3, n_jobs=2).fit(x, y)

    print("variant  rate  accuracy")
    found = search.cv_results_
    for tried, score in zip(found["params"], found["mean_test_score"], strict=True):
        print(f"{tried['variant']:<7}{tried['settings__rate']:6}{score:10.4f}")
    best = search.best_estimator_
    print(f"\n{best.model_}")
    print(f"accuracy on {len(x_test)} images that were held back: {best.score(x_test, y_test):.4f}")


if __name__ == "__main__":
    main()
