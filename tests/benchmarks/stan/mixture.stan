// A mixture of k Gaussians with the labels summed out, under the priors of the NumPyro model in sampling.py.
data {
  int n;
  int d;
  int k;
  vector[d] x[n];
  vector[d] centre;
  cholesky_factor_cov[d] spread;
}
parameters {
  simplex[k] weights;
  vector[d] means[k];
  vector<lower=0>[d] deviations[k];
  cholesky_factor_corr[d] correlations[k];
}
model {
  matrix[d, d] factors[k];
  for (j in 1:k) {
    factors[j] = diag_pre_multiply(deviations[j], correlations[j]);
    means[j] ~ multi_normal_cholesky(centre, 10 * spread);
    deviations[j] ~ normal(0, 5);
    correlations[j] ~ lkj_corr_cholesky(1);
  }
  for (i in 1:n) {
    vector[k] joint = log(weights);
    for (j in 1:k) joint[j] += multi_normal_cholesky_lpdf(x[i] | means[j], factors[j]);
    target += log_sum_exp(joint);
  }
}
