// The deck: reveal.js, votes that are counted by clicks, and what the build measures.
Reveal.initialize({
  width: 1280, height: 720, margin: 0, center: false, hash: true, slideNumber: "c/t",
  transition: "none", controls: false, plugins: [RevealNotes],
});

for (const card of document.querySelectorAll(".votes button")) {
  card.addEventListener("click", () => {
    const count = card.querySelector("b");
    count.textContent = Number(count.textContent) + 1;
  });
}

// A formula's own box is lower than its letters: only its width says whether it fits.
const overflows = (box) =>
  box.scrollWidth > box.clientWidth + 1 ||
  (box.scrollHeight > box.clientHeight + 1 && !box.matches(".math"));

// Text as large as the slide allows: a table or a derivation takes less than a sentence, and what a
// cell prints may be larger than its code.
function fit(section) {
  const body = section.querySelector(".body");
  const printed = [...body.querySelectorAll("pre")];
  const parts = [body, ...printed, ...body.querySelectorAll(".math, table")];
  const shrink = (box, most) => {
    for (let size = most; size >= 20; size -= 1) {
      box.style.fontSize = `${size}px`;
      if (!parts.some(overflows)) return;
    }
  };
  for (const box of printed) box.style.fontSize = "";
  shrink(body, section.matches(".code, .output, .derivation, :has(table)") ? 40 : section.matches(".formula") ? 52 : 46);
  for (const box of printed) shrink(box, 46);
}
const current = () => fit(Reveal.getCurrentSlide());
Reveal.on("ready", () => document.fonts.ready.then(current));
Reveal.on("slidechanged", current);

// Faults, in words: letters below 20 pixels, and what does not fit on its slide.
window.measured = async () => {
  await document.fonts.load("20px KaTeX_Main");
  await document.fonts.ready;
  const faults = [];
  for (let index = 0; index < Reveal.getTotalSlides(); index += 1) {
    Reveal.slide(index);
    const slide = Reveal.getCurrentSlide();
    fit(slide);
    if (slide.matches(".live")) await new Promise((drawn) => setTimeout(drawn, 300));
    const title = `slide ${index + 1}, ${slide.querySelector("h2").textContent.slice(0, 40)}`;
    const boxes = [slide, slide.querySelector(".body"), ...slide.querySelectorAll(".math, pre, table")];
    if (boxes.some(overflows)) faults.push(`${title}: does not fit`);
    const text = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
    let least = Infinity;
    while (text.nextNode()) {
      const parent = text.currentNode.parentElement;
      const skipped = parent.closest("aside, .katex-mathml, .unseen, option") || !parent.checkVisibility();
      if (skipped || !text.currentNode.data.replace(/[\s\u200b]/g, "")) continue;
      least = Math.min(least, parseFloat(getComputedStyle(parent).fontSize) * parent.currentCSSZoom);
    }
    for (const picture of slide.querySelectorAll("img")) {
      const scale = Math.min(picture.width / picture.naturalWidth, picture.height / picture.naturalHeight);
      least = Math.min(least, scale * (1100 / 72));
    }
    if (least < 19.9) faults.push(`${title}: letters of ${least.toFixed(1)} pixels`);
  }
  return faults;
};
