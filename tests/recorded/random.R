# 300 small cohorts at random, with what R's survival and cmprsk say of them, for tests/replays.py.
# Few patients, ties, heavy censoring, groups of one, strata without events, two causes. Warnings and errors are kept.
# Run from the project root:  Rscript tests/recorded/random.R > tests/recorded/random.json
suppressMessages({ library(survival); library(cmprsk) })
set.seed(20260)
num <- function(x) unname(ifelse(!is.finite(x), "null", trimws(formatC(as.numeric(x), digits = 12, format = "g"))))
arr <- function(x) paste0("[", paste(num(x), collapse = ","), "]")
text <- function(x) paste0("[", paste(sprintf('"%s"', x), collapse = ","), "]")
str <- function(x) paste0('"', gsub('["\\\\\n]', " ", x), '"')
obj <- function(...) { a <- c(...); paste0("{", paste(sprintf('"%s":%s', names(a), a), collapse = ","), "}") }
say <- function(expr) {  # the value, and the first warning or the error in R's words
  said <- ""
  value <- tryCatch(
    withCallingHandlers(expr, warning = function(w) { if (said == "") said <<- conditionMessage(w); invokeRestart("muffleWarning") }),
    error = function(e) { said <<- paste("error:", conditionMessage(e)); NULL }
  )
  list(value = value, said = said)
}
diff_of <- function(f, d) {
  z <- say(survdiff(f, d))
  if (is.null(z$value)) return(obj(said = str(z$said)))
  e <- z$value$exp; e <- if (is.matrix(e)) rowSums(e) else e
  df <- sum(e > 0) - 1
  obj(said = str(z$said), chisq = num(z$value$chisq), df = num(df), p = num(pchisq(z$value$chisq, df, lower.tail = FALSE)))
}
cohort <- function() {
  n <- if (runif(1) < 0.4) sample(2:12, 1) else sample(13:60, 1)
  d <- data.frame(time = rexp(n, 1 / 10))
  d$time <- if (runif(1) < 0.5) ceiling(d$time / 2) else round(d$time + 0.1, 1)
  event <- runif(n) < sample(c(0.1, 0.3, 0.6, 1), 1)
  d$status <- ifelse(event, ifelse(runif(n) < 0.6, 1, 2), 0)
  k <- sample(2:3, 1)
  d$g <- sample(letters[1:k], n, TRUE, c(0.5, 0.4, 0.1)[1:k])
  if (runif(1) < 0.25) { d$g <- "a"; d$g[sample(n, 1)] <- "b" }  # a group of one
  d$s <- sample(c("u", "v"), n, TRUE)
  if (runif(1) < 0.2) d$status[d$s == "v"] <- 0                   # a stratum without events
  d$x <- round(rnorm(n), 2)
  d
}
one <- function() {
  d <- cohort(); d$event <- as.numeric(d$status > 0); d$group <- factor(d$g)
  km <- survfit(Surv(time, event) ~ group, d, conf.type = "log-log")
  plain <- survfit(Surv(time, event) ~ 1, d, conf.type = "plain")
  parts <- c(data = obj(time = arr(d$time), status = arr(d$status), g = text(d$g), s = text(d$s), x = arr(d$x)),
    km = obj(time = arr(km$time), n_risk = arr(km$n.risk), surv = arr(km$surv), lower = arr(km$lower), upper = arr(km$upper),
             median = arr(if (is.matrix(summary(km)$table)) summary(km)$table[, "median"] else summary(km)$table["median"])),
    plain = obj(lower = arr(plain$lower), upper = arr(plain$upper)))
  if (nlevels(d$group) > 1) {
    parts["log_rank"] <- diff_of(Surv(time, event) ~ group, d)
    parts["stratified"] <- diff_of(Surv(time, event) ~ group + strata(s), d)
    z <- say(coxph(Surv(time, event) ~ group + x, d, control = coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 60)))
    if (!is.null(z$value)) {
      se <- sqrt(diag(as.matrix(z$value$var)))
      parts["cox"] <- obj(said = str(z$said), coef = arr(coef(z$value)), se = arr(se), loglik = arr(z$value$loglik))
    } else parts["cox"] <- obj(said = str(z$said))
    z <- say(cuminc(d$time, d$status, d$g))
    tests <- if (is.null(z$value)) NULL else z$value$Tests
    i <- if (is.null(tests)) NA else match("1", rownames(tests))
    parts["gray"] <- if (is.na(i)) obj(said = str(z$said)) else
      obj(said = str(z$said), statistic = num(tests[i, "stat"]), p = num(tests[i, "pv"]), df = num(tests[i, "df"]))
    if (!is.null(z$value)) {
      at <- as.numeric(quantile(d$time, c(0.25, 0.5, 0.75), type = 1))
      at <- sort(unique(at))
      est <- timepoints(z$value[names(z$value) != "Tests"], at)
      curves <- rownames(est$est)
      keep <- grepl(" 1$", curves)
      parts["incidence"] <- obj(at = arr(at), groups = text(sub(" 1$", "", curves[keep])),
        est = arr(t(est$est[keep, , drop = FALSE])), var = arr(t(est$var[keep, , drop = FALSE])))
    }
  }
  z <- say(crr(d$time, d$status, as.matrix(d$x), failcode = 1, cencode = 0, gtol = 1e-9, maxiter = 50))
  parts["fine_gray"] <- if (is.null(z$value)) obj(said = str(z$said)) else
    obj(said = str(z$said), converged = tolower(as.character(z$value$converged)), coef = num(z$value$coef), var = num(z$value$var[1, 1]))
  do.call(obj, as.list(parts))
}
cases <- vapply(1:300, function(i) one(), "")
cat(sprintf('{"r":"%s","survival":"%s","cmprsk":"%s","cases":[\n%s\n]}\n', R.version$version.string, packageVersion("survival"), packageVersion("cmprsk"), paste(cases, collapse = ",\n")))
