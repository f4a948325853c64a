// Long tables: sort by a heading, filter by words. Pictures of groups: mark the line of one.
// A page reads whole without this; nothing is fetched.
"use strict";
const GONE = new Set(["", "–", "[c]"]);

function valueOf(cell, isNumber) {
  const shown = cell.textContent.trim();
  if (GONE.has(shown)) return null;
  if (!isNumber) return shown;
  const found = shown.replace(/[$,%\s]/g, "").replace("−", "-").match(/^([<>]?)(-?[\d.]+)/);
  if (!found) return null;
  // "> .99" lies just above .99, "< .01" just below .01
  return Number(found[2]) + { ">": 1e-9, "<": -1e-9, "": 0 }[found[1]];
}

function compared(one, other, column, isNumber, sign) {
  const [a, b] = [one, other].map((row) => valueOf(row.cells[column], isNumber));
  if (a === null || b === null) return (a === null) - (b === null); // unknown comes last
  return sign * (isNumber ? a - b : a.localeCompare(b, "en", { numeric: true }));
}

function plain(words) {
  return words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function made(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function enliven(table) {
  const bodies = [...table.tBodies];
  const rows = bodies.flatMap((body) => [...body.rows]);
  const words = new Map(rows.map((row) => [row, plain(row.textContent)]));
  const first = bodies[0].rows.length;
  const region = table.parentElement;
  const note = region.nextElementSibling && region.nextElementSibling.querySelector("[data-first]");
  const beyond = Number(table.dataset.long.replace(/,/g, "")) > rows.length;
  const rest = beyond ? ` that this page holds, of ${table.dataset.long} in all` : "";
  const part = `Searches and sorts the first ${rows.length} of ${table.dataset.long} rows; the file below the table has more.`;
  let [ordered, all] = [rows, first === rows.length];

  const box = made("input", { type: "search", autocomplete: "off" });
  box.setAttribute("aria-label", `Filter rows of: ${table.caption.textContent}`);
  const said = made("span", {});
  said.setAttribute("role", "status");
  const button = made("button", { type: "button", hidden: all }, `Show ${beyond ? "" : "all "}${rows.length} rows`);
  const label = made("label", {}, "Filter rows ", box);
  region.before(made("div", { className: "tools" }, label, button, said));
  bodies.slice(1).forEach((body) => body.remove());
  if (beyond) said.textContent = part;

  function show() {
    const asked = plain(box.value).split(/\s+/).filter(Boolean);
    const found = ordered.filter((row) => asked.every((word) => words.get(row).includes(word)));
    const shown = asked.length || all ? found : found.slice(0, first);
    bodies[0].replaceChildren(...shown);
    if (note) note.hidden = asked.length > 0 || all;
    return [shown.length, asked.length > 0];
  }

  function say([count, asked]) {
    const counted = asked || all ? `${count} of ${rows.length} rows${rest}` : "";
    said.textContent = counted || (beyond ? part : "");
  }

  box.addEventListener("input", () => say(show()));
  button.addEventListener("click", () => {
    all = true;
    button.hidden = true;
    said.tabIndex = -1;
    say(show());
    said.focus(); // the button that had it is gone
  });

  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const isNumber = heading.classList.contains("n");
    const sorter = made("button", { type: "button" }, ...heading.childNodes);
    heading.append(sorter);
    sorter.addEventListener("click", () => {
      const now = heading.getAttribute("aria-sort");
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      const next = { ascending: "descending", descending: null }[now];
      const way = next === undefined ? "ascending" : next;
      if (way) heading.setAttribute("aria-sort", way);
      const sign = way === "descending" ? -1 : 1;
      const by = (one, other) => compared(one, other, column, isNumber, sign);
      ordered = way ? [...rows].sort(by) : rows;
      show();
    });
  });
}

function letPick(box) {
  const figure = box.closest("figure");
  const band = figure.querySelector(".band");
  const said = box.querySelector("[role=status]");
  const choice = box.querySelector("select");
  box.hidden = false;
  choice.addEventListener("change", () => {
    const { top, height, words } = choice.selectedOptions[0].dataset;
    band.hidden = top === undefined;
    band.style.top = `${top || 0}%`;
    band.style.height = `${height || 0}%`;
    said.textContent = words || "";
  });
}

document.querySelectorAll("table[data-long]").forEach(enliven);
document.querySelectorAll("[data-pick]").forEach(letPick);
