# ---- comparing
n_compared <- 0
n_different <- 0
largest <- 0

# Prints what R finds, and compares it with what the product shows: relative differences up to the tolerance agree.
same <- function(what, found, expected, tolerance = 1e-9) {
  found <- as.numeric(unlist(found))
  n_compared <<- n_compared + length(expected)
  cat("  ", what, ": ", paste(ifelse(is.na(found), "not estimable", format_each(found)), collapse = ", "), "\n", sep = "")
  if (length(found) != length(expected)) {
    n_different <<- n_different + length(expected)
    cat("  DIFFERS: R gives", length(found), "numbers, the product shows", length(expected), "\n")
    return(invisible(FALSE))
  }
  gap <- abs(found - expected) / pmax(abs(expected), 1e-6)
  gap[(is.na(found) & is.na(expected)) | (found == expected) %in% TRUE] <- 0
  gap[is.na(gap)] <- Inf
  largest <<- max(largest, gap)
  wrong <- which(gap > tolerance)
  n_different <<- n_different + length(wrong)
  for (i in wrong) cat(sprintf("  DIFFERS: number %d is %.15g in R, and %.15g in the product\n", i, found[i], expected[i]))
  invisible(length(wrong) == 0)
}

# Prints what R finds, of which the script holds nothing: it is about few patients, or would tell of few.
shown <- function(what, found) {
  cat("  ", what, ": ", paste(format_each(as.numeric(unlist(found))), collapse = ", "), " (not compared)\n", sep = "")
}

format_each <- function(x) vapply(x, function(one) format(one, digits = 6), "")

# What isn't compared, and why.
note <- function(...) cat("  (", ..., ")\n", sep = "")

finished <- function() {
  cat(sprintf("\n%d numbers compared, largest difference %.2g, %d above the tolerance.\n", n_compared, largest, n_different))
  if (n_different == 0) return(invisible())
  if (interactive()) stop("the numbers differ") else quit(save = "no", status = 1)
}

# ---- reading the file
# A file of this name here, or in the folder above.
beside <- function(name) if (!file.exists(name) && file.exists(file.path("..", name))) file.path("..", name) else name

# Stops where a file isn't the one that the product read.
check_file <- function(path, bytes, md5, sha256) {
  if (!file.exists(path)) stop("there is no file ", path, "; give its path: Rscript this_script.R path/to/the/file")
  if (exists("sha256sum", asNamespace("tools"))) {
    is_same <- unname(getExportedValue("tools", "sha256sum")(path)) == sha256
  } else {
    is_same <- file.size(path) == bytes && unname(tools::md5sum(path)) == md5
  }
  if (!is_same) stop("this is another file than the product read: its checksum differs")
}

# Cells as texts, without blanks around them; a row of the result is a row of the file.
read_cells <- function(path, encoding, delimiter, above, width) {
  text <- iconv(list(readBin(path, "raw", file.size(path))), encoding, "UTF-8")
  text <- sub("^\ufeff", "", gsub("\r\n?", "\n", text))
  for (line in seq_len(above)) text <- sub("^[^\n]*\n", "", text)
  cells <- read.table(text = text, sep = delimiter, quote = "\"", header = FALSE, colClasses = "character", fill = TRUE,
    col.names = paste0("V", seq_len(width)), na.strings = character(), comment.char = "", blank.lines.skip = FALSE)
  cells[] <- lapply(cells, function(x) trimws(enc2utf8(x), whitespace = "[\\h\\v]"))
  rbind(cells[rep(NA, above), , drop = FALSE], cells)
}

# Patients' typed values as the product writes them: an apostrophe keeps a spreadsheet from running a cell as a formula.
read_mapped <- function(path) {
  text <- iconv(list(readBin(path, "raw", file.size(path))), "UTF-8", "UTF-8")
  table <- read.csv(text = text, colClasses = "character", check.names = FALSE, na.strings = "")
  table[] <- lapply(table, function(x) sub("^'", "", x))
  setNames(table, sub("^'", "", names(table)))
}

# Numbers; NA for any other text, and for what means that nothing is recorded.
as_number <- function(x, decimal = ".", missing = character()) {
  written <- if (decimal == ",") sub("^([+-]?[0-9]+),([0-9]+)$", "\\1.\\2", x) else x
  is_number <- grepl("^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,3})?$", written) & !(x %in% missing)
  result <- rep(NA_real_, length(x))
  result[is_number] <- as.numeric(written[is_number])
  result
}

# Dates, by the first of some formats whose form a text has; five digits are days since day_zero.
as_date <- function(x, formats, day_zero = NULL, missing = character()) {
  shape <- c("%Y" = "[0-9]{4}", "%m" = "[0-9]{1,2}", "%d" = "[0-9]{1,2}")
  result <- as.Date(rep(NA, length(x)))
  left <- !is.na(x) & !(x %in% missing)
  for (format in formats) {
    form <- gsub(".", "[.]", format, fixed = TRUE)
    if (format == "%Y%m%d") form <- "[0-9]{8}"
    for (part in names(shape)) form <- sub(part, shape[[part]], form, fixed = TRUE)
    here <- left & grepl(paste0("^", form, "$"), x)
    result[here] <- as.Date(x[here], format)
    left <- left & !here
  }
  days <- left & grepl("^[0-9]{5}$", x)
  if (!is.null(day_zero)) result[days] <- as.Date(day_zero) + as.numeric(x[days])
  result
}

# A text as it is written; NA where it is blank or means that nothing is recorded.
as_written <- function(x, missing = character()) ifelse(is.na(x) | x == "" | x %in% missing, NA, x)

# Each word of the pairs word, level, word, level ... as its level; NA for any other.
translated <- function(x, ...) {
  pairs <- matrix(c(character(), ...), nrow = 2)
  pairs[2, match(as.character(x), pairs[1, ])]
}

# The same, all other words as they are.
renamed <- function(x, ...) {
  new <- translated(x, ...)
  ifelse(is.na(new), x, new)
}

# ---- sites
# TRUE where a cell marks a site, FALSE where it says that there is none, NA where it says nothing.
marked <- function(x, yes, no) ifelse(x %in% yes, TRUE, ifelse(x %in% no, FALSE, NA))

# Lists of sites: a logical matrix with a column for each organ. The pairs are a part of a cell and the organ it means.
listed <- function(x, organs, ..., none = character(), missing = character()) {
  pairs <- matrix(c(character(), ...), nrow = 2)
  parts <- strsplit(tolower(x), "\\s*(?:[;,/+&|\n]|\\band\\b|\\bund\\b|\\bet\\b|\\by\\b)\\s*", perl = TRUE)
  found <- t(vapply(parts, function(part) organs %in% pairs[2, pairs[1, ] %in% trimws(part)], logical(length(organs))))
  found[x %in% missing, ] <- NA
  colnames(found) <- organs
  found
}

# Two columns on one site: either one's yes counts, and what one says where the other says nothing.
either <- function(a, b) ifelse((a %in% TRUE) | (b %in% TRUE), TRUE, ifelse(is.na(a), b, a))

# TRUE where one of some logical columns is, else NA where one isn't recorded.
any_of <- function(columns) {
  columns <- as.matrix(columns)
  ifelse(rowSums(columns, na.rm = TRUE) > 0, TRUE, ifelse(rowSums(is.na(columns)) > 0, NA, FALSE))
}

# A matrix of some columns, given as name, column, name, column ...
columns_of <- function(...) {
  given <- list(...)
  places <- seq_along(given) %% 2 == 1
  result <- do.call(cbind, given[!places])
  colnames(result) <- unlist(given[places])
  result
}

# ---- edits, groups and filters
# Who is known to meet a filter.
known <- function(condition) condition %in% TRUE

# Whether a value is one of some levels; NA where it isn't recorded.
is_one_of <- function(x, levels) ifelse(is.na(x), NA, as.character(x) %in% levels)

# Leaves out patients from all that there is by now.
leave_out <- function(out) {
  for (name in intersect(c("data", "recorded", "organs", "sites"), ls(globalenv()))) {
    assign(name, get(name)[!out, , drop = FALSE], envir = globalenv())
  }
  rows <<- rows[!out]
}

yes_no <- function(x) ifelse(x, "yes", "no")

# A value for every patient, where a formula gives the same to all.
for_all <- function(x) if (length(x) == 1) rep(x, nrow(data)) else x

as_text <- function(x) as.character(x)

# A number in classes; right: a value at a cut belongs to the class below.
in_classes <- function(x, at, levels, right) as.character(cut(x, c(-Inf, at, Inf), levels, right = right))

# NA where an operation isn't defined, such as a division by zero.
defined <- function(x) suppressWarnings(ifelse(is.finite(x), x, NA))

# One of two values by a condition; NA where that isn't known.
chosen <- function(condition, yes, no) {
  n <- nrow(data)
  yes <- rep_len(yes, n)
  no <- rep_len(no, n)
  result <- rep_len(c(yes[0], no[0])[NA_integer_], n)
  result[condition %in% TRUE] <- yes[condition %in% TRUE]
  result[condition %in% FALSE] <- no[condition %in% FALSE]
  result
}

# The first of several values that is known.
first_known <- function(...) Reduce(function(a, b) chosen(is.na(a), b, a), lapply(list(...), for_all))

# Away from zero at a half, as spreadsheets do.
round_half_up <- function(x, digits = 0) {
  scale <- 10^trunc(digits)
  sign(x) * floor(round(abs(x) * scale, 9) + 0.5) / scale
}

days_between <- function(from, to) as.numeric(to) - as.numeric(from)

# ---- endpoints
# Times that differ by less than the noise of floating-point numbers are the same time, as survival's aeqSurv has it.
same_times <- function(time) {
  distinct <- sort(unique(time))
  if (length(distinct) < 2) return(time)
  noise <- sqrt(.Machine$double.eps) * max(1, mean(abs(distinct)))
  kept <- distinct[c(TRUE, diff(distinct) > noise)]
  kept[findInterval(time, kept)]
}

# A time and an event; NA both where either isn't known, or the time is negative.
endpoint <- function(time, event) {
  lacks <- is.na(time) | is.na(event) | time < 0
  time[lacks] <- NA
  data.frame(time = same_times(time), event = ifelse(lacks, NA, as.numeric(event)))
}

# The first of several columns that is known.
filled <- function(...) Reduce(function(a, b) ifelse(is.na(a), b, a), list(...))

# From the start to the event's date of those with it, to the last date of the others, in a unit of so many days.
between_dates <- function(start, happened, last, event, days, ends_followup = FALSE) {
  happened <- rep_len(as.numeric(happened), length(start))
  last <- rep_len(as.numeric(last), length(start))
  if (ends_followup) happened <- ifelse(is.na(happened), last, happened)
  (ifelse(event %in% TRUE, happened, last) - as.numeric(start)) / days
}

# A difference of times; none where it would be negative.
time_left <- function(x) ifelse(x < -sqrt(.Machine$double.eps), NA, pmax(x, 0))

# The earliest event of several endpoints; without any, the first time until which one of them was looked at.
first_of <- function(parts) {
  time <- do.call(cbind, lapply(parts, function(part) ifelse(part$time < 0, NA, part$time)))
  event <- do.call(cbind, lapply(parts, function(part) part$event))
  happened <- event %in% TRUE
  dim(happened) <- dim(event)
  of_events <- apply(ifelse(happened, time, Inf), 1, min)
  data.frame(time = ifelse(rowSums(happened) > 0, of_events, apply(time, 1, min)),
    event = ifelse(rowSums(is.na(event)) > 0, NA, rowSums(happened) > 0))
}

# The patients of `who` with a time, an event and a value of everything else; levels that nobody has go.
analysed <- function(who, outcome, ...) {
  x <- data.frame(outcome, ..., check.names = FALSE)[who, , drop = FALSE]
  droplevels(x[complete.cases(x), , drop = FALSE])
}

# ---- survival
# One Kaplan-Meier curve for each group.
curves_of <- function(x, conf.type, conf.int) {
  lapply(split(x, x$group), function(one) {
    survfit(Surv(time, event) ~ 1, data = one, conf.type = conf.type, conf.int = conf.int)
  })
}

# Patients and events of a curve.
counted <- function(fit) unname(summary(fit)$table[c("records", "events")])

# The median and its limits. R takes the middle of a step that is flat at one half.
median_of <- function(fit) {
  told <- summary(fit)$table
  unname(c(told["median"], tail(told, 2)))
}

# Every step of a curve in three sums: of survival, and of its limits where survival is between 0 and 1.
steps_of <- function(fit) {
  inner <- between(fit$surv)
  c(sum(fit$surv), sum(fit$lower[inner]), sum(fit$upper[inner]))
}

# Neither 0 nor 1, be it for rounding alone.
between <- function(share) share > 1e-9 & share < 1 - 1e-9

# At risk at a time, survival, and its limits.
survival_at <- function(fit, time) {
  at <- summary(fit, times = time, extend = TRUE)
  c(at$n.risk, at$surv, at$lower, at$upper)
}

# A log-rank test; rho = 1 is Peto and Peto's.
log_rank <- function(x, rho = 0) {
  test <- survdiff(Surv(time, event) ~ group, data = x, rho = rho)
  expected <- if (is.matrix(test$exp)) rowSums(test$exp) else test$exp
  df <- sum(expected > 0) - 1
  list(statistic = test$chisq, df = df, p = pchisq(test$chisq, df, lower.tail = FALSE),
    observed = if (is.matrix(test$obs)) rowSums(test$obs) else test$obs, expected = expected)
}

# ---- Cox's model
# Fitted until the likelihood moves no more: by default R stops while coefficients still change in the eighth digit.
cox_model <- function(formula, x, ties) {
  do.call(coxph, list(formula, data = x, ties = ties, model = TRUE, x = TRUE,
    control = coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 100)))
}

# Of one coefficient: itself, its standard error, the hazard ratio with its limits, and Wald's p.
hazard_ratio <- function(fit, i, level) {
  b <- unname(coef(fit)[i])
  se <- sqrt(vcov(fit)[i, i])
  z <- qnorm(0.5 + level / 2)
  c(b, se, exp(b), exp(b - z * se), exp(b + z * se), pchisq((b / se)^2, 1, lower.tail = FALSE))
}

# Wald's test of some coefficients together: chi-square, degrees of freedom and p.
wald_test <- function(fit, i) {
  b <- coef(fit)[i]
  statistic <- drop(b %*% solve(vcov(fit)[i, i, drop = FALSE], b))
  c(statistic, length(i), pchisq(statistic, length(i), lower.tail = FALSE))
}

# Generalised variance inflation to the power 1/df (Fox and Monette 1992), of sets of coefficients.
inflation <- function(fit, sets) {
  used <- unlist(sets)
  r <- cov2cor(vcov(fit)[used, used, drop = FALSE])
  sapply(sets, function(i) {
    j <- match(i, used)
    rest <- if (length(j) < length(used)) det(r[-j, -j, drop = FALSE]) else 1
    (det(r[j, j, drop = FALSE]) * rest / det(r))^(1 / length(j))
  })
}

# ---- tables of counts
# A proportion with its exact limits (Clopper and Pearson).
proportion <- function(n, of) if (of == 0) rep(NA, 3) else unname(c(n / of, binom.test(n, of)$conf.int))

# Of a column of TRUE, FALSE and NA: how many, of how many, the share and its exact limits.
share_of <- function(x) {
  n <- sum(x, na.rm = TRUE)
  of <- sum(!is.na(x))
  c(n, of, proportion(n, of))
}

# The test that a convention chooses: statistic and p. Empty rows and columns are left out.
#   paper: Pearson's chi-square; for 2 x 2 Yates' below an expected count of 5, and Fisher's exact test below 40 patients or
#          an expected count of 1; for larger tables the exact test where more than a fifth of the counts are below 5
#   r:     what chisq.test does by default
#   exact: Fisher's exact test
tested <- function(counts, convention) {
  counts <- as.matrix(counts)
  counts <- counts[rowSums(counts) > 0, colSums(counts) > 0, drop = FALSE]
  if (min(dim(counts)) < 2) return(c(NA, NA))
  expected <- outer(rowSums(counts), colSums(counts)) / sum(counts)
  square <- all(dim(counts) == 2)
  way <- "exact"
  if (convention == "r") way <- if (square) "yates" else "pearson"
  if (convention == "paper" && square) {
    way <- if (min(expected) >= 5) "pearson" else if (sum(counts) >= 40 && min(expected) >= 1) "yates" else "exact"
  }
  if (convention == "paper" && !square && mean(expected < 5) <= 0.2 && min(expected) >= 1) way <- "pearson"
  if (way == "exact") return(c(NA, fisher.test(counts, workspace = 2e7)$p.value))
  test <- suppressWarnings(chisq.test(counts, correct = way == "yates"))
  unname(c(test$statistic, test$p.value))
}

# Mean, standard deviation, median, quartiles (type 7), least and greatest.
summed_up <- function(x) {
  x <- x[!is.na(x)]
  if (!length(x)) return(c(0, rep(NA, 7)))
  c(length(x), mean(x), sd(x), quantile(x, c(0.5, 0.25, 0.75), names = FALSE), min(x), max(x))
}

# Standardised differences of two groups: of a number, and of shares of levels (for two levels their plain difference).
number_apart <- function(a, b) {
  a <- a[!is.na(a)]
  b <- b[!is.na(b)]
  gap <- mean(a) - mean(b)
  spread <- var(a) + var(b)
  if (is.na(spread) || spread <= 0) return(if (gap %in% 0) 0 else NA)
  gap / sqrt(spread / 2)
}

share_apart <- function(a, b, level) {
  p <- mean(a[!is.na(a)] == level)
  q <- mean(b[!is.na(b)] == level)
  spread <- p * (1 - p) + q * (1 - q)
  if (spread <= 0) return(if (p == q) 0 else NA)
  (p - q) / sqrt(spread / 2)
}

levels_apart <- function(a, b) {
  there <- levels(a)[levels(a) %in% c(as.character(a), as.character(b))][-1]
  p <- vapply(there, function(level) mean(a[!is.na(a)] == level), 0)
  q <- vapply(there, function(level) mean(b[!is.na(b)] == level), 0)
  if (all(p == q)) return(0)
  spread <- (diag(p, length(p)) - p %o% p + diag(q, length(q)) - q %o% q) / 2
  parts <- eigen(spread, symmetric = TRUE)
  used <- abs(parts$values) > 1e-10 * max(abs(parts$values))
  inverse <- parts$vectors[, used, drop = FALSE] %*% (t(parts$vectors[, used, drop = FALSE]) / parts$values[used])
  if (any(abs(spread %*% inverse %*% (p - q) - (p - q)) > 1e-9)) return(NA)
  sqrt(drop((p - q) %*% inverse %*% (p - q)))
}

# ---- differences of survival
# The weighted log-rank family with the hypergeometric variance; columns block_1, block_2 ... are strata.
weighted_log_rank <- function(x, weighting, rho = 1, gamma = 0) {
  blocks <- x[grepl("^block_", names(x))]
  parts <- if (length(blocks)) split(x, interaction(blocks, drop = TRUE)) else list(x)
  k <- nlevels(x$group)
  observed <- expected <- rep(0, k)
  variance <- matrix(0, k, k)
  for (one in parts) {
    left <- c(1, 1)
    for (time in sort(unique(one$time[one$event == 1]))) {
      n <- as.numeric(table(one$group[one$time >= time]))
      d <- as.numeric(table(one$group[one$time == time & one$event == 1]))
      N <- sum(n)
      D <- sum(d)
      after <- left * (1 - D / c(N, N + 1))
      w <- switch(weighting, "log-rank" = 1, "gehan-breslow" = N, "tarone-ware" = sqrt(N), "peto-peto" = left[1],
        "modified-peto-peto" = after[2] * N / (N + 1), "fleming-harrington" = left[1]^rho * (1 - left[1])^gamma)
      left <- after
      observed <- observed + w * d
      expected <- expected + w * D * n / N
      if (N > 1) variance <- variance + w^2 * D * (N - D) / (N - 1) * (diag(n / N, k) - (n / N) %o% (n / N))
    }
  }
  used <- which(expected > 0)[-1]
  gap <- (observed - expected)[used]
  statistic <- drop(gap %*% solve(variance[used, used, drop = FALSE], gap))
  list(statistic = statistic, df = length(used), p = pchisq(statistic, length(used), lower.tail = FALSE),
    observed = observed, expected = expected)
}

# The area below a curve until a time, and its standard error.
mean_until <- function(fit, tau) unname(summary(fit, rmean = tau)$table[5:6])

# Difference and ratio of two means (each with its standard error), with limits and p.
means_apart <- function(a, b, level) {
  z <- qnorm(0.5 + level / 2)
  gap <- a[1] - b[1]
  se <- sqrt(a[2]^2 + b[2]^2)
  log_ratio <- log(a[1] / b[1])
  se_log <- sqrt((a[2] / a[1])^2 + (b[2] / b[1])^2)
  c(gap, gap - z * se, gap + z * se, 2 * pnorm(-abs(gap / se)),
    exp(log_ratio + c(0, -z, z) * se_log), 2 * pnorm(-abs(log_ratio / se_log)))
}

# Difference of survival at a time: limits, standard error, p, and p on the scale of log(-log(S)).
survival_apart <- function(a, b, time, level) {
  at <- lapply(list(a, b), function(fit) {
    one <- summary(fit, times = time, extend = TRUE)
    c(one$surv, one$std.err)
  })
  s <- c(at[[1]][1], at[[2]][1])
  e <- c(at[[1]][2], at[[2]][2])
  se <- sqrt(sum(e^2))
  gap <- s[1] - s[2]
  z <- qnorm(0.5 + level / 2)
  apart <- diff(log(-log(s)))^2 / sum((e / (s * log(s)))^2)
  c(gap, gap - z * se, gap + z * se, se, 2 * pnorm(-abs(gap / se)), pchisq(apart, 1, lower.tail = FALSE))
}

# Patients and events of those of whom something holds.
level_counts <- function(x, here) c(sum(here), sum(x$event[here]))

# Two nested models: chi-square, degrees of freedom and p.
likelihood_ratio <- function(smaller, larger) {
  statistic <- 2 * (larger$loglik[2] - smaller$loglik[2])
  df <- sum(!is.na(coef(larger))) - sum(!is.na(coef(smaller)))
  c(statistic, df, pchisq(statistic, df, lower.tail = FALSE))
}

# The odds ratio of a 2 x 2 table with Woolf's limits.
odds_ratio <- function(counts, level) {
  z <- qnorm(0.5 + level / 2)
  ratio <- log(counts[1, 1] * counts[2, 2] / (counts[1, 2] * counts[2, 1]))
  exp(ratio + c(0, -z, z) * sqrt(sum(1 / counts)))
}

# ---- characteristics
# Patients at a level (without one: not recorded), of each group and in all, then their percentages.
at_level <- function(by, x, of, level = NULL) {
  here <- if (is.null(level)) is.na(x) else known(x == level)
  n <- as.vector(table(by[here]))
  base <- as.vector(if (of == "all") table(by) else table(by[!is.na(x)]))
  n <- c(n, sum(n))
  c(n, 100 * n / c(base, sum(base)))
}

# A standardised difference of two groups; of more groups the mean of the differences of all pairs.
apart <- function(groups, one) {
  pairs <- combn(length(groups), 2, function(i) one(groups[[i[1]]], groups[[i[2]]]))
  if (length(pairs) == 1) pairs else mean(abs(pairs))
}

second_apart <- function(a, b) share_apart(a, b, levels(a)[2])

# Statistic and p of a test.
of_test <- function(test) unname(c(test$statistic, test$p.value))

rank_sum <- function(x, by, exact, correct = TRUE) {
  of_test(suppressWarnings(wilcox.test(x ~ by, exact = exact, correct = correct)))
}

# ---- response
responses <- function(x) c(table(x), sum(is.na(x)))

# Whether patients responded, NA where they don't count: of those treated, who isn't evaluable counts as not responding.
responding <- function(x, of, levels = c("CR", "PR")) {
  counts <- if (of == "treated") rep(TRUE, length(x)) else known(is_one_of(x, c("CR", "PR", "SD", "PD")))
  ifelse(counts, factor(!(x %in% levels), c(FALSE, TRUE)), NA)
}

# Responders, of how many, the rate and its exact limits.
rate_of <- function(x, levels, of) share_of(responding(x, of, levels) == 1)

# ---- competing events
# Whether a status is another than the one that means censored; NA where it isn't recorded.
is_other <- function(x, censored) ifelse(is.na(x), NA, as.character(x) != censored)

# An outcome with a column for each cause, given as name, column, name, column ...; sites: a matrix of causes.
with_causes <- function(outcome, ..., sites = NULL) {
  given <- list(...)
  places <- seq_along(given) %% 2 == 1
  causes <- cbind(sites, if (length(given)) columns_of(...) else NULL)
  colnames(causes) <- paste("cause", c(colnames(sites), unlist(given[places])))
  data.frame(time = outcome$time, event = outcome$event, causes, check.names = FALSE)
}

# 1 for the cause, 2 for another event, 0 for none.
status_of <- function(x, cause) ifelse(x[[paste("cause", cause)]], 1, ifelse(x$event == 1, 2, 0))

# Deaths of those without recurrence as events, also where the time to recurrence is blank and it is said not to be one.
with_deaths <- function(outcome, lives, told_no) {
  valid <- !is.na(outcome$time)
  alive_known <- !is.na(lives$time)
  late <- !valid & told_no & alive_known
  free <- (valid & !known(outcome$event == 1)) | late
  dead <- free & alive_known & known(lives$event == 1)
  time <- ifelse(dead | late, lives$time, outcome$time)
  event <- ifelse(dead, 1, ifelse(late, 0, outcome$event))
  list(outcome = endpoint(time, event), dead = dead)
}

# Of several sites the first, in the order of the columns.
first_only <- function(has) t(apply(has, 1, function(row) row & cumsum(row) == 1))

# Sums over the steps of a cause's curve in one group: incidence, standard error, its limits, and 1 - Kaplan-Meier.
incidence_steps <- function(fit, x, status, group, ci, level) {
  here <- x$group == group
  times <- sort(unique(x$time[here]))
  row <- paste(group, 1)
  km <- summary(survfit(Surv(x$time[here], status[here] == 1) ~ 1), times = times)$surv
  if (!any(status[here] == 1)) return(c(0, 0, 0, 0, sum(1 - km)))
  at <- timepoints(fit[row], times)
  p <- at$est[row, ]
  se <- sqrt(at$var[row, ])
  z <- qnorm(0.5 + level / 2)
  inner <- between(p)
  q <- p[inner]
  e <- se[inner]
  limits <- switch(ci,
    "log-log" = cbind(q^exp(-z * e / (q * log(q))), q^exp(z * e / (q * log(q)))),
    "log" = cbind(q * exp(-z * e / q), pmin(q * exp(z * e / q), 1)),
    "plain" = cbind(pmax(q - z * e, 0), pmin(q + z * e, 1)))
  c(sum(p), sum(se), sum(limits[, 1]), sum(limits[, 2]), sum(1 - km))
}

# Gray's test of the cause: chi-square, degrees of freedom and p.
gray <- function(fit) {
  test <- fit$Tests["1", ]
  unname(c(test["stat"], test["df"], test["pv"]))
}

# A hazard ratio of either model with its limits and p.
ratio_of <- function(fit, i, level) {
  b <- unname(fit$coef[i])
  if (is.null(fit$coef)) b <- unname(coef(fit)[i])
  se <- sqrt(fit$var[i, i])
  z <- qnorm(0.5 + level / 2)
  c(exp(b), exp(b - z * se), exp(b + z * se), 2 * pnorm(-abs(b / se)))
}
