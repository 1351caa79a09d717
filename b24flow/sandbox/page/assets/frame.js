// Applications in frames. A frame is opened by the documented POST, made by a form whose target is the
// frame; then the two windows talk by postMessage: from the frame comes a string
// "command:parameters:callback:APP_SID" (or an object {method, params, callback, appSid} when the command
// itself has a colon), to it goes "callback:answer". What is not from the application's own origin and
// frame, or does not know its APP_SID, is not answered; neither is a command nobody knows.
"use strict";

(() => {
  const frames = new Map();

  async function open(place, wanted, parts = {}) {
    place.replaceChildren();
    const told = { ...wanted, options: JSON.stringify(wanted.options || {}), uri: location.pathname + location.search };
    let given;
    try {
      given = await Portal.act("/as/app/open", told);
    } catch (error) {
      place.textContent = error.message;
      return null;
    }
    const window_ = document.createElement("iframe");
    window_.name = `app_${given.sid}`;
    window_.className = "frameplace";
    window_.title = given.title;
    window_.setAttribute("sandbox", "allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-downloads allow-modals");
    window_.allow = "clipboard-write";
    place.append(window_);
    const frame = { given, place, wanted, parts, element: window_, origin: new URL(given.url).origin };
    frames.set(given.sid, frame);
    const form = document.createElement("form");
    form.method = "post";
    form.action = given.url;
    form.target = window_.name;
    form.hidden = true;
    for (const [name, value] of Object.entries(given.fields)) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      form.append(field);
    }
    document.body.append(form);
    form.submit();
    form.remove();
    return frame;
  }

  function openSlider(label, wanted, onClose) {
    const place = document.createElement("div");
    place.className = "panel";
    const opened = Portal.slider(label, place, onClose);
    open(place, wanted, { close: opened.close, title: (text) => opened.box.setAttribute("aria-label", text) });
    return opened;
  }

  // --- what a frame may ask -------------------------------------------------------------------

  function people(many) {
    return new Promise((resolve) => {
      const source = JSON.parse(document.getElementById("portal-people").textContent);
      const box = document.createElement("dialog");
      const form = document.createElement("form");
      form.method = "dialog";
      const heading = document.createElement("h2");
      heading.textContent = many ? "Выберите сотрудников" : "Выберите сотрудника";
      const find = document.createElement("input");
      find.type = "search";
      find.placeholder = "Имя или должность";
      find.setAttribute("aria-label", "Поиск сотрудника");
      const list = document.createElement("div");
      list.className = "list";
      for (const person of source) {
        const label = document.createElement("label");
        const input = document.createElement("input");
        input.type = many ? "checkbox" : "radio";
        input.name = "person";
        input.value = person.id;
        label.append(input, `${person.name} — ${person.position || "без должности"}`);
        list.append(label);
      }
      find.addEventListener("input", () => {
        for (const label of list.children) label.hidden = !label.textContent.toLowerCase().includes(find.value.toLowerCase());
      });
      const done = document.createElement("button");
      done.className = "btn primary";
      done.textContent = "Выбрать";
      form.append(heading, find, list, done);
      box.append(form);
      box.addEventListener("close", () => {
        const chosen = [...list.querySelectorAll("input:checked")].map((one) => source.find((p) => String(p.id) === one.value));
        box.remove();
        const shown = chosen.map((one) => ({ id: one.id, name: one.name }));
        if (many || shown.length) resolve(many ? shown : shown[0]);
      });
      document.body.append(box);
      box.showModal();
    });
  }

  async function option(frame, kind, params) {
    const fields = { app: frame.given.app, kind, name: params.name, value: JSON.stringify(params.value ?? null) };
    const body = await Portal.act("/as/app/option", fields);
    frame.given.init[kind === "app" ? "APP_OPTIONS" : "USER_OPTIONS"] = body.options;
    return body.options;
  }

  function sized(frame, params) {
    const height = parseInt(params.height, 10);
    if (height > 0) frame.element.style.height = `${height}px`;
    frame.element.style.width = params.width === "100%" ? "100%" : `${parseInt(params.width, 10) || 100}px`;
  }

  const COMMANDS = {
    getInitData: (frame) => frame.given.init,
    async refreshAuth(frame) {
      const body = await Portal.act("/as/app/refresh", { app: frame.given.app });
      Object.assign(frame.given.init, body.auth);
      return body.auth;
    },
    async setInstallFinish(frame) {
      if (!frame.given.init.INSTALL) return [];
      const body = await Portal.act("/as/app/install_finish", { app: frame.given.app });
      location.assign(body.address || `/marketplace/app/${frame.given.app}/`);
      return undefined;
    },
    async setInstall(frame, params) {
      frame.given.init.INSTALL = Boolean(params.install);
      return [];
    },
    setAppOption: (frame, params) => option(frame, "app", params),
    setUserOption: (frame, params) => option(frame, "user", params),
    resizeWindow(frame, params) { sized(frame, params); return []; },
    setTitle(frame, params) {
      const title = String(params.title ?? "");
      frame.element.title = title;
      const heading = frame.place.closest("main, .slider")?.querySelector("[data-app-title]");
      if (heading) heading.textContent = title;
      frame.parts.title?.(title);
      return [];
    },
    setScroll(frame, params) {
      const to = parseInt(params.scroll, 10);
      if (!Number.isNaN(to)) window.scrollTo({ top: to });
      return [];
    },
    reloadWindow(frame) {
      frames.delete(frame.given.sid);
      open(frame.place, frame.wanted, frame.parts);
      return [];
    },
    openApplication: (frame, params) => new Promise((resolve) => {
      openSlider(params.bx24_title || frame.given.title, { app: frame.given.app, placement: "DEFAULT", options: params }, () => resolve([]));
    }),
    closeApplication(frame) { setTimeout(() => frame.parts.close?.(), 0); return []; },
    openPath: (frame, params) => new Promise((resolve) => {
      const path = String(params.path ?? "");
      if (!Portal.isPath(path)) { resolve({ result: "error", errorCode: "PATH_NOT_AVAILABLE" }); return; }
      const address = new URL(path, location.href);
      address.searchParams.set("from", "rest_placement");
      address.searchParams.set("from_app", frame.given.app);
      Portal.slide(address.pathname + address.search + address.hash, () => resolve({ result: "close" }));
    }),
    selectUser: (frame, params) => people(Boolean(params.mult)),
    selectUsers: () => people(true),
    getInterface: (frame) => ({ command: frame.given.commands, event: [] }),
    async reloadData() { await Portal.refresh(true); return []; },
  };
  const OF_PLACE = ["reloadData"];

  // --- the conversation -----------------------------------------------------------------------

  function read(data) {
    if (data && typeof data === "object" && typeof data.method === "string") {
      const params = typeof data.params === "string" ? data.params : JSON.stringify(data.params ?? null);
      return { name: data.method, params, callback: data.callback, sid: data.appSid };
    }
    if (typeof data !== "string") return null;
    const first = data.indexOf(":");
    const last = data.lastIndexOf(":");
    if (first < 0) return null;
    const middle = data.slice(first + 1, Math.max(last, first + 1));
    const cut = middle.lastIndexOf(":");
    return {
      name: data.slice(0, first),
      params: cut < 0 ? "" : middle.slice(0, cut),
      callback: middle.slice(cut + 1),
      sid: data.slice(last + 1),
    };
  }

  window.addEventListener("message", async (event) => {
    const asked = read(event.data);
    const frame = asked && frames.get(asked.sid);
    if (!frame || event.origin !== frame.origin || event.source !== frame.element.contentWindow) return;
    const known = Object.hasOwn(COMMANDS, asked.name);
    if (!known || (OF_PLACE.includes(asked.name) && !frame.given.commands.includes(asked.name))) return;
    let params;
    try {
      params = (asked.params && JSON.parse(asked.params)) || {};
    } catch (error) {
      return; // not of this protocol
    }
    try {
      const answer = await COMMANDS[asked.name](frame, params);
      const to = frame.element.contentWindow;
      if (asked.callback && answer !== undefined && to) to.postMessage(`${asked.callback}:${JSON.stringify(answer)}`, frame.origin);
    } catch (error) {
      Portal.toast(error.message);
    }
  });

  // --- where frames are opened ----------------------------------------------------------------

  function wantedOf(element) {
    const { binding, app, placement, options, install } = element.dataset;
    const wanted = { options: JSON.parse(options || "{}") };
    for (const [name, value] of Object.entries({ binding, app, placement, install })) if (value) wanted[name] = value;
    return wanted;
  }

  function openVisible() {
    document.querySelectorAll("[data-frame]").forEach((place) => {
      if (place.dataset.opened || place.closest("[hidden]")) return;
      place.dataset.opened = "1";
      open(place, wantedOf(place));
    });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-open-app]");
    if (button) openSlider(button.textContent.trim(), wantedOf(button));
  });
  document.addEventListener("portal:tab", openVisible);
  openVisible();
})();
