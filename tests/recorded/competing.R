# Reference values of R's cmprsk (and survival for cause-specific hazards) for tests/test_competing.py.
# Run from the project root:  Rscript tests/recorded/competing.R > tests/recorded/competing.json
suppressMessages(library(cmprsk))
num <- function(x) unname(ifelse(!is.finite(x), "null", trimws(formatC(as.numeric(x), digits = 17, format = "g"))))
arr <- function(x) paste0("[", paste(num(x), collapse = ", "), "]")
str <- function(x) paste0('"', x, '"')
obj <- function(...) { a <- c(...); paste0("{", paste(sprintf('"%s": %s', names(a), a), collapse = ", "), "}") }
lst <- function(v) paste0("[\n  ", paste(v, collapse = ",\n  "), "\n ]")

case <- function(name, time, status, g, s, x) {
  z <- cuminc(time, status, g); at <- sort(unique(time)); t <- timepoints(z, at)
  fits <- sapply(sort(setdiff(unique(status), 0)), function(k) {
    f <- crr(time, status, x, failcode = k, gtol = 1e-9, maxiter = 50); stopifnot(f$converged)
    c <- summary(coxph(Surv(time, status == k) ~ x))$coef
    obj(cause = num(k), coef = arr(f$coef), var = arr(f$var), p = arr(2 * pnorm(-abs(f$coef) / sqrt(diag(f$var)))), loglik = num(f$loglik), loglik_null = num(f$loglik.null),
      cox_coef = arr(c[, 1]), cox_se = arr(c[, 3])) })
  km <- sapply(sort(setdiff(unique(status), 0)), function(k) arr(1 - summary(survfit(Surv(time, status == k) ~ 1), times = at)$surv))
  obj(name = str(name), time = arr(time), status = arr(status), g = arr(g), s = arr(s), x1 = arr(x[, 1]), x2 = arr(x[, 2]), at = arr(at),
    curves = paste0("[", paste(str(rownames(t$est)), collapse = ", "), "]"), est = arr(t(t$est)), var = arr(t(t$var)),
    gray = arr(t(z$Tests)), stratified = arr(cuminc(time, status, g, strata = s)$Tests[, 1]), rho = arr(cuminc(time, status, g, rho = 1)$Tests[, 1]),
    one_minus_km = paste0("[", paste(km, collapse = ", "), "]"), fits = lst(fits)) }
set.seed(22655)
n <- 88
a <- case("no ties", round(rexp(n, .05), 4), sample(0:3, n, TRUE, c(.2, .4, .25, .15)), rep(1:2, n / 2), sample(1:2, n, TRUE), cbind(rbinom(n, 1, .4), round(rnorm(n, 50, 9), 1)))
n <- 120
b <- case("ties", ceiling(rexp(n, .12)), sample(0:2, n, TRUE), sample(1:4, n, TRUE), sample(1:3, n, TRUE), cbind(rbinom(n, 1, .5), round(rnorm(n), 2)))
d <- case("times of zero", sample(0:7, n, TRUE), sample(0:2, n, TRUE, c(.3, .4, .3)), sample(1:3, n, TRUE), sample(1:2, n, TRUE), cbind(rbinom(n, 1, .5), round(rnorm(n), 2)))
e <- case("nobody censored", round(rexp(40, .1), 1), sample(1:2, 40, TRUE), rep(1:2, 20), rep(1:2, each = 20), cbind(rbinom(40, 1, .5), round(rnorm(40), 2)))
# a covariate whose level never has the cause: crr goes on until its score is small, and the others near their limit
separated <- sapply(c(3, 5, 8), function(seed) {
  set.seed(seed); n <- 60 + 10 * seed
  x <- cbind(rbinom(n, 1, .1), rbinom(n, 1, .4), round(rnorm(n), 2))
  time <- ceiling(rexp(n, .1 * exp(.5 * x[, 2]))); status <- sample(0:2, n, TRUE, c(.25, .45, .3))
  status[x[, 1] == 1 & status == 1] <- 2
  f <- crr(time, status, x, gtol = 1e-11, maxiter = 60)
  obj(name = str(paste("separated", seed)), time = arr(time), status = arr(status), x1 = arr(x[, 1]), x2 = arr(x[, 2]),
    x3 = arr(x[, 3]), coef = arr(f$coef), var = arr(f$var), loglik = num(f$loglik)) })
cat("{\n \"r\": ", str(paste(R.version$major, R.version$minor, sep = ".")), ", \"cmprsk\": ", str(as.character(packageVersion("cmprsk"))), ", \"survival\": ", str(as.character(packageVersion("survival"))),
  ",\n \"cases\": ", lst(c(a, b, d, e)), ",\n \"separated\": ", lst(separated), "\n}\n", sep = "")
