# Reference values of base R for tests/test_response.py.
# Run from the project root:  Rscript tests/recorded/response.R > tests/recorded/response.json
num <- function(x) trimws(formatC(x, digits = 17, format = "g"))
arr <- function(x) paste0("[", paste(num(x), collapse = ", "), "]")
T <- function(...) matrix(c(...), 2, byrow = TRUE)
d <- read.csv("sample_data/paper_table5_ici.csv")
agent <- fisher.test(table(d$ici_agent, d$best_response %in% c("CR", "PR")))
cat("{\n",
  '"8 of 16": ', arr(binom.test(8, 16)$conf.int), ",\n", '"7 of 16": ', arr(binom.test(7, 16)$conf.int), ",\n",
  '"lung or vault, final": ', num(fisher.test(T(6, 3, 1, 6))$p.value), ",\n",
  '"lung or vault, best": ', num(fisher.test(T(6, 3, 2, 5))$p.value), ",\n",
  '"by agent": ', num(agent$p.value), ",\n",
  '"7/16 against 9/41, Yates": ', num(suppressWarnings(chisq.test(T(7, 9, 9, 32)))$p.value), ",\n",
  '"7/22 against 9/53, Fisher": ', num(fisher.test(T(7, 15, 9, 44))$p.value), "\n}\n", sep = "")
