"""Knows which strings are English words, and which of them people disguise to get past a filter."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path

# The shipped model's word pieces: the 21,000 commonest words of English, commonest first.
_VOCABULARY = Path(__file__).resolve().parents[1] / "parley-small" / "vocab.txt"
_WORD = re.compile(r"[a-z]{2,}")

# The words that people disguise, commonest first, for few of them are among the commonest of
# English. Being here condemns nothing: it says that "f*ck" or "1d1ot" may be read as this word,
# and the model says what that is worth. With a "+" a word also takes the endings below.
_DISGUISED = """
fuck+ shit+ bitch+ ass asses cunt+ dick+ damn+ cock+ nigger+ faggot+ idiot+ stupid+ moron+ retard+
slut+ whore+ bastard+ asshole+ pussy pussies fag+ nigga+ dumb dumber dumbass+ kill+ die dies
murder+ rape+ rapist+ hate+ crap+ hell suck+ sucker+ motherfuck+ bullshit+ jackass+ douche+
douchebag+ prick+ twat+ wank+ arse+ arsehole+ bollock+ tit+ titty titties boob+ cum+ jizz jerk+
jerkoff blowjob+ dildo+ penis vagina anal anus porn+ sex+ sexy suicide+ kike+ spic+ chink+ gook+
coon+ wetback+ tranny trannies dyke+ homo+ queer+ paki+ raghead+ nazi+ hitler scum+ scumbag+
trash+ garbage vermin loser+ imbecile+ cretin+ dimwit+ halfwit+ nitwit+ dunce+ fool+ foolish
clown+ pig+ swine rat+ pathetic disgusting ugly fat worthless useless ignorant brainless braindead
dirt+ dirty filth filthy pervert+ pedo+ pedophile+ paedophile+ creep+ freak+ psycho+ lunatic+
insane crazy liar+ coward+ terrorist+ bomb+ shoot+ shot stab+ strangle+ hang+ burn+ beat+ punch+
choke+ torture+ execute+ racist+ sexist+ bigot+ deport+ exterminate+ lynch+ slave+ savage+ monkey+
ape+ parasite+ cockroach+ subhuman+ inferior degenerate+ hoe+ thot+ skank+ tramp+ bimbo+ cuck+
simp+ incel+ libtard+ fucktard+ shithead+ dickhead+ fuckhead+ shithole+ shitface+ fuckface+
dipshit+ horseshit batshit apeshit clusterfuck goddamn fucker+ stfu gtfo kys wtf fuk fuking fukin
fucken fuckin biatch beotch piss+ pissed turd+ fart+ poop+ butt+ butthole+ buttfuck+ balls
testicle+ scrotum nutsack ballsack handjob+ rimjob+ faggy lesbo+ muslim+ jew+ jewish gay+ negro+
negroes darkie+ cracker+ gypsy gypsies wog+ dago+ jap+ towelhead+ redskin+ mongoloid+ spastic+
cripple+ shut mouth
"""
_ENDINGS = ("ed", "er", "ers", "ing", "in", "y")
_DOUBLES = re.compile(r"(?:^|[^aeiou])[aeiou][bdgmnpt]$")
# Joined out of three letters only these: "U.S.A." and "e.g." are words too, if one looks hard.
SHORT = frozenset({"ass", "fag", "cum", "die", "kys", "sex", "fuk", "hoe", "tit", "fat", "gay"})

# Those that lose their apostrophe where letters are written one by one.
_CONTRACTED = """
arent aint cant couldnt didnt doesnt dont hadnt hasnt havent isnt ive shes shouldnt thats theyre
theres wasnt werent whats wont wouldnt youd youll youre youve
"""
_OFTEN_USED = 300

# Letters that one sign stands for are one letter here, so that a word is found in one look.
_MERGED = str.maketrans("lzv", "isu")
_SIGNS = {
    "0": "o", "1": "i", "2": "s", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b",
    "9": "g", "@": "a", "$": "s", "!": "i", "|": "i", "+": "t", "#": "h", "(": "c", "<": "c",
    "{": "c", "[": "c", "%": "x", "^": "a", "€": "e", "£": "i", "¢": "c", "¥": "y", "§": "s",
    "¡": "i", "†": "t", "°": "o",
}  # fmt: skip
_READ = str.maketrans(_SIGNS)
_READ_OTHERWISE = str.maketrans(_SIGNS | {"7": "i", "6": "b", "9": "p", "(": "i", "^": "u"})
SIGNS = frozenset(_SIGNS)

_LONGEST = 14
# Of one and two letters only these are words when letters are split into words.
_SHORT_WORDS = frozenset(
    (
        *("a", "i", "am", "an", "as", "at", "be", "by", "do", "go", "he", "if", "in", "is", "it"),
        *("me", "my", "no", "of", "oh", "ok", "on", "or", "so", "to", "up", "us", "we", "ur"),
    )
)
_MOST_RUNS = 6
_SHORTEST_STEM = 4
_FURTHER_WORD, _STRAY_LETTER = 6.0, 14.0
_MOSTLY = 0.8
_SHORTEST_MEAN = 2.4
# Of words of three letters only the commonest: the others are mostly abbreviations.
_COMMON = 5_000


@dataclass(frozen=True)
class Lexicon:
    """Words with their rank, and the disguised ones among them.

    `ranks` counts from the commonest word, 0, up; `disguised` are in the order of the list;
    `skeletons` finds a word by its letters after those that signs confuse were merged, `alike`
    the disguised ones of a first letter and a length, `stems` the lengths of those with the same
    beginning; `costs` are what a word costs in `split`.
    """

    ranks: dict[str, int]
    disguised: dict[str, int]
    skeletons: dict[str, str]
    alike: dict[tuple[str, int], list[str]]
    costs: dict[str, float]
    stems: dict[str, list[int]]

    def knows(self, word: str) -> bool:
        """Whether it is a word, in lower case."""
        return word in self.ranks

    def disguises(self, word: str) -> bool:
        """Whether it is a word that people disguise."""
        return word in self.disguised

    def stems_in(self, letters: str) -> Iterator[tuple[int, int]]:
        """Where disguised words of four letters and more begin and end in a longer one."""
        for begin in range(len(letters) - _SHORTEST_STEM + 1):
            for size in self.stems.get(letters[begin : begin + _SHORTEST_STEM], ()):
                if letters[begin : begin + size] in self.disguised:
                    yield begin, begin + size

    def behind_signs(self, token: str) -> str:
        """The word that digits and signs in a token stand for; "" if there is none."""
        for table in (_READ, _READ_OTHERWISE):
            found = self.skeletons.get(token.translate(table).translate(_MERGED))
            if found:
                return found
        return ""

    def behind_repeats(self, token: str) -> str:
        """The word whose letters were repeated; "" if there is none.

        Each run of like letters stands for one or two of them.
        """
        runs = [match.group() for match in re.finditer(r"(.)\1*", token)]
        long = sum(len(run) > 1 for run in runs)
        if long > _MOST_RUNS:
            once = "".join(run[0] for run in runs)
            return once if once in self.ranks else ""
        choices = [(run[0], run[0] * 2) if len(run) > 1 else (run,) for run in runs]
        found = ["".join(choice) for choice in product(*choices)]
        words = [word for word in found if word in self.ranks]
        return min(words, key=self._worst_first, default="")

    def behind_mask(self, pattern: str) -> str:
        """The first disguised word that fits a pattern in which "." hides one letter."""
        alike = self.alike.get((pattern[:1], len(pattern)), ())
        shown = [(place, char) for place, char in enumerate(pattern) if char != "."]
        return next((word for word in alike if all(word[at] == char for at, char in shown)), "")

    def _worst_first(self, word: str) -> tuple[bool, int]:
        return (word not in self.disguised, self.ranks[word])

    def split(self, letters: str) -> list[str]:
        """The likeliest words whose letters these are, run together; [] where few of them are any.

        The smallest sum of log-ranks decides (ranks follow Zipf's law), with a price for every
        further word and a high one for every letter that is in none.
        """
        cheapest = [0.0] + [math.inf] * len(letters)
        begun_at = [0] * (len(letters) + 1)
        for begin in range(len(letters)):
            spent = cheapest[begin]
            if spent + _STRAY_LETTER < cheapest[begin + 1]:
                cheapest[begin + 1], begun_at[begin + 1] = spent + _STRAY_LETTER, begin
            for end in range(begin + 1, min(len(letters), begin + _LONGEST) + 1):
                cost = self.costs.get(letters[begin:end])
                if cost is not None and spent + cost < cheapest[end]:
                    cheapest[end], begun_at[end] = spent + cost, begin
        words: list[str] = []
        end = len(letters)
        while end:
            words.append(letters[begun_at[end] : end])
            end = begun_at[end]
        known = [word for word in words if word in self.costs]
        inside = sum(map(len, known))
        is_text = inside >= max(_MOSTLY * len(letters), _SHORTEST_MEAN * len(known))
        return words[::-1] if is_text else []


def plain_signs(token: str) -> str:
    """A token with the letter that each digit and sign in it is likeliest to stand for."""
    return token.translate(_READ)


def is_short_word(word: str) -> bool:
    """Whether it is a word of one or two letters, in lower case."""
    return word in _SHORT_WORDS


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The words, read once; takes some 50 ms."""
    found = _VOCABULARY.read_text(encoding="utf-8").split("\n")
    common = [word for word in found if _WORD.fullmatch(word)]
    disguised = dict.fromkeys(_inflected(_DISGUISED.split()))
    ranks = {word: rank for rank, word in enumerate(common)}
    for word in disguised:
        ranks.setdefault(word, len(common) // 2)
    ranks |= {"a": 0, "i": 1} | dict.fromkeys(_CONTRACTED.split(), _OFTEN_USED)
    order = {word: place for place, word in enumerate(disguised)}
    skeletons: dict[str, str] = {}
    for word in [*disguised, *common, "a", "i"]:
        skeletons.setdefault(word.translate(_MERGED), word)
    alike: dict[tuple[str, int], list[str]] = {}
    for word in disguised:
        alike.setdefault((word[0], len(word)), []).append(word)
    stems: dict[str, list[int]] = {}
    for word in disguised:
        if len(word) >= _SHORTEST_STEM:
            sizes = stems.setdefault(word[:_SHORTEST_STEM], [])
            sizes += [] if len(word) in sizes else [len(word)]
    return Lexicon(ranks, order, skeletons, alike, _costs(ranks, order), stems)


def _costs(ranks: dict[str, int], disguised: dict[str, int]) -> dict[str, float]:
    """Log-ranks, and a price for every further word; of short words only those that are words."""
    costs = {
        word: math.log(rank + 2) + _FURTHER_WORD
        for word, rank in ranks.items()
        if len(word) > 3 or (len(word) == 3 and (rank < _COMMON or word in disguised))
    }
    return costs | dict.fromkeys(_SHORT_WORDS, _FURTHER_WORD)


def _inflected(listed: Sequence[str]) -> list[str]:
    """The words, each followed by its forms if it takes them."""
    forms: list[str] = []
    for word in listed:
        stem = word.rstrip("+")
        forms.append(stem)
        if word.endswith("+"):
            forms.append(stem + ("es" if stem.endswith(("s", "x", "z", "ch", "sh")) else "s"))
            base = stem.removesuffix("e")
            if _DOUBLES.search(stem):
                base += base[-1]
            forms += [base + ending for ending in _ENDINGS]
    return forms
