"""A model server that solves our small problems, and errs where told to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.models.server import Answer, Behaviour, choice

SOLUTIONS = {
    "A train has 12 cars": " 960 - 15 is 945.\n#### 945\n\nQuestion: and another one",
    "Rosa picks 1,200": " A third is 400.\n#### 400",
    "A rope of 45 metres": " That is 8 cuts.\n#### 8.",
    "Simplify $\\sqrt{18}$": " Final Answer: The final answer is $\\sqrt{18}$. I hope it is correct.\n\nProblem:\nmore",
    "Solve $2x - 3 = 8$": " So $x = 5.5$.\nFinal Answer: The final answer is $5.5$. I hope it is correct.",
    "Find all $(x, y)$": " Final Answer: The final answer is $(1, 2)$. I hope it is correct.",
    "A mass of 2 kg": " Final Answer: The final answer is 9.81 m/s. I hope it is correct.",
    "\\int_0^t": " Final Answer: The final answer is $t \\cdot t$. I hope it is correct.",
    "the derivative of": " Final Answer: The final answer is (A). I hope it is correct.",
    "Which gas": " Final Answer: The final answer is (B). I hope it is correct.",
    "If $x / 4 = 9$": " Final Answer: The final answer is (B). I hope it is correct.",
}
PROGRAMS = {
    "A train has 12 cars": "seats = 12 * 80\nprint(seats - 15)\n```\nand on",
    "Rosa picks 1,200": "print(1200 / 3 * 2)\n",
    "A rope of 45 metres": "while True: pass\n",
    "Simplify $\\sqrt{18}$": "from sympy import sqrt\nprint(sqrt(18))\n",
    "Solve $2x - 3 = 8$": "import os\nos.system('true')\nprint(open('/etc/passwd').read())\n",
    "Find all $(x, y)$": "from sympy.abc import x, y\nfrom sympy import solve\n"
    "print(tuple(solve([x + y - 3, x - y - 1], [x, y]).values()))",
}


def knowing(known: Mapping[str, str], *, wrong: int = 0) -> Behaviour:
    """Answer with what is known of the last problem; of several samples the last `wrong` are nonsense."""

    def behave(path: str, body: dict[str, Any]) -> Answer:
        asked = body["prompt"][max(map(body["prompt"].rfind, ("Problem:\n", "Question: ", "\nQ: "))) :]
        text = next((text for words, text in known.items() if words in asked), " I do not know.")
        n = body["n"]
        texts = [text] * (n - wrong) + [f" #### {number}\n" for number in range(wrong)]
        usage = {"prompt_tokens": 100, "completion_tokens": 10 * n}
        return 200, {"choices": [choice(i, text, -0.5) for i, text in enumerate(texts)], "usage": usage}

    return behave
