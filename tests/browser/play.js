// Does on a page what a reader would, step by step, and prints what then stands there:
//   node play.js '{"chromium": "…", "page": "a.html", "views": [{"width": 320}],
//                  "steps": [{"click": "button"}, {"read": "td", "as": "cells"}]}'
const { launch, open, violations, overflow } = require("./browser.js");

const visible = (elements) =>
  elements.filter((e) => e.checkVisibility()).map((e) => e.textContent.trim());

async function play(page, steps) {
  const seen = {};
  for (const step of steps) {
    if (step.click) await page.click(step.click);
    if (step.fill) await page.fill(step.fill, step.with);
    if (step.select) await page.selectOption(step.select, { index: step.index });
    if (step.press) await page.press(step.press, step.key);
    if (step.paper) await page.emulateMedia({ media: "print" });
    if (step.read) seen[step.as] = await page.$$eval(step.read, visible);
    if (step.attribute) {
      const read = (elements, name) => elements.map((e) => e.getAttribute(name));
      seen[step.as] = await page.$$eval(step.of, read, step.attribute);
    }
    if (step.box) seen[step.as] = await page.locator(step.box).boundingBox();
    if (step.axe) seen[step.as] = await violations(page);
  }
  return seen;
}

(async () => {
  const asked = JSON.parse(process.argv[2]);
  const browser = await launch(asked.chromium);
  const results = [];
  for (const view of asked.views) {
    const { page, requests, errors } = await open(browser, asked.page, view, asked.scripted !== false);
    const seen = await play(page, asked.steps);
    results.push({ view, requests, errors, overflow: await overflow(page), ...seen });
    await page.close();
  }
  await browser.close();
  process.stdout.write(JSON.stringify(results));
})();
