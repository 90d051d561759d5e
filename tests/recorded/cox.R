# Reference values of R's survival for tests/test_regression.py and tests/test_regression_models.py.
# Run from the project root:  Rscript tests/recorded/cox.R > tests/recorded/cox.json
# R stops while the coefficients still move in the eighth digit, so one more Newton step is taken from where it stopped.
suppressMessages(library(survival))
num <- function(x) unname(ifelse(is.na(x), "null", trimws(formatC(as.numeric(x), digits = 17, format = "g"))))
arr <- function(x) paste0("[", paste(num(x), collapse = ", "), "]")
mat <- function(m) paste0("[", paste(apply(as.matrix(m), 1, arr), collapse = ", "), "]")
obj <- function(...) { a <- c(...); paste0("{", paste(sprintf('"%s": %s', names(a), a), collapse = ", "), "}") }
many <- function(l) paste0("{\n  ", paste(sprintf('"%s": %s', names(l), unlist(l)), collapse = ",\n  "), "\n }")
columns <- function(d) obj(sapply(d, arr))
quiet <- suppressWarnings
once <- function(formula, data, ties, control, ...) quiet(do.call(coxph,
  list(formula, data = data, ties = ties, control = control, model = TRUE, x = TRUE, ...)))
fit <- function(formula, data, ties = "efron", ...) {
  f <- once(formula, data, ties, coxph.control(eps = 1e-14, toler.chol = 1e-13, iter.max = 100), ...)
  init <- coef(f); init[is.na(init)] <- 0
  g <- once(formula, data, ties, coxph.control(iter.max = 1), init = init, ...)
  g$loglik[1] <- f$loglik[1]; g$score <- f$score
  g
}

record <- function(f, residuals = FALSE, zph = c("km", "identity", "rank", "log")) {
  s <- summary(f); known <- !is.na(coef(f)); b <- coef(f)[known]
  out <- c(coef = arr(coef(f)), se = arr(sqrt(diag(if (is.null(f$naive.var)) f$var else f$naive.var))), n = num(f$n),
    events = num(f$nevent), loglik = arr(f$loglik), aic = num(AIC(f)), lr = arr(s$logtest), score = arr(s$sctest),
    wald = num(b %*% solve(f$var[known, known], b)),
    concordance = arr(f$concordance[c("concordance", "std")]))
  if (length(zph)) out <- c(out, zph = obj(sapply(zph, function(t) mat(cox.zph(f, t)$table))))
  if (residuals) out <- c(out, dfbeta = mat(residuals(f, "dfbeta")), scaledsch = mat(residuals(f, "scaledsch")),
    schoenfeld = mat(residuals(f, "schoenfeld")), martingale = arr(residuals(f, "martingale")),
    x = arr(cox.zph(f, "km")$x))
  obj(out)
}

lung$status <- lung$status - 1
vet <- veteran; vet$celltype <- as.integer(vet$celltype)
hrt <- heart; hrt$transplant <- as.integer(hrt$transplant) - 1
set.seed(655)
tied <- data.frame(time = sample(0:4, 60, TRUE), event = rbinom(60, 1, .7), a = rbinom(60, 1, .4), b = round(rnorm(60), 2))
crowd <- data.frame(a = rbinom(2000, 1, .3), b = sample(0:2, 2000, TRUE))
crowd$time <- pmin(ceiling(rexp(2000, .08 * exp(.5 * crowd$a - .3 * crowd$b))), 20); crowd$event <- rbinom(2000, 1, .8)
ova <- ovarian
L <- transform(lung, sex = factor(sex), ecog = factor(ph.ecog)); L2 <- droplevels(subset(L, ph.ecog < 3))
V <- transform(vet, celltype = factor(celltype))
inter <- fit(Surv(time, status) ~ age + sex * ecog, L2)
main <- fit(Surv(time, status) ~ age + sex + ecog, L2)
one <- fit(Surv(time, status) ~ karno, vet)
entry <- fit(Surv(time, status) ~ karno + factor(celltype), vet)
# score test of entry: the score at the maximum of the smaller model
entry0 <- quiet(coxph(Surv(time, status) ~ karno + factor(celltype), vet, init = c(coef(one), 0, 0, 0),
  control = coxph.control(iter.max = 0)))
vif <- function(f, terms) { r <- cov2cor(vcov(f)); sapply(terms, function(j)
  (det(r[j, j, drop = FALSE]) * det(r[-j, -j, drop = FALSE]) / det(r))^(1 / length(j))) }
vv <- fit(Surv(time, status) ~ trt + celltype + karno + age, V)

cases <- list(
  lung_numbers = record(fit(Surv(time, status) ~ age + ph.karno + wt.loss, lung)),
  lung_numbers_breslow = record(fit(Surv(time, status) ~ age + ph.karno + wt.loss, lung, "breslow")),
  lung_factors = record(fit(Surv(time, status) ~ age + sex + ecog, L)),
  lung_strata = record(fit(Surv(time, status) ~ age + ecog + strata(sex), L)),
  lung_interaction = record(inter, zph = c()),
  veteran = record(vv), veteran_breslow = record(fit(Surv(time, status) ~ trt + celltype + karno + age, V, "breslow")),
  ovarian = record(fit(Surv(futime, fustat) ~ age + rx + resid.ds, ova), TRUE),
  ovarian_weights = record(fit(Surv(futime, fustat) ~ age + rx, ova, weights = 1 + (ova$ecog.ps == 2)), zph = c()),
  heart = record(fit(Surv(start, stop, event) ~ age + surgery + transplant, hrt), TRUE, "identity"),
  tied = record(fit(Surv(time, event) ~ a + b, tied), TRUE, c("km", "identity", "rank")),
  tied_breslow = record(fit(Surv(time, event) ~ a + b, tied, "breslow"), TRUE, c("km", "identity", "rank")),
  tied_alias = record(fit(Surv(time, event) ~ a + b + I(1 - a), tied), zph = c()),
  crowd = record(fit(Surv(time, event) ~ a + factor(b), crowd)),
  crowd_breslow = record(fit(Surv(time, event) ~ a + factor(b), crowd, "breslow")))
cat(obj(r_version = sprintf('"%s"', getRversion()), survival_version = sprintf('"%s"', packageVersion("survival")),
  data = many(list(lung = columns(lung[c("time", "status", "age", "sex", "ph.ecog", "ph.karno", "wt.loss")]),
    veteran = columns(vet[c("time", "status", "trt", "celltype", "karno", "age")]),
    ovarian = columns(ova), heart = columns(hrt[c("start", "stop", "event", "age", "surgery", "transplant")]),
    tied = columns(tied), crowd = columns(crowd))),
  cases = many(cases),
  interaction = arr(c(2 * (inter$loglik[2] - main$loglik[2]), anova(main, inter)$Df[2])),
  entry = arr(c(entry0$score, 3)), leave = num(2 * (entry$loglik[2] - one$loglik[2])),
  vif = arr(vif(vv, list(1, 2:4, 5, 6)))), "\n")
