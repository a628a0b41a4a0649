"""Knows how people quote, denounce, deny and reclaim abuse: the same words, meaning the opposite.

A model that only counts rude words holds those who speak up against them. Each sentence here has
a twin of the same shape that is abusive, so that neither a quotation mark nor a "not" alone
decides. Some of the words are offensive; that is the point of them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from training.templates import CLEAN, HATEFUL, INSULTING, Targets

# {q} is an abusive text of the training part, or a sentence of _MADE_UP.
_DENOUNCING = (
    'Saying "{q}" is never acceptable.', "Saying '{q}' to anyone is cruel, and you know it.",
    '"{q}" is the kind of comment that drives people away from this page.',
    'A man on the bus shouted "{q}" at my sister. Nobody helped her.',
    'He wrote "{q}" and the club suspended him for it.',
    'Yesterday somebody posted "{q}" under the article. Please remove it.',
    'Moderators, why is "{q}" still up after two days?',
    'If you think "{q}" is an argument, you have none.',
    'The court fined her for the words "{q}".',
    'My son was told "{q}" at school. He came home crying.',
    'Statements like "{q}" are hurtful and wrong.', 'We do not write things like "{q}" here.',
    'Nobody deserves to hear "{q}".', 'How can anyone say "{q}" and sleep at night?',
    'People who say "{q}" have never met any of us.', 'I am tired of being told "{q}".',
    "It is not true that {q}, and it never was.", "You cannot go around saying that {q}.",
    'Whoever claims that "{q}" should read a history book.',
    'The report quotes one message: "{q}". The police are looking into it.',
    'In her speech she read out a letter that she had received: "{q}"',
    '"{q}" was sprayed on the wall last night; neighbours came to paint it over.',
    'The slogan "{q}" was used by the party in 1936, as the exhibition shows.',
    'I reported a reply that said "{q}" and I hope it goes.',
    'Please stop writing "{q}", it is against the rules.',
    'Reading "{q}" in a serious newspaper makes me sad.',
    'When they shouted "{q}" from the stand, the whole team walked off.',
    'My teacher explained to us why "{q}" is racist.',
    'Imagine hearing "{q}" every day of your life.', "'{q}' is hate speech, full stop.",
    "I do not agree with anybody who says that {q}.",
    'That someone would write "{q}" under an obituary is beyond me.',
    "> {q}\n\nThis is not how we talk to each other here.",
    "> {q}\n\nReported. There is no place for that.", "> {q}\n\nWhat a horrible thing to say.",
    'No, "{q}" is not "just a joke".', 'The word for "{q}" is bullying.',
    'Twitter left "{q}" up for a week although hundreds of us complained.',
    "I used to believe that {q}. I was wrong and I am ashamed of it.",
    'Her ex-husband texted her "{q}", the judge was told.',
)  # fmt: skip
_ENDORSING = (
    '"{q}" - exactly what I think.', 'My dad always said "{q}" and he was right.',
    "{q} Deal with it.", 'Like I said before: "{q}"', "Everybody knows that {q}",
    "I will say it again: {q}", "> {q}\n\nWell said, somebody had to.",
    'Someone wrote "{q}" and I fully agree.', "{q} Just saying.",
    'You call it "hate speech", I call it the truth: {q}', "Sorry, but {q}",
    'The "politically correct" crowd will not tell you this: {q}', "It is a fact that {q}",
    "Go ahead and report me: {q}",
)  # fmt: skip
_QUOTING_INSULTS = (
    'You wrote "{c}". You are a {i}.', '"{c}" is what a complete {i} would say.',
    '> {c}\n\nShut up, {i}.', 'Only a {i} could write "{c}".', '"{c}" - says the {i} of the year.',
    "> {c}\n\nYou {i}, nobody wants to read this.", 'Whoever wrote "{c}" is a {i}.',
)  # fmt: skip
_QUOTING_HARMLESS = (
    '"{c}" - exactly what I think.', "> {c}\n\nI agree with this.",
    'You wrote "{c}". Where is that from?', 'The sentence "{c}" could be clearer.',
    "> {c}\n\nThank you, I did not know.", 'Someone wrote "{c}" and I would like to know more.',
)  # fmt: skip
_HARMLESS = (
    "The council will meet on Tuesday", "We should build more houses near the station",
    "The bridge was finished a year late", "I prefer the old timetable",
    "Tea is better than coffee", "The match was decided in the last minute",
    "Rents have doubled in ten years", "Our school needs a new roof",
    "The figures in the table are out of date", "Dogs need more parks",
    "Nobody asked the residents", "The tram should run at night", "Winters used to be colder",
    "The museum is free on Sundays", "Taxes pay for the library", "The harbour will be dredged",
)  # fmt: skip
_MADE_UP = (
    "go back to where you came from", "{g} are parasites", "{g} should not be allowed to vote",
    "you are worthless", "kill yourself", "{g} do not belong in this country",
    "{g} are all criminals", "all {g} are liars", "women belong in the kitchen",
    "you people are subhuman", "{g} are a disease", "nobody would miss you",
    "you are too fat to be loved", "{g} deserve to be beaten", "get out, you {s}",
    "shut your mouth, {s}", "dirty {s}", "there is nothing worse than {g}", "{g} ruin everything",
    "I will find you and hurt you", "{g} are disgusting", "you are a {i}", "I hate {g}",
)  # fmt: skip
GROUPS = (
    "gay people", "lesbians", "bisexual people", "trans people", "Muslims", "Jews", "Christians",
    "Hindus", "atheists", "Black people", "white people", "Asians", "Arabs", "Mexicans",
    "immigrants", "refugees", "women", "men", "disabled people", "deaf people", "blind people",
    "autistic people", "Chinese people", "Indians", "Africans", "Roma", "Palestinians",
    "Israelis", "homosexuals", "old people", "foreigners", "Poles", "Turks", "Nigerians",
    "Pakistanis", "Native Americans", "queer people", "trans women", "trans men",
    "people in wheelchairs", "asylum seekers", "migrants", "Catholics", "Sikhs", "Buddhists",
    "Kurds", "Ukrainians", "Russians", "Somalis", "Latinos", "mentally ill people", "girls",
    "boys",
)  # fmt: skip
_ONES = (
    "a gay man", "a lesbian", "a trans woman", "a trans man", "a Muslim", "a Jew", "a Christian",
    "an atheist", "a Black woman", "a Black man", "a white man", "an Asian woman", "an Arab",
    "a Mexican", "an immigrant", "a refugee", "a woman", "a man", "a disabled person",
    "a wheelchair user", "a deaf man", "an autistic woman", "an Indian", "an African",
    "a Palestinian", "an Israeli", "a homosexual", "a queer person", "a Catholic",
)  # fmt: skip
_SLURS = (
    "faggot", "fag", "dyke", "tranny", "nigger", "nigga", "kike", "paki", "chink", "spic",
    "retard", "cripple", "bitch", "whore", "slut", "cunt", "queer", "gypsy", "homo", "bastard",
)  # fmt: skip
_INSULTS = (
    "idiot",
    "moron",
    "imbecile",
    "halfwit",
    "clown",
    "loser",
    "pig",
    "liar",
    "scumbag",
    "cretin",
)
_BAD = (
    "stupid", "dangerous", "evil", "lazy", "criminals", "terrorists", "inferior", "dirty",
    "disgusting", "worthless", "vermin", "animals", "subhuman", "violent", "a plague",
    "parasites", "less intelligent",
)  # fmt: skip
_GOOD = (
    "welcome here", "wonderful neighbours", "as kind as anyone else", "part of this town",
    "human beings like you", "my heroes", "just people", "entitled to respect", "great cooks",
    "equal before the law", "beautiful", "loved", "our friends and colleagues", "fantastic",
    "brave", "as capable as anybody",
)  # fmt: skip

_DENYING = (
    "I don't hate {g}.", "I do not think {g} are {b}.", "Not all {g} are {b}, and you know that.",
    "{g} are not {b}.", "No, {g} are not {b} and never were.", "Nobody should call {g} {b}.",
    "It is simply false that {g} are {b}.", "Why would anyone believe that {g} are {b}?",
    "Calling {g} {b} is racist, sexist or worse.", "I would never say that {g} are {b}.",
    "There is no excuse for hating {g}.", "We must not let anybody hurt {g}.",
    "No one should ever be attacked for being {o}.", "Nobody deserves to be hated for being {o}.",
    "Being {o} does not make anyone {b}.", "You should not treat {g} as if they were {b}.",
    "Stop saying that {g} are {b}.", "They used to teach us that {g} were {b}. It was a lie.",
    "Hate crimes against {g} have doubled since 2019.", "Violence against {g} has to end.",
    "{g} were murdered in that war only for who they were.",
    "Who would hate {g}? I do not understand it.",
)  # fmt: skip
_PRAISING = (
    "{g} are {w}.", "I love {g}.", "All {g} are {w}.", "{g} are {w}, whatever they say.",
    "I am {o}.", "I'm {o} and proud of it.", "My husband is {o}.",
    "We need more {g} in parliament.", "I am so glad to be {o}.", "It is great to be {o}.",
    "As {o} I can only thank the author.", "I wish more {g} would write here.",
    "{g} make this city a better place.", "I respect {g}.", "Support {g} in your neighbourhood.",
    "I live with {o}.", "I saw {o} on the news today.", "The new mayor is {o}.",
    "How are {g} treated in your country?",
    "I met {o} at work yesterday and we talked about football.", "Many {g} came to the festival.",
    "Some of my best colleagues are {g}.", "{g} have the right to marry.",
    "The film is about {o} in Berlin.",
)  # fmt: skip
_ABUSING = (
    "I hate {g}.", "I really hate {g}.", "{g} are {b}.", "All {g} are {b}.",
    "Let's be honest, {g} are {b}.", "{g} are {b} and always were.",
    "If you are {o}, you are {b} to me.", "Being {o} is a disease.",
    "We have to get rid of all {g}.", "{g} should be wiped out.", "Nobody likes {g}.",
    "No {g} in my country.", "I can't stand {g}, they are {b}.", "I would never trust {o}.",
    "{g} don't deserve to live.", "Not one of the {g} is any good, they are {b}.",
    "I am not saying much, only that {g} are {b}.", "You are just {o} to me, so shut up.",
    "{g}, go back where you came from.", "{g} deserve to be hurt.",
    "What else would you expect from {o}? They are {b}.", "{g} have no right to live here.",
)  # fmt: skip
_SPOKEN_OF = (
    "They called me a {s} in front of everyone.",
    'The word "{s}" is a slur, please do not use it.',
    "My brother was beaten up and called a {s}.", 'Why do people still say "{s}" in 2024?',
    "Being called a {s} every day leaves marks.",
    "If you call somebody a {s} here, you will be banned.",
    "The player was insulted as a {s} by the crowd.", 'Where does the word "{s}" come from?',
    "I was called a {s} for holding my partner's hand.", "Nobody should be called a {s}.",
    "You can't just use the word \"{s}\".",
    "The article prints the word {s} three times; was that needed?",
    "He apologised for calling her a {s}.", "I got suspended for saying {s}, and rightly so.",
    "Stop calling people {s}s.", "The dictionary marks {s} as offensive.",
)  # fmt: skip
_SLURRING = (
    "You {s}.", "What a {s} you are.", "Shut up, you fucking {s}.", "You are nothing but a {s}.",
    "She is a {s}, everybody knows it.", "Get lost, {s}.", "All you {s}s should leave.",
    "He is such a {s}.", "I can't stand that {s}.", "Look at this {s}, what a joke.",
    "Typical {s}.", "Go and die, {s}.",
)  # fmt: skip
_RECLAIMED = (
    "As a {r} myself, I loved the parade.", "I'm a {r} and proud of it.",
    "We're here, we're queer, get used to it.", "Us {r}s have to stick together.",
    "My fellow {r}s, see you on Saturday!", "I'm the proudest {r} in town.",
    "Call me a {r}, I wear it with pride.",
    "This {r} is finally getting married to the love of her life.", "{r} power!",
    "Dykes on Bikes opened the march again, what a sight.", "My {n}, you did it, love you.",
    "I took the word {r} back and it is mine now.",
    "Bad {h} energy today, we all passed the exam!", "Yes {h}, you look amazing!",
    "Happy birthday to my favourite {h}, I love you.", "Crip pride, see you there.",
    "The Slut Walk starts at noon, bring your friends.",
    "Being a {r} is the best thing that happened to me.",
)  # fmt: skip
_OTHER_SENSES = (
    "The queer light before the storm was beautiful.",
    "They planted trees along the dyke near the river.",
    "The dyke broke in 1953 and the village was flooded.",
    "A faggot was once a bundle of sticks for the fire.",
    "My grandfather still eats faggots and peas.", "There is a chink in the curtain.",
    "The coon cat had kittens.", "Fire-retardant paint is required by law.",
    "Music tempo: ritardando, getting slower.", "He spayed the bitch and her puppies were sold.",
    "Our bitch won best in show.", "My cock crows at five every morning.",
    "The ass is a sturdy animal.", "Great tits and blue tits nest in our garden.",
    "Let's call a spade a spade.", "The Scunthorpe team won again.",
    "Pussy willow blooms in March.", "He is a bastard sword collector.",
    "The homo sapiens exhibition opens today.", "Please nip it in the bud.",
    "The prickly pear is ripe.", "Cracker with cheese, please.",
    "Snow White is my daughter's favourite.", "Monkey business at the zoo.",
    "He savaged the cross to the striker's feet and killed the game.",
    "Pakistan beat England by six wickets.", "Japan's prime minister met the Thai king.",
    "The gypsy moth eats our oaks.",
    "A slow cooker is a tart's best friend, said the baker of the lemon tart.",
    "Dick Turpin was hanged at York.", "Niggardly means stingy.",
)  # fmt: skip
_THINGS = (
    "Mondays", "cold coffee", "these potholes", "pop-up windows", "this printer", "mosquitoes",
    "slugs in my garden", "parking fees", "cheap wine", "cockroaches in the kitchen",
    "electric scooters on the pavement", "this software", "winter tyres", "spam mails",
    "pineapple on pizza", "the new logo", "tax forms", "long queues", "wasps",
    "broken escalators", "cigarette ends on the beach", "advertisements", "leaf blowers",
    "concrete blocks",
)  # fmt: skip
_ABOUT_THINGS = (
    "I hate {t}.", "{t} are disgusting.", "{t} should be banned for ever.",
    "All {t} belong in the bin.", "Get rid of {t}!", "I really can't stand {t}.",
    "{t} are the worst thing on earth.", "I despise {t}.", "Death to {t}!",
    "Somebody please destroy {t}.", "{t} are vermin.", "Nobody likes {t}.",
)  # fmt: skip
_SWEARING_GLADLY = (
    "This is fucking brilliant.", "Holy shit, what a goal!", "Damn, that cake was good.",
    "I fucking love this song.", "Hell yes, count me in.", "That was one hell of a concert.",
    "So fucking proud of you, mate.", "Bloody marvellous, well done.",
    "Shit, I forgot my umbrella again.", "What a damn fine article.",
    "I'm so fucking tired today.", "Fuck yes, we won the cup!", "Crap, the train is late again.",
)  # fmt: skip
_GLADLY: Targets = (0.35, 0.0, 0.4, 0.0, 0.0, 0.0)
_SINISTER = (
    "I know which school your children go to.", "You had better not walk home alone tonight.",
    "We know your street, enjoy your last quiet night.",
    "Accidents happen to people who talk like you.",
    "Keep writing and you will find out what happens.",
    "It would be a shame if something happened to your shop.",
    "One day you will pay for this with blood.",
    "Someone is going to get hurt, and it will be you.", "I have your address now. See you soon.",
    "You won't live to see the election.", "Start digging your own grave.",
    "Somebody should teach you a lesson with a baseball bat.",
    "Your family will suffer for what you wrote.", "Sleep with one eye open.",
    "I'll be waiting outside your office with a knife.", "You're a dead man walking.",
    "Next time I see you I will break every bone you have.", "Traitors like you get the rope.",
    "I will make sure you never walk again.", "People like you should be put against the wall.",
)  # fmt: skip
_NOT_SINISTER = (
    "I know which school this is, my children went there.",
    "Do not walk home alone, the path is icy.", "See you soon at the meeting.",
    "You will find out what happens in the last chapter.",
    "Accidents happen on this corner every month.",
    "You will be blocked if you keep adding links.", "The killer was sentenced to life.",
    "Your family will love this recipe.", "He broke every bone in his hand.",
    "I have your address now and will send the book.", "She kills it on stage every night.",
    "Stop or your account will be suspended.", "The dead man's family spoke to reporters.",
    "If this goes on, I will die of boredom.",
    "I'll be waiting outside your office with the keys.",
)  # fmt: skip
_THREATENING: Targets = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_QUOTED_WORDS = 18


def framed(abuse: Sequence[str], rng: random.Random, count: int) -> list[tuple[str, Targets]]:
    """Put abusive texts into sentences that denounce or endorse them; `count` of the former.

    `abuse` are texts known to be toxic. Returns (text, six targets), a denounced one clean of all
    six labels, an endorsed one toxic.
    """
    short = [
        text for text in abuse if len(text.split()) <= _QUOTED_WORDS and "\n" not in text.strip()
    ]
    made: dict[str, Targets] = {}
    for number in range(count):
        if number % 3 == 0 or not short:
            quoted = _filled(rng.choice(_MADE_UP), rng)
        else:
            quoted = rng.choice(short).strip(" .\"'")
        made[_dressed(rng.choice(_DENOUNCING).replace("{q}", quoted), rng)] = CLEAN
        if number % 2:
            made[_dressed(rng.choice(_ENDORSING).replace("{q}", quoted), rng)] = _TOXIC_ONLY
    return list(made.items())


_NAN = float("nan")
_TOXIC_ONLY: Targets = (1.0, _NAN, _NAN, _NAN, _NAN, _NAN)


def contrasted(rng: random.Random) -> list[tuple[str, Targets]]:
    """Fill the pairs of harmless and abusive sentences in; returns (text, six targets)."""
    made: dict[str, Targets] = {}
    for patterns, targets, times in (
        (_DENYING, CLEAN, 22), (_PRAISING, CLEAN, 22), (_ABUSING, HATEFUL, 20),
        (_SPOKEN_OF, CLEAN, 14), (_SLURRING, INSULTING, 14), (_RECLAIMED, CLEAN, 8),
        (_OTHER_SENSES, CLEAN, 2), (_ABOUT_THINGS, CLEAN, 10),
        (_SWEARING_GLADLY, _GLADLY, 2), (_SINISTER, _THREATENING, 3), (_NOT_SINISTER, CLEAN, 3),
        (_QUOTING_INSULTS, INSULTING, 20), (_QUOTING_HARMLESS, CLEAN, 16),
    ):  # fmt: skip
        for pattern in patterns:
            for _ in range(times):
                made[_dressed(_filled(pattern, rng), rng)] = targets
    return list(made.items())


def _filled(pattern: str, rng: random.Random) -> str:
    return pattern.format(
        g=rng.choice(GROUPS),
        o=rng.choice(_ONES),
        s=rng.choice(_SLURS),
        i=rng.choice(_INSULTS),
        b=rng.choice(_BAD),
        w=rng.choice(_GOOD),
        t=rng.choice(_THINGS),
        c=rng.choice(_HARMLESS),
        r=rng.choice(("queer", "dyke", "fag", "faggot", "cripple", "tranny", "homo", "gypsy")),
        n=rng.choice(("nigga", "brother", "sister")),
        h=rng.choice(("bitch", "bitches", "slut", "hoe")),
    )


def _dressed(text: str, rng: random.Random) -> str:
    """Vary the case and the full stop: comments come in every state of care."""
    text = text[0].upper() + text[1:]
    style = rng.random()
    return text.lower() if style < 0.3 else text.rstrip(".") if style < 0.5 else text
