"""Who the rows are: names of identifiers, twins, patients in columns, headings in two languages, other diseases."""

from __future__ import annotations

import pytest

from necc.core.dictionary import Dictionary
from necc.ingest import Mapping, OwnColumns, inspect
from necc.ingest.build import open_file
from necc.ingest.site_words import SiteWords
from necc.ingest.sites import names_sites
from necc.ingest.suggest import suggest_mapping

HEAD = "patient_id,prs_months,died"
TWINS = [
    ("P003", "P 003"),
    ("P003", "P003\u200b"),
    ("P003", "\uff30\uff10\uff10\uff13"),
    ("3", "3.0"),
    ("P003", "P\u00ad003"),
    ("A B", "AB"),
]
ALIKE = [("P003", "p003"), ("3", "03"), ("P3", "P003"), ("Case-01", "case-1"), ("P-03", "P_3")]


def refusals(result) -> list[tuple[str, int | None]]:
    return [(f.code, f.row) for f in result.findings if f.severity == "error"]


class TestTwins:
    @pytest.mark.parametrize(("one", "other"), TWINS)
    def test_what_cannot_be_seen_is_no_difference(self, one, other):
        """Each was counted as two patients."""
        result = inspect(f"{HEAD}\n{one},3,1\nX9,4,0\n{other},5,1\n".encode(), "c.csv")
        assert refusals(result) == [("duplicate-id", 4)] and "row 2" in result.findings[0].message

    @pytest.mark.parametrize(("one", "other"), ALIKE)
    def test_case_and_leading_zeros_are_asked(self, one, other):
        text = f"{HEAD}\n{one},3,1\nX9,4,0\n{other},5,1\n".encode()
        result = inspect(text, "c.csv")
        assert refusals(result) == [("question", 1)]
        assert "(row 2)" in result.findings[0].message and "(row 4)" in result.findings[0].message
        cohort = inspect(text, "c.csv", answers=["same-id:patient_id=different"]).cohort
        assert cohort and len(cohort) == 3

    @pytest.mark.parametrize(
        "ids", [("P1", "P10", "P100"), ("1-11", "11-1", "111"), ("A", "B", "C"), ("0", "00x", "x")]
    )
    def test_different_patients(self, ids):
        rows = "".join(f"{i},3,1\n" for i in ids)
        assert inspect(f"{HEAD}\n{rows}".encode(), "c.csv").cohort

    @pytest.mark.parametrize("own", [{"time": "t", "event": "e"}, {"sites": ("lung",)}])
    @pytest.mark.parametrize("name", ["patient_id", "PatientID", "Pt ID", "id"])
    def test_of_own_columns_too(self, name, own):
        """Was n = 3."""
        text = f"t,{name},e,lung\n1,A,1,1\n2,A,0,0\n3,B,1,0\n"
        columns = OwnColumns(unit="months" if "time" in own else "", **own)
        assert refusals(inspect(text.encode(), "c.csv", own=columns)) == [("duplicate-id", 3)]
        cohort = inspect(text.replace("2,A", "2,C").encode(), "c.csv", own=columns).cohort
        assert cohort and cohort.ids == ("A", "C", "B")


NAMES = ["PatientID", "SubjectID", "StudyID", "Pt ID", "No.", "Case no", "patient-id", "PATIENT ID",
         "Subject Identifier", "patientId", "Study-No", "CaseID", "S. No.", "病例号", "Patient Number",
         "ParticipantId"]  # fmt: skip


class TestNames:
    @pytest.mark.parametrize("name", NAMES)
    def test_an_identifier_by_any_of_its_names(self, name):
        data = f"{name},prs_months,died\nLUNG1-001,3,1\nLUNG1-002,4,0\nLUNG1-003,5,1\n".encode()
        opened = open_file(data, "c.csv")
        guessed = suggest_mapping(opened.raw, Dictionary.builtin("necc"))
        for mapping in (None, guessed):
            cohort = inspect(opened, mapping=mapping).cohort
            assert cohort and cohort.ids == ("LUNG1-001", "LUNG1-002", "LUNG1-003")

    def test_a_count_yields_to_a_patient(self):
        cohort = inspect(b"No.,Patient ID,prs_months,died\n1,A,3,1\n2,B,4,0\n", "c.csv").cohort
        assert cohort and cohort.ids == ("A", "B")

    def test_identifiers_are_no_sites(self):
        raw = open_file(b"x,y\nLUNG1-001,lung\nLUNG1-002,bone\nLUNG1-003,lung\n", "c.csv").raw
        words = Dictionary.builtin("necc").organ_words()
        assert [names_sites(c, SiteWords(words)) for c in raw.columns] == [0, 1]

    @pytest.mark.parametrize(
        ("heading", "name"),
        [("年龄 Age", "age_years"), ("免疫治疗 ICI", "ici"), ("Alter / age", "age_years"), ("Age (年龄)", "age_years"),
         ("年龄Age", "age_years"), ("病理类型 Histology", "histology"),
         ("LVSI（脉管侵犯）", "lvsi"), ("诊断日期 diagnosis date", "diagnosis_date"), ("Died/死亡", "died"),
         ("TumorSize", "tumor_size_cm"), ("DateOfDeath", "death_date")],
    )  # fmt: skip
    def test_a_heading_in_two_languages(self, heading, name):
        result = inspect(f"patient_id,{heading}\nA,\n".encode(), "c.csv")
        assert result.mapping and result.mapping.columns[1].variable == name

    @pytest.mark.parametrize("heading", ["Age / sex", "年龄 sex", "Age Histology", "histology/stage", "复发 death"])
    def test_halves_that_differ_name_nothing(self, heading):
        result = inspect(f"patient_id,{heading}\nA,\n".encode(), "c.csv")
        assert result.mapping and not result.mapping.columns[1].variable


@pytest.mark.parametrize(
    "text",
    ["patient_id,P001,P002\nprs_months,5,6\ndied,1,0\n", "Variable,P1,P2,P3\nage,44,55,66\ntime,1,2,3\nstatus,1,0,1\n",
     "id,Anna,Berta\nage_years,44,50\nhistology,small cell,large cell\nprs_months,3,4\n",
     "患者编号,P01,P02\n年龄,44,55\n死亡,1,0\n"],
)  # fmt: skip
def test_patients_in_columns(text):
    """Was accepted as rows."""
    found = [f for f in inspect(text.encode(), "c.csv").findings if f.code == "transposed"]
    assert len(found) == 1 and found[0].severity == "error" and "Transpose" in found[0].message
    n_rows, n_columns = text.count("\n") - 1, text.splitlines()[0].count(",")
    assert f"by rows there are {n_rows} patients, read by columns {n_columns} patients" in found[0].message


@pytest.mark.parametrize(
    "text",
    ["patient_id,x1,x2\nA,5,6\nB,1,0\n", "patient_id,died,prs_months\ntime,1,3\nevent,0,4\n", "id,v1,v2\n1,2,3\n"],
)
def test_patients_in_rows(text):
    assert "transposed" not in {f.code for f in inspect(text.encode(), "c.csv").findings}


class TestAnotherDisease:
    def read(self, heading: str, values: list[str]):
        data = f"patient_id,{heading}\n" + "".join(f"P{i},{v}\n" for i, v in enumerate(values))
        opened = open_file(data.encode(), "c.csv")
        guessed = suggest_mapping(opened.raw, Dictionary.builtin("necc"))
        written = Mapping.from_toml(guessed.to_toml())
        return [inspect(opened, mapping=m) for m in (None, written)]

    @pytest.mark.parametrize(
        ("heading", "values", "kind"),
        [
            ("Histology", ["adenocarcinoma", "squamous", "adenocarcinoma", "small cell", "other"], "category"),
            ("histology", ["ductal", "lobular", "ductal", "ductal", "mucinous"], "category"),
            ("PD-L1", ["0", "1", "5", "80", "1", "10"], "number"), ("pdl1", ["0", "5", "20", "80", "1"], "number"),
            ("pdl1", ["<1%", "1-49%", ">=50%", "<1%", "80%"], "category"),
            ("Stage", ["0", "I", "II", "III", "I", "II"], "category"),
            ("stage", ["T1", "T2", "T3", "I"], "category"), ("figo_2018", ["T1a", "T2", "T3", "T1a"], "category"),
            ("tmb", ["3.5", "12", "7", "20"], "number"), ("LVSI", ["2", "3", "4", "9", "5"], "number"),
        ],
    )  # fmt: skip
    def test_what_mostly_does_not_fit_is_an_extra_variable(self, heading, values, kind):
        for result in self.read(heading, values):
            assert result.cohort, result.findings
            own = [n for n in result.cohort.table.columns if n != "patient_id"]
            assert [result.cohort.dictionary.variables[n].kind for n in own] == [kind]

    def test_a_single_misspelt_value_stays_an_error(self):
        result = self.read("histology", ["small cell"] * 6 + ["smal cell"])[0]
        assert [f.code for f in result.findings] == ["unknown-level"] and "did you mean" in result.findings[0].message

    def test_a_mixed_tumour_hints_at_its_other_part(self):
        result = self.read("histology", ["small cell"] * 6 + ["Mixed"])[0]
        assert "mixed component ('mixed_component')" in result.findings[0].message


def of_rows(head: str, *rows: str) -> bytes:
    return "\n".join((f"{head},prs_months,died", *(f"{row},{i + 3},{i % 2}" for i, row in enumerate(rows)))).encode()


REPEATS = {
    "MRN": of_rows("id,MRN", "1,100001", "2,100001", "3,100002", "4,100003"),
    "patient name": of_rows("No,patient name", "1,ann", "2,ann", "3,eve", "4,ida"),
    "住院号": of_rows("序号,住院号", "1,100001", "2,100001", "3,100002", "4,100003"),
    "subject_code": of_rows("row,subject_code", "1,S1", "2,S1", "3,S2", "4,S3"),
    "patient_barcode": of_rows("id,patient_barcode", "S7,TCGA-1", "S3,TCGA-1", "S9,TCGA-2", "S2,TCGA-3"),
    "samples": of_rows("samples", *(f"TCGA-AA-000{i}-0{s}A" for i, s in ((1, 1), (1, 2), (2, 1), (3, 1)))),
}


class TestOnePatientInSeveralRows:
    @pytest.mark.parametrize("column", REPEATS)
    def test_a_column_that_identifies_is_asked(self, column):
        """Each was 4 patients, without a question."""
        result = inspect(REPEATS[column], "c.csv")
        assert [q.key for q in result.questions if q.decisive] == [f"same-patient:{column}"]
        assert "rows 2, 3" in result.questions[0].text and "3 patients" in result.questions[0].text
        different = inspect(REPEATS[column], "c.csv", answers=[f"same-patient:{column}=different"])
        assert different.cohort and len(different.cohort) == 4
        identifies = inspect(REPEATS[column], "c.csv", answers=[f"same-patient:{column}=identifies"])
        assert [code for code, _ in refusals(identifies)] in (["duplicate-id"], ["long-file"])

    @pytest.mark.parametrize(
        "data",
        [
            of_rows("id,MRN", "1,100001", "2,100002", "3,100003"),
            of_rows("id,MRN", "1,", "2,", "3,100003"),
            of_rows("patient_id,name", "P4,ann", "P7,ann", "P9,eve"),
            of_rows("id,name,dob", "1,ann,1950-01-02", "2,ann,1961-03-04", "3,eve,1950-01-02"),
            of_rows("id,surgeon name", *(f"{i},{'ab'[i % 2]}" for i in range(1, 9))),
            of_rows("id,case_id", "1,2", "2,1", "3,1"),
            of_rows("patient_id", "1-01", "1-02", "2-01", "2-02"),
            of_rows("patient_id", "1-1", "1-2", "1-5", "2-1"),
        ],
    )
    def test_different_patients_are_not_asked(self, data):
        result = inspect(data, "c.csv")
        assert result.cohort and not result.questions

    def test_a_private_value_is_not_shown(self):
        assert "100001" not in str(inspect(REPEATS["MRN"], "c.csv").findings)

    @pytest.mark.parametrize("ids", [("P001-1", "P001-2", "P002-1"), ("7a", "7b", "8a"), ("P1", "P1-2", "P2")])
    def test_a_number_behind_an_identifier_is_asked(self, ids):
        data = of_rows("patient_id", *ids)
        result = inspect(data, "c.csv")
        assert [q.key for q in result.questions] == ["same-id:patient_id"]
        cohort = inspect(data, "c.csv", answers=["same-id:patient_id=different"]).cohort
        assert cohort and len(cohort) == 3

    def test_two_samples_of_a_patient(self):
        """Were two patients."""
        data = of_rows("bcr_sample_barcode", "TCGA-AA-0001-01A", "TCGA-AA-0001-02A", "TCGA-AA-0002-01A")
        (finding,) = [f for f in inspect(data, "c.csv").findings if f.severity == "error"]
        assert (finding.code, finding.row) == ("duplicate-id", 3) and "first 12" in finding.message
        one = inspect(data.replace(b"0001-02A", b"0003-02A"), "c.csv")
        assert one.cohort and "sample-barcodes" in [f.code for f in one.findings]


class TestRowsBetweenThePatients:
    ROWS = ("Arm A,,", "P1,3,1", "P2,4,0", "Arm B,,", "P3,5,1")

    def test_a_heading_of_a_group_is_no_patient(self):
        """Was n = 5."""
        data = "\n".join((HEAD, *self.ROWS)).encode()
        result = inspect(data, "c.csv")
        assert refusals(result) == [("group-row", 2)] and "rows 2, 5" in result.findings[0].message
        cohort = inspect(data, "c.csv", answers=["group-row:patient_id=leave-out"]).cohort
        assert cohort and cohort.ids == ("P1", "P2", "P3")

    def test_a_patient_without_any_value_is_told(self):
        result = inspect("\n".join((HEAD, "P1,3,1", "P2,,", "P3,5,0")).encode(), "c.csv")
        assert result.cohort and [(f.code, f.row) for f in result.findings] == [("empty-patient", 3)]
        assert inspect(b"patient_id,recurrence_sites\nA1,lung\nB,\nC2,liver\n", "c.csv").cohort
