# Samples mixture.stan with rstan: Rscript sample.R PROGRAM DATA.csv START.csv WARMUP DRAWS OUT.csv
# Writes the draws of the means, a row for each draw, chain after chain; prints the seconds of warm-up and draws.
suppressMessages(library(rstan))
given <- commandArgs(TRUE)
x <- as.matrix(read.csv(given[2], header = FALSE))
start <- as.matrix(read.csv(given[3], header = FALSE))
warmup <- as.integer(given[4])
draws <- as.integer(given[5])
data <- list(n = nrow(x), d = ncol(x), k = nrow(start), x = x, centre = colMeans(x), spread = t(chol(cov(x))))
model <- stan_model(given[1])
began <- proc.time()[["elapsed"]]
fit <- sampling(model, data, chains = 2, cores = 2, warmup = warmup, iter = warmup + draws, seed = 1,
                init = function() list(means = start), refresh = 0)
took <- proc.time()[["elapsed"]] - began
means <- extract(fit, "means", permuted = FALSE)
write.table(rbind(means[, 1, ], means[, 2, ]), given[6], sep = ",", row.names = FALSE, col.names = FALSE)
cat(took, "\n")
