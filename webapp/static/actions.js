"use strict";

/* Lists that can be acted on: how many rows are picked, the question in a dialog, the result as a toast and with the focus. */
(() => {
  const boxes = () => [...document.querySelectorAll('#list input[name="ids"]:enabled')];

  function tally() {
    const all = document.querySelector("[data-pick-all]");
    if (!all) return;
    const rows = boxes();
    const picked = rows.filter((box) => box.checked).length;
    const matching = document.querySelector('#list input[name="matching"]')?.checked;
    all.checked = picked > 0 && picked === rows.length;
    all.indeterminate = picked > 0 && picked < rows.length;
    const words = document.querySelector("[data-picked]");
    words.dataset.idle ??= words.textContent;
    const isIdle = !picked && !document.querySelector("#list [data-unpicked]");
    words.textContent = isIdle ? words.dataset.idle : `${picked} picked`;
    words.classList.toggle("is-idle", isIdle);
    for (const button of document.querySelectorAll("[data-needs-picked]")) button.disabled = !picked && !matching;
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) for (const box of boxes()) box.checked = event.target.checked;
    tally();
  });

  document.addEventListener("htmx:afterSettle", tally);

  document.addEventListener("htmx:afterSwap", (event) => {
    const dialog = event.target.closest?.("dialog#ask");
    if (!dialog || !dialog.firstElementChild) return;
    for (const menu of document.querySelectorAll("details.row-menu[open]")) menu.open = false;
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("[data-cancel]").focus();
  });

  document.addEventListener("click", (event) => {
    const dialog = event.target.closest("[data-cancel]")?.closest("dialog") ?? (event.target.matches("dialog#ask") ? event.target : null);
    if (!dialog) return;
    event.preventDefault();
    dialog.close();
  });

  document.addEventListener("submit", (event) => {
    const button = event.target.querySelector("[data-working]");
    if (!button) return;
    button.disabled = true;
    button.textContent = button.dataset.working;
  });

  addEventListener("pageshow", () => {
    document.querySelector("dialog#ask[open]")?.close();
    tally();
  });

  const result = document.querySelector("[data-toast]");
  if (result) {
    toast(result.dataset.toast, result.dataset.kind);
    result.focus();
  }
})();
