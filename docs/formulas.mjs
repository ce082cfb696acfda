// Sets the formulas of all pages of a folder, once and for all: <tex-inline> and <tex-block> become
// KaTeX's HTML (to look at) and MathML (to listen to), <tex-plain> MathML alone, where no style sheet
// of KaTeX's is at hand. A formula that KaTeX cannot read stops it. A formula, the bracket before it and
// the comma after it are one piece to the style sheet, which keeps short ones in one line.
import fs from "node:fs";
import path from "node:path";
import katex from "katex";

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };
const plain = (html) => html.replace(/&(lt|gt|amp);/g, (entity) => ENTITIES[entity]);
const set = (html, options) => katex.renderToString(plain(html), { strict: "error", ...options });

let count = 0;
for (const name of fs.readdirSync(process.argv[2], { recursive: true })) {
  if (!name.endsWith(".html")) continue;
  const file = path.join(process.argv[2], name);
  const page = fs.readFileSync(file, "utf8");
  const whole = page.replace(/[(“]?<tex-inline>[^<]*<\/tex-inline>[\w’”]*[,.;:?!)]+/g, (words) => {
    return `<span class="together">${words}</span>`;
  });
  const done = whole.replace(/<tex-(inline|block|plain)>([^]*?)<\/tex-\1>/g, (_, kind, tex) => {
    count += 1;
    if (kind === "plain") return set(tex, { output: "mathml" });
    if (kind === "inline") return set(tex, {});
    return `<div class="math" tabindex="0">${set(tex, { displayMode: true })}</div>`;
  });
  fs.writeFileSync(file, done);
}
console.log(`${count} formulas`);
