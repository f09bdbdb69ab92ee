"use strict";

/* What renews itself moves nothing that stays. After ten minutes without a touch nobody reads, and all take their room. */
const isRead = () => Date.now() - lastTouch < 600000;

/* News: put in by itself only where nothing that is looked at would move. In a list with something below it only the same rows are renewed
   unasked; else the news stay announced, and what has left it is marked. */
const HELD = "tr:hover, tr:focus-within, .pages:hover, .pages:focus-within, details[open], tbody input:checked, [name=matching]:checked";
let unasked = "";

document.addEventListener("htmx:afterSwap", (event) => {
  const button = event.target.id === "news" && event.target.querySelector("button");
  const list = one("#list");
  if (!button || list.dataset.page !== "1") return;
  const calm = scrollY < 40 && getSelection().isCollapsed && !list.querySelector(HELD);
  if (!calm && !list.dataset.thing) return;
  list.classList.add("is-quiet");
  unasked = calm ? "renew" : "mark";
  submitFilters(button.form, true);
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("#news button")) return;
  unasked = "";
  one("#list").classList.add("is-quiet");
  scrollTo({ top: 0 });
});

const rowsOf = (root) => [...root.querySelectorAll("#results tbody > tr")];
const nameOf = (row) => row.querySelector("a.row-link")?.getAttribute("href");

/* What is gone can be read on, but neither picked nor acted on; its menu tells why. */
function markGone(row, isGone, words) {
  if (row.classList.toggle("is-gone", isGone) === Boolean(row.querySelector(".menu-why"))) return;
  for (const control of row.querySelectorAll("[name=ids], .row-menu button")) {
    if (control.checked) row.dataset.unpicked = "";
    if (control.checked) control.click();
    control.disabled = isGone;
  }
  const panel = row.querySelector(".row-menu .menu-panel");
  if (!isGone) return panel?.querySelector(".menu-why").remove();
  const why = document.createElement("p");
  why.className = "menu-why";
  why.textContent = words;
  panel?.prepend(why);
}

/* Rows missing at the end may only have gone to the next page. */
function markAll(list, rows, answer) {
  const names = rowsOf(answer).map(nameOf);
  const isWhole = answer.querySelector("#list")?.dataset.total === String(names.length);
  const last = isWhole ? rows.length : rows.findLastIndex((row) => names.includes(nameOf(row)));
  const isSure = !list.querySelector(".chips") && (isWhole || !new URLSearchParams(location.search).has("sort"));
  const words = isSure ? "there is nothing left to act on." : "or it no longer matches. Show the list anew to act on it.";
  rows.forEach((row, at) => markGone(row, at < last && !names.includes(nameOf(row)), `No longer in the ${list.dataset.thing}${isSure ? ":" : ","} ${words}`));
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { target } = detail;
  if (target.id !== "list" || !unasked) return;
  const isCalm = unasked === "renew";
  unasked = "";
  if (isCalm && !(target.dataset.thing && isRead())) return target.querySelector(".page-head > p").remove();
  const rows = rowsOf(target);
  const answer = new DOMParser().parseFromString(detail.serverResponse, "text/html");
  const isSame = rowsOf(answer).map(nameOf).join("\n") === rows.map(nameOf).join("\n");
  if (isCalm && (!rows.length || isSame)) return target.querySelector(".page-head > p").remove();
  detail.shouldSwap = false;
  target.classList.remove("is-quiet");
  markAll(target, rows, answer);
});

/* What is renewed with its rows (security) is made anew where nobody points at it. Its rows are put in another order only unseen, or where
   nobody is among them. */
const isFree = (part) => getSelection().isCollapsed && !part.matches(":hover, :focus-within") && !part.querySelector("details[open]");

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { target, requestConfig } = detail;
  if (target.id !== "results" || !requestConfig.elt.matches("[data-poll]") || !isRead()) return;
  const isTop = scrollY < 40;
  if (isTop && isFree(target)) return target.replaceChildren();
  const rows = rowsOf(document);
  const answer = new DOMParser().parseFromString(detail.serverResponse, "text/html");
  if (!rows.length || rowsOf(answer).map(nameOf).join("\n") === rows.map(nameOf).join("\n")) return;
  if (isTop && !target.querySelector("tr:hover, tr:focus-within")) target.querySelector("a.row-link")?.closest("tbody").replaceChildren();
  else detail.shouldSwap = false;
});

/* A card keeps its height, too: what does not fit is scrolled to inside it. What is in one that nobody points at is made anew. */
const heights = new Map();

function release(card) {
  card.style.height = card.style.minHeight = "";
  card.classList.remove("is-held");
}

function releaseAll() {
  for (const card of document.querySelectorAll("section[data-poll]")) release(card);
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { target, requestConfig } = detail;
  if (!target.matches("section[data-poll]") || requestConfig.elt !== target || !isRead()) return;
  heights.set(target.id, target.offsetHeight);
  if (detail.shouldSwap && isFree(target)) target.replaceChildren();
});

document.addEventListener("htmx:afterSwap", ({ target }) => {
  const before = heights.get(target.id);
  if (!heights.delete(target.id)) return;
  release(target);
  const grown = target.offsetHeight > before;
  target.style[grown ? "height" : "minHeight"] = `${before}px`;
  target.classList.toggle("is-held", grown);
});

addEventListener("resize", releaseAll);
document.addEventListener("visibilitychange", () => document.hidden && releaseAll());
document.addEventListener("click", (event) => {
  const card = event.target.closest("summary")?.closest("section[data-poll]");
  if (card) release(card);
});

/* What cannot be renewed is told for as long as that lasts, with the age of what is seen. */
const opened = Date.now();
const renewed = new Map();
const stale = new Set();

function tellStale(part, xhr) {
  const note = document.createElement("div");
  const when = document.createElement("time");
  const hide = document.createElement("button");
  const since = renewed.get(part) ?? opened;
  note.id = "stale";
  note.className = "toast-note toast-error";
  when.dateTime = new Date(since).toISOString();
  when.dataset.age = "";
  when.setAttribute("aria-live", "off");
  when.textContent = age(Math.floor((Date.now() - since) / 1000));
  hide.type = "button";
  hide.textContent = "Hide";
  hide.addEventListener("click", () => (note.hidden = true));
  note.append(`${reasonOf(xhr)} What you see is as of `, when, ". ", hide);
  one("#toasts").append(note);
}

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { elt, successful, xhr, pathInfo } = detail;
  if (!elt.matches("[data-poll]")) return;
  const part = elt.id || pathInfo.requestPath;
  stale[successful ? "delete" : "add"](part);
  if (successful) renewed.set(part, Date.now());
  page.toggleAttribute("data-stale", stale.size > 0);
  if (!stale.size) one("#stale")?.remove();
  else if (!one("#stale")) tellStale(part, xhr);
});
