# Writes cohort.rds and cohort.sas7bdat: a factor, a date, a logical and a missing number, as R users keep them.
cohort <- data.frame(
  patient_id = c("A1", "A2", "A3"),
  histology = factor(c("small cell", "large cell", "small cell")),
  diagnosis_date = as.Date(c("2015-01-31", "2016-02-29", "2017-12-01")),
  died = c(TRUE, FALSE, TRUE),
  prs_months = c(12.5, 3, NA)
)
saveRDS(cohort, "cohort.rds", version = 2)

# SAS keeps numbers and text; haven (Debian: r-cran-haven) writes its format.
cohort$histology <- as.character(cohort$histology)
cohort$died <- as.numeric(cohort$died)
haven::write_sas(cohort, "cohort.sas7bdat")
