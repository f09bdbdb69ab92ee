"use strict";

/* Suggestions under the search box: a combobox with a list (ARIA 1.2). The box keeps the focus; without this
   script it is a plain field. Arrows choose, Enter takes, Escape closes, and nothing is taken unasked. */
(() => {
  const box = document.querySelector("[data-suggest]");
  const list = document.getElementById("suggestions");
  const told = document.getElementById("suggested");
  if (!box || !window.htmx) return;
  let at = -1;

  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) {
    box.setAttribute(name, value);
  }

  const options = () => [...list.querySelectorAll("[role=option]")];

  function close() {
    list.hidden = true;
    at = -1;
    told.textContent = "";
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }

  function open() {
    const many = options().length;
    at = -1;
    box.removeAttribute("aria-activedescendant");
    if (!many || document.activeElement !== box) return close();
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
    told.textContent = `${many} suggestions, arrow keys choose`;
  }

  function choose(number) {
    const all = options();
    at = (number + all.length) % all.length;
    all.forEach((option, place) => option.setAttribute("aria-selected", String(place === at)));
    box.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  }

  const ask = () => htmx.trigger(box, "suggest");
  let isWhole = false;

  function take(option) {
    box.value = option.dataset.search;
    close();
    isWhole = box.value.endsWith(" ");
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  box.addEventListener("input", () => {
    if (!isWhole) ask();
    isWhole = false;
  });
  box.addEventListener("click", () => list.hidden && ask());
  box.addEventListener("blur", close);

  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) ask();
      else choose(event.key === "ArrowDown" ? at + 1 : at < 0 ? -1 : at - 1);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      take(options()[at]);
    } else if (event.key === "Enter") {
      close();
      const id = /^([0-9A-Za-z]{8,}|<[^\s@]+@[^\s@]+>)$/;
      if (box.form.getAttribute("action") === "/messages" && id.test(box.value.trim())) {
        event.preventDefault(); // the list's own form would show a list of one row
        location.assign(`/search?${new URLSearchParams(new FormData(box.form))}`);
      }
    }
  });

  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });

  document.addEventListener("htmx:afterSwap", (event) => event.target === list && open());
})();
