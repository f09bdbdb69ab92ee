"use strict";

/* Reports dropped or chosen: sent one by one, with a line about each and a bar for all of them. */
(() => {
  const form = document.querySelector("form[data-upload]");
  if (!form) return;
  const field = form.querySelector('input[type="file"]');
  const bar = form.querySelector("progress");
  const results = form.parentElement.querySelector(".upload-results");
  const drop = form.querySelector(".drop");

  function tell(name, text, bad) {
    const line = document.createElement("li");
    const title = document.createElement("b");
    title.textContent = name;
    line.append(title, ` ${text}`);
    line.classList.toggle("bad", bad);
    results.append(line);
  }

  async function send(file) {
    const body = new FormData();
    body.append("file", file, file.name);
    try {
      const answer = await fetch(form.dataset.upload, { method: "POST", body, credentials: "same-origin" });
      const told = await answer.json();
      if (!answer.ok) return tell(file.name, told.detail, true);
      const found = told.reports ?? [told];
      const fresh = found.filter((one) => one.status === "success");
      const more = found.length > fresh.length ? `, ${found.length - fresh.length} stored before` : "";
      return tell(file.name, `${fresh.length} new ${fresh.length === 1 ? "report" : "reports"}${more}`, false);
    } catch {
      return tell(file.name, "could not be sent: the viewer did not answer", true);
    }
  }

  async function sendAll(files) {
    results.replaceChildren();
    bar.hidden = false;
    bar.max = files.length;
    bar.value = 0;
    for (const file of files) {
      await send(file);
      bar.value += 1;
    }
    form.reset();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sendAll([...field.files]);
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("is-over", kind === "dragover");
      if (kind === "drop") sendAll([...event.dataTransfer.files]);
    });
  }
})();
