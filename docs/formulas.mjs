// Sets the formulas of all pages of a folder, once and for all: <tex-inline> and <tex-block> become
// KaTeX's HTML (to look at) and MathML (to listen to). A formula that KaTeX cannot read stops it.
import fs from "node:fs";
import path from "node:path";
import katex from "katex";

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };
const plain = (html) => html.replace(/&(lt|gt|amp);/g, (entity) => ENTITIES[entity]);
const set = (html, displayMode) => katex.renderToString(plain(html), { displayMode, strict: "error" });

let count = 0;
for (const name of fs.readdirSync(process.argv[2], { recursive: true })) {
  if (!name.endsWith(".html")) continue;
  const file = path.join(process.argv[2], name);
  const page = fs.readFileSync(file, "utf8");
  const done = page.replace(/<tex-(inline|block)>([^]*?)<\/tex-\1>/g, (_, kind, tex) => {
    count += 1;
    return kind === "inline" ? set(tex, false) : `<div class="math" tabindex="0">${set(tex, true)}</div>`;
  });
  fs.writeFileSync(file, done);
}
console.log(`${count} formulas`);
