# Reference values for tests/test_by_centre.py: patients of several centres by R's survival, heterogeneity by hand.
# Run from the project root:  Rscript tests/recorded/centres.R > tests/recorded/centres.json
suppressMessages(library(survival))
num <- function(x) unname(ifelse(!is.finite(x), "null", trimws(formatC(as.numeric(x), digits = 17, format = "g"))))
arr <- function(x) paste0("[", paste(num(x), collapse = ", "), "]")
str <- function(x) paste0('"', x, '"')
obj <- function(...) { a <- c(...); paste0("{", paste(sprintf('"%s": %s', names(a), a), collapse = ", "), "}") }
lst <- function(v) paste0("[\n  ", paste(v, collapse = ",\n  "), "\n ]")

# Cochran's Q, I2, DerSimonian and Laird's tau2, the mean over centres, and Higgins' prediction interval
meta <- function(y, se) {
  k <- length(y); w <- 1 / se^2; fixed <- sum(w * y) / sum(w); q <- sum(w * (y - fixed)^2)
  tau2 <- max(0, (q - (k - 1)) / (sum(w) - sum(w^2) / sum(w)))
  v <- 1 / (se^2 + tau2); mu <- sum(v * y) / sum(v); s <- sqrt(1 / sum(v))
  wide <- if (k > 2) qt(.975, k - 2) * sqrt(tau2 + s^2) else NA
  c(q, k - 1, pchisq(q, k - 1, lower.tail = FALSE), max(0, (q - (k - 1)) / q), tau2, mu, s, mu - qnorm(.975) * s,
    mu + qnorm(.975) * s, mu - wide, mu + wide)
}
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50)
fit <- function(d, ties, within) {
  f <- if (within) coxph(Surv(time, event) ~ g + strata(centre), d, ties = ties, control = tight) else
    coxph(Surv(time, event) ~ g, d, ties = ties, control = tight)
  c(unname(coef(f)), sqrt(diag(vcov(f))))
}
case <- function(name, d) {
  s <- survdiff(Surv(time, event) ~ g + strata(centre), d)
  centres <- sort(unique(d$centre))
  one <- function(ties) sapply(centres, function(x) fit(d[d$centre == x, ], ties, FALSE))
  efron <- one("efron")
  left <- sapply(centres, function(x) fit(d[d$centre != x, ], "efron", TRUE))
  n <- sapply(centres, function(x) sum(d$centre == x)); x <- sapply(centres, function(x) sum(d$g[d$centre == x]))
  obj(name = str(name), time = arr(d$time), event = arr(d$event), g = arr(d$g), centre = arr(d$centre),
    logrank = arr(c(s$chisq, pchisq(s$chisq, 1, lower.tail = FALSE))), efron = arr(fit(d, "efron", TRUE)),
    breslow = arr(fit(d, "breslow", TRUE)), own = arr(efron), own_breslow = arr(one("breslow")), left = arr(left),
    heterogeneity = arr(meta(efron[1, ], efron[2, ])), share = arr(meta(log(x / (n - x)), sqrt(1 / x + 1 / (n - x)))))
}
made <- function(seed, k, n) {
  set.seed(seed); centre <- rep(seq_len(k), each = n); g <- rbinom(k * n, 1, rep(runif(k, .3, .6), each = n))
  t <- rexp(k * n, .06) * exp(-(rep(rnorm(k, .4, .5), each = n)) * g + rep(rnorm(k, 0, .4), each = n))
  u <- runif(k * n, 4, 40)
  data.frame(time = pmax(round(pmin(t, u)), 1), event = as.integer(t <= u), g = g, centre = centre)
}
cat(obj(r = str(as.character(getRversion())), survival = str(as.character(packageVersion("survival"))),
  cases = lst(c(case("two", made(1, 2, 60)), case("three", made(2, 3, 50)), case("five", made(3, 5, 70)),
  case("twelve", made(4, 12, 80))))), "\n")
