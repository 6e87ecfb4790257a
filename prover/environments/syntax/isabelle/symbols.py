r"""Isabelle's symbols: files and wires carry `\<forall>`, people and models also write `∀`.

Isabelle itself does not accept the Unicode form in terms ("Inner lexical error"), so symbols are written out before
anything else looks at a text (`plain_text`). What has no name in Isabelle may stand in comments only.
"""

from __future__ import annotations

_TABLE = """
∀ forall ∃ exists ∄ nexists ∧ and ∨ or ¬ not ⟶ longrightarrow → rightarrow ⟹ Longrightarrow ⇒ Rightarrow
⟷ longleftrightarrow ↔ leftrightarrow ⟺ Longleftrightarrow ⇔ Leftrightarrow ← leftarrow ⟵ longleftarrow
↦ mapsto ⟼ longmapsto ⋀ And ⋁ Or λ lambda ≤ le ≥ ge ≠ noteq ≡ equiv ≈ approx ≅ cong ∼ sim ≺ prec ≼ preceq
≻ succ ≽ succeq ∈ in ∉ notin ⊆ subseteq ⊂ subset ⊇ supseteq ⊃ supset ∪ union ∩ inter ⋃ Union ⋂ Inter
∅ emptyset ∞ infinity ∑ Sum ∏ Prod ∫ integral √ sqrt × times ÷ div · cdot ⋅ cdot ∘ circ ∙ bullet ± plusminus
∓ minusplus ∣ bar ∥ parallel ⊥ bottom ⊤ top ⊢ turnstile ⊨ Turnstile ⊓ sqinter ⊔ squnion ⨅ Sqinter ⨆ Squnion
⊑ sqsubseteq ⊏ sqsubset ⊕ oplus ⊗ otimes ⊖ ominus ⊙ odot ⨁ Oplus ⨂ Otimes ⌊ lfloor ⌋ rfloor ⌈ lceil ⌉ rceil
⟨ langle ⟩ rangle ⟦ lbrakk ⟧ rbrakk ⦇ lparr ⦈ rparr « guillemotleft » guillemotright ‹ open › close … dots
― comment ⋯ cdots ∂ partial ∇ nabla ∆ Delta ¦ brokenbar ° degree ′ prime ⁻ inverse ℕ nat ℤ int ℚ rat ℝ real ℂ complex
α alpha β beta γ gamma δ delta ε epsilon ζ zeta η eta θ theta ι iota κ kappa μ mu ν nu ξ xi π pi ρ rho σ sigma
τ tau υ upsilon φ phi χ chi ψ psi ω omega Γ Gamma Δ Delta Θ Theta Λ Lambda Ξ Xi Π Pi Σ Sigma Υ Upsilon Φ Phi
Ψ Psi Ω Omega
"""
_NAMES = _TABLE.split()
SYMBOLS = {mark: rf"\<{name}>" for mark, name in zip(_NAMES[::2], _NAMES[1::2], strict=True)}
SYMBOLS |= {"⇧": r"\<^sup>", "⇩": r"\<^sub>", "❙": r"\<^bold>"}
"""Isabelle's own marks, as its editors show them: `x⇧2`."""
SYMBOLS |= {"ℕ": r"\<nat>", "−": "-", "⁻¹": r"\<inverse>", "∖": "-", "“": '"', "”": '"'}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def written_out(text: str) -> str:
    r"""Return `text` with Unicode symbols written as `\<name>`, one line end, no tabs."""
    text = text.replace("\r\n", "\n").expandtabs(8)
    if text.isascii():
        return text
    pieces: list[str] = []
    for character in text:
        if character.isascii():
            pieces.append(character)
        elif character in SYMBOLS:
            pieces.append(SYMBOLS[character])
        elif (digit := character.translate(_SUPERSCRIPTS)).isascii():
            pieces.append(rf"\<^sup>{digit}")
        elif (digit := character.translate(_SUBSCRIPTS)).isascii():
            pieces.append(rf"\<^sub>{digit}")
        else:
            pieces.append(character)
    return "".join(pieces)
