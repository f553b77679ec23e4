"""Many columns of counts: the compiled passes against SciPy's loop, dense against sparse, several columns against one."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse, special, stats

from em import audit, e_step, fit, lone_rows, row_in_words, standard_errors, textbook_e_step
from models import (
    Data,
    Mixture,
    Model,
    Poisson,
    PoissonProduct,
    PoissonProductStatistics,
    SharedRate,
    SharedRates,
    SparseData,
    UnfeasibleError,
    in_memory,
    sparse_rows,
)
from models.kernels.arithmetic import BLOCK
from tests.known import known


def problem(n, d, k, seed=0, exposed=False):
    rng = np.random.default_rng(seed)
    mixture = Mixture(rng.dirichlet(np.full(k, 3.0)), PoissonProduct(rng.gamma(0.7, 2.0, size=(k, d))))
    exposure = rng.gamma(4.0, 0.3, n) if exposed else None
    x, _ = mixture.sample(n, rng, exposure)
    return Data.of(x, rng.integers(1, 4, n), exposure=exposure), mixture


def by_scipy(data, mixture):
    """Log-likelihood, Σγ, Σγx and Σγe, row by row and component by component with SciPy's own distribution."""
    rates = mixture.components.rates
    exposure = np.ones(data.rows) if data.exposure is None else data.exposure
    log_likelihood, counts = 0.0, np.zeros(len(rates))
    sums, exposures = np.zeros_like(rates), np.zeros(len(rates))
    for row, seen, exposed in zip(data.values, data.weights, exposure, strict=True):
        joint = np.log(mixture.weights) + [stats.poisson.logpmf(row, exposed * each).sum() for each in rates]
        total = special.logsumexp(joint)
        shares = seen * np.exp(joint - total)
        log_likelihood += seen * total
        counts, sums, exposures = counts + shares, sums + np.outer(shares, row), exposures + shares * exposed
    return log_likelihood, counts, sums, exposures


# Columns go by four at a time, and rows by blocks.
@pytest.mark.parametrize("exposed", [False, True])
@pytest.mark.parametrize(("n", "d"), [(1, 2), (40, 3), (30, 4), (25, 9), (BLOCK - 1, 2), (BLOCK, 5), (BLOCK + 1, 1)])
def test_a_pass_is_scipys_loop(n, d, exposed):
    data, mixture = problem(n, d, 3, exposed=exposed)
    found = e_step(data, mixture)
    statistics = known(found.statistics, PoissonProductStatistics)
    expected = by_scipy(data, mixture)
    # A few units of rounding of sums of n·d terms.
    assert found.log_likelihood == pytest.approx(expected[0], rel=1e-12)
    for own, other in zip((statistics.counts, statistics.sums, statistics.exposures), expected[1:], strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-11, atol=1e-12 * data.size)


@pytest.mark.parametrize("exposed", [False, True])
def test_where_few_counts_are_above_zero_these_alone_go_by(exposed, monkeypatch):
    monkeypatch.setattr("models.chunks.CHUNK_ROWS", 100)
    rng = np.random.default_rng(3)
    mixture = Mixture(np.array([0.2, 0.5, 0.3]), PoissonProduct(rng.gamma(0.3, 0.3, size=(3, 12))))
    exposure = rng.gamma(4.0, 0.3, BLOCK + 90) if exposed else None
    x, _ = mixture.sample(BLOCK + 90, rng, exposure)
    data = Data.of(x, rng.integers(1, 4, len(x)), exposure=exposure)
    assert data.few_above_zero is not None
    monkeypatch.setattr("models.poisson_product.product_pass", pytest.fail)
    found, expected = e_step(data, mixture), by_scipy(data, mixture)
    # A few units of rounding of sums of n·d terms.
    assert found.log_likelihood == pytest.approx(expected[0], rel=1e-12)
    statistics = known(found.statistics, PoissonProductStatistics)
    for own, other in zip((statistics.counts, statistics.sums, statistics.exposures), expected[1:], strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-11, atol=1e-12 * data.size)


def test_where_more_are_above_zero_all_go_by():
    assert problem(BLOCK, 5, 3)[0].few_above_zero is None


@pytest.mark.parametrize("exposed", [False, True])
def test_sparse_rows_are_the_dense_ones(exposed, monkeypatch):
    monkeypatch.setattr("models.sparse.DENSE_BYTES", 0)
    monkeypatch.setattr("models.sparse.BLOCK_BYTES", 8 * 30 * 100)
    data, mixture = problem(BLOCK + 90, 30, 3, exposed=exposed)
    rows = known(sparse_rows(sparse.coo_array(data.values), data.weights, exposure=data.exposure), SparseData)
    found, expected = e_step(rows, mixture), e_step(data, mixture)
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-13)
    for own, other in zip(vars(found.statistics).values(), vars(expected.statistics).values(), strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-12)
    assert rows.sha256 == data.sha256
    assert (rows.size, rows.total_exposure) == pytest.approx((data.size, data.total_exposure))
    for name in ("mean", "covariance", "lowest", "highest"):
        np.testing.assert_allclose(getattr(rows, name), getattr(data, name), rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(in_memory(rows).values, data.values)
    np.testing.assert_array_equal(rows.every(7).values, data.every(7).values)
    np.testing.assert_allclose(rows.every(7).weights, data.every(7).weights)
    first = known(rows.first(lambda values: values[:, 3] > 4), tuple)
    assert first[0] == int(np.flatnonzero(data.values[:, 3] > 4)[0])


def test_a_small_sparse_matrix_becomes_dense_data_and_broken_ones_get_a_sentence(monkeypatch):
    matrix = sparse.csr_array(np.eye(3))
    assert isinstance(sparse_rows(matrix), Data)
    monkeypatch.setattr("models.sparse.DENSE_BYTES", 0)
    matrix.data[1] = np.nan
    with pytest.raises(ValueError, match="x holds nan in row 2"):
        sparse_rows(matrix)
    with pytest.raises(ValueError, match="weights must have one entry for each of the 3 rows"):
        sparse_rows(sparse.csr_array(np.eye(3)), weights=[1.0])


def test_rates_and_weights_of_zero_forbid_what_they_should():
    rates = np.array([[0.0, 2.0], [3.0, 0.0], [1.0, 1.0]])
    mixture = Mixture(np.array([0.5, 0.5, 0.0]), PoissonProduct(rates))
    data = Data.of(np.array([[0.0, 1.0], [2.0, 0.0], [0.0, 0.0]]))
    found, expected = e_step(data, mixture), textbook_e_step(data, mixture)
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-13)
    np.testing.assert_allclose(
        known(found.statistics, PoissonProductStatistics).sums,
        known(expected.statistics, PoissonProductStatistics).sums,
        atol=1e-12,
    )
    assert np.isneginf(mixture.log_density(np.array([[1.0, 1.0]]))).all()


def test_several_columns_of_counts_lead_to_the_family_and_one_column_does_not():
    data, _ = problem(50, 3, 2)
    assert Model.of(data, "poisson", 2) == Model.of(data, "poisson-product", 2)
    assert Model.of(Data.of(data.values[:, 0]), "poisson", 2).family == "poisson"
    values = data.values.copy()
    values[3, 1] = 0.5
    broken = Data.of(values)
    with pytest.raises(ValueError, match=r"column 'x2' holds 0.5 in row 4: .* takes counts"):
        Model.of(broken, "poisson", 2)


def test_columns_are_independent_given_the_component():
    data, mixture = problem(20, 3, 2)
    rates = known(mixture.components, PoissonProduct).rates
    each = [Poisson(rates[:, j]).log_density(data.values[:, j]) for j in range(3)]
    np.testing.assert_allclose(mixture.components.log_density(data.values), sum(each), rtol=1e-12)


def test_the_weak_prior_is_that_of_one_column_for_each_column():
    rng = np.random.default_rng(1)
    rates, means = rng.gamma(1.0, 2.0, size=(4, 3, 5)), rng.gamma(1.0, 2.0, size=5)
    found = SharedRates(means).log_density(PoissonProduct(rates))
    expected = [SharedRate(float(means[j])).log_density(Poisson(rates[..., j])) for j in range(5)]
    np.testing.assert_allclose(found, sum(expected), rtol=1e-12)


def test_what_no_row_of_the_subsample_has_seen_is_found_in_all_rows(monkeypatch):
    monkeypatch.setattr("em.search.SUBSAMPLE_ROWS", 200)
    rng = np.random.default_rng(0)
    rates = np.array([[2.0, 20.0, 30.0, 9.0, 0.0, 0.0], [20.0, 2.0, 9.0, 30.0, 0.0, 0.0]])
    labels = rng.integers(0, 2, 2000)
    x = rng.poisson(rates[labels]).astype(float)
    # Every tenth row is tried first: a column without any event there, and one without any in the second component.
    seen, unseen = np.flatnonzero(labels == 1), np.arange(2000) % 10 != 0
    x[np.flatnonzero(unseen)[:5], 4] = 1
    x[seen[unseen[seen]][:30], 5] = 1
    x[np.flatnonzero(labels == 0)[:200], 5] = 1
    found = fit(x, "poisson", 2, starts=12)
    # The groups are so far apart that the answer is that of known labels, to far below a hundredth of an event.
    ordered = [x[labels == j].mean(axis=0) for j in (0, 1)]
    np.testing.assert_allclose(
        known(found.mixture.components, PoissonProduct).rates, sorted(ordered, key=sum), atol=1e-4
    )


def test_a_fit_of_sparse_rows_has_the_standard_errors_of_the_dense_ones_and_makes_nothing_dense(monkeypatch):
    def refuse(rows):
        raise AssertionError("all rows were made dense")

    data, mixture = problem(400, 6, 2, exposed=True)
    expected = standard_errors(fit(data, "poisson", 2, start=mixture))
    monkeypatch.setattr("models.sparse.DENSE_BYTES", 0)
    rows: Any = sparse_rows(sparse.csr_array(data.values), data.weights, exposure=data.exposure)
    monkeypatch.setattr("em.fitted.in_memory", refuse)
    fitted = fit(rows, "poisson", 2, start=mixture)
    found = standard_errors(fitted)
    # Both end within 1e-8 nats of the same maximum, about 1e-4 standard errors from it, over which these hardly change.
    np.testing.assert_allclose(found.table["standard_error"], expected.table["standard_error"], rtol=1e-4)
    probabilities: Any = fitted.mixture.responsibilities(data.values, data.exposure)
    monkeypatch.setattr("models.sparse.BLOCK_BYTES", 8 * 6 * 130)
    np.testing.assert_allclose(fitted.predict_proba(rows), probabilities, rtol=1e-10)
    np.testing.assert_allclose(fitted.predict_proba(rows.matrix, data.exposure), probabilities, rtol=1e-10)
    assert fitted.score(rows) == pytest.approx(fitted.log_likelihood / data.size, rel=1e-12)
    with pytest.raises(ValueError, match="exposure is missing"):
        fitted.predict(rows.matrix)


def test_an_audit_of_sparse_rows_is_that_of_the_dense_ones_and_makes_nothing_dense(monkeypatch):
    def refuse(rows):
        raise AssertionError("all rows were made dense")

    data, mixture = problem(400, 6, 2)
    # A row by itself, far from all others, which a third component takes.
    values = np.vstack([data.values, np.full(6, 90.0)])
    start = Mixture(
        np.array([0.5, 0.45, 0.05]), PoissonProduct(np.vstack([mixture.arrays()["rates"], np.full(6, 90.0)]))
    )
    dense = audit(fit(values, "poisson", 3, start=start))
    monkeypatch.setattr("models.sparse.DENSE_BYTES", 0)
    monkeypatch.setattr("models.sparse.BLOCK_BYTES", 8 * 6 * 130)
    monkeypatch.setattr("em.fitted.in_memory", refuse)
    rows: Any = sparse.csr_array(values)
    fitted = fit(rows, "poisson", 3, start=start)
    found = audit(fitted)
    assert lone_rows(fitted) == (400,)
    assert "Row 401 (x1 = 90, x2 = 90, x3 = 90, x4 = 90, x5 = 90, x6 = 90) is a component by itself" in found.summary()
    assert found.degeneracy.barrier is None
    # Both end within 1e-8 nats of the same maximum, about 1e-4 standard errors from it, over which these hardly change.
    for name in ("counts", "largest_share", "influence", "influential"):
        np.testing.assert_allclose(
            getattr(found.degeneracy, name), getattr(dense.degeneracy, name), rtol=1e-3, err_msg=name
        )


def test_of_a_row_of_many_columns_some_are_named_that_are_not_zero():
    values = np.zeros((2, 40))
    values[1, 5:25] = 2.0
    said = row_in_words(Data.of(values), 1)
    assert said.startswith("x6 = 2, x7 = 2, ")
    assert said.endswith("x17 = 2, …")
    assert row_in_words(Data.of(values[:, :12]), 0).count(" = 0") == 12


def test_a_sparse_matrix_that_is_too_large_to_be_made_dense_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr("models.sparse.DENSE_BYTES", 0)
    monkeypatch.setattr("models.sparse.MOST_DENSE_BYTES", 8 * 3 * 100)
    assert in_memory(sparse_rows(sparse.csr_array((100, 3)))).rows == 100
    sentence = r"data has 1,001 rows of 3 columns.*\(fit\).*at most 100 rows.*one row in 11"
    with pytest.raises(UnfeasibleError, match=sentence):
        in_memory(sparse_rows(sparse.csr_array((1001, 3))))
