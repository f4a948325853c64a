// Opens pages in Chromium and prints, as JSON, what a reader of each would meet:
//   node look.js '{"chromium": "/usr/bin/chromium", "pages": ["a.html"], "views": [{"width": 320}]}'
const path = require("path");
const { pathToFileURL } = require("url");
const { launch, open, violations, overflow } = require("./browser.js");

async function look(browser, file, view) {
  const { page, requests, errors } = await open(browser, file, view);
  const found = { violations: await violations(page), overflow: await overflow(page) };
  const shape = await page.evaluate(() => ({
    lang: document.documentElement.lang,
    title: document.title,
    headings: [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")].map((h) => Number(h.tagName[1])),
    pictures: [...document.querySelectorAll("img")].map((image) => image.alt),
    tables: [...document.querySelectorAll("table")].map((table) => ({
      caption: table.caption ? table.caption.textContent : "",
      unscoped: table.querySelectorAll("th:not([scope])").length,
    })),
    links: [...document.querySelectorAll("a[href]")].map((link) => link.getAttribute("href")),
    ids: [...document.querySelectorAll("[id]")].map((element) => element.id),
    answer: document.querySelector(".answer, .card") !== null,
  }));
  await page.close();
  return { file: path.basename(file), view, requests, errors, ...found, ...shape };
}

(async () => {
  const asked = JSON.parse(process.argv[2]);
  const browser = await launch(asked.chromium);
  const results = [];
  for (const file of asked.pages) {
    for (const view of asked.views) results.push(await look(browser, file, view));
    if (asked.pdf) {
      const page = await browser.newPage();
      await page.goto(pathToFileURL(file).href);
      const target = path.join(asked.pdf, `${path.basename(file, ".html")}.pdf`);
      await page.pdf({ path: target, tagged: true, outline: true, preferCSSPageSize: true });
      await page.close();
    }
  }
  await browser.close();
  process.stdout.write(JSON.stringify(results));
})();
