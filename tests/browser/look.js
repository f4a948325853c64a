// Opens pages in Chromium and prints, as JSON, what a reader of each would meet:
//   node look.js '{"chromium": "/usr/bin/chromium", "pages": ["a.html"], "views": [{"width": 320}]}'
const fs = require("fs");
const path = require("path");
const { pathToFileURL } = require("url");
const { chromium } = require("playwright-core");

const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const flags = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

async function look(browser, file, view) {
  const page = await browser.newPage({
    viewport: { width: view.width, height: 900 },
    colorScheme: view.scheme || "light",
    forcedColors: view.forced ? "active" : "none",
  });
  const requests = [];
  const errors = [];
  page.on("request", (request) => {
    if (!/^(file|data):/.test(request.url())) requests.push(request.url());
  });
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(pathToFileURL(file).href);
  await page.evaluate(axe);
  const found = await page.evaluate((only) => axe.run(document, { runOnly: only }), rules);
  const shape = await page.evaluate(() => ({
    lang: document.documentElement.lang,
    title: document.title,
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
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
  const violations = found.violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 200)}`);
  return { file: path.basename(file), view, violations, requests, errors, ...shape };
}

(async () => {
  const asked = JSON.parse(process.argv[2]);
  const browser = await chromium.launch({ executablePath: asked.chromium, args: flags });
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
