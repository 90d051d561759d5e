# Reference values of base R for tests/test_proportions.py, test_comparison.py and test_multiplicity.py.
# Run from the project root:  Rscript tests/recorded/proportions.R > tests/recorded/proportions.json
num <- function(x) unname(ifelse(is.na(x), "null", ifelse(is.infinite(x), '"inf"', trimws(formatC(x, digits = 17, format = "g")))))
arr <- function(x) paste0("[", paste(num(x), collapse = ", "), "]")
mat <- function(m) paste0("[", paste(apply(m, 1, arr), collapse = ", "), "]")
obj <- function(...) { a <- c(...); paste0("{", paste(sprintf('"%s": %s', names(a), a), collapse = ", "), "}") }
lst <- function(v) paste0("[\n  ", paste(v, collapse = ",\n  "), "\n ]")
quiet <- suppressWarnings

ci <- list(c(0, 5), c(5, 5), c(1, 16), c(7, 16), c(8, 16), c(9, 41), c(33, 88), c(87, 88), c(250, 100000))
binom <- sapply(ci, function(x) { b <- binom.test(x[1], x[2])$conf.int; w <- quiet(prop.test(x[1], x[2], correct = FALSE))$conf.int
  b90 <- binom.test(x[1], x[2], conf.level = .9)$conf.int
  obj(k = num(x[1]), n = num(x[2]), exact = arr(b), exact90 = arr(b90), wilson = arr(w)) })

# uniroot in fisher.test stops at 1e-4, so the conditional odds ratio is solved again here with a tight tolerance
tight <- function(m, level = .95) {
  r <- m[1, 1] + m[1, 2]; s <- m[2, 1] + m[2, 2]; k <- m[1, 1] + m[2, 1]; a <- m[1, 1]
  x <- max(0, k - s):min(r, k); lp <- dhyper(x, r, s, k, log = TRUE)
  w <- function(t) { d <- lp + t * x; d <- exp(d - max(d)); d / sum(d) }
  root <- function(f) exp(uniroot(f, c(-20, 20), tol = 1e-13)$root)
  est <- if (a == min(x)) 0 else if (a == max(x)) Inf else root(function(t) sum(w(t) * x) - a)
  lo <- if (a == min(x)) 0 else root(function(t) sum(w(t)[x >= a]) - (1 - level) / 2)
  hi <- if (a == max(x)) Inf else root(function(t) sum(w(t)[x <= a]) - (1 - level) / 2)
  c(est, lo, hi) }
T <- function(...) matrix(c(...), 2, byrow = TRUE)
tables <- list(T(5, 28, 21, 34), T(23, 10, 39, 16), T(25, 2, 30, 10), T(8, 25, 26, 29), T(6, 3, 1, 6), T(7, 9, 9, 32),
  T(8, 8, 9, 32), T(3, 1, 1, 3), T(0, 5, 3, 4), T(5, 0, 3, 4), T(10, 2, 3, 15), T(200, 300, 150, 420), T(2, 2, 2, 2),
  T(1, 1000, 8, 900))
two <- sapply(tables, function(m) { f <- fisher.test(m)
  obj(table = mat(m), pearson = num(quiet(chisq.test(m, correct = FALSE))$p.value), statistic = num(quiet(chisq.test(m))$statistic),
    r = num(quiet(chisq.test(m))$p.value), exact = num(f$p.value), or = arr(c(f$estimate, f$conf.int)), or_tight = arr(tight(m))) })

rbyc <- list(matrix(c(42, 9, 27, 2, 10, 5, 3, 1), 2, byrow = TRUE), matrix(c(10, 9, 8, 5, 12, 3, 4, 4, 9), 3, byrow = TRUE),
  matrix(c(3, 0, 2, 1, 5, 1, 0, 2, 6), 3), matrix(c(18, 12, 4, 3, 37, 5, 6, 3), 2, byrow = TRUE), matrix(rep(30, 10), 2),
  matrix(c(3, 1, 0, 2, 1, 4, 2, 0, 1, 2, 3, 1), 4), matrix(c(48, 17, 6, 6, 2, 6, 3, 20, 17, 16, 6, 12, 6, 3), 2, byrow = TRUE),
  matrix(c(22, 20, 19, 18, 25, 17, 23, 12, 15), 3, byrow = TRUE), matrix(c(1, 2, 0, 4, 3, 0, 2, 1, 1, 5, 0, 2, 3, 1, 1, 2), 4))
many <- sapply(rbyc, function(m) { h <- quiet(chisq.test(m))
  obj(table = mat(m), statistic = num(h$statistic), df = num(h$parameter), r = num(h$p.value),
    exact = num(fisher.test(m, workspace = 2e7)$p.value)) })

P <- list(c(.022, .904, .674, .985, .223, .129, .088, .770, .462, .856, .052, .032, .621, .890, .911), c(.01, .02, .03, NA, .04, NA),
  c(.5), c(.01, .01, .01, .9), c(0, 1, .3, .3), c(NA_real_))
adj <- sapply(P, function(p) obj(p = arr(p), holm = arr(p.adjust(p, "holm")), bh = arr(p.adjust(p, "BH")),
  bonferroni = arr(p.adjust(p, "bonferroni"))))

G <- list(list(c(1.1, 2.2, 3.3, 4.4, 9.1), c(2.5, 5.5, 6.5, 7.5)), list(c(1, 2, 2, 3, 4, 4), c(2, 4, 5, 6, 7, 4, 9)),
  list(c(46, 24, 67, 33, 51, 48, 39), c(55, 61, 42, 58, 49, 66, 71, 70), c(30, 35, 46, 41, 29)),
  list(c(1.5, 2, 8), c(3, 3.5, 4, 9.25), c(7, 11, 12), c(0.5, 1.25)), list((1:60) * 1.01, (20:90) * 1.003),
  list(c(1, 2, 3), c(10, 20, 30)))
cmp <- sapply(G, function(g) { x <- unlist(g); f <- factor(rep(seq_along(g), lengths(g))); k <- length(g) == 2
  rank <- if (k) quiet(wilcox.test(g[[1]], g[[2]])) else kruskal.test(x, f)
  plain <- if (k) quiet(wilcox.test(g[[1]], g[[2]], exact = FALSE, correct = FALSE))$p.value else rank$p.value
  mean <- if (k) t.test(g[[1]], g[[2]]) else oneway.test(x ~ f)
  aov <- if (k) c(mean$statistic, mean$p.value) else { a <- oneway.test(x ~ f, var.equal = TRUE); c(a$statistic, a$p.value) }
  obj(groups = paste0("[", paste(sapply(g, arr), collapse = ", "), "]"), rank = arr(c(rank$statistic, rank$p.value)), rank_plain = num(plain),
    mean = arr(c(mean$statistic, mean$parameter[1], mean$p.value)), classical = arr(aov)) })
cat(obj(r_version = sprintf('"%s"', getRversion()), binomial = lst(binom), two_by_two = lst(two), r_by_c = lst(many), adjust = lst(adj),
  groups = lst(cmp)), "\n")
