# Records the Nelson-Aalen cumulative hazard of R's survival: Rscript tests/recorded/hazard.R > tests/recorded/hazard.json
# Limits of H are -log of those of exp(-H), by survfit(stype = 2, ctype = 1); with conf.type "log-log" and "log".
suppressMessages(library(survival))
num <- function(x) paste0("[", paste(ifelse(is.na(x), "null", sprintf("%.17g", x)), collapse = ","), "]")
chr <- function(x) paste0("[", paste0('"', x, '"', collapse = ","), "]")

stratum_json <- function(d) {
  formula <- if (any(d$entry > 0)) Surv(entry, time, event) ~ 1 else Surv(time, event) ~ 1
  fit <- survfit(formula, d, ctype = 1)
  limits <- sapply(c("log-log", "log"), function(type) {
    f <- survfit(formula, d, stype = 2, ctype = 1, conf.type = type)
    before <- f$cumhaz == 0  # no limits before the first event
    sprintf('"%s":[%s,%s]', type, num(ifelse(before, NA, -log(f$upper))), num(ifelse(before, NA, -log(f$lower))))
  })
  loglog <- ifelse(fit$surv > 0 & fit$surv < 1 & fit$time > 0, log(-log(fit$surv)), NA)
  sprintf('{"name":"%s","time":%s,"hazard":%s,"se":%s,"log_log_curve":%s,%s}', d$group[1], num(fit$time), num(fit$cumhaz),
          num(fit$std.chaz), num(loglog), paste(limits, collapse = ","))
}

case_json <- function(data) sprintf('{"time":%s,"event":%s,"entry":%s,"group":%s,"strata":[%s]}', num(data$time), num(data$event),
  num(data$entry), chr(data$group), paste(lapply(split(data, data$group, drop = TRUE), stratum_json), collapse = ",\n"))

set.seed(1972)
cases <- lapply(1:16, function(i) {
  n <- sample(8:90, 1)
  entry <- if (i %% 4) rep(0, n) else round(runif(n, 0, 5), 1)
  data.frame(time = entry + round(rexp(n, 1 / 14) + 0.1, sample(1:2, 1)), event = rbinom(n, 1, runif(1, 0.2, 1)), entry = entry,
             group = sample(c("a", "b", "c")[1:sample(1:3, 1)], n, replace = TRUE))
})
cat(sprintf('{"r": "%s", "survival": "%s", "cases": [\n%s\n]}\n', R.version.string, packageVersion("survival"),
            paste(lapply(cases, case_json), collapse = ",\n")))
