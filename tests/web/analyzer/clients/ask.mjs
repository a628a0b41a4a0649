// Asks for scores with Google's client for Node: ask.mjs DISCOVERY KEY TEXT...
import { createRequire } from "node:module";

const [folder, discovery, key, ...texts] = process.argv.slice(2);
const { google } = createRequire(`${folder}/`)("googleapis");
const client = await google.discoverAPI(discovery);
const found = [];
for (const text of texts) {
  const resource = {
    comment: { text },
    requestedAttributes: { TOXICITY: {} },
    spanAnnotations: true,
    doNotStore: true,
  };
  const answer = await client.comments.analyze({ key, resource });
  const { summaryScore, spanScores } = answer.data.attributeScores.TOXICITY;
  const parts = spanScores.map(({ begin, end }) => text.substring(begin, end));
  found.push({ value: summaryScore.value, parts });
}
let refusal = "";
try {
  await client.comments.analyze({ key: "bad", resource: { comment: { text: "x" } } });
} catch (error) {
  refusal = error.message;
}
console.log(JSON.stringify({ found, refusal }));
