r"""The exercise on the posterior of a mixture: the model in PyMC, label switching, and the comparison with EM."""

from __future__ import annotations

from typing import Any

import numpy as np

from models import Data, Mixture, Poisson

from .asking import Array, Function, Problem, UnusableError, Wrong, called, what_is_wrong
from .em_blanks import wrong_log_likelihoods
from .exercise import Blank, Exercise
from .poisson import KIND

COUNTS = Data.of(Mixture(np.array([0.3, 0.7]), Poisson(np.array([2.0, 9.0]))).sample(50, np.random.default_rng(11))[0])
POINTS = 4


def _model(function: Function, rng: np.random.Generator) -> tuple[str, str]:
    """Hold the likelihood of a PyMC model against ours, up to a constant, at points drawn about its initial one."""
    import pymc as pm

    x = COUNTS.values[:, 0]
    model = called(function, (x, 2))
    if not isinstance(model, pm.Model):
        return f"It returns a {type(model).__name__}: return the pymc.Model itself.", ""
    discrete = [variable.name for variable in model.free_RVs if variable.dtype.startswith(("int", "uint", "bool"))]
    if discrete:
        return (
            f"{discrete[0]!r} is still a variable of the model, and it is discrete: NUTS cannot move it. Sum "
            f"the labels out, "
            "as pm.Mixture does.",
            "",
        )
    absent = [name for name in ("weights", "rates") if name not in model.named_vars]
    if absent:
        return f"It has no variable called {' or '.join(map(repr, absent))}.", ""
    if not model.observed_RVs and not model.potentials:
        return "The data do not occur in it: give them as observed=x.", ""
    found = _at_points(model, rng)
    for index, name in enumerate(("weights", "rates"), start=1):
        if (shape := np.shape(found[0][index])) != (2,):
            return f"{name!r} has shape {shape}: one for each of the k components is asked for.", ""
    likelihoods = np.array([float(value) for value, _, _ in found])
    return _which_likelihood(likelihoods, [Mixture(weights, Poisson(rates)) for _, weights, rates in found]), ""


def _at_points(model: Any, rng: np.random.Generator) -> list[tuple[Array, Array, Array]]:
    """Return the log-likelihood of a model, its weights and its rates at some points."""
    values = {variable.name: variable for variable in model.unobserved_value_vars}
    try:
        start = model.initial_point(random_seed=int(rng.integers(2**31)))
        likelihood = model.logp(jacobian=False) - model.logp(vars=model.free_RVs, jacobian=False)
        # Four points are computed in Python sooner than any code for them is compiled.
        run = model.compile_fn(
            [likelihood, values["weights"], values["rates"]], mode="FAST_COMPILE", on_unused_input="ignore"
        )
        points = [
            {name: value + rng.normal(0, 0.4, np.shape(value)) for name, value in start.items()} for _ in range(POINTS)
        ]
        return [_as_arrays(*run(point)) for point in points]
    except Exception as error:
        raise UnusableError(f"Its log-density cannot be computed: {type(error).__name__}: {error}.") from None


def _as_arrays(likelihood: Any, weights: Any, rates: Any) -> tuple[Array, Array, Array]:
    return np.asarray(likelihood, dtype=float), np.asarray(weights, dtype=float), np.asarray(rates, dtype=float)


def _which_likelihood(found: Array, mixtures: list[Mixture]) -> str:
    right = np.array([mixture.log_likelihood(COUNTS.values).sum() for mixture in mixtures])
    if _same_up_to_a_constant(found, right):
        return ""
    known = [dict(wrong_log_likelihoods(KIND, mixture, COUNTS)) for mixture in mixtures]
    for reason in known[0]:
        if _same_up_to_a_constant(found, np.array([wrong[reason] for wrong in known])):
            return f"In its likelihood: {reason[0].lower()}{reason[1:]}"
    if np.ptp(found) == 0:
        return "Its likelihood does not depend on weights and rates."
    return "Its likelihood is not that of a mixture of Poissons with the variables 'weights' and 'rates'."


def _same_up_to_a_constant(found: Array, expected: Array) -> bool:
    # Doubles add up 50 terms of this size; a mistake changes much more.
    return bool(np.isfinite(found).all() and np.allclose(found - found[0], expected - expected[0], atol=1e-6))


def _draws(rng: np.random.Generator, chains: int = 3, draws: int = 40) -> tuple[Array, Array]:
    """Draws of weights and rates, shape ``(chains, draws, 3)``, whose labels differ between chains, and once within one."""
    rates = np.array([2.0, 9.0, 30.0]) + rng.normal(0, 0.3, (chains, draws, 3))
    weights = rng.dirichlet([60, 20, 40], (chains, draws))
    for chain, order in enumerate(([2, 0, 1], [2, 0, 1], [0, 2, 1])):
        rates[chain], weights[chain] = rates[chain][:, order], weights[chain][:, order]
    turned = slice(draws // 2, None)
    rates[1, turned], weights[1, turned] = rates[1, turned][:, [1, 0, 2]], weights[1, turned][:, [1, 0, 2]]
    return weights, rates


def _switching(function: Function, rng: np.random.Generator) -> tuple[str, str]:
    _, rates = _draws(rng)
    still = rates[0].copy()
    problems = []
    for draws in (rates, np.stack([still] * 2), rates[::-1].copy()):
        first = np.argsort(draws[0, 0])
        right = (np.argsort(draws, axis=2) != first).any(axis=2)
        own = (np.argsort(draws, axis=2) != np.argsort(draws[:, :1], axis=2)).any(axis=2)
        by_chain = np.repeat(
            (np.argsort(draws.mean(axis=1), axis=1) != first).any(axis=1)[:, None], draws.shape[1], axis=1
        )
        wrong = [
            Wrong("It is turned round: True where the order is another one.", (1.0 - right,)),
            Wrong(
                "It compares each chain with its own first draw: compare all with the first draw of the first chain.",
                (own,),
            ),
            Wrong(
                "It looks at the means of each chain: a chain may switch on its way, so look at each draw.", (by_chain,)
            ),
            Wrong("It says that no labels have switched.", (np.zeros(right.shape),)),
            Wrong(
                "It says where a draw's order is not that of increasing rates: compare with the first draw's order.",
                ((np.argsort(draws, axis=2) != np.arange(draws.shape[2])).any(axis=2).astype(float),),
            ),
        ]
        problems.append(Problem.with_known((draws,), (right.astype(float),), wrong))
    return what_is_wrong(function, ("answers",), problems), ""


def _relabelled(function: Function, rng: np.random.Generator) -> tuple[str, str]:
    problems = []
    for _ in range(2):
        weights, rates = _draws(rng)
        order = np.argsort(rates, axis=2)
        right_weights, right_rates = np.take_along_axis(weights, order, 2), np.sort(rates, axis=2)
        by_weight = np.argsort(weights, axis=2)
        wrong = [
            Wrong(
                "It sorts the weights by themselves: each weight has to stay with its rate.",
                (np.sort(weights, 2), right_rates),
            ),
            Wrong("It leaves the weights as they are: each weight has to go with its rate.", (weights, right_rates)),
            Wrong("It leaves the rates as they are.", (right_weights, rates)),
            Wrong(
                "It sorts by the weights: sort by the rates, which tell the components apart here.",
                (np.sort(weights, 2), np.take_along_axis(rates, by_weight, 2)),
            ),
            Wrong(
                "Its order is that of falling rates: the smallest rate comes first.",
                (right_weights[..., ::-1], right_rates[..., ::-1]),
            ),
            Wrong(
                "It sorts over the draws and not over the components: a chain is no longer a chain.",
                (np.sort(weights, 1), np.sort(rates, 1)),
            ),
            Wrong(
                "It takes one order for all draws: labels switch within a chain, too, so that each draw needs its own.",
                (weights[..., order[0, 0]], rates[..., order[0, 0]]),
            ),
            Wrong("It takes one order for each chain: labels switch within a chain, too.", (
                np.take_along_axis(weights, np.argsort(rates.mean(axis=1, keepdims=True), axis=2), 2),
                np.take_along_axis(rates, np.argsort(rates.mean(axis=1, keepdims=True), axis=2), 2),
            )),
            Wrong("It applies the inverse of the order to the weights.", (
                np.take_along_axis(weights, np.argsort(order, axis=2), 2), right_rates,
            )),
        ]  # fmt: skip
        problems.append(Problem.with_known((weights, rates), (right_weights, right_rates), wrong))
    return what_is_wrong(function, ("weights", "rates"), problems), ""


def _shift(function: Function, rng: np.random.Generator) -> tuple[str, str]:
    problems = []
    for size in (40, 25):
        _, rates = _draws(rng, draws=size)
        rates = np.sort(rates, axis=2) * np.array([1.0, 1.2, 0.9])
        estimate = np.array([2.2, 8.7, 30.4])
        mean, sd, n = rates.mean(axis=(0, 1)), rates.std(axis=(0, 1)), rates.shape[0] * rates.shape[1]
        wrong = [
            Wrong("", ((mean - estimate) / rates.std(axis=(0, 1), ddof=1),)),
            Wrong("Its sign is turned: posterior mean less estimate.", ((estimate - mean) / sd,)),
            Wrong(
                "Its sign is turned: posterior mean less estimate.",
                ((estimate - mean) / rates.std(axis=(0, 1), ddof=1),),
            ),
            Wrong("It has no sign: leave out the absolute value.", (np.abs(mean - estimate) / sd,)),
            Wrong("It is in the unit of the rates: divide by the posterior standard deviation.", (mean - estimate,)),
            Wrong(
                "It divides by the posterior variance: divide by the standard deviation.", ((mean - estimate) / sd**2,)
            ),
            Wrong(
                "It divides by the Monte Carlo error of the mean, which says how long the chains are: divide "
                "by the posterior "
                "standard deviation.",
                ((mean - estimate) / sd * np.sqrt(n),),
            ),
            Wrong(
                "It divides by the estimate: divide by the posterior standard deviation.",
                ((mean - estimate) / estimate,),
            ),
            Wrong(
                "It takes the median: the posterior mean is asked for.",
                ((np.median(rates, axis=(0, 1)) - estimate) / sd,),
            ),
            Wrong("It looks at the first chain only.", ((rates[0].mean(axis=0) - estimate) / rates[0].std(axis=0),)),
        ]
        problems.append(Problem.with_known((estimate, rates), ((mean - estimate) / sd,), wrong))
    return what_is_wrong(function, ("shifts",), problems), ""


EXERCISE = Exercise(
    name="posterior",
    introduction=(
        "EM gives a point. Bayesian inference gives a distribution, of the same model. The counts `x`, shape "
        "`(n,)`, come from "
        "a mixture of `k` Poissons. You will write the model in PyMC with the labels summed out, find where "
        "the labels of the "
        "draws switch, put them in one order, and say how far the posterior is from EM's estimate.\n\n"
        "Draws have the shape `(chains, draws, k)`."
    ),
    preparation=(
        "import pymc as pm\n\nfrom em import fit\nfrom models import scenario\n\n"
        'problem = scenario("poisson-three")\nx = problem.data.values[:, 0]\nk = 3\nx.shape'
    ),
    derivation=(
        "1. Write down the joint distribution of the counts and their labels, given weights and rates.\n"
        "2. Sum the labels out. Why may NUTS sample what is left, and not what was there before?\n"
        "3. Which permutations leave the posterior unchanged, and what does that mean for the posterior mean of a rate?"
    ),
    derived=("bayes.poisson",),
    blanks=(
        Blank(
            name="build_model",
            task=(
                "**The model.** Return a `pymc.Model` of the counts `x` with `k` components. Its variables are called "
                "`weights` (a Dirichlet prior) and `rates` (a prior above zero of your choice). The labels are summed out."
            ),
            signature="def build_model(x, k):",
            solution=(
                "with pm.Model() as model:\n"
                '    weights = pm.Dirichlet("weights", np.ones(k))\n'
                '    rates = pm.Gamma("rates", alpha=1, beta=1 / x.mean(), shape=k)\n'
                '    pm.Mixture("counts", w=weights, comp_dists=pm.Poisson.dist(rates), observed=x)\n'
                "return model"
            ),
            check=_model,
            points=3,
        ),
        Blank(
            name="switched",
            task=(
                "**Label switching.** `rates` has shape `(chains, draws, k)`. Return for each draw whether the order of its "
                "components, from the smallest rate to the largest, is another one than that of the first draw of the first "
                "chain; shape `(chains, draws)`."
            ),
            signature="def switched(rates):",
            solution="order = np.argsort(rates, axis=2)\nreturn (order != order[0, 0]).any(axis=2)",
            check=_switching,
            points=2,
        ),
        Blank(
            name="relabel",
            task=(
                "**Relabelling.** Return `weights, rates` with the components of every draw in the order of "
                "increasing rates. "
                "What belongs together stays together."
            ),
            signature="def relabel(weights, rates):",
            solution=(
                "order = np.argsort(rates, axis=2)\n"
                "return np.take_along_axis(weights, order, axis=2), np.take_along_axis(rates, order, axis=2)"
            ),
            check=_relabelled,
            points=2,
        ),
        Blank(
            name="shift",
            task=(
                "**The comparison.** `estimate` has shape `(k,)` and `rates`, relabelled, `(chains, draws, "
                "k)`. Return for each "
                "component how far the posterior mean lies above the estimate, in posterior standard deviations."
            ),
            signature="def shift(estimate, rates):",
            solution="return (rates.mean(axis=(0, 1)) - estimate) / rates.std(axis=(0, 1))",
            check=_shift,
            points=1,
        ),
    ),
    closing=(
        "missing = exercise.missing(build_model, switched, relabel, shift)\n"
        "if missing:\n"
        '    print("The posterior is sampled here once these are right:", ", ".join(missing))\n'
        "else:\n"
        "    with build_model(x, k):\n"
        "        draws = pm.sample(500, tune=500, chains=2, random_seed=1, progressbar=False)\n"
        '    weights, rates = (draws.posterior[name].values for name in ("weights", "rates"))\n'
        '    print(f"{switched(rates).mean():.0%} of the draws are in another order than the first")\n'
        "    weights, rates = relabel(weights, rates)\n"
        '    estimate = np.sort(fit(x, "poisson", k, seed=1).mixture.components.rates)\n'
        '    print("EM             ", estimate.round(2))\n'
        '    print("posterior mean ", rates.mean(axis=(0, 1)).round(2))\n'
        '    print("shift in sd    ", np.round(shift(estimate, rates), 2))'
    ),
)
