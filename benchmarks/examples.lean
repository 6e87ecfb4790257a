-- Theorems that `make prove` proves. A line that starts with `-- # ` begins an example and is its title; what follows,
-- up to the next such line, is a statement as `prover prove --file` takes it: definitions if needed, one theorem.

-- # Logic: Peirce's law, which needs the excluded middle
theorem peirce (p q : Prop) : ((p → q) → p) → p := by
  sorry

-- # Arithmetic: 35 heads and 94 legs are 23 chickens and 12 rabbits
theorem chickens_and_rabbits (c r : Nat) (heads : c + r = 35) (legs : 2 * c + 4 * r = 94) : c = 23 ∧ r = 12 := by
  sorry

-- # Algebra: a product of two sums of two squares is a sum of two squares (Brahmagupta)
theorem brahmagupta (a b c d : Int) :
    (a * a + b * b) * (c * c + d * d)
      = (a * c - b * d) * (a * c - b * d) + (a * d + b * c) * (a * d + b * c) := by
  sorry

-- # Divisibility: what divides one number and a sum with it, divides the other
theorem dvd_other (a b c : Nat) (h : a ∣ b) (h' : a ∣ b + c) : a ∣ c := by
  sorry

-- # Lists: filtering goes through appending
theorem filter_append (p : Nat → Bool) (xs ys : List Nat) : (xs ++ ys).filter p = xs.filter p ++ ys.filter p := by
  sorry

-- # Induction with a definition of one's own: the towers of Hanoi take 2ⁿ - 1 moves
def moves : Nat → Nat
  | 0 => 0
  | n + 1 => 2 * moves n + 1

theorem hanoi (n : Nat) : moves n + 1 = 2 ^ n := by
  sorry

-- # Inequality: two numbers that are squeezed in between others
theorem squeezed (a b c : Int) (h : a < b) (h' : b < c) (h'' : c < a + 3) : b = a + 1 ∧ c = a + 2 := by
  sorry

-- # Inequality: a product grows with its factors
theorem mul_mono (a b c d : Nat) (h : a ≤ b) (h' : c ≤ d) : a * c ≤ b * d := by
  sorry
