#!/bin/sh
# The five notebooks of docs/notebooks as lines of a shell. The patients are synthetic.
#
#     sh docs/five.sh [FOLDER]        writes into FOLDER, which is "five" without
set -e
cohort="$(dirname "$0")/../sample_data/reconstructed_cohort.csv"
out="${1:-five}"
mkdir -p "$out"

# 1. Survival curves of three groups, as numbers and as a picture
necc km "$cohort" -e PRS --by histology --format json,svg -o "$out"

# 2. A Cox model as a CSV file
necc cox "$cohort" -e PRS --covariates age_years,site:lung,n_sites --per age_years=10 --reference site:lung=with -o "$out/cox.csv"

# 3. Every site of recurrence, with adjusted p
necc each-site "$cohort" -e PRS --adjustment holm -o "$out/sites.json"

# 4. Some of the patients, and whether an effect differs between subgroups
necc km "$cohort" --where "age_years>50" --where "histology=small cell" -e PRS --by ici -o "$out/subgroup.json"
necc subgroups "$cohort" -e PRS --exposure ici --within histology,site:lung -o "$out/subgroups.json"

# 5. Competing risks: cumulative incidence with Gray's test, and two hazards of each cause
necc cif "$cohort" -e TTR --by pelvic_node_metastasis --rule hierarchy -o "$out/incidence.json"
necc hazards "$cohort" -e TTR --covariates pelvic_node_metastasis --rule hierarchy -o "$out/hazards.json"
