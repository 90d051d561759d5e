# Reference values of the R package coxphf (Firth's penalised likelihood, Breslow ties) for tests/test_regression_firth.py.
# Run from the project root:  Rscript tests/recorded/cox_firth.R > tests/recorded/cox_firth.json
suppressMessages({ library(survival); library(coxphf) })
num <- function(x) unname(ifelse(is.na(x), "null", trimws(formatC(as.numeric(x), digits = 17, format = "g"))))
arr <- function(x) paste0("[", paste(num(x), collapse = ", "), "]")
obj <- function(...) { a <- c(...); paste0("{", paste(sprintf('"%s": %s', names(a), a), collapse = ", "), "}") }
record <- function(formula, data, names) {
  f <- coxphf(formula, data, maxit = 5000, epsilon = 1e-11, gconv = 1e-9, maxhs = 20)
  obj(data = obj(sapply(data[names], arr)), coef = arr(coef(f)), se = arr(sqrt(diag(f$var))), lower = arr(log(f$ci.lower)),
    upper = arr(log(f$ci.upper)), p = arr(f$prob), lr = num(2 * diff(f$loglik))) }
o <- ovarian; o$start <- 0; o$young <- as.integer(o$fustat == 0 & o$age < 52)  # no death in `young`: separation
set.seed(88)
n <- 88; d <- data.frame(a = rbinom(n, 1, .5), b = rbinom(n, 1, .12), c = round(rnorm(n), 1))
d$futime <- ceiling(rexp(n, .05 * exp(.6 * d$a))); d$fustat <- rbinom(n, 1, .45) * (1 - d$b); d$start <- 0
e <- d; e$start <- floor(e$futime * runif(n)) - 1
test2 <- data.frame(start = c(1, 2, 5, 2, 1, 7, 3, 4, 8, 8), futime = c(2, 3, 6, 7, 8, 9, 9, 9, 14, 17),
  fustat = c(1, 1, 1, 1, 1, 1, 1, 0, 0, 0), x = c(1, 0, 0, 1, 0, 1, 1, 1, 0, 0))  # the example of coxphf's help page
base <- c("start", "futime", "fustat")
cat(obj(coxphf_version = sprintf('"%s"', packageVersion("coxphf")),
  ovarian = record(Surv(futime, fustat) ~ young + rx + age, o, c(base, "young", "rx", "age")),
  ties = record(Surv(futime, fustat) ~ a + b + c, d, c(base, "a", "b", "c")),
  entry = record(Surv(start, futime, fustat) ~ a + b + c, e, c(base, "a", "b", "c")),
  help_page = record(Surv(start, futime, fustat) ~ x, test2, c(base, "x"))), "\n")
