"""Who is registered: when, at which site, and what is known of them before treatment."""

from dataclasses import dataclass

from core.simulate.days import day_of
from core.simulate.dice import Dice, quantile
from core.simulate.recipe import Recipe, Site


@dataclass(frozen=True)
class Subject:
    """Who is registered: the days of consent, of registration and when the first dose is due, and what was drawn.

    `frailty` is standard normal; `performance` is the status at baseline; `others` are the characteristics.
    """

    USUBJID: str
    number: int
    site: Site
    consent: int
    enrolled: int
    due: int
    frailty: float
    age: int
    performance: int
    others: dict[str, str]


def register(dice: Dice, recipe: Recipe, count: int, cut: int) -> list[Subject]:
    """Register subjects between the opening of their site and the data cut, numbered in that order.

    Parameters
    ----------
    dice : Dice
        The stream to draw from.
    recipe : Recipe
        Sites, age, performance status and characteristics.
    count : int
        How many.
    cut : int
        The day of the data cut.

    Examples
    --------
    >>> from core.simulate.recipe import read
    >>> recipe = read("data/cabazitaxel")[1]
    >>> people = register(Dice(1, "subjects"), recipe, count=3, cut=20_000)
    >>> [subject.number for subject in people], people[0].enrolled <= people[-1].enrolled <= 20_000
    ([1, 2, 3], True)
    """
    sites = [dice.pick(recipe.sites, [site.weight for site in recipe.sites]) for _ in range(count)]
    days = [dice.whole(day_of(site.opened), cut) for site in sites]
    width = max(3, len(str(count)))
    people = []
    for number, (day, site) in enumerate(sorted(zip(days, sites, strict=True), key=lambda pair: pair[0]), 1):
        frailty = dice.normal()
        people.append(
            Subject(
                USUBJID=f"{recipe.prefix}-{site.SITEID}-{number:0{width}}",
                number=number,
                site=site,
                consent=day - dice.whole(1, 12),
                enrolled=day,
                due=day + dice.whole(5, 18),
                frailty=frailty,
                age=min(max(int(recipe.age.mean + recipe.age.sd * dice.normal()), recipe.age.least), recipe.age.most),
                performance=quantile(dice.tied(frailty, recipe.frailty), recipe.performance.weights),
                others={each.variable: dice.pick(each.values, each.weights) for each in recipe.characteristics},
            )
        )
    return people
