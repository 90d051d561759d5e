# The interaction of treatment and histology in the shipped sample, for tests/test_regression_models.py: the usual
# likelihood-ratio test, and Firth's penalised one, whose likelihood is built here from survival's own (Efron ties).
# Run from the project root:  Rscript tests/recorded/subgroups.R > tests/recorded/subgroups.json
suppressMessages(library(survival))
options(warn = -1)  # survival warns of the infinite coefficients that this is about
d <- read.csv("tests/recorded/subgroups.csv")
x <- model.matrix(~ ici * factor(histology, c("small cell", "large cell", "NEC NOS")), d)[, -1]
usual <- anova(coxph(Surv(time, event) ~ x[, 1:3], d), coxph(Surv(time, event) ~ x, d))
penalised <- function(b) {
  m <- coxph(Surv(time, event) ~ x, d, init = b, iter.max = 0)
  m$loglik[1] - 0.5 * as.numeric(determinant(m$var)$modulus)
}
best <- function(free) optim(rep(0, length(free)), function(b) -penalised(replace(rep(0, 5), free, b)),
  method = "BFGS", control = list(reltol = 1e-14, maxit = 1000))$value
chi <- 2 * (best(1:3) - best(1:5))
cat(sprintf('{"n": %d, "usual": [%.10f, %d, %.10f], "penalised": [%.7f, 2, %.7f]}\n', nrow(d), usual[[2]][2],
  usual[[3]][2], usual[[4]][2], chi, pchisq(chi, 2, lower.tail = FALSE)))
