"""Isabelle's commands by what they may do to us (Isabelle/Isar reference manual, appendix A; `Pure.thy`, `Main`).

The lists here are a first line. What counts is `guard` in environments/isabelle/witness.py, which asks the running
Isabelle itself, with all commands that its libraries add.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GOALS = frozenset({"theorem", "lemma", "corollary", "proposition"})

PROOF = _words(
    """
    proof qed by done apply apply_end supply using unfolding defer prefer subgoal back have show hence thus obtain
    consider fix assume presume define let note case then from with also finally moreover ultimately next interpret
    include including
    """
) | {"{", "}", ".", ".."}
"""Commands inside a proof. None of them is legal outside of one, so that nothing can stand behind its end."""

DECLARING = _words(
    """
    supply subgoal have show hence thus obtain consider fix assume presume define let note case interpret next
    include including
    """
) | {"{", "}"}
"""Those that give names to facts, variables or terms, or begin and end the scope of such names."""

GIVING_UP = frozenset({"sorry", "oops", r"\<proof>"})
GAPS = frozenset({"sledgehammer", "normalhammer"})
"""What a sketch has where a proof is missing."""

ML = _words(
    """
    ML ML_file ML_file_debug ML_file_no_debug ML_prf ML_val ML_command ML_export SML_file SML_file_debug
    SML_file_no_debug SML_import SML_export setup local_setup attribute_setup method_setup simproc_setup declaration
    syntax_declaration parse_translation parse_ast_translation print_translation print_ast_translation
    typed_print_translation oracle code_reflect code_printing code_identifier code_monad export_code eval_code
    generate_file export_generated_files compile_generated_files scala_build_generated_files external_file
    bibtex_file ROOTS_file simproc_setup_id text_cartouche term_cartouche ml_tactic test_code value_code
    realizers realizability extract extract_type import_tptp import_file import_const_map import_type_map
    """
)
"""Commands that run or write code, or read files."""

AXIOMS = frozenset({"axiomatization", "axioms", "arities", "defs", "recdef", "recdef_tc", "specification_axioms"})

LEAVING = frozenset({"theory", "imports", "keywords", "abbrevs"})

DIAGNOSTIC = _words(
    """
    thm term prop typ prf full_prf value values values_prolog print_state print_facts print_cases print_statement
    print_theorems print_simpset print_rules print_commands print_context print_theory print_methods print_attributes
    print_locales print_locale print_classes print_interps print_syntax print_abbrevs print_definitions
    print_defn_rules print_trans_rules print_antiquotations print_ML_antiquotations print_options print_bundles
    print_term_bindings print_codesetup print_codeproc print_context_tracing print_tcset print_claset
    print_inductives print_induct_rules print_coercions print_orders print_record print_quot_maps print_quotients
    print_case_translations print_bnfs print_ast thy_deps locale_deps class_deps
    thm_deps thm_oracles unused_thms find_theorems find_consts find_unused_assms quickcheck quickcheck_params
    nitpick nitpick_params refute refute_params sledgehammer_params try try0 solve_direct smt_status help welcome
    mirabelle commit cd pwd use_thy remove_thy kill_thy display_drafts print_drafts pr prover_state code_thms code_deps
    sketch explore sketch_subgoals proof_state
    """
)

THEORY = (
    _words(
        """
    begin end context locale experiment class instance instantiation overloading notepad bundle open_bundle unbundle
    private qualified definition abbreviation fun function primrec primcorec primcorecursive corec
    corecursive coinduction_upto termination friend_of_corec partial_function inductive coinductive inductive_set
    coinductive_set inductive_cases inductive_simps datatype codatatype datatype_compat old_datatype old_rep_datatype
    rep_datatype free_constructors bnf copy_bnf lift_bnf record typedef typedecl type_synonym nominal_datatype
    quotient_type quotient_definition setup_lifting lift_definition lifting_forget lifting_update
    consts judgment nonterminal syntax no_syntax syntax_consts syntax_types translations no_translations notation
    no_notation type_notation no_type_notation write alias type_alias adhoc_overloading no_adhoc_overloading declare
    lemmas named_theorems hide_const hide_type hide_class hide_fact default_sort interpretation global_interpretation
    sublocale subclass schematic_goal specification ax_specification code_datatype code_abort code_pred
    code_reserved method method_definition functor typ_abbrev constdefs hoarestate statespace domain domaindef fixrec
    domain_isomorphism cpodef pcpodef atom_decl equivariance nominal_primrec nominal_inductive nominal_inductive2
    spark_open spark_open_vcg spark_open_siv spark_vc spark_end spark_status spark_proof_functions spark_types 
    boogie_file
    text txt text_raw chapter section subsection subsubsection paragraph subparagraph header sect subsect subsubsect
    smt2_status old_smt z3 derive generate_order termify parametric_constant transfer_rule guess def
    """
    )
    | GOALS
)

OUTSIDE = GIVING_UP | GAPS | ML | AXIOMS | LEAVING | DIAGNOSTIC | THEORY
"""Words that a finished proof may not have outside of quotations."""

HEADER_REFUSED = ML | AXIOMS | LEAVING | GIVING_UP | GAPS | {"ax_specification", "schematic_goal"}
"""What the text before a theorem may not have: it is the user's, but is checked by the same Isabelle."""

CODE_NAMES = frozenset({"tactic", "raw_tactic", "ml_tactic", "ML", "ml", "ML_tactic", "eval_tactic", "sleep"})
"""Proof methods that run ML, by their own name or the last part of a longer one."""

ORACLE_NAMES = frozenset(
    {"eval", "normalization", "cheat", "skip_proof", "quick_and_dirty", "smt_oracle", "skip_proofs"}
)
"""Methods and options whose theorems rest on an oracle instead of the kernel."""

OPTIONS = _words(
    """
    linarith_split_limit linarith_neq_limit simp_depth_limit unify_search_bound blast_depth_limit metis_verbose
    simproc rule_trace argo_timeout smt_timeout
    """
)
"""Options that may be set inside a proof, as in `using [[linarith_split_limit = 20]]`."""
