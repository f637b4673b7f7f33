// The page's script: keep conversations, jump from statements to their cards, copy, open articles.
// All markup comes escaped from the server; the script itself adds only text.
(() => {
  const LANGUAGE = "khabar.language", CURRENT = "khabar.current", TALK = "khabar.conversation.";
  const MOST_CONVERSATIONS = 50;  // kept in the browser
  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); return true; } catch { return false; } },
    drop(key) { try { localStorage.removeItem(key); } catch { /* storage is blocked: nothing is kept */ } },
    keys() { try { return Object.keys(localStorage).filter(key => key.startsWith(TALK)); } catch { return []; } },
  };
  const k = window.khabar = { current: null };
  let shelf = null;  // the component that lists the conversations

  // -- language
  k.language = () => {
    const chosen = store.get(LANGUAGE) || (navigator.languages || [navigator.language]).find(l => /^(ar|en)\b/i.test(l)) || "en";
    return /^ar/i.test(chosen) ? "ar" : "en";
  };
  k.switchLanguage = language => {
    const other = language === "ar" ? "en" : "ar";
    store.set(LANGUAGE, other);
    return other;
  };
  k.word = name => window.khabarWords[document.documentElement.lang === "ar" ? "ar" : "en"][name] || "";
  k.applyLanguage = language => {
    const html = document.documentElement;
    html.lang = language;
    html.dir = language === "ar" ? "rtl" : "ltr";
    const other = document.querySelector("#k-switch");
    if (other) other.lang = language === "ar" ? "en" : "ar";
    document.querySelectorAll("[data-word]").forEach(element => { element.textContent = k.word(element.dataset.word); });
    html.style.setProperty("--k-drop", JSON.stringify(k.word("drop")));
    mirror(document);
    const tabs = document.querySelector("#k-tabs [role=tablist]");
    if (tabs) tabs.setAttribute("aria-label", "Khabar");
    drawShelf();
  };

  // Gradio sets each of its components to "ltr"; give them the page's direction instead. (The style sheet gives typed text
  // the direction of its own letters.) Gradio labels its drop area in the browser's language, not in the page's.
  const mirror = root => {
    root.querySelectorAll?.(".block[dir], [data-testid=block-info][dir]").forEach(part => { part.dir = document.documentElement.dir || "ltr"; });
    root.querySelectorAll?.("#k-files button[aria-dropeffect]").forEach(area => { area.setAttribute("aria-label", k.word("drop")); });
    root.querySelectorAll?.(".block :is(textarea, input[type=text])").forEach(field => { field.dir = document.documentElement.dir || "ltr"; });
  };
  new MutationObserver(records => {
    if (records.some(record => record.addedNodes.length)) requestAnimationFrame(() => mirror(document));
  }).observe(document, { childList: true, subtree: true });

  // -- conversations kept in the browser
  const parse = text => { try { const talk = JSON.parse(text); return talk && talk.id ? talk : null; } catch { return null; } };
  k.kept = () => {
    const id = sessionStorageGet() || store.get(CURRENT);
    const found = id ? store.get(TALK + id) : null;
    if (found) k.current = id;
    return found || "";
  };
  const sessionStorageGet = () => { try { return sessionStorage.getItem(CURRENT); } catch { return null; } };
  const sessionStorageSet = id => { try { sessionStorage.setItem(CURRENT, id); } catch { /* storage is blocked */ } };
  k.keep = text => {
    const talk = parse(text);
    if (!talk) return;
    k.current = talk.id;
    k.text = text;
    sessionStorageSet(talk.id);
    store.set(CURRENT, talk.id);
    if (talk.turns && talk.turns.length) {
      talk.at = Date.now();
      let all = conversations();
      while (!store.set(TALK + talk.id, JSON.stringify(talk)) && all.length) store.drop(TALK + all.pop().id);
      for (const old of conversations().slice(MOST_CONVERSATIONS)) store.drop(TALK + old.id);
    } else {
      store.drop(TALK + talk.id);
    }
    drawShelf();
  };
  const conversations = () => store.keys().map(key => parse(store.get(key))).filter(talk => talk && talk.turns && talk.turns.length)
    .sort((one, other) => (other.at || 0) - (one.at || 0));
  k.shelf = (element, trigger, server) => {
    shelf = { element, trigger, server };
    drawShelf();
  };
  const create = (tag, className, text, onclick) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    if (onclick) { element.type = "button"; element.addEventListener("click", onclick); }
    return element;
  };
  const drawShelf = () => {
    if (!shelf) return;
    const focused = shelf.element.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const talks = conversations(), nav = create("nav", "k-shelf");
    nav.setAttribute("aria-label", k.word("conversations"));
    nav.dir = document.documentElement.dir;
    const row = create("div", "k-shelf-tools");
    const fresh = create("button", "k-button k-new", k.word("new"), () => openConversation(""));
    fresh.dataset.key = "new";
    row.append(fresh);
    nav.append(row);
    const list = create("ul", "k-talks");
    for (const talk of talks) {
      const item = create("li");
      const title = String(talk.turns[0].question || "").slice(0, 120);
      const choose = create("button", "k-talk", "", () => openConversation(JSON.stringify(talk)));
      const name = create("bdi", "", title);
      name.dir = "auto";
      choose.append(name);
      choose.dataset.key = talk.id;
      if (talk.id === k.current) choose.setAttribute("aria-current", "true");
      item.append(choose);
      list.append(item);
    }
    nav.append(talks.length ? list : create("p", "k-note", k.word("no_conversations")));
    if (talks.some(talk => talk.id === k.current)) {
      const tools = create("div", "k-shelf-tools");
      const save = create("button", "k-button k-export", k.word("export"), exportConversation);
      const clear = create("button", "k-button k-clear", k.word("clear"), deleteConversation);
      save.dataset.key = "export";
      clear.dataset.key = "clear";
      tools.append(save, clear);
      nav.append(tools);
    }
    shelf.element.replaceChildren(nav);
    if (focused) shelf.element.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  };
  const openConversation = kept => {
    k.current = parse(kept)?.id || null;
    shelf.trigger("open_kept", { kept });
  };
  const deleteConversation = () => {
    if (!window.confirm(k.word("confirm_clear"))) return;
    store.drop(TALK + k.current);
    openConversation("");
  };
  const exportConversation = async () => {
    const text = await shelf.server.export({ kept: store.get(TALK + k.current), language: k.language() });
    const link = create("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/markdown;charset=utf-8" }));
    link.download = `khabar-${new Date().toISOString().slice(0, 10)}.md`;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  k.focusQuestion = () => setTimeout(() => document.querySelector("#k-question textarea")?.focus(), 50);

  document.addEventListener("click", event => {
    if (!event.target.closest?.(".k-skip")) return;
    event.preventDefault();
    k.focusQuestion();
  });

  // -- clicks in an answer or in the archive
  const reducedMotion = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const focusElement = id => {
    const target = document.getElementById(id);
    if (!target) return;
    target.scrollIntoView({ behavior: reducedMotion() ? "auto" : "smooth", block: "center" });
    target.focus({ preventScroll: true });
    target.classList.remove("k-shown");
    void target.offsetWidth;
    target.classList.add("k-shown");
  };
  const disableChanges = button => {  // until the turn is rendered again: two changes at once would undo each other
    const changing = ["retry", "any_date", "edit", "undo"].map(act => `[data-act=${act}]`).join();
    for (const other of button.closest(".k-turn").querySelectorAll(changing)) other.disabled = true;
  };
  k.onClick = (event, element, trigger, server) => {
    const button = event.target.closest("[data-act]");
    if (!button || !element.contains(button) || button.tagName === "FORM") return;
    const data = button.dataset;
    switch (data.act) {
      case "go": case "back": event.preventDefault(); focusElement(data.to); break;
      case "copy": copy(data.text, button); break;
      case "open": openArticle(server, data, button); break;
      case "example": trigger("ask_this", { question: data.question }); break;
      case "sample": button.disabled = true; trigger("sample", {}); break;
      case "retry": disableChanges(button); trigger("ask_again", {}); break;
      case "any_date": disableChanges(button); trigger("ask_any_date", {}); break;
      case "edit": disableChanges(button); trigger("edit_last", {}); break;
      case "undo": disableChanges(button); trigger("take_back", {}); break;
      case "judge": trigger("judge", { turn: Number(data.turn), verdict: data.verdict }); break;
      case "turn": trigger("turn_to", { offset: Number(data.offset) }); break;
    }
  };
  k.onSubmit = (event, trigger) => {
    const form = event.target.closest("form[data-act=reason]");
    if (!form) return;
    event.preventDefault();
    trigger("judge", { turn: Number(form.dataset.turn), reason: form.elements.reason.value });
  };
  const copy = async (text, button) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {  // the clipboard API needs https or localhost
      const area = create("textarea");
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
  const reader = () => {
    let dialog = document.getElementById("k-reader");
    if (!dialog) {
      dialog = create("dialog");
      dialog.id = "k-reader";
      const close = create("button", "k-button k-close", "", () => dialog.close());
      const text = create("div", "k-reader-text");
      text.tabIndex = 0;
      text.setAttribute("role", "document");
      dialog.append(close, text);
      dialog.addEventListener("click", event => { if (event.target === dialog) dialog.close(); });
      (document.querySelector(".gradio-container") || document.body).append(dialog);
    }
    dialog.dir = document.documentElement.dir;
    dialog.setAttribute("aria-label", k.word("article"));
    dialog.querySelector(".k-close").textContent = k.word("close");
    return dialog;
  };
  const openArticle = async (server, data, button) => {
    const dialog = reader(), text = dialog.querySelector(".k-reader-text");
    text.textContent = k.word("loading");
    dialog.showModal();
    dialog.addEventListener("close", () => button.focus({ preventScroll: true }), { once: true });
    const asked = { article: data.article, start: Number(data.start), end: Number(data.end), language: document.documentElement.lang };
    text.innerHTML = await server.article(asked);
    addCalendarDates(text);
    text.focus();
    text.querySelector("mark")?.scrollIntoView({ block: "center" });
  };

  // -- after new markup from the server is shown
  const addCalendarDates = root => {  // for readers whose calendar is not Gregorian
    const format = new Intl.DateTimeFormat(navigator.language, { dateStyle: "long", timeZone: "UTC" });
    if (["gregory", "iso8601"].includes(format.resolvedOptions().calendar)) return;
    root.querySelectorAll("time[datetime]").forEach(time => {
      const moment = new Date(time.dateTime);
      if (!isNaN(moment)) time.dataset.calendar = format.format(moment);
    });
  };
  let scrolledTo = null;  // the id of the turn that the page has scrolled to
  k.onRender = element => {
    addCalendarDates(element);
    const last = element.closest("#k-live") && element.querySelector(".k-turn");
    if (!last) return;
    if (last.classList.contains("k-state-asked") && scrolledTo !== last.id) {
      last.scrollIntoView({ behavior: reducedMotion() ? "auto" : "smooth", block: "start" });
    }
    scrolledTo = last.id;
  };
})();
