"""What the criteria agree on, in words that do not say more than they do."""

from __future__ import annotations

from collections.abc import Iterable

from em import Kind

from .candidate import Candidate
from .standing import Standing

_NUMBERS = ("no", "one", "two", "three", "four", "five")


def agreement(standings: tuple[Standing, ...]) -> tuple[int, ...]:
    """Return the K that no criterion speaks against, in ascending order."""
    sets = [set(standing.contenders) for standing in standings if standing.speaks]
    return tuple(sorted(set.intersection(*sets))) if sets else ()


def agree(standings: tuple[Standing, ...]) -> bool | None:
    """Return whether all criteria are content with the same one K; ``None`` when they leave it open or are in doubt."""
    common = agreement(standings)
    speaking = tuple(standing for standing in standings if standing.speaks)
    if len(common) > 1 or not speaking or _doubtful(speaking):
        return None
    return len(common) == 1


def sentence(standings: tuple[Standing, ...], tried: tuple[int, ...]) -> str:
    """Return what each criterion takes, and what all agree on; provisional when some of it is not to be trusted."""
    if len(tried) == 1:
        return f"Only K = {tried[0]} was tried: there is nothing to choose between."
    speaking = tuple(standing for standing in standings if standing.speaks)
    votes = _votes(speaking)
    if _doubtful(speaking):
        votes = f"Provisionally (see the warnings): {votes}"
    edge = any(standing.best == max(tried) for standing in speaking)
    return f"{votes} Try more than {max(tried)}, which some take." if edge else votes


def without_bound(standings: tuple[Standing, ...], candidates: tuple[Candidate, ...]) -> str | None:
    """Return why no criterion can choose, where one would take a K at which rounding leaves the density without bound."""
    unbounded = {each.components: each.unbounded[0] for each in candidates if each.unbounded}
    taken = {k for standing in standings if standing.speaks for k in standing.contenders}
    if not taken & set(unbounded):
        return None
    first = unbounded[min(unbounded)]
    what = "Repeated values" if first.kind is Kind.REPEATED else "Rounded data"
    why = (
        f"a component draws together on one value of {first.column!r}"
        if first.kind is Kind.REPEATED
        else f"a component is narrower than half a step of {first.column!r}, which is recorded in steps of {first.step:.4g}"
    )
    sound = [each.components for each in candidates if not each.unbounded]
    remedy = "model that value apart" if first.kind is Kind.REPEATED else "take values that are recorded more finely"
    rest = f", or compare K = {_listed(sound)} alone" if len(sound) > 1 else ""
    return (
        f"{what}: densities are unbounded, and no criterion can choose. At K = {_listed(sorted(unbounded))} {why}, and more "
        f"components would fit the record better and better: {remedy}{rest}."
    )


def caveats(standings: tuple[Standing, ...]) -> list[str]:
    """Return what is missing and what is not to be trusted, one sentence each."""
    missing = [
        f"{_capital(_listed(names))} {'is' if len(names) == 1 else 'are'} missing at K = {_listed(ks)}."
        for ks, names in _grouped(standings, "missing")
    ]
    doubtful = [
        f"Do not trust {_listed(names)} at K = {_listed(ks)}: see the warnings."
        for ks, names in _grouped(standings, "doubtful")
    ]
    return missing + doubtful


def _doubtful(standings: tuple[Standing, ...]) -> bool:
    """Return whether a K that is in question has a value that is not to be trusted."""
    return any(set(standing.doubtful) & set(standing.contenders) for standing in standings)


def _votes(standings: tuple[Standing, ...]) -> str:
    common = agreement(standings)
    clear = {standing.contenders for standing in standings}
    if len(clear) == 1 and len(common) == 1:
        count = _NUMBERS[len(standings)]
        return f"All {count} criteria take {_components(common[0])}."
    clauses = "; ".join([*_takers(standings), *_undecided(standings)])
    if not common:
        return f"The criteria disagree: {clauses}."
    clauses = _capital(clauses)
    if len(common) == 1:
        return f"{clauses}. None speaks against {common[0]}."
    return f"{clauses}. Between {_listed(common)} the data do not decide."


def _takers(standings: tuple[Standing, ...]) -> list[str]:
    """Say who takes what without doubt, the largest party first."""
    parties: dict[int, list[str]] = {}
    for standing in standings:
        if len(standing.contenders) == 1:
            parties.setdefault(standing.best, []).append(standing.name)
    largest_first = sorted(parties.items(), key=lambda party: (-len(party[1]), party[0]))
    return [
        f"{_listed(names)} {'takes' if len(names) == 1 else 'take'} {_components(k) if i == 0 else k}"
        for i, (k, names) in enumerate(largest_first)
    ]


def _undecided(standings: tuple[Standing, ...]) -> list[str]:
    return [_cannot_tell(standing) for standing in standings if len(standing.contenders) > 1]


def _cannot_tell(standing: Standing) -> str:
    ks = standing.contenders
    worst = max(ks, key=lambda k: standing.behind[k])
    size = standing.errors.get(worst, 0.0)
    error = f" ± {size:.1f}" if size >= 0.05 else f" ± {size:.1g}" if size else ""
    difference = f"{standing.behind[worst]:.1f}{error}"
    if len(ks) == 2:
        return f"{standing.name} cannot tell {ks[0]} from {ks[1]} (difference {difference})"
    return f"{standing.name} cannot tell {_listed(ks)} apart (differences up to {difference})"


def _grouped(standings: tuple[Standing, ...], what: str) -> Iterable[tuple[tuple[int, ...], list[str]]]:
    groups: dict[tuple[int, ...], list[str]] = {}
    for standing in standings:
        if ks := getattr(standing, what):
            groups.setdefault(ks, []).append(standing.name)
    return groups.items()


def _components(k: int) -> str:
    return f"{k} component{'' if k == 1 else 's'}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _listed(items: Iterable[object]) -> str:
    *first, last = map(str, items)
    return f"{', '.join(first)} and {last}" if first else last
