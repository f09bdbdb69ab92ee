"use strict";

/* What renews itself moves nothing that stays. After ten minutes without a touch nobody reads, and all take their room. */
const isRead = () => Date.now() - lastTouch < 600000;

/* News: put in by itself only where nothing that is looked at would move. */
const HELD = "tr:hover, tr:focus-within, .pages:hover, .pages:focus-within, details[open], tbody input:checked, [name=matching]:checked";
let unasked = false;

document.addEventListener("htmx:afterSwap", (event) => {
  const button = event.target.id === "news" && event.target.querySelector("button");
  if (!button) return;
  const list = one("#list");
  const calm = list.dataset.page === "1" && scrollY < 40 && getSelection().isCollapsed;
  if (!calm || list.querySelector(HELD)) return;
  list.classList.add("is-quiet");
  unasked = true;
  submitFilters(button.form, true);
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("#news button")) return;
  unasked = false;
  one("#list").classList.add("is-quiet");
  scrollTo({ top: 0 });
});

/* In a list with something below it only the same rows are renewed unasked; else the news stay announced, and what has left it is marked. */
const rowsOf = (root) => [...root.querySelectorAll("#results tbody > tr")];
const nameOf = (row) => row.querySelector("a.row-link")?.getAttribute("href");

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "list" || !unasked) return;
  unasked = false;
  if (!detail.target.matches(".live-list") || !isRead()) return;
  const rows = rowsOf(detail.target);
  const names = rowsOf(new DOMParser().parseFromString(detail.serverResponse, "text/html")).map(nameOf);
  if (!rows.length || names.join("\n") === rows.map(nameOf).join("\n")) return detail.target.querySelector(".page-head > p").remove();
  detail.shouldSwap = false;
  detail.target.classList.remove("is-quiet");
  for (const row of rows) row.classList.toggle("is-gone", !names.includes(nameOf(row)));
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
  const isFree = getSelection().isCollapsed && !target.matches(":hover, :focus-within") && !target.querySelector("details[open]");
  if (isFree && detail.shouldSwap) target.replaceChildren();
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
