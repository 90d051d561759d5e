# Records what R's survival says of random cohorts: Rscript tests/recorded/survival.R > tests/recorded/survival.json
# Every case holds its data, so that the tests replay it without R.
suppressMessages(library(survival))
num <- function(x) paste0("[", paste(ifelse(is.na(x), "null", sprintf("%.17g", x)), collapse = ","), "]")
chr <- function(x) paste0("[", paste0('"', x, '"', collapse = ","), "]")

strata_json <- function(data, type) {
  parts <- lapply(split(data, data$group, drop = TRUE), function(d) {
    fit <- survfit(Surv(time, event) ~ 1, d, conf.type = type)
    s <- summary(fit, censored = TRUE)
    m <- summary(fit)$table
    sprintf('{"name":"%s","time":%s,"n_at_risk":%s,"n_events":%s,"n_censored":%s,"survival":%s,"ci_lower":%s,"ci_upper":%s,"median":%s}',
      d$group[1], num(s$time), num(s$n.risk), num(s$n.event), num(s$n.censor), num(s$surv), num(s$lower), num(s$upper),
      num(m[c("median", "0.95LCL", "0.95UCL")]))
  })
  paste0("[", paste(parts, collapse = ","), "]")
}

case_json <- function(data, times) {
  test <- tryCatch({ z <- survdiff(Surv(time, event) ~ group, data); num(c(z$chisq, length(z$n) - 1, z$pvalue)) },
                   error = function(e) "[null,null,null]")
  back <- summary(survfit(Surv(time, 1 - event) ~ 1, data, conf.type = "log-log"))$table[c("median", "0.95LCL", "0.95UCL")]
  fit <- survfit(Surv(time, event) ~ 1, data, conf.type = "log-log")
  at <- summary(fit, times = times, extend = FALSE)
  sprintf('{"time":%s,"event":%s,"group":%s,"log_rank":%s,"followup":%s,"at":{"time":%s,"n_at_risk":%s,"survival":%s,"ci_lower":%s,"ci_upper":%s},"log-log":%s,"log":%s,"plain":%s}',
    num(data$time), num(data$event), chr(data$group), test, num(back), num(at$time), num(at$n.risk), num(at$surv),
    num(at$lower), num(at$upper), strata_json(data, "log-log"), strata_json(data, "log"), strata_json(data, "plain"))
}

set.seed(655)
cases <- lapply(1:24, function(i) {
  n <- sample(8:120, 1)
  data <- data.frame(time = round(rexp(n, 1 / 14), sample(0:2, 1)), event = rbinom(n, 1, runif(1, 0.2, 1)),
                     group = sample(c("a", "b", "c")[1:sample(1:3, 1)], n, replace = TRUE))
  case_json(data, c(0, 6, 12, 24))
})
# floating-point ties: 0.1 + 0.2 against 0.3, times a million days
noisy <- data.frame(time = c(0.3, 0.1 + 0.2, 0.5, 0.4 + 0.1, 0.9), event = c(1, 1, 0, 1, 1), group = c("a", "b", "a", "b", "a"))
flat <- data.frame(time = 1:8, event = c(1, 1, 1, 1, 0, 0, 1, 1), group = "a")   # S = 0.5 on a flat step
cases <- c(cases, list(case_json(noisy, c(0.3)), case_json(flat, c(4, 6))))
cat(sprintf('{"r": "%s", "survival": "%s", "cases": [\n%s\n]}\n', R.version.string, packageVersion("survival"),
            paste(cases, collapse = ",\n")))
