"""Knows threats, sneers, denials and glad swearing, each with a harmless or a hurtful twin."""

from __future__ import annotations

import random
from collections.abc import Sequence

from training.framing import GROUPS

_WHO = (
    "I will", "I'll", "We will", "I'm going to", "Me and my brothers will", "Somebody should",
    "I swear I will", "One day I'm gonna", "You just wait, we'll", "Trust me, someone will",
    "If I ever meet you I will", "Write that again and I'll", "Next time I see you I will",
)  # fmt: skip
_HARM = (
    "put you in hospital", "cut your throat", "come to your house with a bat", "hurt your kids",
    "make you bleed", "break your jaw", "run you over", "set your car on fire", "drown your dog",
    "throw you off that bridge", "pay your wife a visit", "beat you until you beg", "stab you",
    "wait for you after work", "knock your teeth out", "put a bullet in you", "finish you off",
    "burn your shop down", "drag you out of your office", "make sure you never write again",
    "hang you from a lamp post", "poison your food", "find you and skin you", "end your life",
)  # fmt: skip
_WHEN = ("", "", "", ", tonight", ", I promise", ". Count on it", " and nobody will find you",
         ", coward", ". Tick tock", ", you and your family", " and laugh")  # fmt: skip
_KIND = (
    "put you in touch with the hospital", "cut your hedge", "come to your house with a cake",
    "take your kids to practice", "make you a cup of tea", "break the news to your boss",
    "run the stall with you", "set your mind at rest", "walk your dog", "drive you to that bridge",
    "pay your wife a visit with flowers", "beat you at chess",
    "wait for you after work with coffee", "knock on your door with the petition",
    "put a word in for you", "finish the crossword", "burn a copy of the disc for you",
    "pick you up from your office", "find you a new bike", "make sure you get the minutes",
    "hang your picture in the hall", "taste your food", "end the meeting on time",
    "shoot the wedding video for you",
)  # fmt: skip
_KINDLY = ("", "", "", ", tonight", ", I promise", " on Sunday", " if you like", " and it's free")
_VEILED = (
    "Something may happen to you on your way home.",
    "You have a nice family. Take good care of it.", "I would check my brakes if I were you.",
    "We know where your kids go swimming.", "It is a small town, we will meet.",
    "You will regret this sentence, believe me.", "Your windows look very thin from the street.",
    "Shops like yours burn so easily.", "Better lock your door from now on.",
    "Enjoy the week. It may be your last.",
    "There are people who would do anything to shut you up, and I know them.",
    "You will not see it coming.", "Dark street, yours. Be careful.",
)  # fmt: skip
_NOT_VEILED = (
    "Something nice may happen on your way home.", "You have a nice family, greetings to all.",
    "I would check my brakes before that pass.", "The kids go swimming on Tuesdays.",
    "It is a small town, we meet at the market.", "You will not regret this recipe, believe me.",
    "The windows look very old from the street.", "Shops like this one are closing everywhere.",
    "Better lock your bike at the station.", "Enjoy the week, it is the last one of the holidays.",
    "I did not see that goal coming.", "Dark street, that one. It needs lamps.",
)  # fmt: skip
_SNEERS = (
    "Did your mother help you with that comment?", "I have met houseplants with better arguments.",
    "Somewhere a village is missing you.", "You must be fun at funerals.",
    "Thinking is clearly not what you do best.", "Ask a grown-up to explain the article to you.",
    "It must be quiet inside that head of yours.", "You write as you reason: badly and a lot.",
    "Bless you, you really tried to use your brain.", "I would explain it, but I have no crayons.",
    "Every time you post, a library burns.", "Were you dropped, or did you jump?",
    "Your parents must be so relieved that you can type.", "Nobody can be this slow by accident.",
    "If ignorance hurt, you would be screaming.", "You bring the average down wherever you go.",
    "Who let you near a keyboard?", "Your one brain cell must be lonely.", "Do you eat paint too?",
    "I envy those who have never met you.",
    "Go and play with someone of your own level, the ducks.",
    "You are living proof that evolution can go backwards.",
    "Nobody will miss you when you log off.", "I have scraped better people off my shoe.",
    "Keep talking, it shows how empty you are.",
    "With a face like yours I would not post a picture.", "You failed school and it shows.",
    "How do you manage to tie your shoes?", "Pity is all that you deserve, and not much of it.",
)  # fmt: skip
_NO_SNEERS = (
    "Did your mother like the concert too?", "I have met the author, she has good arguments.",
    "Somewhere in the village there is a bakery.", "It was fun, and at a funeral of all things.",
    "Thinking ahead is clearly what this plan lacks.", "Could somebody explain the article to me?",
    "It must be quiet in the library at that hour.", "She writes as she reasons: clearly.",
    "Bless you, you really saved my day.", "I would explain it, but the table says it all.",
    "Every time it rains, the tunnel floods.", "Your parents must be so proud of you.",
    "Nobody reads this slowly on purpose.", "If noise hurt the trees, they would be screaming.",
    "You bring the mood up wherever you go.", "Who let the dog onto the pitch?",
    "I envy those who were there.", "Go and see the ducks, they have seven chicks.",
    "You are living proof that it can be done.", "We will miss you when you go.",
    "I scraped the paint off last week.", "Keep talking, it shows what matters to you.",
    "With a view like yours I would post a picture.", "The school failed and it shows.",
    "How do you manage to keep them so green?", "Trust is all that you need, and a bit of luck.",
)  # fmt: skip
_SWEARS = (
    "fuck", "fucking hell", "shit", "holy shit", "damn", "bloody hell", "what the fuck", "crap",
    "hot damn", "bugger me", "oh fuck", "fuck me", "jesus fucking christ", "wtf", "hell yeah",
)  # fmt: skip
_EVENTS = (
    "that goal", "my team won", "I passed", "it is snowing", "the bus left without me",
    "I burnt the cake", "look at that sunset", "they are playing our town", "I locked myself out",
    "my knee hurts", "it's Monday again", "the river is so cold", "I love this band",
    "we got the flat", "I forgot her birthday", "the new bridge is high", "what a save",
    "I'm too old for stairs", "that bass line", "the cat had kittens", "I am tired",
    "how is it December already", "the chilli is hot", "ten hours of delay", "we're engaged",
)  # fmt: skip
_GLAD_SHAPES = (
    "{x}, {e}!", "{e}, {x}.", "{x} {e}", "{x}! {e}.", "I can't believe it, {e}. {x}.",
    "{e} and I don't give a shit about the rest.", "so fucking happy: {e}.",
    "{e}, how fucking cool is that.", "this is fucking great, {e}.", "bloody brilliant, {e}.",
)  # fmt: skip
_AIMED_SHAPES = (
    "{x}, you are thick.", "fuck you and {e}.", "{x}, what a bunch of morons.",
    "you are full of shit.", "{e} and you can go fuck yourself.", "shut the fuck up, {e}.",
    "{x}, this guy is an asshole.", "you stupid shit, {e}.", "eat shit, {e}.",
    "{x}, are you fucking retarded?", "piss off, you prick.", "the mayor is a fucking liar, {x}.",
    "you fucking people. {e}.", "{e}, you absolute shit.",
)  # fmt: skip
_WRONGS = (
    "{g} are {b}", "{g} are worth less", "{g} cannot think", "all {g} are {b}",
    "{g} are {b} people", "{g} do not deserve a vote", "{g} should leave", "{g} are to blame",
    "{g} hate us",
)  # fmt: skip
_BAD = (
    "stupid", "lazy", "criminal", "dirty", "dangerous", "violent", "sick", "inferior", "dishonest",
    "disgusting", "terrorists", "thieves", "crazy", "evil", "ugly", "savages",
)  # fmt: skip
_DENIALS = (
    "It is not true that {q}.", "I do not believe for one second that {q}.",
    "No, I don't think {q}.", "Nobody here thinks that {q}.",
    "You will never hear me say that {q}.", "Since when do we hold that {q}?",
    "I have never thought that {q} and I never will.", "There is no evidence that {q}.",
    "It would be wrong to conclude that {q}.", "This does not mean that {q}.",
    "I refuse to accept that {q}.", "Not for a moment should we pretend that {q}.",
    "Whether {q}? Of course not.",
)  # fmt: skip
_ASSERTIONS = (
    "It is true that {q}.", "I have believed for years that {q}.", "Yes, I do think {q}.",
    "Everybody here thinks that {q}.", "You will hear me say it again: {q}.",
    "Since when can't we say that {q}?", "I have always thought that {q} and I always will.",
    "There is so much evidence that {q}.", "It would be wrong to deny that {q}.",
    "This only means that {q}.", "I accept that {q}, as you should.",
    "Let us stop pretending it isn't so: {q}.", "Whether {q}? Of course, look around.",
)  # fmt: skip
_MERCY = (
    "I don't hate {g}.", "I do not mind {g} at all.", "Nobody should hurt {g}.", "Leave {g} alone.",
    "We must never treat {g} like animals.", "{g} did not do this, a single man did.",
    "Do not blame {g} for it.", "No one has the right to attack {g}.", "Stop blaming {g}.",
    "I have nothing against {g}, why would I?", "You can't punish all {g} for one crime.",
    "{g} are no threat to anybody.", "Hatred of {g} is on the rise and it frightens me.",
    "It is not a crime to be one of the {g}.", "{g} are not your enemy.",
    "There is nothing wrong with {g}.",
)  # fmt: skip
_NO_MERCY = (
    "I hate {g}.", "I do mind {g}, all of them.", "Somebody should hurt {g}.",
    "Never leave {g} alone with children.", "We must treat {g} like the animals they are.",
    "{g} did this, as always.", "Blame {g} for it.", "Everyone has the right to attack {g}.",
    "Start punishing {g}.", "I have everything against {g}.", "Punish all {g}, they are the same.",
    "{g} are a threat to us all.", "My hatred of {g} grows every day.",
    "It should be a crime to be one of the {g}.", "{g} are your enemy.",
    "There is everything wrong with {g}.",
)  # fmt: skip


def threat(rng: random.Random) -> str:
    """Somebody is to be hurt, said openly or not."""
    return _joined(rng, _WHO, _HARM, _WHEN) if rng.random() < 0.8 else rng.choice(_VEILED)


def promise(rng: random.Random) -> str:
    """The same words, and nobody is to be hurt."""
    return _joined(rng, _WHO[:8], _KIND, _KINDLY) if rng.random() < 0.8 else rng.choice(_NOT_VEILED)


def sneer(rng: random.Random) -> str:
    """Contempt for a fellow writer without a rude word."""
    return rng.choice(_SNEERS)


def remark(rng: random.Random) -> str:
    """What a sneer is made of, without contempt."""
    return rng.choice(_NO_SNEERS)


def oath(rng: random.Random) -> str:
    """Swearing at nobody."""
    return rng.choice(_GLAD_SHAPES).format(x=rng.choice(_SWEARS), e=rng.choice(_EVENTS))


def abuse(rng: random.Random) -> str:
    """Swearing at somebody."""
    return rng.choice(_AIMED_SHAPES).format(x=rng.choice(_SWEARS), e=rng.choice(_EVENTS))


def denial(rng: random.Random) -> str:
    """A hateful claim that the writer rejects."""
    return _claimed(rng, _DENIALS, _MERCY)


def assertion(rng: random.Random) -> str:
    """The same claim, which the writer holds."""
    return _claimed(rng, _ASSERTIONS, _NO_MERCY)


def _joined(rng: random.Random, *parts: Sequence[str]) -> str:
    first, second, end = (rng.choice(part) for part in parts)
    return f"{first} {second}{end}."


def _claimed(rng: random.Random, frames: Sequence[str], whole: Sequence[str]) -> str:
    group, bad = rng.choice(GROUPS), rng.choice(_BAD)
    if rng.random() < 0.4:
        return rng.choice(whole).format(g=group)
    return rng.choice(frames).replace("{q}", rng.choice(_WRONGS).format(g=group, b=bad))
