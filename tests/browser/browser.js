// Chromium as every script here opens it, and what axe finds on a page.
const fs = require("fs");
const { pathToFileURL } = require("url");
const { chromium } = require("playwright-core");

const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const flags = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

exports.launch = (executablePath) => chromium.launch({ executablePath, args: flags });

exports.open = async function open(browser, file, view, javaScriptEnabled = true) {
  const page = await browser.newPage({
    viewport: { width: view.width, height: 900 },
    colorScheme: view.scheme || "light",
    forcedColors: view.forced ? "active" : "none",
    javaScriptEnabled,
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
  return { page, requests, errors };
};

exports.violations = async function violations(page) {
  await page.evaluate(axe);
  // all rules run; what passed them is not written out element by element
  const asked = { runOnly: rules, resultTypes: ["violations"] };
  const found = await page.evaluate((given) => axe.run(document, given), asked);
  return found.violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 200)}`);
};

exports.overflow = (page) =>
  page.evaluate(() => {
    const root = document.documentElement;
    return root.scrollWidth - root.clientWidth;
  });
