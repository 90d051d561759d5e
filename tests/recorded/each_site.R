# Records every site with against without by R's survival: Rscript tests/recorded/each_site.R > tests/recorded/each_site.json
# Sites are those of the scheme by which the sample is read; flags of a group and of its organs count alike.
suppressMessages(library(survival))
num <- function(x) paste0("[", paste(ifelse(is.na(x), "null", sprintf("%.17g", x)), collapse = ","), "]")

data <- read.csv("tests/recorded/each_site.csv")
sites <- setdiff(names(data), c("time", "event"))
rows <- lapply(sites, function(site) {
  x <- data[[site]]
  fit <- survfit(Surv(time, event) ~ x, data, conf.type = "log-log")
  median <- unname(summary(fit)$table[, "median"])
  test <- survdiff(Surv(time, event) ~ x, data)
  sapply(c("efron", "breslow"), function(ties) {
    model <- summary(coxph(Surv(time, event) ~ x, data, ties = ties, eps = 1e-11))
    c(model$conf.int[c(1, 3, 4)], model$coefficients[5])
  }) -> ratios
  list(site = site, median = median, log_rank = pchisq(test$chisq, 1, lower.tail = FALSE), ratios = ratios)
})
p <- sapply(rows, function(r) r$ratios[4, "efron"])
json <- sapply(seq_along(rows), function(i) with(rows[[i]], sprintf(
  '{"site":"%s","median":%s,"log_rank_p":%.17g,"efron":%s,"breslow":%s}', site, num(median), log_rank,
  num(ratios[, "efron"]), num(ratios[, "breslow"]))))
adjusted <- sapply(c("holm", "BH", "bonferroni"), function(how) sprintf('"%s":%s', tolower(how), num(p.adjust(p, how))))
cat(sprintf('{"r": "%s", "survival": "%s", "adjusted": {%s}, "rows": [\n%s\n]}\n', R.version.string,
            packageVersion("survival"), paste(adjusted, collapse = ","), paste(json, collapse = ",\n")))
