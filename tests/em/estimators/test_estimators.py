"""What holds of the estimators together: their examples, and that nothing else needs scikit-learn."""

import doctest
import subprocess
import sys

import em.estimators


def test_the_examples_are_true() -> None:
    found = doctest.testmod(em.estimators)
    assert found.attempted > 10
    assert found.failed == 0


def test_em_does_without_scikit_learn() -> None:
    asked = "import sys; sys.modules['sklearn'] = None; import em; import em.estimators"
    ended = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True)
    assert ended.stderr.splitlines()[-1].endswith("which the extra brings: pip install 'emvsbayes[sklearn]'.")
