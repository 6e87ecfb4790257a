from __future__ import annotations

import pytest

from prover.bench.problem_sets import read_problems
from prover.core.proof_state import Goal, ProofState
from prover.core.theorem import Theorem
from prover.environments.syntax.isabelle.screening import proof_problem
from prover.environments.syntax.isabelle.statement import IsabelleStatement
from prover.policies.automation.isabelle_closers import IsabelleClosersPolicy, View
from prover.policies.automation.isabelle_theory import Function, Theory

HEADER = r"""
datatype 'a tree = Leaf | Node "'a tree" 'a "'a tree"

definition (in -) sq :: "nat \<Rightarrow> nat" where "sq n = n * n"

fun depth :: "'a tree \<Rightarrow> nat" where
  "depth Leaf = 0" |
  "depth (Node l x r) = Suc (max (depth l) (depth r))"

fun zipped and unzipped :: "'a list \<Rightarrow> 'b list \<Rightarrow> nat" where
  "zipped [] ys = 0" |
  "zipped (x # xs) ys = unzipped xs ys" |
  "unzipped xs ys = length xs"

inductive ev :: "nat \<Rightarrow> bool" where
  zero: "ev 0" |
  next: "ev n \<Longrightarrow> ev (Suc (Suc n))"

lemma depth_leaf [simp]: "depth Leaf = 0"
  by simp
"""


def test_header_is_read() -> None:
    theory = Theory.read(HEADER)
    assert theory.definitions == ("sq",)
    assert theory.functions == (Function("depth", 1), Function("zipped", 2), Function("unzipped", 2))
    assert theory.inductives == ("ev",)
    assert theory.lemmas == ("depth_leaf",)
    assert Theory.read('definition "not closed').empty
    assert Theory.read("").empty


def tactics(goal: str, header: str = HEADER, *, assumes: bool = False, about: str = "") -> list[str]:
    policy = IsabelleClosersPolicy(theory=Theory.read(header), assumes=assumes, about=about)
    state = ProofState((Goal(f"proof (prove)\ngoal (1 subgoal):\n 1. {goal}"),))
    return [candidate.tactic for candidate in policy._candidates(View.of(state))]


@pytest.mark.parametrize(
    ("goal", "tactic"),
    [
        (r"sq (a + b) = sq a + 2 * a * b + sq b", "by (simp add: sq_def depth_leaf)"),
        (r"depth t \<le> n", "by (induct t rule: depth.induct) auto"),
        (r"zipped xs ys = 0", "by (induct xs ys rule: zipped.induct) auto"),
        (r"ev m \<Longrightarrow> ev n \<Longrightarrow> ev (m + n)",
         "by (induct rule: ev.induct) (auto simp: sq_def depth_leaf intro: ev.intros)"),
        (r"zipped (x # xs) zs = unzipped xs zs", "by (induct xs zs rule: unzipped.induct) auto"),
        (r"2 \<le> n \<Longrightarrow> n < 2 ^ n", "by (induct n rule: nat_induct_at_least) auto"),
        (r"inj f", "by (auto simp: inj_on_def)"),
    ],
)  # fmt: skip
def test_steps_name_what_the_header_defines(goal: str, tactic: str) -> None:
    assert tactic in tactics(goal)


def test_steps_name_nothing_that_is_not_there() -> None:
    proposed = tactics("ev n", "")
    assert not [tactic for tactic in proposed if "ev." in tactic or "_def" in tactic]


def test_assumptions_are_used() -> None:
    assert r"using assms by (auto simp: sq_def depth_leaf)" in tactics("sq n = n", assumes=True)


LOCALES = r"""
locale closed =
  fixes m :: "'a \<Rightarrow> 'a \<Rightarrow> 'a"
  assumes comm: "m a b = m b a"
locale lattice_like = closed m for m :: "'a \<Rightarrow> 'a \<Rightarrow> 'a" + assumes idem: "m a a = a"
begin
definition twice where "twice a = m a a"
lemma absorb: "m a (m a a) = a" using idem by simp
end
lemma (in closed) swap: "m a (m b c) = m a (m c b)" using comm by metis
context closed begin
context begin
lemma inner: "m (m a b) c = m (m b a) c" using comm by metis
end
end
locale empty = fixes x :: nat
lemma outside: "x = x" by simp
"""


def test_lemmas_of_locales_have_the_locales_names() -> None:
    theory = Theory.read(LOCALES)
    assert theory.lemmas == ("outside",)
    assert theory.definitions == ()
    assert [(locale.name, locale.parents, locale.assumes, locale.lemmas) for locale in theory.locales] == [
        ("closed", (), True, ("swap", "inner")),
        ("lattice_like", ("closed",), True, ("absorb",)),
        ("empty", (), False, ()),
    ]
    assert Theory.read(r"context fixes x :: nat begin lemma l: True by simp end").lemmas == ("l",)


@pytest.mark.parametrize(
    ("about", "tactic"),
    [
        ('assumes "closed g"', "using assms closed.inner closed.swap by metis"),
        ('assumes "closed g"', "using assms unfolding closed_def by metis"),
        ('assumes "lattice_like g"', "using assms lattice_like.absorb lattice_like.inner lattice_like.swap by metis"),
        (
            'assumes "lattice_like g"',
            "using assms unfolding lattice_like_def lattice_like_axioms_def closed_def by metis",
        ),
    ],
)
def test_steps_use_the_locales_that_the_statement_is_about(about: str, tactic: str) -> None:
    assert tactic in tactics("g x y = g y x", LOCALES, assumes=True, about=about)


def test_steps_use_no_locale_that_is_not_mentioned() -> None:
    proposed = tactics("g x y = g y x", LOCALES, assumes=True, about='assumes "x = y"')
    assert not [tactic for tactic in proposed if "closed" in tactic or "lattice_like" in tactic]
    assert "by unfold_locales auto" in tactics("closed g", LOCALES)


@pytest.mark.parametrize("goal", [r"\<forall>n. ev n \<longrightarrow> even n", "ALL n. ev n --> even n"])
def test_rule_induction_sees_through_quantifiers(goal: str) -> None:
    proposed = tactics(goal, HEADER)
    assert any(t.startswith("by (intro allI impI, erule ev.induct)") for t in proposed)
    assert not any("allI impI, " in t for t in tactics(r"ev n \<Longrightarrow> even n"))


def test_obtaining_is_existence() -> None:
    goal = r"(\<And>k. n = k + 4 \<Longrightarrow> thesis) \<Longrightarrow> thesis"
    assert r"by atomize_elim (use assms in \<open>presburger\<close>)" in tactics(goal, "", assumes=True)
    assert "by atomize_elim presburger" in tactics(goal, "")
    assert not [tactic for tactic in tactics("n = k + 4", "") if "atomize_elim" in tactic]


@pytest.mark.parametrize(
    ("goal", "header", "about"),
    [
        (r"ev n \<Longrightarrow> depth t = sq n", HEADER, ""),
        (r"\<forall>n. ev n \<longrightarrow> even n", HEADER, ""),
        ("closed g", LOCALES, 'assumes "lattice_like g"'),
        (r"(\<And>k. n = k \<Longrightarrow> thesis) \<Longrightarrow> thesis", "", ""),
    ],
)
def test_every_step_may_stand_in_a_proof(goal: str, header: str, about: str) -> None:
    for assumes in (True, False):
        for tactic in tactics(goal, header, assumes=assumes, about=about):
            assert proof_problem(tactic) is None, tactic


def test_shipped_textbook_is_forty_statements_with_their_headers() -> None:
    problems = read_problems("isabelle-textbook")
    assert len(problems) == 40
    for problem in problems:
        statement = IsabelleStatement.read(problem.theorem().source)
        assert statement.name == problem.name
        assert bool(statement.header) == bool(problem.header)
    assert all(isinstance(problem.theorem(), Theorem) for problem in problems)
