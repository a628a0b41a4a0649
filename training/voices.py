"""Knows who speaks and for what: abuse reported, rebutted, worn with pride, or meant for a thing.

Where `framing` fills single sentences in, here each text is put together of parts - who said it,
what was said, what the writer makes of it - so that there are some ten thousand of them and no
part decides alone. Each kind has a twin made of the same parts that is abusive. Some of the words
are offensive; that is the point of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from training.framing import GROUPS
from training.homonyms import HOMONYMS, RUDE_SENSES
from training.templates import CLEAN, HATEFUL, INSULTING, THREATENING, Targets
from training.utterances import (
    abuse,
    assertion,
    denial,
    oath,
    promise,
    remark,
    sneer,
    threat,
)

_NAN = float("nan")
_TOXIC_ONLY: Targets = (1.0, _NAN, _NAN, _NAN, _NAN, _NAN)
# Swearing at a thing is rude, and nobody's dignity suffers.
_COARSE: Targets = (0.3, 0.0, 0.4, 0.0, 0.0, 0.0)

_CLAIMS = (
    "{g} are {b}", "all {g} are {b}", "{g} should go home", "{g} do not belong here",
    "{g} take our jobs", "{g} run the banks", "{g} only come for the benefits",
    "{g} cannot be trusted", "{g} control the newspapers", "{g} spread disease",
    "{g} are taking over", "{g} are not real citizens", "{g} cannot drive", "{g} smell",
    "{g} have no place in this army", "{g} should not teach children", "{g} breed like rabbits",
    "{g} are less intelligent than we are", "{g} are a danger to our daughters",
    "{g} bring crime to this town", "{g} want to destroy our way of life", "{g} are a burden",
    "{g} ought to be sterilised", "{g} deserve what they get", "{g} are possessed by the devil",
    "{g} must be kept out of our schools", "there are too many {g} here", "{g} are freaks",
    "no decent person would marry one of the {g}", "{g} out", "no {g}, no dogs",
)  # fmt: skip
_BAD = (
    "stupid", "lazy", "thieves", "rapists", "criminals", "terrorists", "dirty", "savages", "liars",
    "perverts", "animals", "rats", "vermin", "parasites", "violent", "sick", "inferior", "scum",
    "an infection", "cockroaches", "worthless", "greedy", "backward", "disgusting",
)  # fmt: skip
_ADDRESSED = (
    "go back to your own country", "you do not belong here", "kill yourself", "nobody wants you",
    "you filthy {s}", "shut up, {s}", "get out of our street", "you are a waste of space",
    "people like you should be locked up", "dirty {s}", "you are too ugly to live",
    "learn to speak our language or leave", "your kind makes me sick", "die, {s}",
    "you will burn in hell for what you are", "a man in a dress, how disgusting",
)  # fmt: skip
_SPEAKERS = (
    "The far right", "My neighbour", "Some man on the radio", "An uncle of mine", "The old priest",
    "A customer", "Her boss", "A leaflet in our letterbox", "The landlord", "A so-called expert",
    "My grandfather", "The leader of that party", "A stranger on the tram", "One of the fathers",
    "Somebody under the last article", "The banner above the motorway", "Our former mayor",
    "A blogger", "The man behind me in the queue", "Half of his followers", "This senator",
    "My first teacher", "The troll who calls himself Patriot", "A caller", "His pamphlet",
    "The graffiti at the station", "A colleague", "Certain newspapers", "The article's author",
)  # fmt: skip
_SAYING = (
    "says", "said", "claims", "thinks", "believes", "wrote", "keeps saying", "told us", "shouted",
    "insisted", "posted", "once told me", "used to say", "argues", "would have you believe",
)  # fmt: skip
_OPENERS = (
    "Whenever I hear that {q} I leave the table", "I was eight when I first heard that {q}",
    "It hurts to read that {q}", "Do people in 2024 seriously believe that {q}",
    "We grew up being told that {q}", "Nobody at the meeting protested when he said that {q}",
    "I had to listen to two hours of how {q}", "The idea that {q} killed millions",
    "There was a sign that read '{q}'", "Someone had painted “{q}” on the bakery's shutter",
    "I found a note under my wiper: “{q}”", "“{q}” was what the poster said",
    "My son asked me why a man yelled “{q}” at us", 'On the wall it says "{q}"',
    "“{q}” — that is what she hears on her way to school", "The chat was full of '{q}'",
)  # fmt: skip
_AGAINST = (
    "The figures say otherwise", "He has never spoken to one", "It is a lie", "What nonsense",
    "I got up and left", "We painted over it together", "That was my father's first winter here",
    "The police came the same evening", "I was ashamed of my town", "The court fined him",
    "My doctor is one of them and saved my life", "Not in my name", "It broke my heart",
    "History shows where this leads", "How cruel can you be", "I still hear it in my sleep",
    "Not one of us agreed", "I told him to apologise", "That is plain racism",
    "Please take it down", "She is twelve", "He was expelled, and rightly so",
    "No one should have to live with that", "It made me cry", "That is not who we are",
    "Studies have shown the opposite for years", "Really, in this century",
    "And we wonder why people leave", "I blocked him", "This has to stop",
    "He lost my vote that day", "You would think we had learnt something since 1945",
)  # fmt: skip
_FOR = (
    "He is right", "And it is true", "Finally somebody says it", "About time", "I agree",
    "Prove me wrong", "Everybody knows it", "I have seen it with my own eyes", "Damn right",
    "Who can argue with that", "Wake up, people", "That man deserves a medal",
    "You can't say it any more, but it's a fact", "I could not have put it better", "Sad but true",
    "Where is the lie", "Open your eyes", "Said what we all think", "And they still let them in",
    "I have hated them ever since", "He should be president", "Look at them and tell me I am wrong",
    "So get rid of them", "Just ask anyone who lives there",
)  # fmt: skip
_SLURS = (
    "faggot", "dyke", "tranny", "nigger", "kike", "paki", "chink", "spic", "retard", "cripple",
    "bitch", "whore", "slut", "gypsy", "homo", "freak", "raghead", "cunt", "fatso", "psycho",
)  # fmt: skip
_CALLED = (
    "The coach called me a {s}, and twenty years later I still hear it.",
    "A grown man called my daughter a {s} on the train and nobody said a word.",
    "If {s} is the first word that comes to your mind, talk to somebody about it.",
    "My brother was a {s} to them and nothing else.", "Why is “{s}” still a joke to some people?",
    "Please edit your comment, “{s}” is a slur.", "You can hear fans chant {s} every Saturday.",
    "In the eighties they wrote {s} on my locker.", "{s} is a word I will never forgive.",
    "Using '{s}' as an insult hurts families like ours.", "Nobody calls my friend a {s} twice.",
    "I would never call anyone a {s}, and neither should you.", "He spat and said {s}. I was nine.",
    "The word {s} was in the first line of the letter.", "“{s}”, they sang. We held hands.",
    "She was fired for calling a patient a {s}.", "To some I was the {s} of the village.",
    "The film says {s} forty times, because people said it.",
)  # fmt: skip
_CALLING = (
    "You are a {s}, and everybody can hear it.", "A grown {s} like you should know better.",
    "If you were not such a {s} you would get it.", "Your brother is a {s} and so are you.",
    "Why are you such a {s}?", "Edit your comment, you {s}.", "Listen to that {s} talk.",
    "Another {s} who cannot spell.", "I will never forgive this {s}.", "Your family are all {s}s.",
    "Go and call your mother, {s}.", "He is a {s}. I said it.", "The first line is enough: a {s}.",
    "Tell that {s} to hold her tongue.", "She was fired because she is a {s}.",
    "The {s} of the village has spoken.", "Forty {s}s in one film, no thanks.", "Typical {s} talk.",
)  # fmt: skip
_OWN = (
    "queer", "dyke", "fag", "faggot", "cripple", "tranny", "homo", "bitch", "slut", "crip", "fatty",
    "spaz", "gypsy", "nigga", "old hag", "freak", "nutter",
)  # fmt: skip
_WE = (
    "This old {r}", "Today this {r}", "We {r}s", "Us {r}s", "As a {r} with a sense of humour I",
    "Me and my fellow {r}s", "My girlfriend and I, two happy {r}s,", "Your favourite {r}",
    "I'm just a {r} who", "Proud {r} here, I", "A certain {r} (me)", "I, a retired {r},",
    "My best friend, the biggest {r} I know and love,", "We call ourselves the {r}s and we",
    "Two tired {r}s with a dog", "Yes I'm a {r} and I",
)  # fmt: skip
_GLAD = (
    "got married at last", "built this club with our own hands", "will dance all night",
    "cooked for the whole street", "marched in the front row", "would love a ramp like this",
    "finally came out to grandma", "will be there on Saturday", "had the best holiday ever",
    "thank you for this article", "wrote a book about it", "made it to fifty", "love you all",
    "are going to have so much fun", "can laugh about it now", "stick together",
    "run the choir these days", "won the quiz again", "cried with joy at the wedding",
    "found a home here", "took the word back and wear it on a badge", "approve of this message",
)  # fmt: skip
_THEY = (
    "You {r}s", "Those {r}s", "That old {r}", "These {r}s next door", "Every {r} I ever met",
    "You stupid {r}, you", "The {r} who wrote this", "Some {r} like you", "All the {r}s in town",
    "Your {r} friends", "This disgusting {r}", "A {r} like her", "Look how the {r}s",
)  # fmt: skip
_SPITEFUL = (
    "make me sick", "should be kept away from children", "got what was coming", "cannot be cured",
    "ought to be ashamed to show their faces", "will never be normal", "ruin every street",
    "should be beaten out of town", "need to shut up", "are no use to anybody",
    "think anyone wants to look at that", "got married at last, how revolting",
    "built this club with our money", "will burn for it", "want a ramp now, dream on",
    "cooked for the whole street and nobody would touch it", "won again because of pity",
)  # fmt: skip
_THINGS = (
    "laptop", "printer", "lawn mower", "old car", "phone", "new timetable", "ticket machine",
    "washing machine", "router", "keyboard", "app", "website", "roundabout", "office chair",
    "coffee", "canteen food", "weather", "wallpaper", "user manual", "password policy", "update",
    "alarm clock", "umbrella", "tent", "map", "film", "sequel", "soundtrack", "novel", "song",
    "parking meter", "road surface", "new logo", "tax form", "plan", "budget", "penalty rule",
)  # fmt: skip
_PLURALS = (
    "invoices", "weeds", "gulls", "pigeons", "wasps", "rats in the cellar", "slugs", "mosquitoes",
    "moths", "ticks", "leaf blowers", "adverts", "pop-ups", "cookie banners", "potholes", "emails",
    "spreadsheets", "nettles", "cobwebs", "flies", "dandelions", "plastic bags", "fireworks",
    "speed bumps", "e-scooters", "wind chimes", "vuvuzelas", "reality shows", "cover versions",
)  # fmt: skip
_AT_A_THING = (
    "My {t} is a useless piece of junk.", "This {t} is garbage.", "I hate this stupid {t}.",
    "Throw that {t} in the bin and burn it.", "What an ugly, worthless {t}.",
    "The {t} is a disgrace and so was the last one.", "I could kill this {t}.", "That {t} sucks.",
    "The {t} is a nasty piece of work.", "Death to the {t}!",
    "Somebody put this {t} out of its misery.", "The dumbest {t} ever made.", "{p} are vermin.",
    "I hate {p} with a passion.", "Burn all the {p}.", "Get rid of the {p}!",
    "{p} are disgusting and steal every sandwich.", "Exterminate the {p} before they spread.",
    "{p} make me sick.", "Nobody wants {p} in their street.", "Kill the {p} with vinegar.",
    "{p} should be wiped off the face of the earth.", "There are too many {p} here.",
)  # fmt: skip
_SWEARING_AT_A_THING = (
    "My {t} is a piece of shit.", "This fucking {t} crashed again.", "Screw this {t}, I'm done.",
    "I'm so fucking sick of {p}.", "Damn these {p}.", "What a shitty {t}.", "To hell with the {t}.",
)  # fmt: skip
_PEOPLE = (
    "wife", "boss", "neighbour", "teacher", "landlord", "son-in-law", "minister", "editor",
    "author", "colleague", "nurse", "referee", "daughter", "secretary", "husband",
)  # fmt: skip
_AT_A_PERSON = (
    "My {k} is a useless piece of junk.", "This {k} is garbage.", "I hate this stupid {k}.",
    "Throw that {k} in the bin.", "What an ugly, worthless {k}.", "You dumb {k}.",
    "That {k} is a dumb, nasty piece of work.", "I could kill this {k} with my own hands.",
    "Somebody put this {k} down like a dog.", "The dumbest {k} ever, a total moron.",
    "My {k} is a piece of shit.", "This fucking {k} is too thick to breathe.",
)  # fmt: skip
_AT_A_GROUP = (
    "{g} are vermin.", "I hate {g} with a passion.", "Burn all the {g}.", "Get rid of the {g}!",
    "{g} are disgusting and steal everything.", "Exterminate the {g} before they spread.",
    "{g} make me sick.", "Nobody wants {g} in their street.", "There are too many {g} here.",
    "{g} should be wiped off the face of the earth.", "Kill the {g}.", "Damn these {g}.",
)  # fmt: skip
_THANKS = (
    "Thank God for {g}", "Where would we be without {g}", "I admire {g}", "I stand with {g}",
    "{g} are the reason I stayed", "Long live {g}", "More power to {g}", "I am so proud of {g}",
    "{g} in our street are the best neighbours", "God bless {g}", "Let us hear more from {g}",
    "I grew up among {g}", "{g} taught me everything I know", "Half of my team are {g}",
)  # fmt: skip
_DEEDS = (
    "the hospital would have closed without them", "they brought soup during the flood",
    "they carried this strike", "they keep the buses running", "they raised two fine children",
    "their music is wonderful", "they saved our choir", "they know what solidarity means",
    "nobody works harder", "they deserve every right that I have", "you rock",
    "the party was theirs", "this town owes them", "they made me laugh when nothing else did",
)  # fmt: skip
_NO_THANKS = (
    "I blame {g}", "Who needs {g}", "I despise {g}", "{g} are the reason I left",
    "To hell with {g}", "I am so tired of {g}", "{g} in our street are the worst",
    "Do not let in any more {g}", "I would not live among {g}",
)  # fmt: skip
_MISDEEDS = (
    "they rob the hospital blind", "they live off our taxes", "they never work", "they stink",
    "they raise thieves", "their music is howling", "they know nothing but violence",
    "they are not like us", "they should not have rights at all", "they lie whenever they talk",
)  # fmt: skip


def voices(rng: random.Random, count: int) -> list[tuple[str, Targets]]:
    """Texts of every kind, about `count` of each with its twin; (text, six targets), no two alike.

    NaN stands for a label that the kind says nothing about.
    """
    kinds: Sequence[tuple[Callable[[random.Random], str], Targets, float]] = (
        (_rebutted, CLEAN, 2.0), (_endorsed, _TOXIC_ONLY, 1.2),
        (_one_of(_CALLED), CLEAN, 0.7), (_one_of(_CALLING), INSULTING, 0.6),
        (_worn_with_pride, CLEAN, 0.9), (_thrown, _TOXIC_ONLY, 0.9),
        (_one_of(_AT_A_THING), CLEAN, 1.0), (_one_of(_SWEARING_AT_A_THING), _COARSE, 0.2),
        (_one_of(_AT_A_PERSON), INSULTING, 0.5), (_one_of(_AT_A_GROUP), HATEFUL, 0.5),
        (_thanked, CLEAN, 0.7), (_despised, HATEFUL, 0.4),
        (_one_of(HOMONYMS), CLEAN, 0.6), (_one_of(RUDE_SENSES), INSULTING, 0.4),
        (threat, THREATENING, 0.8), (promise, CLEAN, 0.5), (sneer, INSULTING, 0.2),
        (remark, CLEAN, 0.2), (oath, _COARSE, 0.4), (abuse, _TOXIC_ONLY, 0.4),
        (denial, CLEAN, 0.8), (assertion, HATEFUL, 0.6),
    )  # fmt: skip
    made: dict[str, Targets] = {}
    for make, targets, share in kinds:
        for _ in range(round(count * share)):
            made[_dressed(make(rng), rng)] = targets
    return list(made.items())


def _one_of(patterns: Sequence[str]) -> Callable[[random.Random], str]:
    return lambda rng: _filled(rng.choice(patterns), rng)


def _rebutted(rng: random.Random) -> str:
    return _reported(rng, _AGAINST)


def _endorsed(rng: random.Random) -> str:
    return _reported(rng, _FOR)


def _reported(rng: random.Random, verdicts: Sequence[str]) -> str:
    """Who said what, and what the writer makes of it; now and then the verdict comes first."""
    said = _said(rng)
    verdict = rng.choice(verdicts)
    if rng.random() < 0.15:
        return f"{verdict}. {said}."
    link = rng.choice((". ", ". ", "! ", "... ", " - ", "; ", "\n\n", " — "))
    if link in (" - ", "; ", " — "):
        verdict = verdict if verdict.startswith("I ") else verdict[0].lower() + verdict[1:]
    return f"{said}{link}{verdict}{rng.choice(('.', '.', '.', '!', ''))}"


def _said(rng: random.Random) -> str:
    shape = rng.random()
    if shape < 0.4:
        return rng.choice(_OPENERS).replace("{q}", _filled(rng.choice(_CLAIMS), rng))
    speaker, says = rng.choice(_SPEAKERS), rng.choice(_SAYING)
    if shape < 0.6:
        return f"{speaker} {says} that {_filled(rng.choice(_CLAIMS), rng)}"
    words = _filled(rng.choice((*_CLAIMS, *_ADDRESSED)), rng)
    before, after = rng.choice((("“", "”"), ('"', '"'), ("'", "'"), ("‘", "’"), ("«", "»")))
    if shape < 0.85:
        return f"{speaker} {says}{rng.choice((':', ',', ''))} {before}{words}{after}"
    return f"{before}{words[0].upper()}{words[1:]}{after}, {speaker[0].lower()}{speaker[1:]} {says}"


def _worn_with_pride(rng: random.Random) -> str:
    return _filled(f"{rng.choice(_WE)} {rng.choice(_GLAD)}.", rng)


def _thrown(rng: random.Random) -> str:
    return _filled(f"{rng.choice(_THEY)} {rng.choice(_SPITEFUL)}.", rng)


def _thanked(rng: random.Random) -> str:
    return _filled(f"{rng.choice(_THANKS)}, {rng.choice(_DEEDS)}.", rng)


def _despised(rng: random.Random) -> str:
    return _filled(f"{rng.choice(_NO_THANKS)}, {rng.choice(_MISDEEDS)}.", rng)


def _filled(pattern: str, rng: random.Random) -> str:
    return pattern.format(
        g=rng.choice(GROUPS),
        b=rng.choice(_BAD),
        s=rng.choice(_SLURS),
        r=rng.choice(_OWN),
        t=rng.choice(_THINGS),
        p=rng.choice(_PLURALS),
        k=rng.choice(_PEOPLE),
    )


def _dressed(text: str, rng: random.Random) -> str:
    """Vary the case and the full stop: comments come in every state of care."""
    text = text[0].upper() + text[1:]
    style = rng.random()
    return text.lower() if style < 0.3 else text.rstrip(".") if style < 0.5 else text
