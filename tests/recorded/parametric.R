# Records R's survreg for random cohorts: Rscript tests/recorded/parametric.R > tests/recorded/parametric.json
# R's survival has no generalised gamma and no spline: their likelihoods are written here with R's own distribution
# functions (Prentice's parametrisation; Royston and Parmar's basis with knots at quantiles of log event times) and
# maximised by optim and three Newton steps; only the log-likelihood at the maximum and S(t) are recorded of them.
suppressMessages(library(survival))
num <- function(x) paste0("[", paste(ifelse(is.na(x), "null", sprintf("%.17g", x)), collapse = ","), "]")
at <- c(6, 12, 36, 120)

family_json <- function(d, dist) {
  fit <- survreg(Surv(time, event) ~ 1, d, dist = dist, control = survreg.control(rel.tolerance = 1e-15, maxiter = 200))
  median <- predict(fit, newdata = d[1, ], type = "uquantile", p = 0.5, se.fit = TRUE)
  survival <- 1 - psurvreg(at, mean = coef(fit), scale = fit$scale, distribution = dist)
  value <- if (dist == "exponential") coef(fit) else c(coef(fit), log(fit$scale))
  sprintf('"%s":{"value":%s,"se":%s,"loglik":%s,"aic":%s,"bic":%s,"log_median":%s,"survival":%s}', dist, num(value),
          num(sqrt(diag(fit$var))), num(fit$loglik[1]), num(AIC(fit)), num(BIC(fit)), num(unlist(median)[1:2]), num(survival))
}

maximum <- function(loss, starts) {
  found <- lapply(starts, function(start) {
    u <- start
    for (i in 1:6) {
      u <- optim(u, loss, method = "Nelder-Mead", control = list(reltol = 1e-16, maxit = 5000))$par
      u <- optim(u, loss, method = "BFGS", control = list(reltol = 1e-16, maxit = 500, ndeps = rep(1e-5, length(u))))$par
    }
    u
  })
  u <- found[[which.min(sapply(found, loss))]]
  for (i in 1:3) u <- u - solve(optimHess(u, loss, control = list(ndeps = rep(1e-3, length(u)))), slope(loss, u))
  u
}
slope <- function(loss, u, h = 2e-3) sapply(seq_along(u), function(i) {  # optim stops where its own differences end
  e <- replace(0 * u, i, h)
  (loss(u - 2 * e) - 8 * loss(u - e) + 8 * loss(u + e) - loss(u + 2 * e)) / (12 * h)
})

gamma_terms <- function(u, t) {
  a <- 1 / u[3]^2
  z <- (log(t) - u[1]) / exp(u[2])
  w <- a * exp(u[3] * z)
  s <- pgamma(w, a, lower.tail = u[3] < 0, log.p = TRUE)
  f <- dgamma(w, a, log = TRUE) + log(w) + log(abs(u[3])) - u[2] - log(t)
  list(f = f, s = s)
}
gamma_json <- function(d) {
  loss <- function(u) {
    if (abs(u[3]) < 1e-4) u[3] <- 1e-4
    v <- suppressWarnings(with(gamma_terms(u, d$time), -sum(ifelse(d$event == 1, f, s))))
    if (is.finite(v)) v else 1e10
  }
  m <- mean(log(d$time)); s <- log(sd(log(d$time)))
  u <- maximum(loss, list(c(m, s, 0.2), c(m, s, 1), c(m, s, -0.5)))
  sprintf('"generalised-gamma":{"loglik":%s,"survival":%s}', num(-loss(u)), num(exp(gamma_terms(u, at)$s)))
}

spline_json <- function(d) {
  k <- quantile(log(d$time[d$event == 1]), c(0, 1 / 3, 2 / 3, 1))
  cube <- function(x) pmax(x, 0)^3
  square <- function(x) 3 * pmax(x, 0)^2
  basis <- function(x, f) sapply(2:3, function(j) {
    l <- (k[4] - k[j]) / (k[4] - k[1])
    f(x - k[j]) - l * f(x - k[1]) - (1 - l) * f(x - k[4])
  })
  x <- log(d$time); b <- basis(x, cube); db <- basis(x, square)
  size <- apply(abs(b), 2, max)  # so that all steps of optim are of one size
  loss <- function(u) {
    p <- u[3:4] / size
    logh <- u[1] + u[2] * x + drop(b %*% p)
    slope <- u[2] + drop(db %*% p)
    if (any(slope[d$event == 1] <= 0)) return(1e10)
    v <- sum(exp(logh)) - sum((logh + log(pmax(slope, 1e-300)) - x)[d$event == 1])
    if (is.finite(v)) v else 1e10
  }
  w <- survreg(Surv(time, event) ~ 1, d)
  start <- c(-coef(w) / w$scale, 1 / w$scale, 0, 0)
  u <- maximum(loss, list(start, start + c(0, 0, 0.2, -0.2), start + c(0, 0, -0.2, 0.2)))
  h <- exp(u[1] + u[2] * log(at) + drop(basis(log(at), cube) %*% (u[3:4] / size)))
  sprintf('"spline":{"loglik":%s,"survival":%s}', num(-loss(u)), num(exp(-h)))
}

case_json <- function(d) {
  known <- sapply(c("exponential", "weibull", "lognormal", "loglogistic"), function(dist) family_json(d, dist))
  sprintf('{"time":%s,"event":%s,%s}', num(d$time), num(d$event), paste(c(known, gamma_json(d), spline_json(d)), collapse = ",\n"))
}

set.seed(1974)
draw <- list(function(n) rexp(n, 1 / 20), function(n) rweibull(n, 1.6, 25), function(n) rlnorm(n, 3, 0.7),
             function(n) exp(rlogis(n, 3, 0.5)), function(n) rweibull(n, 0.7, 25))
cases <- lapply(1:15, function(i) {
  n <- sample(45:150, 1)
  time <- draw[[(i - 1) %% 5 + 1]](n)
  end <- runif(n, 5, 90)
  data.frame(time = pmax(round(pmin(time, end), sample(1:3, 1)), 0.1), event = as.integer(time <= end))
})
cat(sprintf('{"r": "%s", "survival": "%s", "at": %s, "cases": [\n%s\n]}\n', R.version.string, packageVersion("survival"),
            num(at), paste(lapply(cases, case_json), collapse = ",\n")))
