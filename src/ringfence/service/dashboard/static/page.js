// Local times, the keyboard, and a notice if the service does not answer.
"use strict";
(() => {
  const zone = new Intl.DateTimeFormat(document.documentElement.lang, {
    dateStyle: "medium", timeStyle: "short",
  });
  const localise = root => {
    for (const one of root.querySelectorAll("time[datetime*='T']")) {
      const when = new Date(one.dateTime);
      if (isNaN(when)) continue;
      const text = zone.format(when);
      if (one.textContent !== text) {
        one.title = one.dateTime;
        one.textContent = text;
      }
    }
  };
  const connection = document.getElementById("connection");
  const told = works => { if (connection) connection.hidden = works; };
  localise(document);
  const named = document.getElementById("zone");
  if (named) named.textContent = `${named.dataset.local} ${zone.resolvedOptions().timeZone}`;
  document.addEventListener("htmx:after:swap", () => { localise(document); told(true); });
  document.addEventListener("htmx:after:request", () => told(true));
  // Rows that are chosen must not move under the pointer.
  document.addEventListener("htmx:before:request", event => {
    if (event.target.id === "queue" && event.target.querySelector("input:checked")) {
      event.preventDefault();
    }
  });
  document.addEventListener("htmx:error", () => told(false));

  for (const button of document.querySelectorAll("button.copy")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = button.closest("details").querySelector("textarea").value;
      await navigator.clipboard.writeText(text);
      button.textContent = button.dataset.copied;
    });
  }

  const go = address => { if (address) location.href = address; };
  const rows = () => [...document.querySelectorAll("table[data-keys=rows] tbody th a")];
  const moveRow = step => {
    const links = rows();
    const here = links.indexOf(document.activeElement);
    const next = links[here < 0 ? (step > 0 ? 0 : links.length - 1) : here + step];
    if (next) next.focus();
  };
  const openAct = details => {
    for (const other of document.querySelectorAll("details.act[open]")) {
      if (other !== details) other.open = false;
    }
    details.open = true;
    details.scrollIntoView({block: "nearest"});
    const field = details.querySelector("textarea, select, input:not([type=hidden])");
    if (field) field.focus();
  };
  const chooseAction = radio => {
    openAct(radio.closest("details"));
    radio.checked = true;
    radio.form.elements.reason.focus();
  };
  const onCase = (key, event) => {
    const page = document.querySelector("[data-keys=case]");
    if (!page) return false;
    if (key === "j") go(page.dataset.next);
    else if (key === "k") go(page.dataset.previous);
    else if (key === "u") go("/cases");
    else if (key === "?") {
      const help = document.querySelector("details.keys");
      help.open = !help.open;
      help.querySelector("summary").focus();
    } else {
      const radio = document.querySelector(`input[type=radio][data-key="${CSS.escape(key)}"]`);
      const act = document.querySelector(`details.act[data-key="${CSS.escape(key)}"]`);
      if (radio) chooseAction(radio);
      else if (act) openAct(act);
      else return false;
    }
    event.preventDefault();
    return true;
  };
  document.addEventListener("keydown", event => {
    const field = event.target;
    const typing = field.matches?.("textarea, select, input:not([type=radio]):not([type=checkbox])");
    if (typing || field.matches?.("input[type=radio]")) {
      if (event.key === "Escape") {
        const act = field.closest("details.act");
        if (act) { act.open = false; act.querySelector("summary").focus(); }
        else field.blur();
        return;
      }
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) field.form?.requestSubmit();
      if (typing) return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (onCase(event.key, event)) return;
    if (!document.querySelector("table[data-keys=rows]")) return;
    if (event.key === "j" || event.key === "k") {
      moveRow(event.key === "j" ? 1 : -1);
      event.preventDefault();
    } else if (event.key === "x") {
      const box = document.activeElement?.closest("tr")?.querySelector("input[type=checkbox]");
      if (box) box.checked = !box.checked;
    }
  });
})();
