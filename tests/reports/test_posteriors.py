"""Draws from elsewhere are read as what they are, in every form; what is none is refused in one sentence."""

import arviz as az
import numpy as np
import pytest
import xarray as xr

from models import Data, GivenDraws, Model
from reports.reading.posteriors import draws_of, read_posterior

CHAINS, DRAWS = 2, 25


@pytest.fixture(scope="module")
def arrays():
    """Draws near two groups: of a plane, with full matrices."""
    rng = np.random.default_rng(4)
    factors = np.tril(rng.normal(0, 0.3, (CHAINS, DRAWS, 2, 2, 2)), -1) + np.eye(2) * rng.uniform(0.8, 1.2, 2)[:, None]
    return {
        "weights": rng.dirichlet([20, 30], (CHAINS, DRAWS)),
        "means": np.array([[0.0, 5.0], [6.0, -5.0]]) + rng.normal(0, 0.1, (CHAINS, DRAWS, 2, 2)),
        "covariances": factors @ np.swapaxes(factors, -1, -2),
    }


@pytest.fixture(scope="module")
def plane():
    rng = np.random.default_rng(5)
    x = np.array([[0.0, 5.0], [6.0, -5.0]])[rng.integers(2, size=60)] + rng.normal(0, 1, (60, 2))
    return Data.of(x), Model("gaussian", 2, 2, "full")


@pytest.fixture(scope="module")
def line():
    rng = np.random.default_rng(6)
    x = np.concatenate([rng.normal(0, 3, 60), rng.normal(30, 5, 90)])
    return Data.of(x), Model("gaussian", 2, 1, "full")


def draws_of_line():
    rng = np.random.default_rng(7)
    weights = rng.dirichlet([60, 90], (CHAINS, DRAWS))
    means = np.array([0, 30]) + rng.normal(0, 0.5, (CHAINS, DRAWS, 2))
    sds = np.array([3, 5]) + rng.normal(0, 0.2, (CHAINS, DRAWS, 2))
    return weights, means, sds


def stan_file(path, variables, chain, comments=(), warm=0):
    """One chain as CmdStan writes it: the settings, the names, the adaptation between, the draws, the time taken."""
    columns = {"lp__": -np.arange(DRAWS + warm) - 0.5, "divergent__": np.zeros(DRAWS + warm)}
    for name, array in variables.items():
        event = array.shape[2:]
        for place in np.ndindex(*event):
            values = array[(chain, slice(None), *place)]
            columns[".".join([name, *(str(i + 1) for i in place)])] = np.concatenate([np.full(warm, 1e9), values])
    rows = [",".join(f"{values[i]:.8g}" for values in columns.values()) for i in range(DRAWS + warm)]
    head = ["# stan_version_major = 2", "# model = mixture_model", *comments, ",".join(columns)]
    text = [*head, *rows[:warm], "# Adaptation terminated", "# Step size = 0.6", *rows[warm:], "#  Elapsed Time: 1 s"]
    path.write_text("\n".join(text) + "\n")
    return path


def test_netcdf_of_arviz_is_read_as_what_was_written(tmp_path, arrays, plane):
    pointwise = np.random.default_rng(0).normal(size=(CHAINS, DRAWS, 60))
    tree = az.from_dict(
        {"posterior": arrays, "log_likelihood": {"x": pointwise}, "sample_stats": {"diverging": pointwise[..., 0] > 1}}
    )
    tree.to_netcdf(tmp_path / "x.nc", engine="h5netcdf")
    stated = read_posterior(tmp_path / "x.nc")
    np.testing.assert_array_equal(stated.log_likelihood, pointwise)
    assert stated.divergences == (pointwise[..., 0] > 1).sum()
    data, model = plane
    mixture = GivenDraws.of(stated, model, data).mixture
    for name, array in mixture.arrays().items():
        np.testing.assert_allclose(array, arrays[name], rtol=1e-14)


def test_a_tree_a_dataset_and_a_dictionary_are_the_same(arrays, plane):
    data, model = plane
    tree = az.from_dict({"posterior": arrays})
    wanted = GivenDraws.of(draws_of(arrays), model, data).mixture
    for given in (tree, tree["posterior"].to_dataset(), tree.isel(chain=slice(None))):
        found = GivenDraws.of(draws_of(given), model, data).mixture
        np.testing.assert_array_equal(found.arrays()["covariances"], wanted.arrays()["covariances"])


def test_a_log_likelihood_that_was_kept_for_some_draws_knows_which(arrays):
    tree = xr.DataTree.from_dict(
        {
            "posterior": az.from_dict({"posterior": arrays})["posterior"].to_dataset(),
            "log_likelihood": xr.Dataset(
                {"x": (("chain", "draw", "n"), np.zeros((CHAINS, 5, 9)))}, {"draw": np.arange(DRAWS)[::5]}
            ),
        }
    )
    kept = draws_of(tree).at
    assert kept is not None
    assert kept.tolist() == [0, 5, 10, 15, 20]


def test_stan_s_files_are_chains_without_their_warm_up(tmp_path, line):
    data, model = line
    weights, means, sds = draws_of_line()
    variables = {"theta": weights, "mu": means, "sigma": sds}
    comments = ["#     save_warmup = true", "#     num_warmup = 20 (Default)", "#     thin = 2"]
    files = [stan_file(tmp_path / f"out-{i}.csv", variables, i, comments, warm=10) for i in range(CHAINS)]
    stated = read_posterior(files)
    assert stated.shape == (CHAINS, DRAWS)
    assert stated.divergences == 0
    assert stated.notes == ("10 draws of warm-up are left out.",)
    given = GivenDraws.of(stated, model, data, {"weights": "theta", "means": "mu", "sds": "sigma"})
    # Eight digits were written.
    np.testing.assert_allclose(given.mixture.weights, weights, rtol=1e-7)
    np.testing.assert_allclose(given.mixture.arrays()["covariances"][..., 0, 0], sds**2, rtol=1e-7)


def test_matrices_of_stan_lie_at_their_indices_in_either_writing(tmp_path, arrays, plane):
    data, model = plane
    renamed = {"theta": arrays["weights"], "mu": arrays["means"], "Sigma": arrays["covariances"]}
    file = stan_file(tmp_path / "out.csv", renamed, 0)
    mixture = GivenDraws.of(read_posterior(file), model, data).mixture
    np.testing.assert_allclose(mixture.arrays()["covariances"], arrays["covariances"][:1], rtol=1e-6, atol=1e-7)
    lines = file.read_text().splitlines()
    at = next(i for i, text in enumerate(lines) if text.startswith("lp__"))
    for old, new in {"Sigma.2.1.2": '"Sigma[2,1,2]"', "mu.1.2": '"mu[1,2]"'}.items():
        lines[at] = lines[at].replace(old, new)
    lines[at] = lines[at].replace("lp__", ".draw")
    (tmp_path / "other.csv").write_text("\n".join(lines))
    other = GivenDraws.of(read_posterior(tmp_path / "other.csv"), model, data).mixture
    np.testing.assert_array_equal(other.arrays()["covariances"], mixture.arrays()["covariances"])


def test_names_are_known_or_told_and_weights_sum_to_one(line):
    data, model = line
    weights, means, sds = draws_of_line()
    given = GivenDraws.of(draws_of({"theta": weights, "mu": means, "sd": sds}), model, data)
    assert given.called == {"means": "mu", "sds": "sd"}
    assert given.notes == ("'theta' sums to one in each draw, and is taken for the weights.",)
    told = GivenDraws.of(
        draws_of({"a": weights[..., 0], "b": means, "c": 1 / sds**2}),
        model,
        data,
        {"weights": "a", "means": "b", "precisions": "c"},
    )
    np.testing.assert_allclose(told.mixture.weights, weights)
    np.testing.assert_allclose(told.mixture.arrays()["covariances"][..., 0, 0], sds**2)


@pytest.mark.parametrize(("power", "meant"), [(1, "standard deviations"), (2, "variances")])
def test_a_sigma_is_what_the_data_say_and_a_wrong_name_is_noticed(line, power, meant):
    data, model = line
    weights, means, sds = draws_of_line()
    sigma = GivenDraws.of(draws_of({"w": weights, "mu": means, "sigma": sds**power}), model, data)
    np.testing.assert_allclose(sigma.mixture.arrays()["covariances"][..., 0, 0], sds**2)
    wrong = {1: "variances", 2: "sds"}[power]
    named = GivenDraws.of(draws_of({"w": weights, "mu": means, "s": sds**power}), model, data, {wrong: "s"})
    assert named.doubt is not None
    assert named.doubt.endswith(f"they seem to be {meant}")
    right = {2: "variances", 1: "sds"}[power]
    assert (
        GivenDraws.of(draws_of({"w": weights, "mu": means, "s": sds**power}), model, data, {right: "s"}).doubt is None
    )


def refused(variables, model, data, **names):
    with pytest.raises(ValueError, match=r"posterior|names") as caught:
        GivenDraws.of(draws_of(variables), model, data, names)
    return str(caught.value)


def test_what_is_no_posterior_of_the_model_is_refused_in_a_sentence(line):
    data, model = line
    weights, means, sds = draws_of_line()
    logits = np.log(weights)
    assert "not their logits" in refused({"weights": logits, "mu": means, "sds": sds}, model, data)
    assert "must sum to 1" in refused({"weights": 2 * weights, "mu": means, "sds": sds}, model, data)
    assert "no means" in refused({"weights": weights, "sds": sds}, model, data)
    assert "no widths" in refused({"weights": weights, "mu": means}, model, data)
    assert "must be positive, got 0" in refused({"weights": weights, "mu": means, "sds": 0 * sds}, model, data)
    assert "does not fit 2 components" in refused({"weights": weights, "mu": means[..., :1], "sds": sds}, model, data)
    assert "means=theta" in refused({"weights": weights, "mu": means, "sds": sds}, model, data, means="theta")
    assert "hold nan in draw 1" in refused({"weights": weights, "mu": means * np.nan, "sds": sds}, model, data)
    assert "shape (chain, draw" in refused({"weights": weights[0, :, 0], "mu": means}, model, data)


def test_a_broken_file_is_refused_by_its_name(tmp_path, line):
    weights, means, sds = draws_of_line()
    with pytest.raises(ValueError, match=r"none\.nc: the file does not exist"):
        read_posterior(tmp_path / "none.nc")
    (tmp_path / "x.nc").write_text("no HDF5")
    with pytest.raises(ValueError, match="no NetCDF file"):
        read_posterior(tmp_path / "x.nc")
    first = stan_file(tmp_path / "1.csv", {"theta": weights, "mu": means}, 0)
    second = stan_file(tmp_path / "2.csv", {"theta": weights, "sigma": sds}, 1)
    with pytest.raises(ValueError, match="other columns"):
        read_posterior([first, second])
    text = first.read_text()
    (tmp_path / "cut.csv").write_text(text[: text.rindex(",")])
    with pytest.raises(ValueError, match="ends in the middle of a draw"):
        read_posterior(tmp_path / "cut.csv")
    (tmp_path / "empty.csv").write_text("# nothing\n")
    with pytest.raises(ValueError, match="holds no draws"):
        read_posterior(tmp_path / "empty.csv")
