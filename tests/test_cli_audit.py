"""`necc audit` and `necc reproduce`, and the audit page with its form."""

from __future__ import annotations

import json

import pytest
from conftest import ROOT
from page_helpers import open_page, words

from necc.cli import main
from necc.paper.audit import audit, load_claims

SAMPLE = str(ROOT / "sample_data" / "reconstructed_cohort.csv")
CLAIMS = '[[claim]]\nid = "table2"\nkind = "percentage"\nn = 2\nof = 88\npct = "4.5"\n'
BROKEN = '[[claim]]\nid = "x"\nkind = "percentage"\nn = 3\nof = 2\npct = "5"\n'


def test_without_a_file_the_shipped_paper(capsys):
    assert main(["audit", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["result"] == json.loads(json.dumps(audit(*load_claims()).to_dict()))
    assert data["checks"] == data["result"]["checks"]
    assert main(["audit"]) == 0
    said = capsys.readouterr().out
    assert "99.86 %" in said and "[table2/other]" in said
    consistent = "The counts make up the total."
    assert consistent not in said
    assert main(["audit", "--all"]) == 0 and consistent in capsys.readouterr().out


def test_a_file_of_claims(tmp_path, capsys):
    path = tmp_path / "claims.toml"
    path.write_text(CLAIMS + BROKEN.replace('"x"', '"broken"'), encoding="utf-8")
    assert main(["audit", str(path), "--json"]) == 1  # the sound claim is checked, the broken one is an error
    data = json.loads(capsys.readouterr().out)
    assert [c["verdict"] for c in data["checks"]] == ["inconsistent"]
    assert "3 of 2 patients is impossible" in data["findings"][0]["message"]
    assert main(["audit", str(path)]) == 1
    said = capsys.readouterr().out
    assert "3 of 2 patients is impossible (line 7)" in " ".join(said.split()) and "[table2]" in said
    path.write_text(CLAIMS, encoding="utf-8")
    assert main(["audit", str(path)]) == 0


@pytest.mark.parametrize("text", [BROKEN, "a = [", "", "\udcff"])
def test_a_file_of_which_nothing_can_be_checked_is_refused(text, tmp_path, capsys):
    path = tmp_path / "claims.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert main(["audit", str(path)]) == 1
    out, err = capsys.readouterr()
    assert err.startswith("error: ") and not out and "Traceback" not in err
    assert main(["audit", str(path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["accepted"] is False


def test_no_such_file(tmp_path, capsys):
    for arguments in (["audit", str(tmp_path / "none.toml")], ["audit", str(tmp_path)]):
        assert main(arguments) == 1
        assert "no file" in capsys.readouterr().err
    assert main(["reproduce", SAMPLE, "--recipe", str(tmp_path / "none.toml")]) == 1


def test_no_sentence_has_colons_in_a_row(capsys):
    main(["reproduce", SAMPLE, "--json"])
    cells = json.loads(capsys.readouterr().out)["cells"]
    reasons = {c["reason"] for c in cells if "no finite hazard ratio" in c["reason"]}
    assert reasons == {"no finite hazard ratio (separation), events 40 of 79 with yes, 0 of 5 with no"}
    assert [c["reason"] for c in cells if c["reason"].count(": ") > 1] == []


def test_reproduce(capsys, tmp_path):
    assert main(["reproduce", SAMPLE, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["counts"] == {"reproduced": 413, "differs": 12, "cannot be checked": 6}
    ratio = next(r for r in data["hazard_ratios"] if r["row"] == "Abdominal organs recurrence")
    assert ratio["published"]["value"] == 2.375 and ratio["verdict"] == "found again"
    assert main(["reproduce", SAMPLE]) == 0
    said = capsys.readouterr().out
    assert "413 reproduced (337 in every printed digit or word, 76 within a tolerance)" in said
    assert "202 had to be equal in every printed digit; 211 have" in said and "not that they are right" in said
    assert (data["n_exact"], data["n_within"], data["n_strict"]) == (337, 76, 202)
    assert "12 differ, 6 cannot be checked" in said and "Table 3, PLNM, p" in said
    path = tmp_path / "recipe.toml"
    path.write_text('[[cell]]\nkind = "share"\n', encoding="utf-8")
    assert main(["reproduce", SAMPLE, "--recipe", str(path)]) == 1
    assert "needs the key" in capsys.readouterr().err
    sound = '[table.T]\n[[cell]]\ntable = "T"\nkind = "number"\nrow = "age"\nvariable = "age_years"\n'
    for printed, code in (("{ mean = 46 }", 0), ("{ mean = 46, mode = 4 }", 1)):
        path.write_text(f"{sound}printed = {printed}\n", encoding="utf-8")
        assert main(["reproduce", SAMPLE, "--recipe", str(path), "--json"]) == code
        data = json.loads(capsys.readouterr().out)
        assert data["counts"]["reproduced"] == 1 and len(data["findings"]) == code
    path.write_text(sound.replace("age_years", "age_yeers") + "printed = { mean = 46 }\n", encoding="utf-8")
    assert main(["reproduce", SAMPLE, "--recipe", str(path)]) == 1
    assert "cell 1 (T), key 'variable': there is no" in capsys.readouterr().out


# ---------------------------------------------------------------- the page
def open_form(app_test, kind: str):
    app = open_page(app_test(), "audit")
    app.segmented_control(key="choice-audit-view").set_value("numbers of any paper").run()
    if kind != "ratio":
        app.segmented_control(key="choice-audit-kind").set_value(kind).run()
    return app


def fill(app, kind: str, **values: str):
    for key, value in values.items():
        app.text_input(key=f"audit-{kind}-{key}").set_value(value)
    app.button[-1].click().run() if not app.button else next(
        b for b in app.button if b.label.startswith("See")
    ).click().run()
    assert not app.exception
    return words(app)


def test_page_shows_the_shipped_audit(app_test):
    app = open_page(app_test(), "audit")
    assert not app.exception
    said = words(app)
    counts = audit(*load_claims()).counts
    assert all(f'<div class="value">{n}</div>' in said for n in counts.values())
    assert "2 of 88 are 2.3 %, not 4.5 %" in said and "The counts make up the total." not in said
    app.multiselect(key="choice-audit-verdicts-shipped").set_value(["consistent"]).run()
    assert "The counts make up the total." in words(app)


def test_form_ratio(app_test):
    app = open_form(app_test, "ratio")
    said = fill(app, "ratio", ratio="1.406", low="0.739", high="2.677", p="0.229", exposed="29", of="82")
    assert "give p = 0.299, not 0.229" in said and "imply about 41 events" in said
    assert "standard error of 0.328" in said and "needs at least 38 events" in said


def test_form_percentage_survival_and_table(app_test):
    said = fill(open_form(app_test, "percentage"), "percentage", n="2", of="88", pct="4.5")
    assert "2 of 88 are 2.3 %" in said
    said = fill(open_form(app_test, "survival"), "survival", median="26.6", time="36", survival="66.5")
    assert (
        "From the median (26.6) on survival is at or below 50 % and never rises again; 66.5 % at 36 months is" in said
    )
    said = fill(open_form(app_test, "two_by_two"), "two_by_two", n1="5", of1="33", n2="21", of2="55")
    assert "uncorrected chi-square 0.022, Yates' correction 0.040, Fisher's exact test 0.030" in said


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        ("ratio", {"ratio": "9", "low": "1", "high": "2"}, "doesn't hold its estimate"),
        ("ratio", {"ratio": "2"}, "Still needed: both limits"),
        ("ratio", {"ratio": "two", "low": "1", "high": "2"}, "not a figure"),
        ("percentage", {"n": "many", "of": "88", "pct": "4"}, "not a whole number"),
        ("percentage", {"n": "90", "of": "88", "pct": "4"}, "impossible"),
        ("two_by_two", {"n1": "5", "of1": "3", "n2": "1", "of2": "9", "p": "0.1"}, "impossible"),
        ("survival", {"median": "-1", "time": "3", "survival": "20"}, "must be above 0"),
    ],
)
def test_form_says_what_is_wrong(app_test, kind, values, said):
    found = fill(open_form(app_test, kind), kind, **values)
    assert said in found and "claim 1" not in found
