# Reference values of R's coxph on small random cohorts, for tests/test_regression.py: binary covariates, rare levels,
# ties, times of zero, strata, delayed entry. Where R warns of an infinite coefficient, only that is recorded.
# Run from the project root:  Rscript tests/recorded/cox_small.R > tests/recorded/cox_small.json
suppressMessages(library(survival))
num <- function(x) unname(ifelse(is.na(x), "null", trimws(formatC(as.numeric(x), digits = 17, format = "g"))))
arr <- function(x) paste0("[", paste(num(x), collapse = ","), "]")
text <- function(x) paste0('"', paste(x, collapse = ""), '"')

simulated <- function(seed) {
  set.seed(seed)
  n <- if (seed %% 2) 88 else sample(8:200, 1)
  p <- sample(3:6, 1)
  x <- sapply(runif(p, .03, .6), function(q) rbinom(n, 1, q))
  t <- rexp(n, .1) * exp(pmin(pmax(drop(x %*% rnorm(p)), -3), 3))
  time <- switch(seed %% 4 + 1, floor(t), ceiling(t), round(t / 3), round(t, 1))
  list(seed = seed, time = time, event = rbinom(n, 1, sample(c(.15, .45, .9), 1)), x = x,
    entry = if (seed %% 7 == 3) ifelse(runif(n) < .5, round(time * runif(n), 1) - .5, -1),
    strata = if (seed %% 3 == 1) sample(0:2, n, TRUE), ties = if (seed %% 6 == 5) "breslow" else "efron")
}

# R stops while the coefficients still move in the eighth digit, so it goes on from where it stopped
once <- function(d, ...) {
  y <- if (is.null(d$entry)) Surv(d$time, d$event) else Surv(d$entry, d$time, d$event)
  said <- ""
  f <- withCallingHandlers(
    if (is.null(d$strata)) coxph(y ~ d$x, ties = d$ties, ...)
    else coxph(y ~ d$x + strata(d$strata), ties = d$ties, ...),
    warning = function(w) { said <<- paste0(said, conditionMessage(w)); invokeRestart("muffleWarning") })
  list(fit = f, said = said)
}

cases <- lapply(1:80, function(seed) {
  d <- simulated(seed)
  first <- once(d)
  out <- c(seed = num(seed), time = arr(d$time), event = text(d$event),
    x = paste0("[", paste(apply(d$x, 2, text), collapse = ", "), "]"),
    entry = if (is.null(d$entry)) "null" else arr(d$entry), strata = if (is.null(d$strata)) "null" else text(d$strata),
    ties = text(d$ties))
  infinite <- grepl("infinite|Ran out", first$said)
  out <- c(out, infinite = if (infinite) "true" else "false")
  if (!infinite) {
    start <- coef(first$fit); start[is.na(start)] <- 0
    f <- once(d, init = start, control = coxph.control(iter.max = 1))$fit
    out <- c(out, coef = arr(coef(f)), se = arr(sqrt(diag(f$var))), loglik = arr(c(first$fit$loglik[1], f$loglik[2])))
  }
  paste0("{", paste(sprintf('"%s": %s', names(out), out), collapse = ", "), "}")
})
cat(sprintf('{"r": "%s", "survival": "%s",\n "cases": [\n  %s\n ]}\n', R.version.string, packageVersion("survival"),
  paste(unlist(cases), collapse = ",\n  ")))
