# Reference values of R's survival for tests/test_survival_tests.py, test_survival_times.py, test_delayed_entry.py.
# Run from the project root:  Rscript tests/recorded/survival_tests.R > tests/recorded/survival_tests.json
suppressMessages(library(survival))
num <- function(x) unname(ifelse(!is.finite(x), "null", trimws(formatC(as.numeric(x), digits = 17, format = "g"))))
arr <- function(x) paste0("[", paste(num(x), collapse = ", "), "]")
str <- function(x) paste0('"', x, '"')
obj <- function(...) { a <- c(...); paste0("{", paste(sprintf('"%s": %s', names(a), a), collapse = ", "), "}") }
lst <- function(v) paste0("[\n  ", paste(v, collapse = ",\n  "), "\n ]")

# counts of one stratum, and the weighted tests that survdiff doesn't have, written out
parts <- function(time, event, g, w) {
  levels <- sort(unique(g)); k <- length(levels)
  o <- e <- rep(0, k); v <- matrix(0, k, k)
  for (t in sort(unique(time[event == 1]))) {
    n <- sapply(levels, function(l) sum(time >= t & g == l)); d <- sapply(levels, function(l) sum(time == t & event == 1 & g == l))
    N <- sum(n); D <- sum(d); W <- w(t, time, event)
    o <- o + W * d; e <- e + W * D * n / N
    if (N > 1) v <- v + W^2 * D * (N - D) / (N - 1) * (diag(n / N, k) - outer(n / N, n / N))
  }
  list(o = o, e = e, v = v)
}
chisq <- function(p) { i <- -1; x <- (p$o - p$e)[i]; sum(x * solve(p$v[i, i, drop = FALSE], x)) }
atrisk <- function(t, time) sum(time >= t)
before <- function(t, time, event) { s <- 1; for (u in sort(unique(time[event == 1]))) if (u < t) s <- s * (1 - sum(time == u & event == 1) / sum(time >= u)); s }
peto <- function(t, time, event) { s <- 1; for (u in sort(unique(time[event == 1]))) if (u <= t) s <- s * (1 - sum(time == u & event == 1) / (sum(time >= u) + 1)); s }
W <- list("gehan-breslow" = function(t, time, event) atrisk(t, time), "tarone-ware" = function(t, time, event) sqrt(atrisk(t, time)),
  "modified-peto-peto" = function(t, time, event) peto(t, time, event) * atrisk(t, time) / (atrisk(t, time) + 1),
  "fh01" = function(t, time, event) 1 - before(t, time, event),
  "fh11" = function(t, time, event) before(t, time, event) * (1 - before(t, time, event)))

sd <- function(f, d, rho) { z <- survdiff(f, d, rho = rho); df <- sum((if (is.matrix(z$exp)) rowSums(z$exp) else z$exp) > 0) - 1; c(z$chisq, df, pchisq(z$chisq, df, lower.tail = FALSE)) }
case <- function(name, d, taus, times) {
  s <- survdiff(Surv(time, event) ~ g, d); a <- seq_along(s$obs)
  trend <- sum(a * (s$obs - s$exp))^2 / c(a %*% s$var %*% a)
  pairs <- combn(sort(unique(d$g)), 2, function(x) sd(Surv(time, event) ~ g, d[d$g %in% x, ], 0))
  fit <- survfit(Surv(time, event) ~ g, d)
  rm <- sapply(taus, function(tau) { t <- summary(fit, rmean = tau)$table; t[, c("rmean", "se(rmean)")] })
  z <- summary(fit, times = times, extend = TRUE)
  hand <- sapply(W, function(w) chisq(parts(d$time, d$event, d$g, w)))
  sp <- Reduce(function(a, b) Map(`+`, a, b), lapply(split(d, d$s), function(x) { p <- parts(x$time, x$event, factor(x$g, sort(unique(d$g))), W[["tarone-ware"]])
    k <- length(unique(d$g)); i <- match(sort(unique(x$g)), sort(unique(d$g))); o <- e <- rep(0, k); v <- matrix(0, k, k)
    p <- parts(x$time, x$event, x$g, W[["tarone-ware"]]); o[i] <- p$o; e[i] <- p$e; v[i, i] <- p$v; list(o = o, e = e, v = v) }))
  obj(name = str(name), time = arr(d$time), event = arr(d$event), g = arr(d$g), s = arr(d$s),
    observed = arr(s$obs), expected = arr(s$exp), "log-rank" = arr(sd(Surv(time, event) ~ g, d, 0)),
    "peto-peto" = arr(sd(Surv(time, event) ~ g, d, 1)), "fh_half" = arr(sd(Surv(time, event) ~ g, d, .5)),
    stratified = arr(sd(Surv(time, event) ~ g + strata(s), d, 0)), stratified_peto = arr(sd(Surv(time, event) ~ g + strata(s), d, 1)),
    stratified_tarone = num(chisq(sp)), hand = obj(sapply(hand, num)), trend = num(trend), pairs = arr(pairs),
    taus = arr(taus), rmean = arr(rm), times = arr(times), surv = arr(z$surv), se = arr(z$std.err))
}
set.seed(20221)
ties <- data.frame(time = pmin(ceiling(rexp(90, .08)), 30), event = rbinom(90, 1, .7), g = rep(1:3, 30), s = rbinom(90, 1, .4) + 1)
small <- data.frame(time = round(rweibull(24, 1.2, 15), 1), event = rbinom(24, 1, .8), g = c(rep(1, 17), rep(2, 7)), s = rep(1:3, 8))
v <- veteran; vet <- data.frame(time = v$time, event = v$status, g = as.integer(v$celltype), s = v$trt)
hand10 <- data.frame(time = c(2, 4, 4, 6, 9, 1, 2, 3, 5, 5), event = c(1, 1, 0, 1, 0, 1, 1, 1, 0, 1), g = rep(1:2, each = 5), s = rep(1, 10))
cases <- c(case("ties", ties, c(5, 12.5), c(3, 10, 12.5)), case("small", small, c(4, 9.9), c(5, 8.05)),
  case("veteran", vet, c(60, 150), c(30, 90, 150)), case("hand", hand10, c(3, 5), c(2, 4)))

# permutation of the log-rank chi-square, all assignments
exact <- function(d, w = function(t, time, event) 1) {
  u <- sort(unique(d$time[d$event == 1])); W <- sapply(u, w, d$time, d$event); N <- sapply(u, atrisk, d$time); D <- sapply(u, function(t) sum(d$time == t & d$event == 1))
  stat <- function(i) { n <- sapply(u, function(t) sum(d$time[i] >= t)); o <- sapply(u, function(t) sum(d$time[i] == t & d$event[i] == 1))
    v <- sum(W^2 * D * (N - D) / pmax(N - 1, 1) * n / N * (1 - n / N)); if (v < 1e-12) 0 else sum(W * (o - D * n / N))^2 / v }
  obs <- stat(which(d$g == 2)); t <- combn(nrow(d), sum(d$g == 2), stat); c(mean(t >= obs - 1e-9), length(t)) }
set.seed(5); nine <- data.frame(time = ceiling(rexp(15, .1)), event = rbinom(15, 1, .8), g = c(rep(1, 10), rep(2, 5)))
perm <- lapply(list(hand10, nine), function(d) obj(time = arr(d$time), event = arr(d$event), g = arr(d$g), p = arr(exact(d)), gehan = arr(exact(d, W[["gehan-breslow"]]))))

# delayed entry
late <- function(name, d) { f <- survfit(Surv(entry, time, event) ~ g, d); k <- rep(seq_along(f$strata), f$strata)
  cox <- summary(coxph(Surv(entry, time, event) ~ factor(g), d, ties = "breslow"))$sctest
  # log-rank with the hypergeometric variance, written out
  levels <- sort(unique(d$g)); o <- e <- rep(0, length(levels)); v <- matrix(0, length(levels), length(levels))
  for (t in sort(unique(d$time[d$event == 1]))) { n <- sapply(levels, function(l) sum(d$entry < t & d$time >= t & d$g == l)); x <- sapply(levels, function(l) sum(d$time == t & d$event == 1 & d$g == l))
    N <- sum(n); D <- sum(x); o <- o + x; e <- e + D * n / N; if (N > 1) v <- v + D * (N - D) / (N - 1) * (diag(n / N, length(levels)) - outer(n / N, n / N)) }
  obj(name = str(name), entry = arr(d$entry), time = arr(d$time), event = arr(d$event), g = arr(d$g), stratum = arr(k), at = arr(f$time), n_risk = arr(f$n.risk),
    n_event = arr(f$n.event), n_censor = arr(f$n.censor), surv = arr(f$surv), se_log = arr(f$std.err), medians = arr(summary(f)$table[, "median"]),
    score = num(cox[["test"]]), log_rank = num(chisq(list(o = o, e = e, v = v)))) }
set.seed(9); n <- 80; entry <- round(runif(n, 0, 6), 2); a <- data.frame(entry, time = entry + round(rexp(n, .1), 3) + .013 * seq_len(n), event = rbinom(n, 1, .7), g = rep(1:2, n / 2))
entry <- sample(0:5, n, TRUE); b <- data.frame(entry, time = entry + ceiling(rexp(n, .15)), event = rbinom(n, 1, .7), g = rep(1:4, n / 4))
entries <- c(late("no ties", a), late("ties", b))

cat("{\n \"r\": ", str(paste(R.version$major, R.version$minor, sep = ".")), ", \"survival\": ", str(as.character(packageVersion("survival"))), ",\n \"cases\": ", lst(cases),
  ",\n \"permutation\": ", lst(unlist(perm)), ",\n \"entry\": ", lst(entries), "\n}\n", sep = "")
