# Reference values of base R and survival for tests/test_recurrence.py.
# Run from the project root:  Rscript tests/recorded/recurrence.R > tests/recorded/recurrence.json
library(survival)
num <- function(x) trimws(formatC(x, digits = 17, format = "g"))
arr <- function(x) paste0("[", paste(num(x), collapse = ", "), "]")
quiet <- suppressWarnings

# as in the paper: Pearson from expected counts of 5, Yates from n = 40 and 1, Fisher else
paper <- function(m) { e <- min(outer(rowSums(m), colSums(m)) / sum(m))
  if (e >= 5) chisq.test(m, correct = FALSE)$p.value else if (sum(m) >= 40 && e >= 1) quiet(chisq.test(m))$p.value
  else fisher.test(m)$p.value }
i <- 0:79
every <- c(lung = 3, abdominal = 4, pelvic = 5, bone = 9, brain = 25, other = 2)
group <- i %% 15 %in% c(0, 3, 5, 9, 10, 12, 13)
p <- sapply(every, function(k) paper(table(group, i %% k == 0)))
f <- fisher.test(matrix(c(2, 2, 2, 3), 2))
time <- survdiff(Surv(c(2, 4, 6, 8, 1, 3, 5), rep(1, 7)) ~ c(1, 1, 1, 1, 0, 0, 0))
cat("{\n",
  '"four_of_nine": ', arr(binom.test(4, 9)$conf.int), ",\n",
  '"abdominal_by_arm": ', num(fisher.test(matrix(c(3, 1, 2, 3), 2))$p.value), ",\n",
  '"lung_abdominal_p": ', num(f$p.value), ",\n", '"lung_abdominal_or": ', num(f$estimate), ",\n",
  '"eighty": {', paste0('"', names(every), '": ', num(p), collapse = ", "), "},\n",
  '"eighty_holm": ', arr(p.adjust(p, "holm")), ",\n",
  '"timing_p": ', num(pchisq(time$chisq, 1, lower.tail = FALSE)), "\n}\n", sep = "")
