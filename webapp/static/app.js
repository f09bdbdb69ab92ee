"use strict";

const page = document.documentElement;
const one = (selector) => document.querySelector(selector);
const systemTheme = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

/* Toasts: read out by screen readers, gone after six seconds unless pointed at. */
function toast(text, kind = "info") {
  const box = document.createElement("div");
  box.className = `toast-note toast-${kind}`;
  box.textContent = text;
  one("#toasts").append(box);
  const leave = () => (box.matches(":hover") ? setTimeout(leave, 2000) : box.remove());
  setTimeout(leave, 6000);
}

/* Theme: a choice equal to the system's is forgotten, so that the page follows the system again. */
function switchTheme() {
  const next = (page.dataset.theme || systemTheme()) === "dark" ? "light" : "dark";
  if (next === systemTheme()) delete page.dataset.theme;
  else page.dataset.theme = next;
  try {
    if (page.dataset.theme) localStorage.setItem("theme", next);
    else localStorage.removeItem("theme");
  } catch {
    toast("This browser does not keep the theme: its storage is switched off.");
  }
  nameTheme();
}

function nameTheme() {
  const button = one("[data-theme-switch]");
  if (button) button.setAttribute("aria-pressed", String((page.dataset.theme || systemTheme()) === "dark"));
}

/* Copying: the clipboard API exists on HTTPS only, so a plain HTTP page selects and copies. */
async function copy(button) {
  const text = button.dataset.copy;
  if (navigator.clipboard && window.isSecureContext) await navigator.clipboard.writeText(text);
  else copyBySelection(text);
  button.classList.add("is-done");
  setTimeout(() => button.classList.remove("is-done"), 1500);
  toast("Copied.");
}

function copyBySelection(text) {
  const field = document.createElement("textarea");
  const before = document.activeElement;
  field.value = text;
  field.className = "sr-only";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus({ preventScroll: true });
  if (!done) throw new Error("The browser refused to copy.");
}

/* Lost lines: the notice stays away once dismissed, also after a reload. */
function dismiss(button) {
  const seen = document.cookie.match(/(?:^|; )seen_gaps=([\w.-]*)/)?.[1];
  const ids = [...(seen ? seen.split(".") : []), button.dataset.dismiss].slice(-40);
  document.cookie = `seen_gaps=${ids.join(".")}; path=/; max-age=2592000; samesite=lax`;
  button.closest(".banner").remove();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.matches("[data-theme-switch]")) switchTheme();
  if (button?.matches("[data-copy]")) copy(button).catch((error) => toast(error.message, "error"));
  if (button?.matches("[data-dismiss]")) dismiss(button);
  if (button?.matches("[data-print]")) window.print();
  if (button?.matches("[data-keys]")) one("#keys").showModal();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target) || event.target.closest("a")) menu.open = false;
  }
});

/* Keyboard: "/" searches, arrows or j and k walk the rows (Enter follows the row's link), Escape closes a menu. */
const STEPS = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const menu = event.key === "Escape" && document.activeElement?.closest("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  if (event.target.closest("input, select, textarea")) return;
  if (event.key === "/") {
    event.preventDefault();
    one("#search")?.select();
    one("#search")?.focus();
  }
  if (event.key === "?" && !one("dialog[open]")) one("#keys").showModal();
  if (event.key in STEPS) walkRows(event, STEPS[event.key]);
});

function walkRows(event, step) {
  const links = [...document.querySelectorAll("a.row-link")];
  const at = links.indexOf(document.activeElement);
  if (!links.length || (at < 0 && event.key.startsWith("Arrow"))) return;
  event.preventDefault();
  const next = links[at < 0 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1)];
  next.focus({ preventScroll: true });
  next.closest("tr").scrollIntoView({ block: "nearest" });
}

/* Ages stay true while the page is open. */
function age(seconds) {
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} days ago`;
}

setInterval(() => {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-age]")) {
    time.textContent = age(Math.max(0, Math.floor((Date.now() - Date.parse(time.dateTime)) / 1000)));
  }
}, 5000);

/* htmx: quick filters, polling only while looked at, errors said once. */
let typing = false;
let typingTimer = 0;

function submitFilters(form, fromTyping) {
  if (!window.htmx || !form?.matches("[data-live]")) return;
  typing = fromTyping;
  form.requestSubmit();
}

document.addEventListener("input", (event) => {
  if (!event.target.matches("input[type=search]")) return;
  clearTimeout(typingTimer);
  const form = event.target.form;
  typingTimer = setTimeout(() => submitFilters(form, true), 350);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-now]")) submitFilters(event.target.form, false);
  if (event.target.matches("#live:checked")) htmx.trigger("#news", "wake");
});

document.addEventListener("submit", () => clearTimeout(typingTimer), true);

/* What the page asks by itself does not keep a session alive. */
let lastTouch = Date.now();
for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => (lastTouch = Date.now()), { capture: true, passive: true });

document.addEventListener("htmx:configRequest", (event) => {
  const { parameters, headers, verb, elt } = event.detail;
  if (elt.matches("[data-poll]") || Date.now() - lastTouch > 30000) headers["X-Background"] = "1";
  if (verb === "get") {
    for (const name of new Set(parameters.keys())) if (parameters[name] === "") delete parameters[name];
  } else {
    headers["X-CSRFToken"] = one("meta[name=csrf-token]").content;
  }
});

/* The live switch of a list pauses its news. */
const isPaused = (poll) => poll.id === "news" && one("#live")?.checked === false;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches("[data-poll]") && (document.hidden || isPaused(event.target))) event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden || !window.htmx) return;
  for (const poll of document.querySelectorAll("[data-poll]")) htmx.trigger(poll, "wake");
});

document.addEventListener("htmx:beforeHistoryUpdate", (event) => {
  const { history } = event.detail;
  if (typing || history.path === location.pathname + location.search) history.type = "replace";
  typing = false;
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const answered = new URL(event.detail.xhr.responseURL || location.href);
  if (answered.pathname === "/login" && location.pathname !== "/login") {
    event.detail.shouldSwap = false;
    location.reload();
  }
});

document.addEventListener("htmx:afterSettle", () => {
  const search = one("#search");
  if (search?.form?.matches("[data-live]") && search !== document.activeElement) {
    search.value = new URLSearchParams(location.search).get("search") ?? "";
  }
});

/* What scrolls can be reached by keyboard where nothing in it can be; what fits keeps its heads in sight. */
function reachScrollers() {
  for (const box of document.querySelectorAll(".scroll-x, .line-text")) {
    const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    box.classList.toggle("fits", !scrolls);
    if (scrolls && !box.querySelector("a, button, input, summary")) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

document.addEventListener("htmx:afterSettle", reachScrollers);
addEventListener("resize", reachScrollers);

/* Why an answer failed: the sentence of its page. Of what the page asked for by itself calm.js tells. */
function reasonOf(xhr) {
  if (!xhr?.status) return "The server cannot be reached.";
  const told = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector(".empty p")?.textContent;
  return told || `The server answered with error ${xhr.status}.`;
}

function failed(event) {
  one("#list")?.classList.remove("is-quiet");
  if (!event.target.matches("[data-poll]")) toast(`${reasonOf(event.detail.xhr)} What you see is the last good state.`, "error");
}

document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:sendError", failed);

if (window.Idiomorph) {
  /* What is being typed stays; a link that has the focus is renewed like any other. */
  Object.defineProperty(Idiomorph.defaults, "ignoreActiveValue", { enumerable: true, get: () => document.activeElement.matches("input, textarea, select") });
  /* What a part has loaded by itself stays as long as it is the same part. */
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, fresh) => !(old.id && old.id === fresh.id && old.matches("[data-loaded]"));
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) =>
    !(["open", "checked"].includes(name) && element.matches("[data-keep], details.menu:focus-within"));
}

nameTheme();
reachScrollers();
