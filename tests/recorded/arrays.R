# What R's survival says of the lung cancer trial of the Veterans' Administration that it ships, for tests/test_arrays.py:
# Rscript tests/recorded/arrays.R > tests/recorded/arrays.json
# The data stand beside the results, so that the tests replay them without R.
suppressMessages(library(survival))
num <- function(x) paste0("[", paste(ifelse(is.na(x), "null", sprintf("%.17g", x)), collapse = ","), "]")
chr <- function(x) paste0("[", paste0('"', x, '"', collapse = ","), "]")
d <- survival::veteran
d$celltype <- factor(as.character(d$celltype), c("squamous", "smallcell", "adeno", "large"))
fit <- survfit(Surv(time, status) ~ celltype, d, conf.type = "log-log")
test <- survdiff(Surv(time, status) ~ celltype, d)
model <- coxph(Surv(time, status) ~ age + karno + celltype, d)
s <- summary(model)
m <- summary(fit)$table
cat(sprintf(
  '{"time":%s,"status":%s,"celltype":%s,"age":%s,"karno":%s,"levels":%s,"n":%s,"events":%s,"median":%s,"lower":%s,"upper":%s,"chi_square":%.17g,"p":%.17g,"terms":%s,"coefficients":%s,"se":%s,"p_wald":%s,"loglik":%s}\n',
  num(d$time), num(d$status), chr(d$celltype), num(d$age), num(d$karno), chr(levels(d$celltype)), num(m[, "records"]),
  num(m[, "events"]), num(m[, "median"]), num(m[, "0.95LCL"]), num(m[, "0.95UCL"]), test$chisq, test$pvalue,
  chr(rownames(s$coefficients)), num(s$coefficients[, "coef"]), num(s$coefficients[, "se(coef)"]),
  num(s$coefficients[, "Pr(>|z|)"]), num(model$loglik)))
