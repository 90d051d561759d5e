# Reference values of base R for tests/test_baseline.py.
# Run from the project root:  Rscript tests/recorded/baseline.R > tests/recorded/baseline.json
num <- function(x) trimws(formatC(x, digits = 17, format = "g"))
arr <- function(x) paste0("[", paste(num(x), collapse = ", "), "]")
quiet <- suppressWarnings
i <- 0:59
size <- ifelse(i %% 11 == 4, NA, (i * 7) %% 23 / 2 + (i %% 3 == 0))
arm <- ifelse(i %% 3 == 0, "x", "y")
level <- factor(c("a", "b", "c")[1 + (i * i) %% 7 %% 3])
a <- size[arm == "x"]; b <- size[arm == "y"]
said <- function(x) { x <- x[!is.na(x)]; c(length(x), mean(x), sd(x), quantile(x, .5, type = 7), quantile(x, .25, type = 7),
  quantile(x, .75, type = 7), min(x), max(x)) }
va <- var(a, na.rm = TRUE); vb <- var(b, na.rm = TRUE)
share <- sapply(c("x", "y"), function(g) mean(level[arm == g] == "b"))
cat("{\n",
  '"x": ', arr(said(a)), ",\n", '"y": ', arr(said(b)), ",\n", '"all": ', arr(said(size)), ",\n",
  '"rank, paper": ', num(quiet(wilcox.test(a, b, exact = FALSE, correct = FALSE))$p.value), ",\n",
  '"rank, r": ', num(quiet(wilcox.test(a, b))$p.value), ",\n",
  '"mean, r": ', num(t.test(a, b)$p.value), ",\n",
  '"smd": ', num((mean(a, na.rm = TRUE) - mean(b, na.rm = TRUE)) / sqrt((va + vb) / 2)), ",\n",
  '"smd, b": ', num((share[1] - share[2]) / sqrt((share[1] * (1 - share[1]) + share[2] * (1 - share[2])) / 2)), ",\n",
  '"levels, r": ', num(quiet(chisq.test(table(arm, level)))$p.value), ",\n",
  '"levels, exact": ', num(fisher.test(table(arm, level))$p.value), "\n}\n", sep = "")
