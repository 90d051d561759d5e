# Reference values of R's survival for tests/test_treatment.py.
# Run from the project root:  Rscript tests/recorded/treatment.R > tests/recorded/treatment.json
suppressMessages(library(survival))
num <- function(x) unname(ifelse(!is.finite(x), "null", trimws(formatC(as.numeric(x), digits = 17, format = "g"))))
arr <- function(x) paste0("[", paste(num(x), collapse = ", "), "]")
str <- function(x) paste0('"', x, '"')
obj <- function(...) { a <- c(...); paste0("{", paste(sprintf('"%s": %s', names(a), a), collapse = ", "), "}") }
lst <- function(v) paste0("[\n  ", paste(v, collapse = ",\n  "), "\n ]")
cox <- function(f, d) { z <- coxph(f, d, control = coxph.control(eps = 1e-11)); arr(c(coef(z), sqrt(diag(vcov(z))), summary(z)$conf.int[3:4], summary(z)$coef[5])) }

case <- function(name, time, event, start, landmarks) {
  d <- data.frame(id = seq_along(time), time, event, start); d$ever <- as.numeric(!is.na(d$start))
  rows <- do.call(rbind, lapply(seq_along(time), function(i) with(d[i, ], {
    if (is.na(start) || start >= time) data.frame(id, a = 0, b = time, e = event, x = 0)
    else if (start <= 0) data.frame(id, a = 0, b = time, e = event, x = 1)
    else data.frame(id, a = c(0, start), b = c(start, time), e = c(0, event), x = 0:1) })))
  f <- survfit(Surv(a, b, e) ~ x, rows)
  o <- ex <- v <- 0 # Mantel-Byar: the log-rank sums with the hypergeometric variance
  for (t in sort(unique(time[event == 1]))) { at <- rows$a < t & rows$b >= t; n <- sum(at); n1 <- sum(at & rows$x == 1); k <- sum(rows$b == t & rows$e == 1)
    o <- o + sum(rows$b == t & rows$e == 1 & rows$x == 1); ex <- ex + k * n1 / n; if (n > 1) v <- v + k * (n - k) / (n - 1) * n1 / n * (1 - n1 / n) }
  marks <- sapply(landmarks, function(l) { s <- d[d$time > l, ]; s$g <- as.numeric(!is.na(s$start) & s$start <= l); s$t <- s$time - l
    lr <- survdiff(Surv(t, event) ~ g, s); obj(landmark = num(l), n = num(nrow(s)), treated = num(sum(s$g)), gone = arr(c(sum(d$time <= l & d$event == 1), sum(d$time <= l & d$event == 0))),
      cox = cox(Surv(t, event) ~ g, s), chisq = num(lr$chisq)) })
  obj(name = str(name), time = arr(time), event = arr(event), start = arr(start), naive = cox(Surv(time, event) ~ ever, d),
    naive_chisq = num(survdiff(Surv(time, event) ~ ever, d)$chisq), dependent = cox(Surv(a, b, e) ~ x, rows),
    breslow_score = num(summary(coxph(Surv(a, b, e) ~ x, rows, ties = "breslow"))$sctest[["test"]]), mantel_byar = num((o - ex)^2 / v),
    stratum = arr(rep(0:1, f$strata)), at = arr(f$time), n_risk = arr(f$n.risk), n_event = arr(f$n.event), surv = arr(f$surv), std = arr(f$std.err),
    medians = arr(summary(f)$table[, "median"]), landmarks = lst(marks)) }
set.seed(342)
n <- 75; time <- round(rexp(n, .06), 3) + .0137 * seq_len(n); event <- rbinom(n, 1, .6)
start <- ifelse(runif(n) < .45, round(runif(n, 0, 12), 3), NA); start[!is.na(start) & start > time] <- NA
a <- case("no ties", time, event, start, c(2, 6))
n <- 90; time <- ceiling(rexp(n, .07)); event <- rbinom(n, 1, .7); start <- ifelse(runif(n) < .5, sample(0:10, n, TRUE), NA); start[!is.na(start) & start > time] <- NA
b <- case("ties", time, event, start, c(3, 5))
cat("{\n \"r\": ", str(paste(R.version$major, R.version$minor, sep = ".")), ", \"survival\": ", str(as.character(packageVersion("survival"))), ",\n \"cases\": ", lst(c(a, b)), "\n}\n", sep = "")
