// What the page does in the browser by itself: keep conversations, go from marks to cards, copy, open articles.
// All markup comes escaped from the server; what this script adds of its own is text.
(() => {
  const LANGUAGE = "khabar.language", CURRENT = "khabar.current", TALK = "khabar.conversation.";
  const MOST = 50;  // conversations kept
  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); return true; } catch { return false; } },
    drop(key) { try { localStorage.removeItem(key); } catch { /* nothing is kept where it may not be */ } },
    keys() { try { return Object.keys(localStorage).filter(key => key.startsWith(TALK)); } catch { return []; } },
  };
  const k = window.khabar = { current: null };
  let side = null;

  // -- language
  k.language = () => {
    const chosen = store.get(LANGUAGE) || (navigator.languages || [navigator.language]).find(l => /^(ar|en)\b/i.test(l)) || "en";
    return /^ar/i.test(chosen) ? "ar" : "en";
  };
  k.turned = language => {
    const other = language === "ar" ? "en" : "ar";
    store.set(LANGUAGE, other);
    return other;
  };
  k.word = name => window.khabarWords[document.documentElement.lang === "ar" ? "ar" : "en"][name] || "";
  k.dress = language => {
    const html = document.documentElement;
    html.lang = language;
    html.dir = language === "ar" ? "rtl" : "ltr";
    const other = document.querySelector("#k-switch");
    if (other) other.lang = language === "ar" ? "en" : "ar";
    document.querySelectorAll("[data-word]").forEach(element => { element.textContent = k.word(element.dataset.word); });
    html.style.setProperty("--k-drop", JSON.stringify(k.word("drop")));
    turn(document);
    const tabs = document.querySelector("#k-tabs [role=tablist]");
    if (tabs) tabs.setAttribute("aria-label", "Khabar");
    draw();
  };

  // Gradio says "ltr" of each of its parts; they run as the page does; what is typed runs as its own letters do, by the style sheet.
  // What it says of its drop area follows the browser's language alone.
  const turn = root => {
    root.querySelectorAll?.(".block[dir], [data-testid=block-info][dir]").forEach(part => { part.dir = document.documentElement.dir || "ltr"; });
    root.querySelectorAll?.("#k-files button[aria-dropeffect]").forEach(area => { area.setAttribute("aria-label", k.word("drop")); });
    root.querySelectorAll?.(".block :is(textarea, input[type=text])").forEach(field => { field.dir = document.documentElement.dir || "ltr"; });
  };
  new MutationObserver(records => {
    if (records.some(record => record.addedNodes.length)) requestAnimationFrame(() => turn(document));
  }).observe(document, { childList: true, subtree: true });

  // -- conversations
  const read = text => { try { const talk = JSON.parse(text); return talk && talk.id ? talk : null; } catch { return null; } };
  k.kept = () => {
    const id = sessionStorageGet() || store.get(CURRENT);
    const found = id ? store.get(TALK + id) : null;
    if (found) k.current = id;
    return found || "";
  };
  const sessionStorageGet = () => { try { return sessionStorage.getItem(CURRENT); } catch { return null; } };
  const sessionStorageSet = id => { try { sessionStorage.setItem(CURRENT, id); } catch { /* a tab without memory */ } };
  k.keep = text => {
    const talk = read(text);
    if (!talk) return;
    k.current = talk.id;
    k.text = text;
    sessionStorageSet(talk.id);
    store.set(CURRENT, talk.id);
    if (talk.turns && talk.turns.length) {
      talk.at = Date.now();
      let all = listed();
      while (!store.set(TALK + talk.id, JSON.stringify(talk)) && all.length) store.drop(TALK + all.pop().id);
      for (const old of listed().slice(MOST)) store.drop(TALK + old.id);
    } else {
      store.drop(TALK + talk.id);
    }
    draw();
  };
  const listed = () => store.keys().map(key => read(store.get(key))).filter(talk => talk && talk.turns && talk.turns.length)
    .sort((one, other) => (other.at || 0) - (one.at || 0));
  k.shelf = (element, trigger, server) => {
    side = { element, trigger, server };
    draw();
  };
  const made = (tag, name, text, act) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text) element.textContent = text;
    if (act) { element.type = "button"; element.addEventListener("click", act); }
    return element;
  };
  const draw = () => {
    if (!side) return;
    const focused = side.element.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const talks = listed(), nav = made("nav", "k-shelf");
    nav.setAttribute("aria-label", k.word("conversations"));
    nav.dir = document.documentElement.dir;
    const row = made("div", "k-shelf-tools");
    const fresh = made("button", "k-button k-new", k.word("new"), () => open(""));
    fresh.dataset.key = "new";
    row.append(fresh);
    nav.append(row);
    const list = made("ul", "k-talks");
    for (const talk of talks) {
      const item = made("li");
      const title = String(talk.turns[0].question || "").slice(0, 120);
      const choose = made("button", "k-talk", "", () => open(JSON.stringify(talk)));
      const name = made("bdi", "", title);
      name.dir = "auto";
      choose.append(name);
      choose.dataset.key = talk.id;
      if (talk.id === k.current) choose.setAttribute("aria-current", "true");
      item.append(choose);
      list.append(item);
    }
    nav.append(talks.length ? list : made("p", "k-note", k.word("no_conversations")));
    if (talks.some(talk => talk.id === k.current)) {
      const tools = made("div", "k-shelf-tools");
      const save = made("button", "k-button k-export", k.word("export"), exported);
      const clear = made("button", "k-button k-clear", k.word("clear"), cleared);
      save.dataset.key = "export";
      clear.dataset.key = "clear";
      tools.append(save, clear);
      nav.append(tools);
    }
    side.element.replaceChildren(nav);
    if (focused) side.element.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  };
  const open = kept => {
    k.current = read(kept)?.id || null;
    side.trigger("open_kept", { kept });
  };
  const cleared = () => {
    if (!window.confirm(k.word("confirm_clear"))) return;
    store.drop(TALK + k.current);
    open("");
  };
  const exported = async () => {
    const text = await side.server.export({ kept: store.get(TALK + k.current), language: k.language() });
    const link = made("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/markdown;charset=utf-8" }));
    link.download = `khabar-${new Date().toISOString().slice(0, 10)}.md`;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  k.write = () => setTimeout(() => document.querySelector("#k-question textarea")?.focus(), 50);

  document.addEventListener("click", event => {
    if (!event.target.closest?.(".k-skip")) return;
    event.preventDefault();
    k.write();
  });

  // -- what is pressed in an answer or in the archive
  const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const go = id => {
    const target = document.getElementById(id);
    if (!target) return;
    target.scrollIntoView({ behavior: calm() ? "auto" : "smooth", block: "center" });
    target.focus({ preventScroll: true });
    target.classList.remove("k-shown");
    void target.offsetWidth;
    target.classList.add("k-shown");
  };
  const once = button => {  // what changes the turn waits for it to be drawn again: two at once would undo each other
    const changing = ["retry", "any_date", "edit", "undo"].map(act => `[data-act=${act}]`).join();
    for (const other of button.closest(".k-turn").querySelectorAll(changing)) other.disabled = true;
  };
  k.clicked = (event, element, trigger, server) => {
    const button = event.target.closest("[data-act]");
    if (!button || !element.contains(button) || button.tagName === "FORM") return;
    const data = button.dataset;
    switch (data.act) {
      case "go": case "back": event.preventDefault(); go(data.to); break;
      case "copy": copy(data.text, button); break;
      case "open": opened(server, data, button); break;
      case "example": trigger("ask_this", { question: data.question }); break;
      case "sample": button.disabled = true; trigger("sample", {}); break;
      case "retry": once(button); trigger("ask_again", {}); break;
      case "any_date": once(button); trigger("ask_any_date", {}); break;
      case "edit": once(button); trigger("edit_last", {}); break;
      case "undo": once(button); trigger("take_back", {}); break;
      case "judge": trigger("judge", { turn: Number(data.turn), verdict: data.verdict }); break;
      case "turn": trigger("turn_to", { offset: Number(data.offset) }); break;
    }
  };
  k.submitted = (event, trigger) => {
    const form = event.target.closest("form[data-act=reason]");
    if (!form) return;
    event.preventDefault();
    trigger("judge", { turn: Number(form.dataset.turn), reason: form.elements.reason.value });
  };
  const copy = async (text, button) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {  // a page without https has no clipboard of that kind
      const area = made("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    const label = button.textContent;
    button.textContent = k.word("copied");
    button.setAttribute("aria-live", "polite");
    setTimeout(() => { button.textContent = label; }, 1500);
  };

  // -- the reader of whole articles
  const dialog = () => {
    let found = document.getElementById("k-reader");
    if (!found) {
      found = made("dialog");
      found.id = "k-reader";
      const close = made("button", "k-button k-close", "", () => found.close());
      const text = made("div", "k-reader-text");
      text.tabIndex = 0;
      text.setAttribute("role", "document");
      found.append(close, text);
      found.addEventListener("click", event => { if (event.target === found) found.close(); });
      (document.querySelector(".gradio-container") || document.body).append(found);
    }
    found.dir = document.documentElement.dir;
    found.setAttribute("aria-label", k.word("article"));
    found.querySelector(".k-close").textContent = k.word("close");
    return found;
  };
  const opened = async (server, data, button) => {
    const shown = dialog(), text = shown.querySelector(".k-reader-text");
    text.textContent = k.word("loading");
    shown.showModal();
    shown.addEventListener("close", () => button.focus({ preventScroll: true }), { once: true });
    const asked = { article: data.article, start: Number(data.start), end: Number(data.end), language: document.documentElement.lang };
    text.innerHTML = await server.article(asked);
    calendars(text);
    text.focus();
    text.querySelector("mark")?.scrollIntoView({ block: "center" });
  };

  // -- after the server has drawn something
  const calendars = root => {  // the reader's own calendar, where it is another than the one that is printed
    const format = new Intl.DateTimeFormat(navigator.language, { dateStyle: "long", timeZone: "UTC" });
    if (["gregory", "iso8601"].includes(format.resolvedOptions().calendar)) return;
    root.querySelectorAll("time[datetime]").forEach(time => {
      const moment = new Date(time.dateTime);
      if (!isNaN(moment)) time.dataset.calendar = format.format(moment);
    });
  };
  let turns = null;
  k.drawn = element => {
    calendars(element);
    const last = element.closest("#k-live") && element.querySelector(".k-turn");
    if (!last) return;
    if (last.classList.contains("k-state-asked") && turns !== last.id) {
      last.scrollIntoView({ behavior: calm() ? "auto" : "smooth", block: "start" });
    }
    turns = last.id;
  };
})();
