"""Knows harmless comments of the kinds that look disguised to a careless reader."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence

_NAMES = (
    "Nguyễn Thị Phương Thảo", "Trần Đức Lương", "Søren Kierkegård", "Bjørn Ødegård", "Łukasz Żółć",
    "Władysław Strzemiński", "José Ángel Núñez", "François Lefèvre", "Jürgen Groß", "Zeynep Işık",
    "Çağla Şıkoğlu", "Ștefan Țîru", "Győző Szűcs", "Þórunn Ægisdóttir", "Siobhán Ó Súilleabháin",
    "Ọláolúwa Adébáyọ̀", "Shital Nishit Patel", "Dick Cocks", "Fuk Wai Lau", "Kuntal Dikshit",
    "Anu Sachsen", "Gaylord Focker", "Bich Ngoc", "Phúc Đỗ", "Titus Assmann", "Cockburn and Sons",
    "Ольга Кузнецова", "Владимир Шишкин", "Юлія Їжакевич", "Ђорђе Његош", "Ελευθέριος Παππάς",
    "王小明", "山田太郎", "さくら子", "김철수", "محمد بن عبد الله", "فاطمه حسینی", "דוד בן־גוריון",
    "अमिताभ बच्चन", "সত্যজিৎ রায়", "สมชาย ใจดี", "Գրիգոր Նարեկացի", "შოთა რუსთაველი", "ព្រះនរោត្តម",
    "D. H. Lawrence", "J. R. R. Tolkien", "W. E. B. Du Bois", "Ke$ha", "P!nk", "deadmau5", "R.E.M.",
    "will.i.am", "A$AP Rocky", "Ne-Yo", "blink-182", "50 Cent", "MF DOOM", "U2", "AC/DC", "N*Sync",
    "B-52s",
)  # fmt: skip
_ABOUT_NAMES = (
    "I read the letter by {} in the paper this morning.",
    "{} will speak at the town hall tonight.",
    "Thank you, {}, for the kind words.",
    "Has anybody met {} in person?",
    "The new book by {} is on my table.",
    "@{} you are right about the bus lane.",
    "My neighbour {} planted two apple trees.",
    "{} said it first, and said it better.",
    "As {} wrote in 1997, the bridge was never finished.",
    "Please ask {} about the timetable.",
)
_OTHER_SCRIPTS = (
    "Сегодня в городе открыли новый мост, все очень рады.",
    "Я думаю, что это хорошая новость.",
    "Мама мыла раму, а папа мыл машину.",
    "Он сказал: «hello», и все засмеялись.",
    "Дякую за цікаву статтю, чекаю на продовження.",
    "Ово је леп дан за шетњу поред реке.",
    "Σήμερα ο καιρός είναι καλός και πάμε στη θάλασσα.",
    "Ευχαριστώ πολύ για το άρθρο.",
    "今天的天气很好，我们去公园散步吧。",
    "謝謝你的文章，寫得很清楚。",
    "この記事はとても分かりやすいです。",
    "新しいＱＲコードとＴシャツを買いました。",
    "오늘 날씨가 정말 좋네요.",
    "شكرا على هذا المقال المفيد.",
    "می‌خواهم فردا به کتابخانه بروم.",
    "תודה רבה על הכתבה.",
    "היום יום יפה ואנחנו הולכים לים.",
    "यह लेख बहुत अच्छा है, धन्यवाद।",
    "এই লেখাটি খুব ভালো লেগেছে।",
    "บทความนี้ดีมาก ขอบคุณครับ",
    "Cảm ơn bạn đã chia sẻ bài viết rất hay này.",
    "Hôm nay trời đẹp quá, chúng ta đi chơi nhé.",
    "Bugün hava çok güzel, ışıl ışıl bir gün.",
    "Dziękuję za świetny artykuł, źródła są jasne.",
    "Děkuji za článek, příště přijďte dřív.",
    "Köszönöm a cikket, nagyon tetszett.",
    "Ég þakka fyrir góða grein og óska öllum góðs dags.",
    "Tack för en fin artikel, vi ses på måndag.",
    "Merci beaucoup, ça m'a aidé à comprendre la réforme.",
    "¡Muchas gracias! Mañana lo leeré otra vez.",
    "Größere Straßen lösen das Problem nicht, schöne Grüße.",
    "Ẹ kú ọjọ́ ayọ̀ o, ẹ ṣé púpọ̀.",
    "Շնորհակալություն հոդվածի համար։",
    "გმადლობთ საინტერესო სტატიისთვის.",
    "ይህ ጽሑፍ በጣም ጥሩ ነው።",
    "Kiitos artikkelista, se oli hyvä.",
    "Paldies par rakstu, ļoti noderīgi.",
    "Terima kasih atas artikelnya.",
)
_ODD_ENGLISH = (
    "My iPhone15 and the old 3GS both work with the B2B portal.",
    "We drove the 4x4 up the A55 and B4391.",
    "w00t, the patch is out!",
    "The U.S.A. and the U.K. signed it at 10:30 a.m. on 2024-01-31.",
    "It cost $1,299.99, i.e. 50% more than in '98, e.g. at M&S.",
    "See RFC 2119, sec. 3.1.4, p. 12 ff.",
    "if (a<b && c>d) { x[i] = y*z; } // TODO: n00b mistake",
    "for i in range(10): print(f'{i:02d}')",
    "Try `sudo rm -rf ./node_modules` and then `npm i -D typescript@5.4`",
    "SELECT * FROM t WHERE a = 'b' -- ok",
    "https://example.org/a1b2c3/d4-e5_f6?q=1%20x&y=z#s3",
    "Mail me at j0hn.d0e+n3ws@ex4mple.org please.",
    "The hash is 3f2504e0-4f89-11d3-9a0c-0305e82c3301.",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "😀👍🏽 great news 👩‍👩‍👧‍👦 🇩🇪🇫🇷🇮🇹 1️⃣ 2️⃣ ❤️",
    "¯\\_(ツ)_/¯ who knows (╯°□°)╯︵ ┻━┻",
    "( ͡° ͜ʖ ͡°) nice one",
    "/\\_/\\  \n( o.o ) \n > ^ <  my cat",
    "Sooooo happy for you!!! Yaaaay",
    "Hmmmm, noooo, I don't think soooo",
    "H₂O and CO₂, x² + y² = z², 10 µm, 5 kΩ, ΔT = 3 °C",
    "The α-particle and β-carotene; σ and μ of the sample",
    "**Bold** and _italic_ and ~~gone~~ and `code` and [a link](https://example.org)",
    "1. one\n2. two\n3. three\n\n> quoted\n\n- a\n- b\n- c",
    "A, B, C or D? I'd say C.",
    "Plan B: x = 1, y = 2, z = 3.",
    "Route 66, Area 51, Boeing 747-8, F-16, MP3, H.264, 5G, COVID-19, PS5, R2D2, C-3PO, G20",
    "T H E   E N D",
    "B I N G O",
    "Vote Y/N, and/or abstain, w/o delay, 24/7, c/o the mayor",
    "I gave it a 7/10, A+ for effort.",
    "Dr. A. B. C. Smith, Ph.D., M.D., lives at No. 5, 2nd fl.",
    "Mr. T., J. Lo and B. B. King",
    "O.K., R.I.P., F.A.Q., A.S.A.P.",
    "Penistone, Scunthorpe, Clitheroe and Lightwater are in England.",
    "The class assassin passed the bass.",
    "The pen.is on the table.No space after the stop.",
    "He said 'no!'and left.Why?Because!",
    "l337 is how they wrote it in '99",
    "The score was 3*4*5 = 60 and 2**10 = 1024",
    "snake_case_name, camelCaseName, SCREAMING_CASE, kebab-case-name",
    "Win7, Win10, x86_64, utf-8, IPv6, i7-9700K, GTX1080Ti, M1",
    "The 1st, 2nd, 3rd and 4th of July, the '60s and 90s",
    "S/he went to the p.m. session; cf. vol. II, ch. iii.",
    "Don`t worry, I can`t either.",
    "e-mail, co-operate, re-sign, X-ray",
    "Temperature: -5°C to +12°C; wind: SW 3-4 Bft.",
    "100 m in 9.58 s",
    "Ca. 5'11\" and 180 lb",
    "@news #metoo #4thofjuly",
    "M*A*S*H was on at 8.",
    "Yes/no/maybe... (see [1], [2])",
    "N.Y.C., L.A., D.C.",
    "d.o.b. 1/2/1990",
    "Type O- and AB+ blood",
    "K-9 units, 9-1-1 call, 7-Eleven, 3-D",
    "c u l8r, gr8 m8, b4 2nite thx",
    "The 𝒙 and 𝒚 of ℝ² are in ℚ",
    "ＡＢＣ full width",
    "Ⓐ is anarchy, ⓒ is copyright, ™ and ® too",
    "5 > 3 < 8 <= 9",
    '<div class="a">hello</div>',
    "&lt;b&gt; and &amp;",
    "/ˈɪŋɡlɪʃ/ is how it is said, [ˈwɜːd] too",
    "Ctrl+C, Alt+F4, ⌘S",
    "ISBN 978-3-16-148410-0",
    "+49 (0)30 123456-78",
)


def harmless(count: int, rng: random.Random) -> dict[str, Sequence[str]]:
    """So many texts in three groups: names, other scripts, odd English."""
    third = count // 3
    names = [rng.choice(_ABOUT_NAMES).format(rng.choice(_NAMES)) for _ in range(third)]
    scripts = [_joined(_OTHER_SCRIPTS, rng) for _ in range(third)]
    odd = [_joined(_ODD_ENGLISH, rng) + _model(rng) for _ in range(count - 2 * third)]
    return {"names": names, "other scripts": scripts, "odd English": odd}


def _joined(sentences: Sequence[str], rng: random.Random) -> str:
    return " ".join(rng.sample(sentences, rng.choice((1, 1, 2, 3))))


def _model(rng: random.Random) -> str:
    """Something like a model's number or a price, in a sentence, for every other text."""
    if rng.random() < 0.5:
        return ""
    letters = "".join(rng.choice(string.ascii_letters) for _ in range(rng.randrange(1, 4)))
    number = rng.randrange(1, 10 ** rng.randrange(1, 5))
    shape = rng.choice(("{a}{n}", "{a}-{n}", "{n}{a}", "{a}{n}{a}", "{a}.{n}", "${n}", "{n} {a}"))
    return f" The {shape.format(a=letters, n=number)} was there."
