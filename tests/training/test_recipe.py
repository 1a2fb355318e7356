"""Recipes: strict, flat, and one for each name."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import support

from docx_cli.errors import BundleError, FileAccessError
from docx_models.recipe import RECIPES, Recipe, load_recipe

NAMES = sorted(path.stem for path in RECIPES.glob("*.toml"))


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_parses(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.steps > 0
    assert recipe.packs
    assert sum(recipe.shares) > 0


def test_there_are_recipes_for_both_stages() -> None:
    assert {load_recipe(name).stage for name in NAMES} == {"pretrain", "finetune"}


def test_recipes_are_part_of_the_package() -> None:
    """A wheel must carry them: `docx train` names them by default."""
    listed = (support.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert "recipes/*.toml" in listed


def test_unknown_keys_are_named(tmp_path: Path) -> None:
    path = support.write_recipe(tmp_path / "r.toml", momentum=0.9, warmup=0.1)
    with pytest.raises(BundleError, match="unknown keys: momentum, warmup"):
        load_recipe(str(path))


def test_missing_keys_are_named(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text('stage = "finetune"\npacks = []\nshares = []\n')
    with pytest.raises(BundleError, match=r"lacks keys: .*rate_warm.*steps"):
        load_recipe(str(path))


def test_packs_and_shares_must_agree(tmp_path: Path) -> None:
    path = support.write_recipe(tmp_path / "r.toml", packs=["a", "b"])
    with pytest.raises(BundleError, match="2 packs but 1 shares"):
        load_recipe(str(path))


def test_the_stage_is_one_of_two(tmp_path: Path) -> None:
    path = support.write_recipe(tmp_path / "r.toml", stage="finetuning")
    with pytest.raises(BundleError, match="'finetuning': pretrain or finetune"):
        load_recipe(str(path))


def test_what_is_no_toml_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text("steps = = 3\n")
    with pytest.raises(BundleError, match=r"r\.toml"):
        load_recipe(str(path))


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(FileAccessError, match=f"there are: {', '.join(NAMES)}"):
        load_recipe("no-such-recipe")


def test_overrides_replace_values_and_are_checked(tmp_path: Path) -> None:
    path = str(support.write_recipe(tmp_path / "r.toml"))
    assert load_recipe(path, steps=None) == load_recipe(path)
    assert load_recipe(path, steps=99, rows=None).steps == 99
    with pytest.raises(BundleError, match="packs"):
        load_recipe(path, packs=("a", "b"))


def test_a_recipe_comes_back_from_its_mapping(tmp_path: Path) -> None:
    recipe = load_recipe(str(support.write_recipe(tmp_path / "r.toml", masked=0.2)))
    assert Recipe.from_mapping(recipe.to_mapping()) == recipe
    assert set(recipe.to_mapping()) == {f.name for f in dataclasses.fields(Recipe)}
