// The portal page comes ready from the server; this makes it live: parts marked data-live follow the
// portal's changes, forms marked data-stay act without leaving the page, links marked data-slide open
// in a slider, cards of a kanban are dragged. Nothing here is needed for reading.
"use strict";

const Portal = (() => {
  const PAUSE_MS = 2000;
  const text = (value) => (value === undefined || value === null ? "" : String(value));

  function toast(message) {
    document.querySelectorAll(".toast").forEach((old) => old.remove());
    const box = document.createElement("div");
    box.className = "toast";
    box.setAttribute("role", "alert");
    box.textContent = message;
    document.body.append(box);
    setTimeout(() => box.remove(), 6000);
  }

  async function act(address, fields) {
    const answer = await fetch(address, {
      method: "POST",
      body: fields instanceof FormData ? fields : new URLSearchParams(fields),
      headers: { Accept: "application/json" },
      credentials: "same-origin",
    });
    const body = await answer.json();
    if (!body.ok) throw new Error(body.error || "Портал отказал");
    return body;
  }

  // --- live parts -----------------------------------------------------------------------------

  let seen = text(document.body.dataset.changes);

  function busy(part) {
    const active = document.activeElement;
    if (part.contains(active) && active.matches("input, textarea, select")) return true;
    if ([...part.querySelectorAll("input:not([type=hidden]), textarea")].some((one) => one.value !== one.defaultValue)) return true;
    return Boolean(part.querySelector("details[open], .drag, dialog[open]"));
  }

  function scrolledDown(part) {
    return part.scrollHeight - part.scrollTop - part.clientHeight < 60;
  }

  async function refresh(force) {
    const answer = await fetch(location.href, { headers: { "X-Live": "1" }, credentials: "same-origin" });
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    let whole = true;
    document.querySelectorAll("[data-live]").forEach((part) => {
      const fresh = page.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
      if (!fresh || fresh.innerHTML === part.dataset.was) return;
      if (!part.dataset.was && fresh.innerHTML === part.innerHTML) return;
      if (!force && busy(part)) { whole = false; return; }
      const down = scrolledDown(part);
      part.innerHTML = fresh.innerHTML;
      part.dataset.was = fresh.innerHTML;
      if (part.classList.contains("messages") && down) part.scrollTop = part.scrollHeight;
    });
    if (page.title) document.title = page.title;
    return whole;
  }

  async function watch() {
    try {
      if (!document.hidden) {
        const now = await (await fetch("/_page/changes", { credentials: "same-origin" })).text();
        if (now !== seen && (await refresh(false))) seen = now;
      }
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // the portal is not there: try again later
    }
    setTimeout(watch, PAUSE_MS);
  }

  // --- slider ---------------------------------------------------------------------------------

  function slider(label, made, onClose) {
    const cover = document.createElement("div");
    cover.className = "slider";
    const box = document.createElement("div");
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-modal", "true");
    box.setAttribute("aria-label", label);
    const shut = document.createElement("button");
    shut.type = "button";
    shut.className = "shut";
    shut.textContent = "✕ Закрыть";
    box.append(shut, made);
    cover.append(box);
    const before = document.activeElement;
    const close = () => {
      if (!cover.isConnected) return;
      cover.remove();
      document.removeEventListener("keydown", escape);
      if (before && before.focus) before.focus();
      refresh(true);
      if (onClose) onClose();
    };
    const escape = (event) => { if (event.key === "Escape" && !document.querySelector("dialog[open]")) close(); };
    shut.addEventListener("click", close);
    cover.addEventListener("click", (event) => { if (event.target === cover) close(); });
    document.addEventListener("keydown", escape);
    document.body.append(cover);
    shut.focus();
    return { close, box };
  }

  function isPath(path) {
    return /^\/(?![/\\])/.test(path) && new URL(path, location.href).origin === location.origin;
  }

  function slide(path, onClose) {
    const address = new URL(path, location.href);
    address.searchParams.set("IFRAME", "Y");
    const frame = document.createElement("iframe");
    frame.title = "Страница портала";
    frame.src = address.href;
    const opened = slider("Страница портала", frame, onClose);
    frame.addEventListener("load", () => {
      frame.contentWindow.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && !frame.contentDocument.querySelector(".slider, dialog[open]")) opened.close();
      });
    });
    return opened;
  }

  // --- forms ----------------------------------------------------------------------------------

  async function submit(form, button) {
    const fields = new FormData(form, button || undefined);
    const buttons = form.querySelectorAll("button");
    buttons.forEach((one) => { one.disabled = true; });
    try {
      const body = await act(form.action, fields);
      if (form.dataset.stay === "go") {
        location.assign(inner(body.address || location.href));
        return;
      }
      form.reset();
      const holder = form.closest("details");
      if (holder && !holder.matches(".me")) holder.open = false;
      await refresh(true);
    } catch (error) {
      toast(error.message);
    } finally {
      buttons.forEach((one) => { one.disabled = false; });
    }
  }

  function inner(address) {
    const url = new URL(address, location.href);
    if (document.body.classList.contains("inner")) url.searchParams.set("IFRAME", "Y");
    return url.href;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const sure = event.submitter && event.submitter.dataset.sure;
    if (sure && !window.confirm(sure)) { event.preventDefault(); return; }
    if (form.dataset.stay === undefined) return;
    event.preventDefault();
    submit(form, event.submitter);
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });

  document.addEventListener("keydown", (event) => {
    if (event.target.matches(".composer textarea") && event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-slide], a.tab") || strayed(event.target);
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      if (link.matches(".tab")) tab(link); else slide(link.getAttribute("href"));
      return;
    }
    const put = event.target.closest("[data-put], [data-send]");
    const field = put && document.querySelector(".composer textarea, form[action='/as/write'] input[name=text]");
    if (field) {
      field.value = put.dataset.send || put.dataset.put;
      if (put.dataset.send) field.form.requestSubmit(); else field.focus();
    }
    document.querySelectorAll("details.drop[open], details.me[open]").forEach((one) => {
      if (!one.contains(event.target)) one.open = false;
    });
  });

  // A plain link inside a slider would show the whole portal in it: such a page gets a slider of its own.
  function strayed(target) {
    const link = document.body.classList.contains("inner") && target.closest("a[href^='/']");
    const file = link && /\/download\/|\/file\/|\/uf\.php|\/downloadFile\//.test(link.pathname);
    return link && !link.target && !file ? link : null;
  }

  function tab(link) {
    const name = link.dataset.tab;
    document.querySelectorAll("a.tab").forEach((one) => {
      one.classList.toggle("on", one === link);
      if (one === link) one.setAttribute("aria-current", "page"); else one.removeAttribute("aria-current");
    });
    document.querySelectorAll("[data-panel]").forEach((one) => { one.hidden = one.dataset.panel !== name; });
    history.replaceState(null, "", link.href);
    document.dispatchEvent(new CustomEvent("portal:tab"));
  }

  // --- kanban ---------------------------------------------------------------------------------

  let dragged = null;
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest ? event.target.closest("[data-item]") : null;
    if (dragged) { dragged.classList.add("drag"); event.dataTransfer.setData("text/plain", dragged.dataset.item); }
  });
  document.addEventListener("dragend", () => {
    if (dragged) dragged.classList.remove("drag");
    dragged = null;
    document.querySelectorAll(".over").forEach((one) => one.classList.remove("over"));
  });
  document.addEventListener("dragover", (event) => {
    const column = dragged && event.target.closest("[data-stage]");
    document.querySelectorAll(".over").forEach((one) => one.classList.toggle("over", one === column));
    if (column) { column.classList.add("over"); event.preventDefault(); }
  });
  document.addEventListener("drop", async (event) => {
    const column = dragged && event.target.closest("[data-stage]");
    if (!column) return;
    event.preventDefault();
    const [type, item] = dragged.dataset.item.split(":");
    column.append(dragged);
    dragged.classList.remove("drag");
    dragged = null;
    try {
      await act("/as/item/stage", { entity_type_id: type, item_id: item, stage_id: column.dataset.stage });
    } catch (error) {
      toast(error.message);
    }
    await refresh(true);
  });

  const messages = document.querySelector(".messages");
  if (messages) messages.scrollTop = messages.scrollHeight;
  if (document.body.dataset.changes !== undefined) setTimeout(watch, PAUSE_MS);

  return { act, refresh, slide, slider, toast, isPath };
})();
