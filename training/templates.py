"""Knows sentences of our own that show what naming a group, or disagreeing, does not mean."""

from __future__ import annotations

import random

Targets = tuple[float, ...]

CLEAN: Targets = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
INSULTING: Targets = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
HATEFUL: Targets = (1.0, 0.0, 0.0, 0.0, 1.0, 1.0)
THREATENING: Targets = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

_ADJECTIVES = (
    "gay", "lesbian", "bisexual", "transgender", "queer", "straight", "Black", "white", "Asian",
    "African", "Latino", "Mexican", "Chinese", "Indian", "Arab", "Turkish", "Polish", "Romani",
    "Muslim", "Jewish", "Christian", "Hindu", "Buddhist", "atheist", "Catholic", "deaf", "blind",
    "disabled", "autistic", "Native American", "Palestinian", "Israeli", "Russian", "Ukrainian",
    "homosexual", "older", "immigrant", "refugee", "Pakistani", "Nigerian", "Japanese", "Somali",
)  # fmt: skip
_PEOPLE = (
    "man", "woman", "person", "student", "teacher", "nurse", "parent", "neighbour", "writer",
    "father", "mother", "doctor", "boy", "girl", "couple", "family",
)  # fmt: skip
_GROUPS = (
    "gay people", "lesbians", "trans people", "Muslims", "Jews", "Christians", "Hindus", "atheists",
    "Black people", "white people", "Asian people", "Arabs", "Mexicans", "immigrants", "refugees",
    "women", "men", "disabled people", "deaf people", "autistic people", "Chinese people",
    "Indians", "Africans", "Roma", "Palestinians", "Israelis", "homosexuals", "old people",
)  # fmt: skip
_NAMES = (
    "Shital", "Nishit", "Dikshit", "Fuchs", "Hardik", "Phuc", "Wang", "Muhammad", "Mehmet", "Olga",
    "Kimberly", "Jamal", "Siobhan", "Yusuf", "Ngozi", "Ana", "Gaylord", "Titus", "Assad", "Dick",
)  # fmt: skip

_NEUTRAL_ONE = (
    "I am a {a} {p}.", "I'm a {a} {p} and I live in the city centre.", "My friend is a {a} {p}.",
    "As a {a} {p}, I found this article helpful.", "She grew up in a {a} family.",
    "He is a proud {a} {p}.", "A {a} {p} was elected to the council yesterday.",
    "Being a {a} {p} here is not always easy.", "The author is a {a} {p} from Leeds.",
    "My best friend is {a}.", "I am {a}.", "We are a {a} couple with two children.",
    "Nobody should be treated worse for being {a}.", "The {a} community is organising a concert.",
)  # fmt: skip
_NEUTRAL_MANY = (
    "I have many friends who are {g}.", "{g} deserve the same rights as everyone else.",
    "There is a long history of discrimination against {g}.", "The report is about {g} at work.",
    "Hating {g} is wrong.", "It is not acceptable to say that {g} are worth less.",
    "Some people still believe bad things about {g}, and that makes me sad.",
    "How many {g} live in this country?", "I love how {g} have shaped this town.",
    "Laws that protect {g} were passed last year.", "Why do so few {g} stand for election?",
)  # fmt: skip
_HATEFUL = (
    "All {g} are disgusting.", "I hate {g}.", "{g} are vermin and should leave.",
    "{g} are all stupid criminals.", "We should get rid of all {g}.", "Nobody wants {g} here.",
    "{g} are less than human.", "Typical, {g} ruin everything, filthy animals.",
)  # fmt: skip
_THREATS = (
    "I will kill you.", "I am going to find you and hurt you.", "I hope someone shoots you.",
    "Someone should burn your house down.", "You will be dead by tomorrow.",
    "I know where you live and I am coming for you.", "I'll smash your head in.",
    "Watch your back, I will beat you up.", "You deserve to be stabbed.",
    "Say that again and I will break your legs.", "I will murder your family.",
    "They should hang the {t}.", "Somebody ought to put a bullet in the {t}.",
)  # fmt: skip
_NO_THREATS = (
    "This traffic is killing me.", "The new album is to die for.", "That joke killed me.",
    "I could murder a sandwich right now.", "The team got destroyed in the second half.",
    "How do I kill a process in Linux?", "The film is about a man who kills his brother.",
    "He shot a wonderful photo of the burning sunset.", "The bomb was found and made safe.",
    "I hope the goalkeeper does not break his leg again.", "We will fight this plan in court.",
)  # fmt: skip
_INSULTS = (
    "idiot", "moron", "fool", "imbecile", "liar", "loser", "clown", "coward", "pig", "halfwit",
)  # fmt: skip
_INSULTING = (
    "You are a stupid {i}.", "What a pathetic {i} you are.", "Shut up, you {i}.",
    "The {t} is a complete {i}.", "Only an {i} like you would write this, nobody likes you.",
    "You {i}, go away.", "Are you really such an {i}?", "Everyone knows you are an ugly {i}.",
)  # fmt: skip
_TARGETS = (
    "minister", "mayor", "president", "author", "referee", "council", "editor", "judge", "company",
    "government", "reporter", "bank",
)  # fmt: skip
_CRITICAL = (
    "This policy is terrible and the {t} should resign.", "The {t} has failed us badly.",
    "I strongly disagree with the {t}.", "What a poor decision by the {t}.",
    "The {t} is wrong about this and should apologise.", "This article is badly researched.",
    "I don't believe a word the {t} says.", "This is the worst plan I have seen in years.",
    "The {t} wasted our money again.", "I am angry about what the {t} did to our schools.",
    "Sorry, but that argument makes no sense.", "The {t} ought to be ashamed of this mess.",
    "Your figures are wrong, please check the source.", "I hated this film, it was boring.",
    "He called her a stupid {i}, which was out of line.",
    "Please do not call other people {i}s here.", "In 1932 the paper printed the word '{i}'.",
)  # fmt: skip
_FRIENDLY = (
    "Thank you for this, {n}!", "{n} explained it very well.", "I agree with {n} above.",
    "Could {n} say more about the budget?", "Well written, {n}, I learned a lot.",
    "My colleague {n} wrote about this last year.", "Congratulations to {n} and the team.",
)  # fmt: skip


def templated(rng: random.Random) -> list[tuple[str, Targets]]:
    """Fill the sentences in; returns (text, six targets), about a thousand, no two alike."""
    made: dict[str, Targets] = {}

    def fill(patterns: tuple[str, ...], targets: Targets, times: int) -> None:
        for pattern in patterns:
            for _ in range(times):
                made[_filled(pattern, rng)] = targets

    fill(_NEUTRAL_ONE, CLEAN, 24)
    fill(_NEUTRAL_MANY, CLEAN, 14)
    fill(_CRITICAL, CLEAN, 8)
    fill(_NO_THREATS, CLEAN, 1)
    fill(_FRIENDLY, CLEAN, 12)
    fill(_HATEFUL, HATEFUL, 14)
    fill(_INSULTING, INSULTING, 10)
    fill(_THREATS, THREATENING, 6)
    return list(made.items())


def _filled(pattern: str, rng: random.Random) -> str:
    text = pattern.format(
        a=rng.choice(_ADJECTIVES),
        p=rng.choice(_PEOPLE),
        g=rng.choice(_GROUPS),
        i=rng.choice(_INSULTS),
        t=rng.choice(_TARGETS),
        n=rng.choice(_NAMES),
    )
    text = text[0].upper() + text[1:]
    for vowel in "AEIOUaeiou":
        text = text.replace(f" a {vowel}", f" an {vowel}")
    for letter in "bcdfghjklmnpqrstvwxyz":
        text = text.replace(f" an {letter}", f" a {letter}")
    # Comments come in every state of care.
    style = rng.random()
    return text.lower() if style < 0.3 else text.rstrip(".") if style < 0.5 else text
