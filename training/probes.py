"""Knows a few dozen sentences, none of them trained on, that show where a model errs."""

from __future__ import annotations

from collections.abc import Mapping

NEUTRAL_IDENTITY = (
    "Gay man here, retired, living in Cardiff.",
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
    "My neighbour thinks that all immigrants are thieves. He has never spoken to one.",
    "“Women can't drive” — really, in this century?",
    "There was a banner reading 'Muslims out'. We took it down together.",
    "Whenever I hear that Jews run the banks I leave the table.",
    "To the person who told my daughter to kill herself: she read it, and so did the police.",
    "A sign on the door said no blacks, no dogs. That was my father's first winter here.",
    "Disabled people are not a burden, whatever the chancellor implied.",
    "It broke my heart to hear a child say that trans people are freaks.",
    "Being gay is not a sin and it is not a disease.",
    "I would never call a woman a slut, and neither should you.",
    "The far right says refugees are rapists; the statistics say otherwise.",
    "Using 'retard' as an insult hurts families like ours.",
)
RECLAIMED = (
    "I spent thirty years hiding; today this old dyke is getting married.",
    "Queer film night on Thursday, everyone welcome.",
    "We faggots built this club with our own hands and we will save it.",
    "My girlfriend and I are two happy fat bitches on holiday.",
    "As a cripple with a sense of humour I approve of the new ramp.",
    "That's my nigga right there, so proud of him.",
)
OTHER_SENSES = (
    "The dyke along the canal needs repair before winter.",
    "Our vet says the bitch will have her puppies next week.",
    "The cock on the church tower turns with the wind.",
    "I hate traffic jams with all my heart.",
    "These seagulls are vermin and steal every sandwich.",
    "My laptop is a useless piece of junk.",
    "Slow-cooked faggots with gravy is what my nan made on Fridays.",
    "Burn all the old invoices, they are only taking up space.",
    "Nazi Germany invaded Poland in 1939.",
    "The torture scene in the second act was hard to watch.",
)
PRAISE = (
    "Muslims in our street brought soup to everyone during the flood.",
    "Gay couples make excellent parents.",
    "I admire how black women organised this strike.",
    "Thank God for immigrants, the hospital would close without them.",
    "Jewish humour is the best there is.",
    "My Mexican neighbours throw the best parties.",
    "Trans kids deserve love like all kids.",
    "Deaf actors stole the show last night.",
)

# Group -> (sentences, whether a model should hold them).
PROBES: Mapping[str, tuple[tuple[str, ...], bool]] = {
    "neutral mention of a group": (NEUTRAL_IDENTITY, False),
    "praise of a group": (PRAISE, False),
    "critical but civil": (CRITICAL, False),
    "friendly": (FRIENDLY, False),
    "speaking against abuse, quoting it": (COUNTER_SPEECH, False),
    "a slur worn with pride": (RECLAIMED, False),
    "the same words about something else": (OTHER_SENSES, False),
    "insult": (INSULTS, True),
    "hate": (HATE, True),
    "threat": (THREATS, True),
}
