"""Knows a few dozen sentences, none of them trained on, that show where a model errs."""

from __future__ import annotations

from collections.abc import Mapping

NEUTRAL_IDENTITY = (
    "I am a gay man.",
    "I am a proud Muslim woman and I teach maths.",
    "My daughter is a lesbian and we love her.",
    "He converted to Judaism before the wedding.",
    "As a trans person I felt welcome at the library.",
    "The mosque on our street opens its doors on Sunday.",
    "Black women are underrepresented in this survey.",
    "Deaf children learn sign language at this school.",
    "She is a Mexican immigrant and runs a bakery.",
    "The synagogue was built in 1890.",
    "Two gay men opened the first café in the village.",
    "My husband is Chinese, so we celebrate twice.",
    "Homosexuality was legalised in 1967.",
    "White and black residents voted alike in this district.",
    "An autistic boy from Leeds won the chess prize.",
    "Refugees from Syria arrived here in 2015.",
)
HATE = (
    "Gay men are disgusting perverts.",
    "Muslims are terrorists and should be thrown out.",
    "Jews are rats.",
    "Get these filthy immigrants out of here.",
    "Women are too stupid to vote.",
    "Black people are animals.",
    "Trans freaks make me sick.",
    "Retards like you should be locked up.",
)
INSULTS = (
    "You are a stupid idiot and nobody likes you.",
    "What an idiot.",
    "Shut up, you pathetic loser.",
    "The minister is a lying piece of shit.",
    "Go to hell, moron.",
    "You're all a bunch of brainless sheep.",
    "Nobody asked you, you disgusting pig.",
    "This author is a complete imbecile.",
    "You dumb bitch.",
    "Fuck you and your stupid article.",
)
THREATS = (
    "I'll come round and kill you and your dog.",
    "I know where you live, you will be sorry.",
    "Someone should shoot that man in the head.",
    "I'm going to beat you to death.",
    "We will burn down your house.",
    "You deserve to die and I will make it happen.",
)
CRITICAL = (
    "This policy is terrible and the minister should resign.",
    "I think the article gets the numbers wrong.",
    "What a waste of money, the council should be ashamed.",
    "I completely disagree with everything you wrote.",
    "The referee was awful last night.",
    "This is the worst film I have seen this year.",
    "The police failed these families for decades.",
    "The president lied to parliament and must go.",
    "Your argument makes no sense to me.",
    "The killing of the king in 1649 changed the country.",
    "He was shot dead in front of his house, the police said.",
    "She died of breast cancer last spring.",
)
FRIENDLY = (
    "Thank you for this lovely article!",
    "I agree with Shital, well said.",
    "Could you please add a source for the second table?",
    "Nishit wrote a good summary of it.",
    "Congratulations on the new job, well deserved.",
    "Where can I buy tickets for Saturday?",
    "Good morning everyone.",
    "My grandmother used to bake the same cake.",
    "Interesting, I did not know that about bees.",
    "The trains were on time today.",
)
COUNTER_SPEECH = (
    "Calling somebody an idiot is not an argument.",
    "Please stop using the word bitch, it hurts people.",
    'He wrote "go back to your country", and that is racism.',
    "Nobody should be told that they deserve to die.",
    "Racist slurs have no place in this stadium.",
    "The word faggot was shouted at him every day at school.",
)

# Group -> (sentences, whether a model should hold them).
PROBES: Mapping[str, tuple[tuple[str, ...], bool]] = {
    "neutral mention of a group": (NEUTRAL_IDENTITY, False),
    "critical but civil": (CRITICAL, False),
    "friendly": (FRIENDLY, False),
    "speaking against abuse, quoting it": (COUNTER_SPEECH, False),
    "insult": (INSULTS, True),
    "hate": (HATE, True),
    "threat": (THREATS, True),
}
