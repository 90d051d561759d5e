"""AND, OR and NOT of filters by three values, as text and back, and patients picked by hand."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from cohorts import cohort_of, necc_cohort
from hypothesis import given
from hypothesis import strategies as st
from test_odd_headings import NUMBERS, ODD

from necc.core.errors import SelectionError
from necc.core.selection import HOWS, PICKED, Condition, Group, Selection, picked, positions
from necc.ingest import read_cohort

VALUES = ("yes", "no", None)
PAIRS = tuple(product(VALUES, VALUES))
A, B = Condition("a", ("yes",)), Condition("b", ("yes",))


@pytest.fixture(scope="module")
def pairs():
    """Nine patients: each of yes, no and not recorded of one column with each of the other."""
    return cohort_of({"a": [a for a, _ in PAIRS], "b": [b for _, b in PAIRS]})


# ---------------------------------------------------------------- truth tables
TABLES = {  # a is yes, no, not recorded; within it b is yes, no, not recorded. ? is unknown
    "any": "11110?1??",
    "none": "00001?0??",
    "not all": "01?111?1?",
}


@pytest.mark.parametrize("how", HOWS)
def test_truth_table_of_two(pairs, how):
    truth = Group((A, B), how).truth(pairs)
    assert "".join({1: "1", 0: "0", -1: "?"}[t] for t in truth.tolist()) == TABLES[how]
    kept = [pair for pair, sign in zip(PAIRS, TABLES[how], strict=True) if sign == "1"]
    assert len(Selection((), (Group((A, B), how),)).apply(pairs)) == len(kept)


@pytest.mark.parametrize(("how", "table"), [("any", "10?"), ("none", "01?"), ("not all", "01?")])
def test_truth_table_of_one(pairs, how, table):
    truth = Group((A,), how).truth(pairs)[::3]
    assert "".join({1: "1", 0: "0", -1: "?"}[t] for t in truth.tolist()) == table


def test_conditions_that_keep_the_missing_hold_for_them(pairs):
    a = Condition("a", ("yes",), keep_missing=True)
    assert Group((a, B), "any").truth(pairs).tolist() == [1, 1, 1, 1, 0, -1, 1, 1, 1]
    assert Group((a, B), "none").truth(pairs).tolist() == [0, 0, 0, 0, 1, -1, 0, 0, 0]
    # NOT (missing) is: recorded
    recorded = Group((Condition("a", keep_missing=True),), "none")
    assert recorded.truth(pairs).tolist() == [1] * 6 + [0] * 3


@pytest.mark.parametrize("how", HOWS)
def test_de_morgan(pairs, how):
    """NOT (a OR b) = NOT a AND NOT b; NOT (a AND b) = NOT a OR NOT b: also where a value is unknown."""
    truth = Group((A, B), how).truth(pairs)
    plain = np.array([A.truth(pairs), B.truth(pairs)])
    turned = [Group((c,), "none").truth(pairs) for c in (A, B)]
    ranked = {1: 2, -1: 1, 0: 0}  # of Kleene's values AND is the least, OR the greatest
    back = {v: k for k, v in ranked.items()}
    rows = np.vectorize(ranked.get)(turned if how != "any" else plain)
    by_rank = rows.min(axis=0) if how == "none" else rows.max(axis=0)
    assert truth.tolist() == [back[v] for v in by_rank.tolist()]


# ---------------------------------------------------------------- against each patient alone
LEVELS = ("x", "y", "z", None)
AGES = (30.0, 45.0, 60.0, None)


def holds(condition: Condition, patient: dict) -> bool | None:
    value = patient[condition.name]
    if value is None:
        return True if condition.keep_missing else None
    if condition.is_range:
        return (condition.low is None or value >= condition.low) and (condition.high is None or value <= condition.high)
    return value in condition.levels


def known_to_meet(selection: Selection, patient: dict) -> bool:
    """Whether the selection holds whatever the values that aren't recorded are."""
    for condition in selection.conditions:
        if not holds(condition, patient):
            return False
    for group in selection.groups:
        each = [holds(c, patient) for c in group.conditions]
        for guess in product((True, False), repeat=each.count(None)):
            guesses = iter(guess)
            filled = [next(guesses) if h is None else h for h in each]
            if not {"any": any(filled), "none": not any(filled), "not all": not all(filled)}[group.how]:
                return False
    return True


levels_of = st.sets(st.sampled_from(LEVELS[:3]), min_size=1).map(lambda s: tuple(sorted(s)))
conditions = st.one_of(
    st.builds(Condition, st.sampled_from(["p", "q", "r"]), levels=levels_of, keep_missing=st.booleans()),
    st.builds(Condition, st.just("age"), low=st.sampled_from([None, 45.0]), high=st.sampled_from([50.0, 60.0]),
              keep_missing=st.booleans()),
)  # fmt: skip
plain = st.lists(conditions, max_size=3, unique_by=lambda c: c.name).map(tuple)
groups = st.builds(
    Group, st.lists(conditions, min_size=1, max_size=3, unique_by=lambda c: c.name).map(tuple), st.sampled_from(HOWS)
)
selections = st.builds(Selection, plain, st.lists(groups, max_size=3).map(tuple))
patients = st.lists(
    st.fixed_dictionaries({**{n: st.sampled_from(LEVELS) for n in "pqr"}, "age": st.sampled_from(AGES)}),
    min_size=1, max_size=12,
)  # fmt: skip


def of(people: list[dict]):
    every = [*people, *({"p": x, "q": x, "r": x, "age": 30.0} for x in LEVELS[:3])]  # so that each level is there
    return cohort_of({name: [p[name] for p in every] for name in ("p", "q", "r", "age")}), every


@given(patients, selections)
def test_each_patient_alone(people, selection):
    """Filtering keeps exactly those who meet it whatever isn't recorded of them; the steps of attrition add up."""
    cohort, every = of(people)
    expected = [known_to_meet(selection, p) for p in every]
    assert selection.mask(cohort).tolist() == expected
    steps = selection.attrition(cohort)
    assert [s.n_before for s in steps[1:]] == [s.n_after for s in steps[:-1]]
    assert (steps[-1].n_after if steps else len(cohort)) == sum(expected)
    assert all(0 <= s.n_missing_left_out <= s.n_before - s.n_after for s in steps)
    assert bool(selection) is not selection.is_empty


@given(patients, selections, st.randoms(use_true_random=False))
def test_order_does_not_matter(people, selection, random):
    cohort, _ = of(people)

    def shuffled(parts):
        return tuple(random.sample(parts, len(parts)))

    turned = shuffled([Group(shuffled(g.conditions), g.how) for g in selection.groups])
    other = Selection(shuffled(selection.conditions), turned)
    assert other.key() == selection.key()
    assert other.mask(cohort).tolist() == selection.mask(cohort).tolist()


@given(patients, conditions)
def test_any_of_one_is_the_condition(people, condition):
    cohort, _ = of(people)
    assert Group((condition,), "any").truth(cohort).tolist() == condition.truth(cohort).tolist()
    alone = [Group((condition,), how).truth(cohort).tolist() for how in ("none", "not all")]
    assert alone[0] == alone[1] == [{1: 0, 0: 1, -1: -1}[t] for t in condition.truth(cohort).tolist()]


def test_attrition_tells_who_is_left_out_as_unknown(pairs):
    selection = Selection.parse(["a=yes,no", "not all(a=yes; b=yes)"])
    steps = selection.attrition(pairs)
    assert [(s.n_before, s.n_after, s.n_missing_left_out) for s in steps] == [(9, 6, 3), (6, 4, 1)]
    assert [s.label for s in steps] == ["a: yes or no", "not all of: a: yes and b: yes"]


def test_equal_keys_are_equal_filters():
    """Nothing in a name or a level can pass for another filter."""
    different = [
        Selection.parse(["a=1", "b=2"]), Selection((Condition("a", ("1&b=2",)),)),
        Selection((Condition("a=1&b", ("2",)),)),
        Selection.parse(["any(a=1; b=2)"]), Selection.parse(["none(a=1; b=2)"]), Selection.parse(["any(a=1)", "b=2"]),
        Selection.parse(["any(a=1)", "any(b=2)"]), Selection((Condition("a", ("1", "2")),)),
        Selection((Condition("a", ("1,2",)),)), Selection((Condition("a=b", ("c",)),)),
        Selection((Condition("a", ("b=c",)),)), Selection(), Selection((picked([1, 2]),)),
    ]  # fmt: skip
    assert len({s.key() for s in different}) == len(different)


# ---------------------------------------------------------------- as text
@pytest.mark.parametrize(
    ("text", "how", "inside"),
    [
        ("any(site:lung=with; site:bone=with)", "any", ["site:lung=with", "site:bone=with"]),
        ("none(histology=large cell)", "none", ["histology=large cell"]),
        (" Not  All ( age_years>50 ;figo_stage=III,IVA,missing; )", "not all",
         ["age_years>50", "figo_stage=III,IVA,missing"]),
        ("any(age_years=..40; age_years=60..)", "any", ["age_years=..40", "age_years=60.."]),
        ("any(ward=A (old); ward=B)", "any", ["ward=A (old)", "ward=B"]),
        (r"none(ward=A\; B)", "none", ["ward=A; B"]),
        (r"any(ward=A\, B; x=1)", "any", [r"ward=A\, B", "x=1"]),
    ],
)  # fmt: skip
def test_groups_are_read(text, how, inside):
    selection = Selection.parse([text])
    assert not selection.conditions
    assert selection.groups == (Group(Selection.parse(inside).conditions, how),)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("any()", "without a filter"),
        ("none( ; )", "name=level"),
        ("any(a=1; b=2", "lacks the bracket"),
        ("or(a=1; b=2)", "begins with 'or'"),
        ("not(a=1)", "begins with 'not'"),
        ("any(none(a=1); b=2)", "a group in a group"),
        ("any(not(a=1); b=2)", "a group in a group"),
        ("any(a; b=2)", "name=level"),
        ("any(a=5..1)", "wrong order"),
    ],
)
def test_what_is_no_group_is_told_with_what_is_allowed(text, told):
    with pytest.raises(SelectionError) as error:
        Selection.parse([text])
    assert told in f"{error.value}" and any(w in f"{error.value}" for w in ("any(a=1; b=2)", "name=level", "write a="))


@pytest.mark.parametrize(("conditions", "how"), [((), "any"), ((A,), "all")])
def test_what_no_group_can_be_is_refused(conditions, how):
    with pytest.raises(SelectionError, match=r"at least one|any, none or not all"):
        Group(conditions, how)


ODD_NAMES = (*ODD, *NUMBERS, "a;b", r"a\;b", r"a\\", "a; b=1", ") (", "none", "missing; x")
nasty = st.text(st.sampled_from(list("ab;\\,()=<> '\"&%~|")), min_size=1, max_size=8).map(str.strip)
odd_levels = nasty.filter(lambda t: t and t != "missing")
known_names = st.one_of(st.sampled_from(ODD_NAMES), nasty.filter(lambda t: t and t[0] not in "=<>,"))


@st.composite
def nasty_groups(draw):
    """A group on columns none of which continues another by a sign: a text could then mean either."""
    names = draw(st.lists(known_names, min_size=1, max_size=4, unique=True))
    names = [n for n in names if not any(o != n and n.startswith(o) for o in names)]
    made = []
    for name in names:
        levels = draw(st.lists(odd_levels, max_size=3, unique=True))
        if levels:
            made.append(Condition(name, tuple(levels), keep_missing=draw(st.booleans())))
        else:
            made.append(Condition(name, low=draw(st.sampled_from([-1.5, 2.0])), open_low=draw(st.booleans())))
    return names, Group(tuple(made), draw(st.sampled_from(HOWS)))


@given(nasty_groups())
def test_a_group_is_written_and_read_again(made):
    names, group = made
    assert Selection.parse([str(group)], names) == Selection((), (group,))
    single = [str(c) for c in group.conditions]
    assert Selection.parse(single, names) == Selection(group.conditions)


@pytest.mark.parametrize("name", ["any(x", "none(a", "not all (b)", "any (of these)"])
def test_a_column_that_begins_like_a_group_comes_first(name):
    selection = Selection.parse([f"{name}=one (1)"], [name])
    assert selection == Selection((Condition(name, ("one (1)",)),))


def test_names_in_a_group_need_no_backslash_where_the_file_has_them():
    names = ("a/b & c;d", "back\\slash", "ECOG >0")
    (group,) = Selection.parse([r"any(a/b & c;d=high; back\slash=low; ECOG >0=high)"], names).groups
    assert group.names == names


@pytest.mark.parametrize("levels", [("a\\", "b"), ("\\,", "c"), ("a,b\\c", "\\\\"), ("\\",)])
def test_backslashes_at_the_end_of_a_level(levels):
    condition = Condition("x", levels)
    assert Selection.parse([str(condition)]).conditions == (condition,)


# ---------------------------------------------------------------- changed
def test_combine_and_separate():
    plain = Selection.parse(["a=1", "b=2", "c=3"])
    either = plain.combine(["c", "a"], "any")
    assert [str(p) for p in either.parts()] == ["b=2", "any(a=1; c=3)"]
    assert either.names == ("b", "a", "c") and either.get("a") is None
    assert either.separate(either.groups[0]).key() == plain.key()
    assert either.without_group(either.groups[0]) == Selection.parse(["b=2"])
    assert either.replace(Condition("b", ("9",))).groups == either.groups == either.without("b").groups
    # `a` stands alone again, beside the group
    beside = either.replace(Condition("a", ("5",)))
    assert not beside.can_separate(beside.groups[0])
    with pytest.raises(SelectionError, match="two filters would be on one variable"):
        beside.separate(beside.groups[0])
    again = either.replace(Condition("a", ("1",))).replace(Condition("c", ("3",))).combine(["a", "c"], "any")
    assert again == either  # the same group twice is one
    twice = Selection.parse(["any(a<1; a>3)"])
    assert not twice.can_separate(twice.groups[0])


@pytest.mark.parametrize(("names", "told"), [(["x"], "no filter on 'x'"), ([], "no filter")])
def test_only_what_is_there_is_combined(names, told):
    with pytest.raises(SelectionError, match=told):
        Selection.parse(["a=1"]).combine(names, "any")


def test_what_is_not_there_is_not_separated():
    with pytest.raises(SelectionError, match="no such group"):
        Selection.parse(["a=1"]).separate(Group((A,), "none"))


# ---------------------------------------------------------------- in words
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("any(site:lung=with; site:bone=with)", "Lung: with or Bone: with"),
        ("any(site:lung=with; site:bone=with; age_years>50)", "Lung: with, Bone: with or Age at diagnosis: > 50"),
        ("any(histology=small cell,NEC NOS; site:bone=with)", "Histology: small cell or NEC NOS, or Bone: with"),
        ("none(site:lung=with; site:bone=with)", "none of: Lung: with or Bone: with"),
        ("not all(site:lung=with; site:bone=with)", "not all of: Lung: with and Bone: with"),
        ("none(site:lung=with)", "not Lung: with"),
        ("any(site:lung=with)", "Lung: with"),
    ],
)
def test_words(text, words):
    cohort = necc_cohort(
        {"histology": ["small cell", "NEC NOS"], "age_years": [40, 60]}, {"lung": [1, 0], "bone": [0, 1]}
    )
    assert Selection.parse([text]).describe(cohort) == words
    assert Selection.parse([text, "age_years>50"]).describe(cohort) == f"Age at diagnosis: > 50; {words}"


def test_a_group_is_spelled_in_the_cohort_s_words(pairs):
    (group,) = Selection.parse(["any(a=YES; b=1)"]).groups
    assert str(group.spelled(pairs)) == "any(a=yes; b=yes)"
    with pytest.raises(SelectionError, match="no variable 'c'"):
        Selection.parse(["any(a=yes; c=1)"]).apply(pairs)
    with pytest.raises(
        SelectionError, match="'b=yes' is not a level of a; .* a semicolon parts the filters of a group"
    ):
        Selection.parse(["any(a=yes, b=yes)"]).apply(pairs)


# ---------------------------------------------------------------- picked by hand
def test_picked_patients_are_positions_in_the_whole_cohort(pairs):
    hand = picked([4, 2, 4])
    assert hand == Condition(PICKED, ("2", "4")) and Selection.parse([str(hand)]).conditions == (hand,)
    assert np.flatnonzero(hand.mask(pairs)).tolist() == [1, 3]
    part = pairs.subset(np.arange(9) >= 2)
    assert positions(part).tolist() == list(range(3, 10))
    assert hand.mask(part).tolist() == [False, True, *[False] * 5]
    both = Selection((B, hand))
    assert [positions(Selection(order).apply(pairs)).tolist() for order in permutations(both.conditions)] == [[4], [4]]
    others = Selection((), (Group((hand,), "none"),))
    assert len(others.apply(pairs)) == 7 and others.describe(pairs) == "without 2 patients picked by hand"
    steps = both.attrition(pairs)
    assert (steps[1].label, steps[1].n_after, steps[1].n_missing_left_out) == ("2 patients picked by hand", 1, 0)
    assert picked([7]).describe(pairs) == "1 patient picked by hand"


@pytest.mark.parametrize("levels", [("0",), ("10",), ("-1",), ("1.5",), ("x",), ("",), ("9" * 5000,), ()])
def test_what_is_no_position_is_refused(pairs, levels):
    with pytest.raises(SelectionError, match="whole numbers from 1 to 9|no patient is picked"):
        Condition(PICKED, levels).mask(pairs)


@pytest.mark.parametrize("heading", ["patients", "patients picked", PICKED, f" {PICKED} ", PICKED.replace(" ", "\t")])
def test_no_column_of_a_file_is_taken_for_the_picked(heading):
    cohort = read_cohort(f"patient_id,{heading}\nP1,few\nP2,many\nP3,few\n".encode(), "c.csv")
    (name,) = [n for n in cohort.columns if n != "patient_id"]
    assert name != PICKED
    assert Selection.parse([f"{name}=many"], cohort.columns).apply(cohort).ids == ("P2",)
    assert Selection((picked([3]),)).apply(cohort).ids == ("P3",)
