"""What cells mean: words and signs for missing in every kind of column, responses by their many words."""

from __future__ import annotations

import pytest

from necc.analysis.response import response_rates
from necc.core.dictionary import Dictionary
from necc.core.errors import AnalysisError
from necc.core.responses import read_because, recist
from necc.ingest import OwnColumns, inspect
from necc.ingest.build import open_file
from necc.ingest.suggest import suggest_mapping

MISSING = ["[Not Available]", "[Not Applicable]", ".", "?", "n.d.", "nk", "'--", "--", "NR", "n/d", "Not Reported",
           "不详", "[Unknown]", "…", "not documented"]  # fmt: skip
COLUMNS = {
    "age_years": "44", "prs_months": "3", "histology": "small cell", "figo_2018": "IB1", "lvsi": "yes", "died": "1",
    "diagnosis_date": "2019-04-03", "best_response": "PR", "centre": "A", "score": "1.5", "ici_agent": "Nivolumab",
    "visit": "2020-01-02",
}  # fmt: skip


class TestMissing:
    @pytest.mark.parametrize("word", [*MISSING, "-"])
    @pytest.mark.parametrize("column", [c for c in COLUMNS if c not in ("centre", "died", "lvsi", "ici_agent")])
    def test_a_word_for_missing_refuses_nothing_and_is_told(self, word, column):
        if (word, column) == ("NR", "best_response"):
            return  # may be no response
        rows = "".join(f"P{i},{COLUMNS[column]}\n" for i in range(4))
        result = inspect(f"patient_id,{column}\n{rows}X,{word}\nY,{word}\n".encode(), "c.csv")
        assert result.cohort, result.findings
        assert result.cohort.table[column].isna().tolist() == [False] * 4 + [True] * 2
        assert [(f.code, f.row, f.n) for f in result.findings] == [("read-as-missing", 6, 2)]

    @pytest.mark.parametrize("word", MISSING)
    @pytest.mark.parametrize("column", ["lvsi", "died", "site_lung"])
    def test_of_yes_or_no(self, word, column):
        result = inspect(f"patient_id,{column}\nA,1\nB,0\nC,{word}\n".encode(), "c.csv")
        assert result.cohort, result.findings
        assert result.cohort.table[column].tolist()[:2] == ["yes", "no"] and result.cohort.table[column].isna().iloc[2]

    @pytest.mark.parametrize("word", ["[Not Available]", ".", "?", "'--", "-", "--"])
    def test_of_a_column_of_the_file_s_own(self, word):
        text = (
            f"patient_id,arm,seen,ok,grade\nA,x,2020-01-02,yes,1\nB,y,2021-01-02,no,2\nC,{word},{word},{word},{word}\n"
        )
        cohort = inspect(text.encode(), "c.csv").cohort
        assert cohort and cohort.table.drop(columns="patient_id").isna().iloc[2].all()
        kinds = {n: cohort.dictionary.variables[n].kind for n in ("arm", "seen", "ok", "grade")}
        assert kinds == {"arm": "category", "seen": "date", "ok": "flag", "grade": "number"}

    @pytest.mark.parametrize("guessed", [False, True])
    def test_a_minus_beside_a_plus_is_negative(self, guessed):
        """The guessed mapping listed the minus as missing."""
        data = b"patient_id,hpv,other_marker\nA,+,+\nB,-,-\nC,++,+\n"
        opened = open_file(data, "c.csv")
        mapping = suggest_mapping(opened.raw, Dictionary.builtin("necc")) if guessed else None
        cohort = inspect(opened, mapping=mapping).cohort
        assert cohort and cohort.table["hpv"].tolist() == ["yes", "no", "yes"]
        assert cohort.table["other_marker"].tolist() == ["+", "-", "+"]

    @pytest.mark.parametrize("code", ["-9", "-99", "-999", "-9.0", "-88"])
    def test_a_negative_code_in_a_time(self, code):
        text = f"patient_id,prs_months,died\nA,3,1\nB,{code},0\nC,9,1\n"
        result = inspect(text.encode(), "c.csv")
        assert result.cohort and result.cohort.endpoint("PRS").n == 2
        assert [(f.code, f.value) for f in result.findings] == [("read-as-missing", code)]
        own = OwnColumns(id="patient_id", time="prs_months", event="died", unit="months")
        cohort = inspect(text.encode(), "c.csv", own=own).cohort
        assert cohort and cohort.endpoint(cohort.endpoint_names()[0]).n == 2

    @pytest.mark.parametrize("value", ["-3", "-1", "-0.5"])
    def test_another_negative_time_is_refused(self, value):
        result = inspect(f"patient_id,prs_months,died\nA,3,1\nB,{value},0\nC,-9,1\n".encode(), "c.csv")
        assert "negative" in {f.code for f in result.findings}

    @pytest.mark.parametrize("column", ["lvsi", "histology", "best_response", "died"])
    def test_a_negative_code_among_words(self, column):
        result = inspect(f"patient_id,{column}\nA,{COLUMNS[column]}\nB,-99\n".encode(), "c.csv")
        assert result.cohort and result.cohort.table[column].isna().tolist() == [False, True]


RESPONSES = [
    ("POD", "PD"), ("iUPD", "PD"), ("iCPD", "PD"), ("iCR", "CR"), ("iPR", "PR"), ("iSD", "SD"), ("Non-CR/Non-PD", "SD"),
    ("non-CR / non-PD", "SD"), ("NE (early death)", "NE"), ("PD (clinical)", "PD"), ("clinical PD", "PD"),
    ("PR (confirmed)", "PR"), ("PD - clinical", "PD"), ("cPR", "PR"),
]  # fmt: skip
PLAIN = [
    ("CR", "CR"), ("Partial Response", "PR"), ("Progressive Disease (PD)", "PD"), ("PD (progressive disease)", "PD"),
    ("SD: stable disease", "SD"), ("CR complete response", "CR"), ("进展", "PD"), ("部分缓解\uff08PR\uff09", "PR"),
]  # fmt: skip
UNKNOWN = ["mPR", "MR", "better", "CR/PR", "PR or SD", "uPR", "no PD", "PD?", "CR (PD)", "death", "pCR", "NE (PD)"]


class TestResponses:
    @pytest.mark.parametrize(("word", "level"), [*RESPONSES, *PLAIN])
    def test_check_and_response_read_the_same(self, word, level):
        assert recist(word) == level
        text = f"patient_id,best_response\nA,{word}\nB,CR\nC,PD\n"
        result = inspect(text.encode(), "c.csv")
        assert result.cohort and not [f for f in result.findings if f.severity != "info"]
        assert [f.code for f in result.findings] == ([] if (word, level) in PLAIN else ["response-read"])
        assert bool(read_because(word)) == ((word, level) in RESPONSES)
        counts = {"CR": 1, "PR": 0, "SD": 0, "PD": 1, "NE": 0}
        counts[level] += 1
        found = response_rates(result.cohort).overall.counts
        assert {k: found[k] for k in counts} == counts

    @pytest.mark.parametrize("word", UNKNOWN)
    def test_an_unknown_word_is_said_the_same_by_both(self, word):
        """Was counted as not evaluable by one and refused by the other."""
        text = f"patient_id,best_response\nA,{word}\nB,CR\nC,PD\n".encode()
        result = inspect(text, "c.csv")
        found = [f for f in result.findings if f.code == "unknown-response"]
        assert result.cohort and len(found) == 1 and "no response rates" in found[0].message
        with pytest.raises(AnalysisError, match="can't be read as a response"):
            response_rates(result.cohort)
        assert [(q.key, q.decisive) for q in result.questions] == [("response:best_response", False)]
        settled = inspect(text, "c.csv", answers=["response:best_response=PD"])
        assert settled.cohort and response_rates(settled.cohort).overall.counts["PD"] == 2


@pytest.mark.parametrize("word", ["NR", "n.r."])
def test_no_response_or_not_recorded_is_asked(word):
    """Was missing, so that non-responders left the denominator."""
    text = f"patient_id,best_response\nA,{word}\nB,CR\nC,PR\n".encode()
    result = inspect(text, "c.csv")
    assert [(q.key, q.decisive) for q in result.questions] == [("response:best_response", False)]
    for answer, n in (("NE", 3), ("PD", 3), ("missing", 2)):
        cohort = inspect(text, "c.csv", answers=[f"response:best_response={answer}"]).cohort
        assert cohort and (cohort.factor("best_response").codes >= 0).sum() == n
