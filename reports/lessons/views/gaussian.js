/* Mixtures of Gaussians on the line, as em/ computes them: {weights, means, variances}, each a list over components. */
const gaussian = (() => {
  const LOG_TWO_PI = Math.log(2 * Math.PI);
  const components = (mixture) => mixture.means.map((_, k) => k);

  const logComponent = (x, mixture, k) =>
    -0.5 * (LOG_TWO_PI + Math.log(mixture.variances[k]) + (x - mixture.means[k]) ** 2 / mixture.variances[k]);
  const logJoint = (x, mixture) => components(mixture).map((k) => Math.log(mixture.weights[k]) + logComponent(x, mixture, k));

  function logSum(terms) {
    const largest = Math.max(...terms);
    return largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0));
  }

  const density = (x, mixture) => Math.exp(logSum(logJoint(x, mixture)));
  /* One component's part of the density, its weight included. */
  const part = (x, mixture, k) => mixture.weights[k] * Math.exp(logComponent(x, mixture, k));
  const logLikelihood = (data, mixture) => data.reduce((sum, x) => sum + logSum(logJoint(x, mixture)), 0);

  function responsibilities(data, mixture) {
    return data.map((x) => {
      const terms = logJoint(x, mixture);
      const whole = logSum(terms);
      return terms.map((term) => Math.exp(term - whole));
    });
  }
  /* THE BUG of the third lesson: every component gets an equal say, whatever its weight. */
  const withoutWeights = (data, mixture) =>
    responsibilities(data, { ...mixture, weights: mixture.weights.map(() => 1 / mixture.weights.length) });

  /* Q plus the entropy of the responsibilities: never above the log-likelihood, and equal to it where they are its own. */
  function bound(data, shares, mixture) {
    let total = 0;
    data.forEach((x, i) => {
      logJoint(x, mixture).forEach((term, k) => {
        if (shares[i][k] > 0) total += shares[i][k] * (term - Math.log(shares[i][k]));
      });
    });
    return total;
  }

  /* The M-step. The variance is taken about the new mean. */
  function mStep(data, shares) {
    const counts = shares[0].map((_, k) => shares.reduce((sum, share) => sum + share[k], 0));
    const means = counts.map((count, k) => data.reduce((sum, x, i) => sum + shares[i][k] * x, 0) / count);
    const variances = counts.map((count, k) => data.reduce((sum, x, i) => sum + shares[i][k] * (x - means[k]) ** 2, 0) / count);
    const all = counts.reduce((sum, count) => sum + count, 0);
    return { weights: counts.map((count) => count / all), means, variances };
  }
  const step = (data, mixture) => mStep(data, responsibilities(data, mixture));

  const grid = ([low, high], points = 161) => Array.from({ length: points }, (_, i) => low + ((high - low) * i) / (points - 1));

  return { components, density, part, logLikelihood, responsibilities, withoutWeights, bound, mStep, step, grid };
})();
